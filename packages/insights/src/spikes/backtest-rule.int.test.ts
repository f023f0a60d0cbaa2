/** A rule tried on the past: it finds the incident that was, once, with what the watch would have said, and nothing on quiet days. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backtestRule } from './backtest-rule';
import { openWatchedLedger, type PlacedCall, type WatchedLedger } from './testing-watch';

let ledger: WatchedLedger;
let tenantId: string;

beforeAll(async () => {
  ledger = await openWatchedLedger();
  tenantId = await ledger.createTeam();
  // Twelve days, a call a quarter of an hour of each of two customers; four days ago one of them spent $16 within ten minutes.
  const usual = Array.from({ length: 12 * 96 }, (_, quarter) => ['acme', 'globex'].map((customer): PlacedCall => ({ customer, minutesAgo: 8 + quarter * 15, output: 20_000 }))).flat();
  const incident = Array.from({ length: 40 }, (_, n): PlacedCall => ({ customer: 'globex', minutesAgo: 4 * 1_440 + n / 4, output: 40_000 }));
  expect(await ledger.record(tenantId, [...usual, ...incident])).toEqual([]);
});

afterAll(async () => {
  await ledger?.close();
});

const attempt = (rule: Partial<Parameters<typeof backtestRule>[2]> = {}) => backtestRule(ledger.db, { tenantId, timeZone: 'UTC' }, { scope: 'tenant', subject: null, settings: {}, builtIn: false, ...rule }, ledger.nowMs);

describe('the backtest of a rule', () => {
  it('fires once on the one incident, by the customer that made it where the rule looks at all', async () => {
    const { days, count, alerts } = await attempt({ builtIn: true });
    expect({ days, count }).toEqual({ days: 11, count: 1 });
    expect(alerts[0]).toMatchObject({ scope: 'customer', subject: 'globex', title: expect.stringMatching(/^Customer globex spent/) });
    const minutes = (Date.parse(alerts[0]!.at) - (ledger.nowMs - (4 * 1_440 + 10) * 60_000)) / 60_000;
    expect(minutes).toBeGreaterThan(0);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  it('of one customer, of an amount, of nothing unusual', async () => {
    expect(await attempt({ scope: 'customer', subject: 'acme' })).toMatchObject({ count: 0 });
    expect(await attempt({ scope: 'customer' })).toMatchObject({ count: 1, alerts: [{ subject: 'globex' }] });
    expect(await attempt({ settings: { hourPico: '100000000000000', unusual: false } })).toMatchObject({ count: 0 });
    expect((await attempt({ settings: { hourPico: '500000000000' } })).count).toBeGreaterThan(0);
  });

  it('has nothing to say of a team without a past', async () => {
    expect(await backtestRule(ledger.db, { tenantId: await ledger.createTeam(), timeZone: 'UTC' }, { scope: 'tenant', subject: null, settings: {}, builtIn: true }, ledger.nowMs)).toEqual({ days: 0, count: 0, alerts: [] });
  });
});
