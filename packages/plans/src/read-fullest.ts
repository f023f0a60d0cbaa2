/** Caps that count each one of a scope by itself: who is nearest to the limit, so that a list can show where such a cap bites. */
import { DAY_MS, formatRational } from '@outlay/kernel';
import { type CounterAsk, readUsedAt, readUsedByEach } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { type Calendar, windowAt, type WindowKind } from './calendar-window';
import type { Cap } from './cap';
import { resolveCustomer } from './resolve-customer';
import { readCustomers, readPlanFacts, readTenantPolicy } from './store-policies';

interface FullSubject {
  readonly subject: string;
  /** As the cap's limit: pico-dollars, units or a count. */
  readonly used: string;
  /** ISO. */
  readonly windowEnd: string;
}

const SHOWN = 5;
/** Customers have calendars of their own: so many that used most around now are looked at in their own windows. */
const LOOKED_AT = 25;
const LONGEST_PERIOD_MS = 31 * DAY_MS;

type EachCap = Cap & { readonly metric: 'cost' | 'units' | 'tokens' | 'calls'; readonly window: WindowKind; readonly scope: Exclude<Cap['scope'], 'tenant'> };

/** By cap, the most used first; only of those who used anything. Caps with one subject, of open runs and of starts have none. */
export async function readFullest(db: Database, tenantId: string, nowMs = Date.now()): Promise<Map<string, FullSubject[]>> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { caps, timeZone } = await readTenantPolicy(tx, tenantId);
    const told = new Map<string, FullSubject[]>();
    for (const cap of caps.filter(isEach)) told.set(cap.id, cap.scope === 'customer' ? await ofCustomers(tx, tenantId, cap, timeZone, nowMs) : await ofOthers(tx, tenantId, cap, timeZone, nowMs));
    return told;
  });
}

function isEach(cap: Cap): cap is EachCap {
  return cap.scope !== 'tenant' && cap.subject === null && cap.window !== null && cap.metric !== 'runs' && cap.metric !== 'starts';
}

async function ofOthers(tx: PoolClient, tenantId: string, cap: EachCap, timeZone: string, nowMs: number): Promise<FullSubject[]> {
  const { startMs, endMs } = windowAt(cap.window, nowMs, { timeZone, anchorDay: '2000-01-01', interval: 'month' });
  const found = await readUsedByEach(tx, tenantId, { scope: cap.scope, metric: cap.metric, fromMs: startMs, toMs: endMs }, timeZone, SHOWN);
  return found.map(({ subject, used }) => ({ subject, used: statedAs(cap.metric, used), windowEnd: new Date(endMs).toISOString() }));
}

async function ofCustomers(tx: PoolClient, tenantId: string, cap: EachCap, timeZone: string, nowMs: number): Promise<FullSubject[]> {
  const teams: Calendar = { timeZone, anchorDay: '2000-01-01', interval: 'month' };
  const around = windowAt(cap.window, nowMs, teams);
  const fromMs = cap.window === 'period' ? windowAt('day', nowMs - LONGEST_PERIOD_MS, teams).startMs : around.startMs - DAY_MS;
  const near = await readUsedByEach(tx, tenantId, { scope: 'customer', metric: cap.metric, fromMs, toMs: around.endMs + DAY_MS }, timeZone, LOOKED_AT);
  const facts = await readPlanFacts(tx, tenantId);
  const records = await readCustomers(tx, tenantId, near.map(({ subject }) => subject));
  const asks = near.map(({ subject }): CounterAsk => {
    const window = windowAt(cap.window, nowMs, resolveCustomer(facts, subject, records.get(subject) ?? null, nowMs, nowMs).calendar);
    return { key: subject, scope: 'customer', subject, metric: cap.metric, usableOnly: false, fromMs: window.startMs, toMs: window.endMs, workflows: null };
  });
  const { used } = await readUsedAt(tx, tenantId, asks, timeZone);
  return asks.map(({ subject, toMs }) => ({ subject, amount: used.get(subject) ?? 0, toMs })).filter(({ amount }) => amount > 0).sort((a, b) => b.amount - a.amount).slice(0, SHOWN)
    .map(({ subject, amount, toMs }) => ({ subject, used: statedAs(cap.metric, amount), windowEnd: new Date(toMs).toISOString() }));
}

/** The gate's whole number as a cap states its limit. */
export function statedAs(metric: Cap['metric'], used: number): string {
  if (metric === 'cost') return (BigInt(used) * 1_000n).toString();
  return metric === 'units' ? formatRational({ num: BigInt(used), den: 1_000_000n }, 6) : String(used);
}
