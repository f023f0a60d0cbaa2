/** What is usual: the daily mean of a customer for the risk block, what runs of a workflow cost for estimates. Both are looked up rarely and kept by whoever asks. */
import { addDays, DAY_MS, dayStartMs, localDay } from '@outlay/kernel';
import type { PoolClient } from 'pg';

const USUAL_DAYS = 28;

/** Pico-dollars a day over the 28 local days before today; days without spend count. Null for a customer that the ledger does not know yet. */
export async function readDailyMean(tx: PoolClient, customerId: string, nowMs: number, timeZone: string): Promise<bigint | null> {
  const today = localDay(nowMs, timeZone);
  const [from, to] = [addDays(today, -USUAL_DAYS), today].map((day) => new Date(dayStartMs(day, timeZone)));
  const { rows } = await tx.query<{ pico: string; any: boolean }>(
    `SELECT coalesce(sum(ceiling_pico), 0)::text AS pico, count(*) > 0 AS any FROM customer_rollup WHERE customer_id = $1 AND bucket >= $2 AND bucket < $3`, [customerId, from, to]);
  const { pico, any } = rows[0]!;
  return any ? BigInt(pico) / BigInt(USUAL_DAYS) : null;
}

export interface RunCosts {
  readonly runs: number;
  readonly p95Pico: bigint;
  readonly mostPico: bigint;
  readonly p95Calls: number;
}

/** Of the whole team, whatever the workflow: a begin may be waiting for the answer. */
const RUNS_LOOKED_AT = 20_000;

/** Of the workflow's runs among the team's last 20,000 of 28 days, open ones too; null without any. */
export async function readRunCosts(tx: PoolClient, workflow: string, nowMs: number): Promise<RunCosts | null> {
  const { rows } = await tx.query<{ runs: number; p95: string | null; most: string | null; calls: string | null }>(
    `SELECT count(*)::int AS runs, percentile_disc(0.95) WITHIN GROUP (ORDER BY ceiling_pico)::text AS p95, max(ceiling_pico)::text AS most, percentile_disc(0.95) WITHIN GROUP (ORDER BY calls)::text AS calls
     FROM (SELECT workflow, ceiling_pico, calls FROM runs WHERE last_at >= $2 ORDER BY last_at DESC LIMIT ${RUNS_LOOKED_AT}) r WHERE workflow = $1 AND calls > 0`, [workflow, new Date(nowMs - USUAL_DAYS * DAY_MS)]);
  const { runs, p95, most, calls } = rows[0]!;
  return runs === 0 ? null : { runs, p95Pico: BigInt(p95!), mostPico: BigInt(most!), p95Calls: Number(calls) };
}
