/** What an import format is: which fields of a vendor's export become what, and the rule that turns one row into one wire event. Pure. */
import { sha256 } from '@outlay/kernel/ids';
import { isObject, type SourceRow } from './source-row';

export type WireEvent = Record<string, unknown>;

export type Mapped =
  | { readonly event: WireEvent; readonly environment?: string }
  /** No call of a model: a span, a cached answer that nobody bills. */
  | { readonly skip: string }
  | { readonly reject: string; readonly field?: string };

export interface ImportFormat {
  readonly name: string;
  /** Of each field that is read, what it becomes, for the report. */
  readonly becomes: Readonly<Record<string, string>>;
  /** Fields that are known and left out: prompts, answers, and what only the vendor needs. */
  readonly leftOut: ReadonlySet<string>;
  map(row: SourceRow, number: number): Mapped;
}

/** A UUIDv7 with the call's time and bits of the vendor's own id: the same row gives the same id, whenever and however often it is read. */
export function deriveImportId(format: string, sourceId: string, occurredAt: string): string {
  const time = Math.max(0, Date.parse(occurredAt)).toString(16).padStart(12, '0');
  const hex = sha256(`import\n${format}\n${sourceId}`);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${'89ab'[Number.parseInt(hex[3]!, 16) & 3]!}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}

/** Labels are short; what is longer keeps its beginning and a hash, so that two of them stay two. */
export function label(text: string | undefined, charsMax = 255): string | undefined {
  return text === undefined || text.length <= charsMax ? text : `${text.slice(0, charsMax - 17)}~${sha256(text).slice(0, 16)}`;
}

/** Tags from an object, a list of names, or nothing: plain values only, within the wire's limits. */
export function tagsOf(...sources: readonly unknown[]): Record<string, string | number | boolean> | undefined {
  const tags: Record<string, string | number | boolean> = {};
  for (const source of sources) {
    const entries = Array.isArray(source) ? source.map((name) => [String(name), true] as const) : isObject(source) ? Object.entries(source) : [];
    for (const [name, value] of entries) {
      if (Object.keys(tags).length === 32 || name === '') break;
      if (typeof value === 'string' && value !== '') tags[name.slice(0, 64)] = value.slice(0, 120);
      else if (typeof value === 'number' || typeof value === 'boolean') tags[name.slice(0, 64)] = value;
    }
  }
  return Object.keys(tags).length > 0 ? tags : undefined;
}

/** Milliseconds between two instants; undefined when either is absent or they are the wrong way round. */
export function between(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return ms >= 0 && ms < 2_000_000_000 ? ms : undefined;
}

export function wholeMs(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value < 2_000_000_000 ? Math.round(value) : undefined;
}

/** A decimal in dollars as the wire takes it; 0 and nonsense are absent. */
export function dollars(value: number | undefined): string | undefined {
  if (value === undefined || value <= 0 || value > 1e9) return undefined;
  const shortest = String(value);
  // A float's own shortest form may be 1e-7, or longer than the wire takes.
  return /^\d+(\.\d{1,18})?$/.test(shortest) ? shortest : value.toFixed(18).replace(/\.?0+$/, '');
}
