/**
 * RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that its hash names the value.
 * `undefined` and `null` members are dropped by the caller's rule "absent = null = dropped" before they get here when
 * `dropNull` is set. ECMAScript's number and string forms are the RFC's own.
 */
export function canonicalJson(value: unknown, dropNull = false): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no NaN or Infinity');
    return JSON.stringify(value);
  }
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i ? ',' : '') + canonicalJson(value[i], dropNull);
    return `${text}]`;
  }
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>;
    // Array.prototype.sort without a comparator orders by UTF-16 code units, which is what the RFC asks for.
    const keys = Object.keys(record).sort();
    let text = '{';
    for (const key of keys) {
      const member = record[key];
      if (member === undefined || (dropNull && member === null)) continue;
      text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonicalJson(member, dropNull)}`;
    }
    return `${text}}`;
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
}
