/** A team's caps with where they stand: what is used of those that have one subject, until when, and what they guarantee. */
import { type CounterAsk, readUsedAt } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { type Calendar, windowAt } from './calendar-window';
import type { Cap, RiskSettings } from './cap';
import { overshootWords } from './cap-words';
import { statedAs } from './read-fullest';
import { resolveCustomer } from './resolve-customer';
import { readCustomers, readPlanFacts, readTenantPolicy } from './store-policies';

export interface ListedCap extends Cap {
  /** As `limit`: pico-dollars, units or a count. Null where each one counts for itself, for open runs and for starts. */
  readonly used: string | null;
  /** ISO; null as `used`. */
  readonly windowStart: string | null;
  readonly windowEnd: string | null;
  /** By how much it may be passed, as a sentence. */
  readonly overshoot: string;
}

/** In the order of their making. */
export async function listCaps(db: Database, tenantId: string, nowMs = Date.now()): Promise<ListedCap[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { caps, timeZone } = await readTenantPolicy(tx, tenantId);
    const named = caps.flatMap((cap) => (cap.metric === 'runs' || cap.metric === 'starts' || (cap.scope !== 'tenant' && cap.subject === null) ? [] : [{ ...cap, metric: cap.metric }]));
    const customerIds = [...new Set(named.flatMap(({ scope, subject }) => (scope === 'customer' ? [subject!] : [])))];
    const facts = await readPlanFacts(tx, tenantId);
    const records = await readCustomers(tx, tenantId, customerIds);
    const teams: Calendar = { timeZone, anchorDay: '2000-01-01', interval: 'month' };
    const asks = named.map(({ id, scope, subject, metric, window }): CounterAsk => {
      const calendar = scope === 'customer' ? resolveCustomer(facts, subject!, records.get(subject!) ?? null, nowMs, nowMs).calendar : teams;
      const { startMs, endMs } = windowAt(window!, nowMs, calendar);
      return { key: id, scope, subject: subject ?? '', metric, usableOnly: false, fromMs: startMs, toMs: endMs, workflows: null };
    });
    const { used } = await readUsedAt(tx, tenantId, asks, timeZone);
    const inOrder = [...caps].sort((a, b) => (a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? -1 : 1));
    return inOrder.map((cap) => {
      const ask = asks.find(({ key }) => key === cap.id);
      return { ...cap, used: ask === undefined ? null : statedAs(cap.metric, used.get(cap.id) ?? 0), windowStart: isoOf(ask?.fromMs), windowEnd: isoOf(ask?.toMs), overshoot: overshootWords(cap) };
    });
  });
}

function isoOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}

export async function readRisk(db: Database, tenantId: string): Promise<RiskSettings> {
  return await db.withTenant(tenantId, async (tx) => (await readTenantPolicy(tx, tenantId)).risk);
}
