/**
 * Burns what nobody burned right after its commit: a crash, a late event, a correction by hand. It goes over the outcomes above the marks, slot by slot as a cut names them, and
 * moves the marks when they are booked; what is booked already costs a look.
 */
import { type Cut, readCut, readRunsWithOutcomes } from '@outlay/ledger';
import type { PoolClient } from 'pg';
import { type BurnDependencies, burnOutcomes, type CreditBalance } from './burn-outcomes';

/** Each page searches anew: few large ones. Their transactions are smaller. */
const RUNS_PER_PAGE = 20_000;
const RUNS_AT_ONCE = 500;
const FIRST_RUN = '00000000-0000-0000-0000-000000000000';

export interface CaughtUp {
  /** Runs that had something to book. */
  readonly runs: number;
  /** Of customers whose balance changed. */
  readonly balances: ReadonlyMap<string, CreditBalance>;
}

/** Of one team; nothing is read for a team that never sold credits. Safe to run at once with any other process: marks move forward only. */
export async function catchUpBurns(deps: BurnDependencies & { readonly signal?: AbortSignal }, tenantId: string): Promise<CaughtUp> {
  const { db, signal } = deps;
  const balances = new Map<string, CreditBalance>();
  const sold = await db.withTenant(tenantId, (tx) => whatIsSold(tx, tenantId));
  if (sold === null) return { runs: 0, balances };
  const { since, planVersions } = sold;
  const [mark, cut] = await db.withTenantSnapshot(tenantId, async (tx) => [await readMarks(tx, tenantId), await readCut(tx)] as const);
  const from = { batches: mark?.batches ?? new Map<number, bigint>(), recordedFrom: mark?.takenAt ?? since };
  let runs = 0;
  for (let afterRun = FIRST_RUN; ;) {
    if (signal?.aborted) return { runs, balances };
    const page = await db.withTenant(tenantId, (tx) => readRunsWithOutcomes(tx, tenantId, from, cut, { afterRun, limit: RUNS_PER_PAGE, planVersions }));
    for (let i = 0; i < page.length && !signal?.aborted; i += RUNS_AT_ONCE) {
      const burned = await burnOutcomes(deps, tenantId, page.slice(i, i + RUNS_AT_ONCE));
      runs += burned.byRun.size;
      for (const [id, balance] of burned.balances) balances.set(id, balance);
    }
    if (signal?.aborted) return { runs, balances };
    if (page.length < RUNS_PER_PAGE) break;
    afterRun = page.at(-1)!;
  }
  await db.withTenant(tenantId, async (tx) => {
    await saveMarks(tx, tenantId, cut);
    // Whoever booked has not been told: a burn notifies nobody by itself.
    for (const customerId of balances.keys()) await tx.query(`SELECT pg_notify('outlay_credits', $1)`, [`${tenantId}/${customerId}`]);
  });
  return { runs, balances };
}

interface Sold {
  /** Since when a version with credits may have been in force. */
  readonly since: Date;
  /** Versions with credits: what was stamped with another one burns nothing. Null where an override may sell credits with any. */
  readonly planVersions: readonly string[] | null;
}

/** Null for a team that never sold any. */
async function whatIsSold(tx: PoolClient, tenantId: string): Promise<Sold | null> {
  const { rows: [row] } = await tx.query<{ since: Date | null; versions: string[] | null; overridden: boolean }>(
    `SELECT min(since) AS since, array_agg(version::text) FILTER (WHERE version IS NOT NULL) AS versions, coalesce(bool_or(version IS NULL), false) AS overridden FROM (
       SELECT least(effective_from, published_at) AS since, id AS version FROM plan_versions WHERE tenant_id = $1 AND jsonb_typeof(definition -> 'credits') = 'object'
       UNION ALL SELECT least(effective_from, created_at), NULL FROM plan_overrides WHERE tenant_id = $1 AND jsonb_typeof(patch -> 'credits') = 'object'
     ) s`, [tenantId]);
  const { since, versions, overridden } = row!;
  return since === null ? null : { since, planVersions: overridden ? null : (versions ?? []) };
}

/** How far outcomes are burned, as a cut; null before the first round. */
export async function readMarks(tx: PoolClient, tenantId: string): Promise<Cut | null> {
  const { rows } = await tx.query<{ slot: number; batch: bigint; taken_at: Date }>('SELECT slot, batch, taken_at FROM credit_marks WHERE tenant_id = $1', [tenantId]);
  if (rows.length === 0) return null;
  return { takenAt: new Date(Math.min(...rows.map(({ taken_at: at }) => at.getTime()))), batches: new Map(rows.map(({ slot, batch }) => [slot, batch])) };
}

async function saveMarks(tx: PoolClient, tenantId: string, { batches, takenAt }: Cut): Promise<void> {
  const slots = [...batches].sort(([a], [b]) => a - b);
  await tx.query(
    `INSERT INTO credit_marks (tenant_id, slot, batch, taken_at) SELECT $1, slot, batch, $4 FROM unnest($2::smallint[], $3::bigint[]) AS m (slot, batch)
     ON CONFLICT (tenant_id, slot) DO UPDATE SET batch = greatest(credit_marks.batch, excluded.batch), taken_at = greatest(credit_marks.taken_at, excluded.taken_at)`,
    [tenantId, slots.map(([slot]) => slot), slots.map(([, batch]) => batch), takenAt]);
}
