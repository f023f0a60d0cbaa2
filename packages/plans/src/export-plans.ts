/** What this room holds of a team, file by file, for an export of everything: a JSON line a row, by key, in short transactions. */
import type { Database, ExportFile, ExportTally } from '@outlay/platform';

interface Table {
  readonly file: string;
  readonly what: string;
  /** Statement's beginning, up to the conditions. */
  readonly from: string;
  readonly key: readonly string[];
}

const TABLES: readonly Table[] = [
  { file: 'plans', what: 'Plans, with their drafts.', from: 'FROM plans t', key: ['id'] },
  { file: 'plan_versions', what: 'Published versions of plans; they never change.', from: 'FROM plan_versions t', key: ['id'] },
  { file: 'customers', what: 'Customers as they are now.', from: 'FROM customers t', key: ['customer_id'] },
  { file: 'customer_terms', what: 'Segment, time zone and anchor of customers, since when.', from: 'FROM customer_terms t', key: ['id'] },
  { file: 'plan_assignments', what: 'Which customer is on which plan version, since when; withdrawn ones too.', from: 'FROM plan_assignments t', key: ['id'] },
  { file: 'plan_overrides', what: 'Changes to plans for one customer or segment, since when.', from: 'FROM plan_overrides t', key: ['id'] },
  { file: 'caps', what: 'Caps.', from: 'FROM caps t', key: ['id'] },
  { file: 'gate_settings', what: 'The default risk block, where it was set.', from: 'FROM gate_settings t', key: ['tenant_id'] },
  { file: 'credit_lots', what: 'Credit lots with what is left of them.', from: 'FROM credit_lots t', key: ['id'] },
  { file: 'credit_postings', what: 'Every booking of credits.', from: 'FROM credit_postings t', key: ['id'] },
  { file: 'credit_entries', what: 'Both sides of every booking; those of a posting sum to zero.', from: 'FROM credit_entries t', key: ['posting_id', 'line'] },
];

const ROWS_PER_BATCH = 1_000;

export function exportPlans(db: Database, tenantId: string): readonly ExportFile[] {
  return TABLES.map((table) => ({ name: `${table.file}.jsonl`, what: table.what, write: () => writeTable(db, tenantId, table) }));
}

async function* writeTable(db: Database, tenantId: string, { from, key }: Table): AsyncGenerator<string, ExportTally, void> {
  let after: readonly string[] | null = null;
  let rows = 0;
  const columns = key.map((name) => `t.${name}`);
  for (;;) {
    const values: unknown[] = [tenantId, ROWS_PER_BATCH, ...(after ?? [])];
    const beyond: string = after === null ? '' : ` AND (${columns.join(', ')}) > (${key.map((_, i) => `$${i + 3}`).join(', ')})`;
    const page: { row: string; keys: string[] }[] = await db.withTenant(tenantId, async (tx) => (await tx.query<{ row: string; keys: string[] }>(
      `SELECT (to_jsonb(t) - 'tenant_id')::text AS row, ARRAY[${columns.map((column) => `${column}::text`).join(', ')}] AS keys ${from} WHERE t.tenant_id = $1${beyond} ORDER BY ${columns.join(', ')} LIMIT $2`, values)).rows);
    rows += page.length;
    if (page.length > 0) yield page.map(({ row }) => `${row}\n`).join('');
    if (page.length < ROWS_PER_BATCH) return { rows };
    after = page.at(-1)!.keys;
  }
}
