/** A table as a file of an export: a JSON line a row, by key, in short transactions; whoever reads slowly holds nothing up. */
import type { Database } from './database';
import type { ExportFile, ExportTally } from './export-file';

export interface ExportTable {
  /** Its name, without `.jsonl`. */
  readonly file: string;
  readonly what: string;
  /** Statement's beginning, up to the conditions, with the alias `t`: `FROM caps t`. */
  readonly from: string;
  /** Columns that are unique together. */
  readonly key: readonly string[];
  /** Columns of pico-dollars, whose names end in `_pico`: written as exact dollars under a name that ends in `_usd`. */
  readonly money?: readonly string[];
  /** Columns that stay away: secrets, hashes of them, and leases of workers. */
  readonly without?: readonly string[];
}

const ROWS_PER_BATCH = 1_000;

export function tableFiles(db: Pick<Database, 'withTenant'>, tenantId: string, tables: readonly ExportTable[]): readonly ExportFile[] {
  return tables.map((table) => ({ name: `${table.file}.jsonl`, what: table.what, write: () => writeTable(db, tenantId, table) }));
}

async function* writeTable(db: Pick<Database, 'withTenant'>, tenantId: string, table: ExportTable): AsyncGenerator<string, ExportTally, void> {
  const { from, key } = table;
  let after: readonly string[] | null = null;
  let rows = 0;
  const columns = key.map((name) => `t.${name}`);
  for (;;) {
    const values: unknown[] = [tenantId, ROWS_PER_BATCH, ...(after ?? [])];
    const beyond: string = after === null ? '' : ` AND (${columns.join(', ')}) > (${key.map((_, i) => `$${i + 3}`).join(', ')})`;
    const page: { row: string; keys: string[] }[] = await db.withTenant(tenantId, async (tx) => (await tx.query<{ row: string; keys: string[] }>(
      `SELECT (${rowSql(table)})::text AS row, ARRAY[${columns.map((column) => `${column}::text`).join(', ')}] AS keys ${from} WHERE t.tenant_id = $1${beyond} ORDER BY ${columns.join(', ')} LIMIT $2`, values)).rows);
    rows += page.length;
    if (page.length > 0) yield page.map(({ row }) => `${row}\n`).join('');
    if (page.length < ROWS_PER_BATCH) return { rows };
    after = page.at(-1)!.keys;
  }
}

function rowSql({ money = [], without = [] }: ExportTable): string {
  const dollars = money.map((name) => `'${name.replace(/_pico$/, '_usd')}', trim_scale(t.${name} / 1e12::numeric)::text`);
  const row = `to_jsonb(t) - ARRAY[${['tenant_id', ...money, ...without].map((name) => `'${name}'`).join(', ')}]`;
  return dollars.length === 0 ? row : `${row} || jsonb_build_object(${dollars.join(', ')})`;
}
