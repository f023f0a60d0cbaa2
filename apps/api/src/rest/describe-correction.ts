/** What a correction changed, as the audit log tells it. Pure. */
import { formatPico } from '@outlay/kernel';
import type { EventRow } from '@outlay/ledger';
import type { AuditFacts } from '@outlay/tenancy';

// Identity and bookkeeping of the new row itself, and what is too long for a log.
const UNTOLD = new Set<keyof EventRow>([
  'tenant_id', 'id', 'kind', 'sign', 'corrects', 'revision', 'input_hash', 'api_key_id', 'request_id', 'source', 'late', 'normaliser_version', 'snapshot_hash', 'raw_usage',
]);

export function describeCorrection(before: EventRow, after: EventRow): { readonly before: AuditFacts; readonly after: AuditFacts } {
  const names = (Object.keys(after) as (keyof EventRow)[]).filter((name) => !UNTOLD.has(name) && before[name] !== after[name]);
  const pick = (row: EventRow): AuditFacts => Object.fromEntries(names.map((name) => [name.replace(/_pico$/, '_usd'), factOf(row[name])]));
  return { before: pick(before), after: pick(after) };
}

function factOf(value: EventRow[keyof EventRow]): string | number | boolean | null {
  return typeof value === 'bigint' ? formatPico(value) : value;
}
