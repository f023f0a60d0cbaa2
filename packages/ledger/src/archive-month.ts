/**
 * A month leaves the ledger for files: frozen, written out team by team, its totals sealed, then dropped. It may break off anywhere and is taken up again
 * by the same call: a team whose total stands is done, and until the drop every row is still where it was.
 */
import { createHash } from 'node:crypto';
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { eachTeam } from '@outlay/tenancy';
import type { ArchiveSeal } from './archive-seal';
import { type ArchivedFacts, type ArchivedTotal, boundsOf, type MonthBounds, readTotals, storeTotal, sumMonth } from './archive-totals';

const ROWS_PER_PAGE = 2_000;
const LOCK_TRIES = 60;

export interface MonthOnDisk {
  /** `2026-01`. */
  readonly month: string;
  readonly bytes: number;
  readonly state: 'frozen' | 'archived' | null;
}

export interface ArchiveFiles {
  /** Writes lines to a file of this team and month, so that they outlast a crash, reads them back, and answers the file's name and the SHA-256 of what it read. */
  write(tenantId: string, month: string, lines: AsyncIterable<string>): Promise<{ readonly file: string; readonly contentSha256: string }>;
}

export interface ArchivedMonth {
  readonly month: string;
  readonly teams: readonly ArchivedTotal[];
}

/** The months that stand in partitions, oldest first. Callers' own keys have no month and are never archived. */
export async function listMonths(db: Pick<Database, 'system'>): Promise<MonthOnDisk[]> {
  const { rows } = await db.system.query<{ month: string; bytes: bigint; state: MonthOnDisk['state'] }>(`SELECT to_char(month, 'YYYY-MM') AS month, bytes, state FROM usage_months()`);
  return rows.map(({ bytes, ...rest }) => ({ ...rest, bytes: Number(bytes) }));
}

/** The months whose rows stand in files only, oldest first. */
export async function listArchivedMonths(db: Pick<Database, 'system'>): Promise<string[]> {
  const { rows } = await db.system.query<{ month: string }>(`SELECT to_char(month, 'YYYY-MM') AS month FROM archived_months WHERE state = 'archived' ORDER BY 1`);
  return rows.map(({ month }) => month);
}

/** All but the drop. Errors: `invalid_input` (too young), `not_found`, `internal` when what was written reads back as something else. */
export async function archiveMonth(db: Database, month: string, seal: ArchiveSeal, files: ArchiveFiles, onProgress: (rows: number) => void): Promise<ArchivedMonth> {
  await patiently(() => db.system.query('SELECT freeze_usage_month($1)', [`${month}-01`]));
  const bounds = boundsOf(month);
  const teams: ArchivedTotal[] = [];
  let rows = 0;
  for await (const { tenantId } of eachTeam(db)) {
    const total = await archiveTeam(db, tenantId, bounds, seal, files, (count) => onProgress(rows + count));
    if (total === null) continue;
    rows += total.facts.row_count;
    teams.push(total);
  }
  return { month, teams };
}

/** The last step, which cannot be taken back but by a restore. Errors: `conflict` when a row is not covered by a total. */
export async function dropMonth(db: Pick<Database, 'connectAs'>, month: string): Promise<void> {
  // A connection of its own: counting the rows of a large month takes longer than a request may.
  const client = await db.connectAs('outlay_system');
  try {
    await patiently(() => client.query('SELECT drop_usage_month($1)', [`${month}-01`]));
  } finally {
    await client.end();
  }
}

async function archiveTeam(db: Database, tenantId: string, bounds: MonthBounds, seal: ArchiveSeal, files: ArchiveFiles, onProgress: (rows: number) => void): Promise<ArchivedTotal | null> {
  const { month } = bounds;
  const done = (await db.withTenant(tenantId, readTotals)).find(({ facts }) => facts.month === month);
  if (done) return done;
  const sums = await db.withTenant(tenantId, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    return await sumMonth(tx, bounds);
  });
  if (sums === null) return null;
  const content = createHash('sha256');
  let written = 0;
  const { file, contentSha256 } = await files.write(tenantId, month, (async function* () {
    for await (const page of readPages(db, tenantId, bounds)) {
      for (const line of page) {
        content.update(line).update('\n');
        yield line;
      }
      written += page.length;
      onProgress(written);
    }
  })());
  if (content.digest('hex') !== contentSha256 || written !== sums.row_count) {
    throw new DomainError('internal', { message: `The file ${file} does not hold what was written to it. Nothing was dropped; look at the disk.` });
  }
  const facts: ArchivedFacts = { tenant_id: tenantId, month, ...sums, content_sha256: contentSha256 };
  const total: ArchivedTotal = { facts, file, seal: seal.seal(facts) };
  await db.withTenant(tenantId, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    await storeTotal(tx, bounds, total);
  });
  return total;
}

/** Rows as Postgres itself writes and reads them, by id. The month is frozen, so short transactions see the same rows as one long one would. */
async function* readPages(db: Database, tenantId: string, { idFrom, idTo }: MonthBounds): AsyncGenerator<string[]> {
  let after = idFrom;
  for (;;) {
    const { rows } = await db.withTenant(tenantId, (tx) => tx.query<{ id: string; line: string }>(
      'SELECT e.id, to_jsonb(e)::text AS line FROM usage_events e WHERE e.tenant_id = $1 AND e.id > $2 AND e.id < $3 ORDER BY e.id LIMIT $4', [tenantId, after, idTo, ROWS_PER_PAGE]));
    if (rows.length > 0) yield rows.map(({ line }) => line);
    if (rows.length < ROWS_PER_PAGE) return;
    after = rows.at(-1)!.id;
  }
}

/** The function waits a second for its lock, so that whoever comes after it waits no longer; in between the ledger goes on. */
export async function patiently<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === '55P03' && tries < LOCK_TRIES) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        continue;
      }
      const known = ({ '55P03': 'unavailable', '55000': 'conflict', '22023': 'invalid_input', P0002: 'not_found' } as const)[code ?? ''];
      if (known === undefined) throw error;
      throw new DomainError(known, { message: known === 'unavailable' ? 'The ledger was too busy to let go of a partition. Try again.' : `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, cause: error });
    }
  }
}
