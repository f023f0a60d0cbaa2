/** What the gate's bench asks: a begin as a customer of a plan makes it, with caps, an allowance, credits, a rate and a route. */
import type { BeginRequest, GateStore } from '@outlay/gate';

const DAY = 'd2026-11-21';
const MONTH = 'm2026-11-01';
const KEYS = ['t:|cost|m2026-11-01', 'p:acme|credits|-', `c:acme|cost|${DAY}`, `a:acme:reports~1|units|${MONTH}`, 't:|runs|-'] as const;
/** Counters of a tenant that `ready` sets. */
export const COUNTERS_A_TENANT = KEYS.length;
export const LIFE_MS = 600_000;
const PLENTY = 1e15;

/** Three caps and allowances, prepaid credits, open runs, a token bucket, two models. */
export function makeRequest(nowMs: number, withRate = true): BeginRequest {
  const [ofTeam, ofLots, ofCustomer, ofAllowance, ofRuns] = KEYS;
  return {
    nowMs, environmentMatches: true, suspended: false, route: [{ model: 'gpt-5-mini', allowed: true, cheaper: false }, { model: 'gpt-4o-mini', allowed: true, cheaper: true }],
    sizes: [{ name: 'context', asked: 900, limit: 100_000 }], missingFeatures: [],
    rates: withRate ? [{ kind: 'token_bucket', id: 'minute', key: 'r:acme', limit: 1e9, windowMs: 60_000, burst: 1e6 }] : [],
    limits: [
      { id: 'team', metric: 'cost', mode: 'soft', reason: 'hard_cap_reached', limit: PLENTY, windows: [{ key: ofTeam, endMs: null }] },
      { id: 'customer', metric: 'cost', mode: 'hard', reason: 'hard_cap_reached', limit: PLENTY, windows: [{ key: ofCustomer, endMs: null }] },
      { id: 'reports', metric: 'units', mode: 'hard', reason: 'quota_exhausted', limit: PLENTY, windows: [{ key: ofAllowance, endMs: null }] },
      { id: 'lots', metric: 'credits', mode: 'hard', reason: 'credits_exhausted', limit: 0, windows: [{ key: ofLots, endMs: null }] },
      { id: 'open', metric: 'runs', mode: 'hard', reason: 'hard_cap_reached', limit: 1e9, windows: [{ key: ofRuns, endMs: null }] },
    ],
    reservation: { amounts: { cost: 1_234, units: 1_000_000, credits: 1_000_000, runs: 1 }, bounded: true, most: {} },
  };
}

export async function ready(store: GateStore, tenantId: string): Promise<void> {
  await store.isRestored(tenantId);
  await store.restore(tenantId, new Map(), []);
  await store.set(tenantId, new Map([[0, 0]]), new Map([[KEYS[0], 0], [KEYS[2], 0], [KEYS[3], 0]]));
  await store.setUsed(tenantId, new Map([[KEYS[1], -PLENTY]]));
}

/** What a call of the run adds to its counters. */
export function spendOf(runId: string): Parameters<GateStore['apply']>[3] {
  return [
    { runId, metric: 'cost', amount: 1_100, keys: [KEYS[0], KEYS[2]] },
    { runId, metric: 'units', amount: 1_000_000, keys: [KEYS[3]] },
  ];
}
