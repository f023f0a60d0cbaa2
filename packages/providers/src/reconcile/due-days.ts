/**
 * Which days are to be compared. A day is left alone while everything that its comparison was made from is as it was: the ledger by the cut of that comparison, the rest (what the provider
 * said, prices, connections, our formulas) by `basis`. Both are exact: a row is never changed, so as many rows are the same rows.
 */
import { canonicalJson, DAY_MS } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { type Cut, type LateRows, parseCut, readCut, readLateRows } from '@outlay/ledger';
import type { PriceBook } from '@outlay/pricing';
import type { PoolClient } from 'pg';
import type { StoredConnection } from '../store';

/** To be raised with each change of a formula, so that the days of the last weeks are compared by it. */
const FORMULAS = 1;

export interface BilledDay {
  readonly connectionId: string;
  readonly provider: string;
  readonly day: string;
}

interface UnchangedDay extends BilledDay {
  /** Of its comparison, as it is stored. */
  readonly comparedAt: string;
}

export interface DuePlan {
  readonly due: readonly BilledDay[];
  /** Compared before, and the same today at `cut`. */
  readonly unchanged: readonly UnchangedDay[];
  readonly cut: Cut;
  /** To be kept with the answer of a due day. What comes in after it was made only makes the day due again. */
  readonly basisOf: (day: string) => string;
}

interface DueAsk {
  readonly connectionId: string | null;
  readonly nowMs: number;
  readonly daysBack: number;
  /** See `teamBasis`. */
  readonly team: string;
}

interface KnownDay extends UnchangedDay {
  readonly basis: string | null;
  readonly cut: Cut | null;
}

/** Of the days that are over and billed, of the last `daysBack`. In a snapshot: ledger and bill of one moment. */
export async function planDueDays(tx: PoolClient, { connectionId, nowMs, daysBack, team }: DueAsk): Promise<DuePlan> {
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const cut = await readCut(tx);
  const known = await readBilledDaysKnown(tx, { connectionId, from: dayOf(todayMs - daysBack * DAY_MS), to: dayOf(todayMs) });
  const basisOf = await readBasis(tx, { fromMs: todayMs - daysBack * DAY_MS, toMs: todayMs, team });
  const same = known.filter(({ day, basis }) => basis === basisOf(day));
  const sinceMs = Math.min(...same.map((each) => each.cut!.takenAt.getTime()));
  const late = same.length === 0 ? [] : await readLateRows(tx, { fromMs: todayMs - (daysBack + 1) * DAY_MS, toMs: todayMs + DAY_MS, sinceMs });
  const unchanged = new Set(same.filter((each) => !isLate(each, late)));
  return { due: known.filter((each) => !unchanged.has(each)), unchanged: [...unchanged], cut, basisOf };
}

/** The neighbouring days too: what was recorded on the other side of midnight is looked for there. */
function isLate({ day, cut }: KnownDay, late: readonly LateRows[]): boolean {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  return late.some(({ hourMs, slot, batch }) => hourMs >= startMs - DAY_MS && hourMs < startMs + 2 * DAY_MS && batch > (cut!.batches.get(slot) ?? 0n));
}

async function readBilledDaysKnown(tx: PoolClient, { connectionId, from, to }: { readonly connectionId: string | null; readonly from: string; readonly to: string }): Promise<KnownDay[]> {
  const { rows } = await tx.query<{ connection_id: string; provider: string; day: string; cut: string | null; basis: string | null }>(
    `SELECT c.connection_id, p.provider, to_char(c.day, 'YYYY-MM-DD') AS day, r.cut, r.basis
     FROM (SELECT DISTINCT connection_id, day FROM provider_costs WHERE day >= $2::date AND day < $3::date AND ($1::uuid IS NULL OR connection_id = $1)) c
     JOIN provider_connections p ON p.id = c.connection_id AND p.removed_at IS NULL
     LEFT JOIN reconciliations r ON r.connection_id = c.connection_id AND r.day = c.day
     ORDER BY c.connection_id, c.day`, [connectionId, from, to]);
  return rows.map(({ connection_id, provider, day, cut, basis }) => {
    const parsed = cut === null ? null : parseCut(cut);
    // A cut that cannot be read says nothing: as if it had not been compared.
    return { connectionId: connection_id, provider, day, comparedAt: cut ?? '', cut: parsed?.ok ? parsed.value : null, basis: parsed?.ok ? basis : null };
  });
}

/** What decides every day of a team: prices, connections, formulas. */
export function teamBasis(connections: readonly StoredConnection[], book: PriceBook): string {
  return sha256(canonicalJson([FORMULAS, connections.map(({ id, provider, settings }) => [id, provider, settings]), priceIds(book)]));
}

/** What of a day but the ledger decides its answer; of all connections, because they tell each other's accounts apart. What providers say is only ever added to, so that counting it is enough. */
async function readBasis(tx: PoolClient, { fromMs, toMs, team }: { readonly fromMs: number; readonly toMs: number; readonly team: string }): Promise<(day: string) => string> {
  const { rows } = await tx.query<{ day: string; told: string }>(
    `SELECT day, string_agg(told, ',' ORDER BY told) AS told FROM (
       SELECT to_char(u.bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, concat_ws(' ', u.connection_id, u.width, count(*)) AS told FROM provider_usage u JOIN provider_connections p ON p.tenant_id = u.tenant_id AND p.id = u.connection_id
       WHERE u.width IN ('1h', '1d') AND u.bucket >= $1 AND u.bucket < $2 GROUP BY 1, u.connection_id, u.width
       UNION ALL
       SELECT to_char(c.day, 'YYYY-MM-DD'), concat_ws(' ', c.connection_id, count(*)) FROM provider_costs c JOIN provider_connections p ON p.tenant_id = c.tenant_id AND p.id = c.connection_id
       WHERE c.day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND c.day < ($2::timestamptz AT TIME ZONE 'UTC')::date GROUP BY c.connection_id, c.day) each
     GROUP BY day`, [new Date(fromMs - DAY_MS), new Date(toMs + DAY_MS)]);
  const told = new Map(rows.map((row) => [row.day, row.told]));
  return (day) => {
    const startMs = Date.parse(`${day}T00:00:00Z`);
    return sha256(canonicalJson([team, ...[startMs - DAY_MS, startMs, startMs + DAY_MS].map((ms) => told.get(dayOf(ms)) ?? '')]));
  };
}

function priceIds(book: PriceBook): string[] {
  return [...book.versions.map(({ id }) => id).sort(), ...(book.parent === null ? [] : priceIds(book.parent))];
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
