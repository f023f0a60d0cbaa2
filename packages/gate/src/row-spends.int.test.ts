/** A counter that is fed row by row and one that is set from the ledger are the same: for every scope, metric and window, corrections and late rows included. */
import { BUCKET_MS } from '@outlay/kernel';
import { type CounterAsk, createLedgerWriter, type EventRow, type LedgerWriter, readUsedAt } from '@outlay/ledger';
import { makeScene, writeScene } from '@outlay/ledger/testing';
import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { CAP_METRICS, CAP_SCOPES, type CustomerPolicy, windowAt, WINDOWS } from '@outlay/plans';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowanceCounts } from './allowance-counts';
import { calendarOf } from './configured-caps';
import { parseCounterKey } from './counter-key';
import { rowSpends } from './row-spends';
import { capWith, customerWith, entitlementWith, tenantWith } from './testing-policies';

const END = Date.parse('2026-11-21T12:00:00Z');
let test: TestDatabase;
let db: Database;
let writer: LedgerWriter;

beforeAll(async () => {
  test = await createTestDatabase();
  db = test.db;
  writer = await createLedgerWriter(db);
});

afterAll(async () => {
  await writer.close();
  await test.close();
});

const caps = CAP_SCOPES.flatMap((scope) => CAP_METRICS.filter((metric) => metric !== 'runs').flatMap((metric) => WINDOWS.map((window) => capWith({ id: `${scope} ${metric} ${window}`, scope, metric, window }))));
const tenant = tenantWith({ timeZone: 'America/St_Johns', caps });
const entitlement = (chargeOnlyUsable: boolean): NonNullable<CustomerPolicy['entitlement']> => entitlementWith({
  chargeOnlyUsable, allowances: [
    { id: 'reports', unit: 'report', workflows: ['report'], included: '1', exhausted: { mode: 'hard' } }, { id: 'rest', unit: 'action', window: 'week', included: '1', exhausted: { mode: 'hard' } },
    { id: 'tokens', unit: 'token', measure: 'tokens', window: 'month', included: '1', exhausted: { mode: 'hard' } },
  ],
}, { calendar: { timeZone: 'Asia/Kathmandu', anchorDay: '2026-01-31', interval: 'month' } });
const customers = new Map<string, CustomerPolicy>([
  ['acme', customerWith({ entitlement: entitlement(true) })], ['globex', customerWith({ customerId: 'globex', entitlement: entitlement(false) })],
  ['=initech', customerWith({ customerId: '=initech', calendar: { timeZone: 'Pacific/Chatham', anchorDay: '2026-02-17', interval: 'quarter' } })],
]);
const policyOf = (customerId: string): CustomerPolicy => customers.get(customerId) ?? customerWith({ customerId });
const customerOf = (row: EventRow): CustomerPolicy | null => (row.customer_id === null ? null : policyOf(row.customer_id));

function askOf(key: string): CounterAsk {
  const parsed = parseCounterKey(key);
  if (parsed === null || parsed.kind === 'credits' || parsed.window === null) throw new Error(key);
  const { metric, window: { kind, startMs } } = parsed;
  const scope = parsed.kind === 'allowance' ? 'customer' : parsed.scope;
  const subject = parsed.kind === 'allowance' ? parsed.customerId : parsed.subject;
  // The users of this scene have the same rows in three calendars: which one made the key is told by the window's begin.
  const calendars = [...customers.values()].map(({ calendar }) => calendar).concat(calendarOf('tenant', tenant, null));
  const calendar = (scope === 'customer' ? [policyOf(subject).calendar] : calendars).find((each) => windowAt(kind, startMs, each).startMs === startMs)!;
  const { definition } = customers.get(subject)?.entitlement ?? {};
  const counts = parsed.kind === 'allowance' ? allowanceCounts(definition!, definition!.allowances.find(({ id }) => id === parsed.allowanceId)!) : null;
  return { key, scope, subject, metric: metric as CounterAsk['metric'], usableOnly: counts?.usableOnly ?? false, fromMs: startMs, toMs: windowAt(kind, startMs, calendar).endMs, workflows: counts?.workflows ?? null };
}

describe('what rows count in', () => {
  it('is what the ledger sums to', { timeout: 120_000 }, async () => {
    const { tenantId } = await createTenantFixture(db, { timeZone: tenant.timeZone });
    const scene = makeScene(tenantId, { seed: 5, endMs: END, calls: 300, days: 45 });
    await writeScene(writer, scene);
    const counted = new Map<string, number>();
    for (const row of scene.rows) for (const { keys, amount } of rowSpends(row, tenant, customerOf(row))) for (const key of keys) counted.set(key, (counted.get(key) ?? 0) + amount);
    // A user belongs to no one calendar: another customer's rows of the same user count in windows of their own zone.
    const asks = [...counted.keys()].filter((key) => !key.startsWith('u:')).map(askOf);
    expect(asks.every(({ fromMs, toMs }) => fromMs % BUCKET_MS === 0 && toMs % BUCKET_MS === 0)).toBe(true);
    expect(asks.length).toBeGreaterThan(1_000);
    const { used } = await db.withTenantSnapshot(tenantId, (tx) => readUsedAt(tx, tenantId, asks, tenant.timeZone));
    const rows = scene.rows.length;
    for (const { key, metric } of asks) {
      // Each row's cost is rounded up for itself: a counter is never below the ledger, and at most a nano-dollar a row above.
      const more = counted.get(key)! - used.get(key)!;
      expect([key, metric === 'cost' ? more >= 0 && more <= rows : Math.abs(more) < 1e-6]).toEqual([key, true]);
    }
  });
});
