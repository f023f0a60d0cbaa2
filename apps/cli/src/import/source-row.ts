/** Reading one row of somebody else's export: what a field is called there, in which form it stands, and which fields were ever read. Pure. */

/** Where values of a row are looked up. JSON in a text field (a CSV's) is opened when it is asked for. */
export interface SourceRow {
  /** Whatever stands there; `path` may go into objects, `metadata.usage_object`. Undefined when absent, null or empty. */
  get(path: string): unknown;
  text(...paths: readonly string[]): string | undefined;
  number(...paths: readonly string[]): number | undefined;
  object(...paths: readonly string[]): Record<string, unknown> | undefined;
  /** ISO 8601 in UTC, with milliseconds. */
  instant(...paths: readonly string[]): string | undefined;
}

export function sourceRow(row: Readonly<Record<string, unknown>>): SourceRow {
  const opened = new Map<string, unknown>();
  const field = (name: string): unknown => {
    const value = row[name];
    if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
    if (!opened.has(name)) opened.set(name, openJson(value));
    return opened.get(name);
  };
  const get = (path: string): unknown => {
    // A field may have a dot in its own name.
    let value = row[path] === undefined ? undefined : field(path);
    if (value === undefined && path.includes('.')) {
      const [first, ...rest] = path.split('.');
      value = rest.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), field(first!));
    }
    return value === null || value === '' ? undefined : value;
  };
  const firstOf = <T>(paths: readonly string[], read: (value: unknown) => T | undefined): T | undefined => {
    for (const path of paths) {
      const value = get(path);
      const found = value === undefined ? undefined : read(value);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    get,
    text: (...paths) => firstOf(paths, readText),
    number: (...paths) => firstOf(paths, readNumber),
    object: (...paths) => firstOf(paths, (value) => (isObject(value) ? value : undefined)),
    instant: (...paths) => firstOf(paths, readInstant),
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Some exporters double the quotes twice over; such a text is no JSON until half of them are gone. */
function openJson(text: string): unknown {
  for (const candidate of [text, text.replaceAll('""', '"')]) {
    try {
      return JSON.parse(candidate);
    } catch {
      continue;
    }
  }
  return text;
}

function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** ISO 8601, `2024-05-29 13:46:19.963000` (UTC where it names no zone), or seconds or milliseconds since 1970. */
export function readInstant(value: unknown): string | undefined {
  const number = readNumber(value);
  if (number !== undefined) return number > 1e8 ? iso(number < 1e11 ? number * 1_000 : number) : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/.exec(value.trim());
  if (!match) return undefined;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const offset = zone === 'UTC' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return iso(Date.parse(`${date}T${time!.length === 5 ? `${time}:00` : time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`));
}

function iso(ms: number): string | undefined {
  return Number.isFinite(ms) && Math.abs(ms) < 8e15 ? new Date(ms).toISOString() : undefined;
}
