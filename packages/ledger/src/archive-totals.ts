/** What the rows of one team and one month sum to: the total that speaks for them once they stand in a file. SQL of `archived_totals`. */
import type { PoolClient } from 'pg';
import type { ArchiveSeal } from './archive-seal';
import { MEASURES } from './measures';

/** Sums as decimal text, because they may pass 2^53. */
interface MonthTotals {
  /** Of calls, by the name of the measure. */
  readonly measures: Readonly<Record<string, string>>;
  /** Of rows that belong to a run. */
  readonly runs: Readonly<Record<'cost_pico' | 'ceiling_pico' | 'calls' | 'retries' | 'unpriced' | 'outcomes', string>>;
}

/** What is sealed, of one team's month. */
export interface ArchivedFacts {
  readonly tenant_id: string;
  /** `2026-01`. */
  readonly month: string;
  readonly row_count: number;
  readonly occurred_from: string;
  readonly occurred_to: string;
  readonly totals: MonthTotals;
  /** Of the lines, each with its end, before they were compressed. */
  readonly content_sha256: string;
}

export interface ArchivedTotal {
  readonly facts: ArchivedFacts;
  readonly file: string;
  readonly seal: string;
}

/** The ids of a month: `to` is not among them. */
export interface MonthBounds {
  readonly month: string;
  readonly idFrom: string;
  readonly idTo: string;
}

export function boundsOf(month: string): MonthBounds {
  const from = Date.parse(`${month}-01T00:00:00Z`);
  const at = new Date(from);
  const to = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
  const idOf = (ms: number): string => {
    const hex = ms.toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
  };
  return { month, idFrom: idOf(from), idTo: idOf(to) };
}

const CALL = `e.subject = 'call' AND e.part = 0`;
const RUN_SUMS: Readonly<Record<keyof MonthTotals['runs'], string>> = {
  cost_pico: 'coalesce(e.cost_pico, 0)', ceiling_pico: 'e.ceiling_pico', calls: `CASE WHEN ${CALL} THEN e.sign ELSE 0 END`,
  retries: `CASE WHEN ${CALL} AND e.attempt_kind IN ('retry', 'fallback') THEN e.sign ELSE 0 END`, unpriced: `CASE WHEN e.cost_basis = 'unpriced' THEN e.sign ELSE 0 END`,
  outcomes: `CASE WHEN e.subject = 'outcome' THEN e.sign ELSE 0 END`,
};
const facts = MEASURES.filter((measure) => measure.fact !== undefined);
const pairs = (sums: readonly (readonly [string, string])[], filter: string): string =>
  `jsonb_build_object(${sums.map(([name, sum]) => `'${name}', coalesce(sum(${sum}) FILTER (WHERE ${filter}), 0)::text`).join(', ')})`;
/** A function of SQL takes a hundred arguments, and every measure is two of them. */
const MEASURES_SQL = [facts.slice(0, 24), facts.slice(24)].map((some) => pairs(some.map(({ name, fact }) => [name, fact!]), `e.subject = 'call'`)).join(' || ');

/** Null when the team has no row in the month. Inside `withTenant`. */
export async function sumMonth(tx: PoolClient, { idFrom, idTo }: MonthBounds): Promise<Pick<ArchivedFacts, 'row_count' | 'occurred_from' | 'occurred_to' | 'totals'> | null> {
  const { rows } = await tx.query<{ row_count: bigint; occurred_from: Date; occurred_to: Date; measures: MonthTotals['measures']; runs: MonthTotals['runs'] }>(`
    SELECT count(*) AS row_count, min(e.occurred_at) AS occurred_from, max(e.occurred_at) AS occurred_to, ${MEASURES_SQL} AS measures,
      ${pairs(Object.entries(RUN_SUMS), 'e.run_id IS NOT NULL')} AS runs
    FROM usage_events e WHERE e.id >= $1 AND e.id < $2`, [idFrom, idTo]);
  const { row_count: count, occurred_from: from, occurred_to: to, measures, runs } = rows[0]!;
  return count === 0n ? null : { row_count: Number(count), occurred_from: from.toISOString(), occurred_to: to.toISOString(), totals: { measures, runs } };
}

