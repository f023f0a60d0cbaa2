/** Which hours of a span got rows of calls since a moment: with the cut of an earlier reading one knows whether that reading still holds. */
import type { PoolClient } from 'pg';
import { createParams, spanConditions } from './event-conditions';

export interface LateRows {
  /** The hour's begin, Unix ms, by when the calls happened. */
  readonly hourMs: number;
  readonly slot: number;
  /** The last one; above what a cut names for the slot, the cut does not have it. */
  readonly batch: bigint;
}

/** Outside of a cut stands only what was recorded at its `takenAt` - 2 min or later. */
const BEFORE_CUT_MS = 120_000;

/** `sinceMs`: when the oldest cut was taken that the answer is compared with. */
export async function readLateRows(tx: PoolClient, { fromMs, toMs, sinceMs }: { readonly fromMs: number; readonly toMs: number; readonly sinceMs: number }): Promise<LateRows[]> {
  const params = createParams();
  const conditions = [...spanConditions({ fromMs, toMs }, params), "e.subject = 'call'", `e.recorded_at >= ${params.add(new Date(sinceMs - BEFORE_CUT_MS))}::timestamptz`];
  const { rows } = await tx.query<{ hour: Date; slot: number; batch: string }>(
    `SELECT date_trunc('hour', e.occurred_at, 'UTC') AS hour, e.writer_slot AS slot, max(e.batch)::text AS batch FROM usage_events e WHERE ${conditions.join(' AND ')} GROUP BY 1, 2`, params.values);
  return rows.map(({ hour, slot, batch }) => ({ hourMs: hour.getTime(), slot, batch: BigInt(batch) }));
}
