/** An archived month comes back: row for row as it was, slots and batches included, so that every cut is again what it was. */
import { createHash } from 'node:crypto';
import { canonicalJson, DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { patiently } from './archive-month';
import type { ArchiveSeal } from './archive-seal';
import { type ArchivedTotal, boundsOf, dropTotal, readTotals, sumMonth } from './archive-totals';
import { asSealed, splitFallbackCost } from './split-fallback-cost';

const ROWS_PER_STATEMENT = 500;

export interface RestoredMonth {
  readonly rows: number;
  readonly teams: number;
  /** Teams that were erased since: their rows stay away. */
  readonly erased: readonly string[];
}

/**
 * `readLines` gives the lines of a team's file. Each team is one transaction; the month takes rows again when no total of it is left. Errors: `conflict` when a
 * seal, a file or a sum is not what was archived; that team's rows then stay where they are.
 */
export async function restoreMonth(
  db: Database, archived: { readonly month: string; readonly teams: readonly ArchivedTotal[] }, seal: ArchiveSeal,
  readLines: (total: ArchivedTotal) => AsyncIterable<string>, onProgress: (rows: number) => void,
): Promise<RestoredMonth> {
  const erased: string[] = [];
  let [rows, teams] = [0, 0];
  for (const total of archived.teams) {
    if (!seal.holds(total.facts, total.seal) || total.facts.month !== archived.month) throw new DomainError('conflict', { message: `The total of team ${total.facts.tenant_id} in the manifest was changed: its seal does not fit.` });
    const { tenant_id: tenantId } = total.facts;
    const standing = await db.withTenant(tenantId, async (tx) => ((await tx.query('SELECT FROM tenants')).rowCount === 1 ? await readTotals(tx) : null));
    if (standing === null) {
      erased.push(tenantId);
      continue;
    }
    // No total: an earlier try of this restore brought them back.
    if (!standing.some(({ facts }) => facts.month === archived.month)) continue;
    await restoreTeam(db, total, readLines(total), (count) => onProgress(rows + count));
    rows += total.facts.row_count;
    teams += 1;
  }
  await patiently(() => db.system.query('SELECT thaw_usage_month($1)', [`${archived.month}-01`]));
  return { rows, teams, erased };
}

async function restoreTeam(db: Database, { facts, file }: ArchivedTotal, lines: AsyncIterable<string>, onProgress: (rows: number) => void): Promise<void> {
  const bounds = boundsOf(facts.month);
  await db.withTenant(facts.tenant_id, async (tx) => {
    await tx.query(`SET LOCAL statement_timeout = 0`);
    await tx.query(`SELECT set_config('app.restoring', $1, true)`, [facts.month.replace('-', '')]);
    // A month that was not dropped yet still has them.
    const stand = await sumMonth(tx, bounds);
    if (stand === null) {
      const content = createHash('sha256');
      let count = 0;
      let batch: string[] = [];
      const insert = async (): Promise<void> => {
        if (batch.length === 0) return;
        await tx.query('INSERT INTO usage_events SELECT r.* FROM unnest($1::text[]) AS l (line), jsonb_populate_record(NULL::usage_events, l.line::jsonb) AS r', [batch]);
        count += batch.length;
        batch = [];
        onProgress(count);
      };
      for await (const line of lines) {
        content.update(line).update('\n');
        if (batch.push(line) === ROWS_PER_STATEMENT) await insert();
      }
      await insert();
      if (content.digest('hex') !== facts.content_sha256) throw new DomainError('conflict', { message: `The file ${file} is not what was archived: its checksum does not fit.` });
    }
    const sums = stand ?? (await sumMonth(tx, bounds));
    const { measures, runs } = facts.totals;
    if (sums === null || canonicalJson({ measures: asSealed(sums.totals.measures, measures), runs: sums.totals.runs }) !== canonicalJson({ measures, runs }) || sums.row_count !== facts.row_count) {
      throw new DomainError('conflict', { message: `The rows of ${file} do not sum to the archived total.` });
    }
    await dropTotal(tx, bounds);
    if (measures['fallback_cost_pico'] === undefined) await splitFallbackCost(tx, facts.tenant_id, bounds);
  });
}
