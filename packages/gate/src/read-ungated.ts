/**
 * Ungated spend of limits on cost: what counted in them without a begin, that is, of rows whose run never had a hold. Summed row by row when a person looks, and not with a begin's answer:
 * counters do not know it. In Redis mode a hold's row comes a moment after its run began; until then its first calls look ungated.
 */
import { type CounterAsk, type CounterScope, readCostBeside } from '@outlay/ledger';
import type { Database } from '@outlay/platform';

export interface UngatedAsk {
  readonly id: string;
  readonly scope: CounterScope;
  /** Null: of scope tenant. */
  readonly subject: string | null;
  /** ISO. */
  readonly windowStart: string;
  readonly windowEnd: string;
}

/** Calls of a window up to which its rows are looked at: about a second. */
const CALLS_MAX = 300_000;
const HAD_A_HOLD = 'e.run_id IS NOT NULL AND EXISTS (SELECT FROM holds h WHERE h.tenant_id = e.tenant_id AND h.run_id = e.run_id)';

/** Pico-dollars by id; null where there are too many rows to look at, or some are archived. */
export async function readUngated(db: Database, tenantId: string, asks: readonly UngatedAsk[], timeZone: string): Promise<Map<string, bigint | null>> {
  if (asks.length === 0) return new Map();
  const counters = asks.map(({ id, scope, subject, windowStart, windowEnd }): CounterAsk => (
    { key: id, scope, subject: subject ?? '', metric: 'cost', usableOnly: false, fromMs: Date.parse(windowStart), toMs: Date.parse(windowEnd), workflows: null }));
  return await db.withTenantSnapshot(tenantId, (tx) => readCostBeside(tx, tenantId, { asks: counters, isApart: HAD_A_HOLD, callsMax: CALLS_MAX, timeZone }));
}
