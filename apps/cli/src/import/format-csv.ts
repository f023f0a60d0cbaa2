/** Any table: its names are those of the wire (`POST /v1/usage`), or a mapping says which of its columns become them. */
import { DomainError } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { usageEventSchema } from '@outlay/ledger';
import { deriveImportId, type ImportFormat, type Mapped, type WireEvent } from './format';
import { readInstant, type SourceRow } from './source-row';

/** Wire field -> the table's column (`a.b` goes into JSON), or a constant after `=`. */
export type Mapping = Readonly<Record<string, string>>;

/** `--map customer_id=team`: the mapping as people write it. Errors: `invalid_input`. */
export function parseMapping(texts: readonly string[]): Mapping {
  return checkMapping(Object.fromEntries(texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new DomainError('invalid_input', { field: 'map', message: `"${text}" is no mapping: write FIELD=COLUMN, or FIELD==VALUE for a value of your own.` });
    return [text.slice(0, at), text.slice(at + 1)];
  })));
}

export function checkMapping(mapping: unknown): Mapping {
  if (mapping === null || typeof mapping !== 'object' || Array.isArray(mapping)) throw new DomainError('invalid_input', { field: 'mapping', message: 'A mapping is one JSON object: {"occurred_at": "time", "provider": "=openai"}.' });
  for (const [target, column] of Object.entries(mapping)) {
    const [field = '', member] = target.split('.');
    const known = field === 'environment' || (field in usageEventSchema.shape && (member === undefined || field === 'tags' || field === 'quantities' || field === 'usage'));
    if (!known) throw new DomainError('invalid_input', { field: target, message: `"${target}" is no field of a usage event.` });
    if (typeof column !== 'string' || column === '') throw new DomainError('invalid_input', { field: target, message: `"${target}" needs the name of a column.` });
  }
  return mapping as Mapping;
}

const NUMBERS = new Set(['attempt', 'latency_ms', 'ttft_ms']);

/** The value in the form that the wire wants; what does not fit is left to the ledger, which says what is wrong with it. */
function valueOf(field: string, member: string | undefined, value: unknown): unknown {
  if (field === 'occurred_at') return readInstant(value) ?? value;
  if (typeof value !== 'string') return value;
  const isNumber = NUMBERS.has(field) || (member !== undefined && field !== 'tags');
  if (isNumber && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return field === 'estimated' ? /^(true|1|yes)$/i.test(value) : value;
}

function read(row: SourceRow, column: string): unknown {
  return column.startsWith('=') ? column.slice(1) : row.get(column);
}

/** Sets `field` or `field.member` of the event from the row; nothing where the row has nothing. */
export function applyMapping(event: WireEvent, row: SourceRow, mapping: Mapping): WireEvent {
  const mapped: WireEvent = { ...event };
  for (const [target, column] of Object.entries(mapping)) {
    const [field, ...rest] = target.split('.');
    const member = rest.length > 0 ? rest.join('.') : undefined;
    const value = read(row, column);
    if (value === undefined) continue;
    if (member === undefined) mapped[field!] = valueOf(field!, undefined, value);
    else mapped[field!] = { ...(mapped[field!] as WireEvent | undefined), [member]: valueOf(field!, member, value) };
  }
  return mapped;
}

/** `columns` that are named by neither the wire nor the mapping are reported, never guessed. */
export function createCsvFormat(mapping: Mapping): ImportFormat {
  const fields = Object.keys(usageEventSchema.shape);
  const names: Mapping = Object.fromEntries(fields.map((field) => [field, field]));
  const becomes: Record<string, string> = Object.fromEntries(fields.map((field) => [field, field]));
  for (const [target, column] of Object.entries(mapping)) becomes[column.split('.')[0]!] = target;
  return {
    name: 'csv', becomes, leftOut: new Set(),
    map: (row, number): Mapped => {
      const { environment, ...event } = applyMapping({}, row, { ...names, ...mapping });
      const occurredAt = readInstant(event['occurred_at']);
      if (event['occurred_at'] === undefined) return { reject: 'It has no occurred_at. Name the column: --map occurred_at=COLUMN.', field: 'occurred_at' };
      if (occurredAt === undefined) return { reject: 'Its occurred_at is no time.', field: 'occurred_at' };
      // A table without ids: the same line of the same file is the same call.
      const isOutcome = event['kind'] === 'outcome';
      if (event['id'] === undefined && event['idempotency_key'] === undefined && !isOutcome) {
        event['id'] = deriveImportId('csv', `${number}\n${sha256(JSON.stringify(event))}`, occurredAt);
      }
      return { event, ...(typeof environment === 'string' ? { environment } : {}) };
    },
  };
}
