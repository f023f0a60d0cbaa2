/** A file becomes the bill of a connection of its own, in one transaction: all of it, or nothing. The same file again changes nothing. */
import { gunzipSync } from 'node:zlib';
import { DAY_MS, DomainError, toPico } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { PoolClient } from 'pg';
import type { By } from './change-connection';
import { readName } from './connection-input';
import { type BillFile, readBill } from './import-focus';
import { beginImport, insertConnection, insertSync, readConnections, saveSync } from './store';
import { clearUnsaid, keyOf, saveCosts, saveUsage } from './store-bill';

export interface ImportInput {
  /** Files of one name are one connection; a new name makes one. */
  readonly name: string;
  readonly text: string;
  /** Days of the file hold what the file says of them, and nothing that an earlier file said: for whole exports. Else only rows that it names are restated. */
  readonly replaceDays?: boolean | undefined;
  readonly services?: readonly string[] | undefined;
}

export interface ImportReport extends Pick<BillFile, 'format' | 'rows' | 'skipped' | 'days'> {
  readonly connectionId: string;
  readonly syncId: string;
  /** New or restated; 0 when the same file was imported before. */
  readonly changed: number;
  readonly totalPico: bigint;
}

const TEXT_MAX = 32 * 1_024 * 1_024;
const ROWS_AT_ONCE = 2_000;
const DAYS_MAX = 800;

/** A file as a browser packs it: gzip in base64. Errors: `invalid_input` on `upload`. */
export function unpackFile(upload: string): string {
  try {
    return gunzipSync(Buffer.from(upload, 'base64'), { maxOutputLength: TEXT_MAX }).toString('utf8');
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new DomainError('invalid_input', { field: 'upload', message: isLarge ? 'The file is larger than 32 MB. Bring it in parts, each with whole days.' : 'The file arrived damaged. Try again.' });
  }
}

/** Errors: `invalid_input` on `name` or `text`, with line and column. */
export async function importBill(db: Database, by: By, input: ImportInput): Promise<ImportReport> {
  const name = readName(input.name, 'import');
  if (input.text.length > TEXT_MAX) throw new DomainError('invalid_input', { field: 'text', message: 'The file is larger than 32 MB. Bring it in parts, each with whole days.' });
  const file = readBill(input.text, { services: input.services });
  const days = [...new Set(file.costs.map(({ day }) => day))].sort();
  if (days.length === 0) throw new DomainError('invalid_input', { field: 'text', message: file.rows === 0 ? 'The file has a header and no rows.' : `None of its ${file.rows} rows is of the services that were asked for.` });
  if (days.length > DAYS_MAX) throw new DomainError('invalid_input', { field: 'text', message: `The file has more than ${DAYS_MAX} days. Bring it in parts, each with whole days.` });
  const syncId = newId();
  return await db.withTenant(by.tenantId, async (tx) => {
    const connectionId = await openImport(tx, by, name);
    await insertSync(tx, by.tenantId, { id: syncId, connectionId, cause: 'import' });
    let changed = 0;
    for (let from = 0; from < file.costs.length; from += ROWS_AT_ONCE) changed += await saveCosts(tx, by.tenantId, connectionId, syncId, file.costs.slice(from, from + ROWS_AT_ONCE).map((row) => ({ ...row, provisional: false })));
    for (let from = 0; from < file.usage.length; from += ROWS_AT_ONCE) changed += await saveUsage(tx, by.tenantId, connectionId, syncId, file.usage.slice(from, from + ROWS_AT_ONCE).map((bucket) => ({ ...bucket, pricedPico: null, provisional: false })));
    if (input.replaceDays === true) changed += await replaceDays(tx, connectionId, syncId, file, days);
    await saveSync(tx, syncId, { state: 'done', pages: 1, rowsRead: file.rows, rowsChanged: changed, progress: '', error: null });
    await audit(tx, { ...by, action: 'provider.imported', subjectType: 'provider_connection', subjectId: connectionId, after: { name, format: file.format, rows: file.rows, changed, from: days[0]!, to: days.at(-1)! } });
    const totalPico = file.costs.reduce((sum, { amountUsd }) => sum + toPico(amountUsd), 0n);
    return { connectionId, syncId, format: file.format, rows: file.rows, skipped: file.skipped, days: file.days, changed, totalPico };
  });
}

async function openImport(tx: PoolClient, by: By, name: string): Promise<string> {
  // Two files of one new name at once must not become two connections.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))`, [`${by.tenantId} ${name}`]);
  const known = (await readConnections(tx)).find((connection) => connection.provider === 'import' && connection.name === name);
  const id = known?.id ?? newId();
  if (known === undefined) await insertConnection(tx, by.tenantId, { id, provider: 'import', name, settings: {}, credentials: null, hint: '', createdBy: by.actor });
  await beginImport(tx, id);
  return id;
}

async function replaceDays(tx: PoolClient, connectionId: string, syncId: string, { costs, usage }: BillFile, days: readonly string[]): Promise<number> {
  const said = [...costs.map(({ day, dimensions }) => ({ of: 'costs' as const, at: day, key: keyOf(dimensions) })), ...usage.map(({ bucket, dimensions }) => ({ of: '1d' as const, at: bucket, key: keyOf(dimensions) }))];
  let changed = 0;
  for (const day of days) {
    const span = { from: `${day}T00:00:00.000Z`, to: new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString() };
    const ofDay = said.filter(({ at }) => at.startsWith(day));
    for (const of of ['costs', '1d'] as const) changed += await clearUnsaid(tx, connectionId, syncId, { of, ...span }, ofDay);
  }
  return changed;
}
