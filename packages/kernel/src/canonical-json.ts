/**
 * RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that its hash names the value.
 * `undefined` and `null` members are dropped by the caller's rule "absent = null = dropped" before they get here when
 * `dropNull` is set. ECMAScript's number and string forms are the RFC's own.
 */
export function canonicalJson(value: unknown, dropNull = false): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no NaN or Infinity');
    return value === 0 ? '0' : String(value);
  }
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i ? ',' : '') + canonicalJson(value[i], dropNull);
    return `${text}]`;
  }
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>;
    const keys = sortedKeys(record);
    let text = '{';
    for (const key of keys) {
      const member = record[key];
      if (member === undefined || (dropNull && member === null)) continue;
      text += `${text.length > 1 ? ',' : ''}${quotedKey(key)}${canonicalJson(member, dropNull)}`;
    }
    return `${text}}`;
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
}

/** Text that JSON writes as it is: most labels and times. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Ordered by UTF-16 code units, which is what the RFC asks for and what `<` does. Few keys: inserting beats the general sort. */
function sortedKeys(record: Record<string, unknown>): string[] {
  const keys = Object.keys(record);
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    while (at > 0 && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      at--;
    }
    keys[at] = key;
  }
  return keys;
}

const FEW_KEYS = 40;

// Field names repeat from event to event; a sender who makes them up must not fill the memory.
const QUOTED_KEYS_MAX = 2_000;
const quotedKeys = new Map<string, string>();

function quotedKey(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const quoted = `${JSON.stringify(key)}:`;
  if (quotedKeys.size < QUOTED_KEYS_MAX && key.length <= 64) quotedKeys.set(key, quoted);
  return quoted;
}
