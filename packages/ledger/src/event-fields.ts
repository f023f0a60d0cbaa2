/**
 * A ledger row as `/v1` and the exports give it: one flat list of fields, the columns of `usage_events` under their own names. Money is the
 * exact decimal of dollars (`cost_pico` becomes `cost_usd`), times are ISO with Z, hashes hex, decimals text.
 */
import { formatPico } from '@outlay/kernel';
import { type ColumnType, EVENT_COLUMNS } from './columns';
import type { StoredEvent } from './store-reads';

export type EventField = string | number | boolean | null | unknown[] | { readonly [key: string]: unknown };

export type EventFieldKind = ColumnType | 'money';

interface Field {
  readonly name: string;
  readonly column: keyof StoredEvent;
  readonly kind: EventFieldKind;
}

function fieldOf(column: keyof StoredEvent, type: ColumnType): Field {
  return column.endsWith('_pico') ? { name: `${column.slice(0, -'_pico'.length)}_usd`, column, kind: 'money' } : { name: column, column, kind: type };
}

/** Every column, in the table's order. */
export const EVENT_FIELDS: readonly Field[] = EVENT_COLUMNS.flatMap(([column, type]) => (column === 'occurred_at'
  ? [fieldOf(column, type), fieldOf('recorded_at', 'timestamptz')]
  : column === 'late' ? [fieldOf(column, type), fieldOf('writer_slot', 'int2'), fieldOf('batch', 'int8')] : [fieldOf(column, type)]));

/** The raw usage is long and stands apart in the answer about one event. */
export const LISTED_FIELDS: readonly Field[] = EVENT_FIELDS.filter(({ name }) => name !== 'raw_usage');

/** JSON types: numbers for counts, text for money, decimals, times and hashes, the sender's own JSON as it is. */
export function toFields(row: StoredEvent, fields: readonly Field[] = LISTED_FIELDS): Record<string, EventField> {
  return Object.fromEntries(fields.map(({ name, column, kind }) => [name, jsonValue(row[column], kind)]));
}

function jsonValue(value: StoredEvent[keyof StoredEvent], kind: Field['kind']): EventField {
  if (value === null) return null;
  if (kind === 'money') return formatPico(value as bigint);
  if (kind === 'jsonb') return JSON.parse(value as string) as EventField;
  // Batches and quantities stay far below 2^53.
  return typeof value === 'bigint' ? Number(value) : value;
}

/** `toFields` of every column as JSON text without a line end. JSON of the sender is not read again on its way: no digit of it can change. */
export function toJsonLine(row: StoredEvent): string {
  let line = '';
  for (let i = 0; i < EVENT_FIELDS.length; i++) {
    const { column, kind } = EVENT_FIELDS[i]!;
    const value = row[column];
    line += JSON_NAMES[i]!;
    if (value === null) line += 'null';
    else if (kind === 'money') line += `"${formatPico(value as bigint)}"`;
    else if (kind === 'jsonb') line += value as string;
    else line += typeof value === 'string' ? JSON.stringify(value) : String(value);
  }
  return `${line}}`;
}

const JSON_NAMES = EVENT_FIELDS.map(({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);

/** One line of CSV without its end, RFC 4180. */
export function toCsvLine(row: StoredEvent, fields: readonly Field[] = EVENT_FIELDS): string {
  let line = '';
  for (let i = 0; i < fields.length; i++) {
    const { column, kind } = fields[i]!;
    if (i > 0) line += ',';
    const value = row[column];
    if (value === null) continue;
    line += kind === 'money' ? formatPico(value as bigint) : kind === 'text' ? csvText(guardFormula(value as string)) : csvText(String(value));
  }
  return line;
}

export function csvHeader(fields: readonly Field[] = EVENT_FIELDS): string {
  return fields.map(({ name }) => name).join(',');
}

/** A label is anybody's text. A spreadsheet would run one that begins like a formula, so it gets an apostrophe in front. */
export function guardFormula(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

export function csvText(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text of anybody's as a cell of a CSV: no formula, RFC 4180. */
export function csvCell(text: string): string {
  return csvText(guardFormula(text));
}