/** From here on the total speaks for the rows, in the transaction that notes what each run loses by it. Inside `withTenant`. */
export async function storeTotal(tx: PoolClient, { idFrom, idTo }: MonthBounds, { facts: sealed, file, seal }: ArchivedTotal): Promise<void> {
  await tx.query(`INSERT INTO archived_totals (tenant_id, month, id_from, id_to, row_count, occurred_from, occurred_to, totals, file, content_sha256, seal)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
  [sealed.tenant_id, `${sealed.month}-01`, idFrom, idTo, sealed.row_count, sealed.occurred_from, sealed.occurred_to, JSON.stringify(sealed.totals), file, sealed.content_sha256, seal]);
  await moveRuns(tx, { idFrom, idTo }, 1);
}

/** The rows speak for themselves again. Inside `withTenant`, in the transaction that brought them back. */
export async function dropTotal(tx: PoolClient, { month, idFrom, idTo }: MonthBounds): Promise<void> {
  await moveRuns(tx, { idFrom, idTo }, -1);
  await tx.query('DELETE FROM archived_totals WHERE month = $1', [`${month}-01`]);
}

async function moveRuns(tx: PoolClient, { idFrom, idTo }: Pick<MonthBounds, 'idFrom' | 'idTo'>, direction: 1 | -1): Promise<void> {
  const sums = (['cost_pico', 'ceiling_pico', 'calls', 'retries', 'unpriced'] as const).map((name) => [name, RUN_SUMS[name]] as const);
  await tx.query(`
    UPDATE runs r SET ${sums.map(([name]) => `archived_${name} = nullif(coalesce(r.archived_${name}, 0) ${direction === 1 ? '+' : '-'} s.${name}, 0)`).join(', ')},
      archived_outcome = CASE WHEN s.outcome IS NULL THEN r.archived_outcome ELSE ${direction === 1 ? 's.outcome' : 'NULL'} END
    FROM (SELECT e.run_id, ${sums.map(([name, sum]) => `sum(${sum}) AS ${name}`).join(', ')},
        (array_agg(e.outcome ORDER BY e.revision DESC) FILTER (WHERE e.subject = 'outcome' AND e.sign = 1))[1] AS outcome
      FROM usage_events e WHERE e.id >= $1 AND e.id < $2 AND e.run_id IS NOT NULL GROUP BY e.run_id) s
    WHERE r.run_id = s.run_id`, [idFrom, idTo]);
}

/** A team's totals, oldest month first. Inside `withTenant`. */
export async function readTotals(tx: PoolClient): Promise<ArchivedTotal[]> {
  const { rows } = await tx.query<{ tenant_id: string; month: string; row_count: bigint; occurred_from: Date; occurred_to: Date; totals: MonthTotals; file: string; content_sha256: string; seal: string }>(
    `SELECT tenant_id, to_char(month, 'YYYY-MM') AS month, row_count, occurred_from, occurred_to, totals, file, content_sha256, seal FROM archived_totals ORDER BY month`);
  return rows.map(({ file, seal, row_count: count, occurred_from: from, occurred_to: to, ...rest }) => ({
    file, seal, facts: { ...rest, row_count: Number(count), occurred_from: from.toISOString(), occurred_to: to.toISOString() },
  }));
}

/**
 * Seals the team's totals anew, those whose `old` seal holds: one that somebody changed keeps its broken seal. Inside `withTenant`. Answers how many were sealed.
 * `own` must know no older key.
 */
export async function resealTotals(tx: PoolClient, own: ArchiveSeal, old: ArchiveSeal): Promise<number> {
  const due = (await readTotals(tx)).filter(({ facts: sealed, seal }) => !own.holds(sealed, seal) && old.holds(sealed, seal));
  for (const { facts: sealed } of due) {
    // No role may change a total: it goes and comes with its new seal, in one statement.
    await tx.query(`
      WITH gone AS (DELETE FROM archived_totals WHERE month = $1 RETURNING *)
      INSERT INTO archived_totals (tenant_id, month, id_from, id_to, row_count, occurred_from, occurred_to, totals, file, content_sha256, archived_at, seal)
      SELECT tenant_id, month, id_from, id_to, row_count, occurred_from, occurred_to, totals, file, content_sha256, archived_at, $2 FROM gone`, [`${sealed.month}-01`, own.seal(sealed)]);
  }
  return due.length;
}

/** The first total of the team whose seal is broken, as a sentence; null when all hold. */
export function findBrokenSeal(totals: readonly ArchivedTotal[], seal: ArchiveSeal): string | null {
  const broken = totals.find(({ facts: sealed, seal: given }) => !seal.holds(sealed, given));
  return broken === undefined ? null : `the archived total of ${broken.facts.month} was changed: its seal does not fit`;
}
