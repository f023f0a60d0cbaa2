/** Planted causes on a real ledger: the planted one gets at least nine tenths of the change, and all parts sum to it. */
import type { PriceUsageOf } from '@outlay/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cause } from './explain-change';
import { explainSpike, type SpikeExplanation } from './explain-spike';
import { halfHourOf, openWatchedLedger, type PlacedCall, type WatchedLedger } from './testing-watch';

let ledger: WatchedLedger;

beforeAll(async () => {
  ledger = await openWatchedLedger();
});

afterAll(async () => {
  await ledger?.close();
});

type Kind = Omit<PlacedCall, 'minutesAgo'>;

/** Seven days of 40 calls, then `now`. */
async function explain(usual: Kind, now: readonly PlacedCall[], price?: PriceUsageOf): Promise<SpikeExplanation> {
  const tenantId = await ledger.createTeam();
  for (let day = 1; day <= 7; day++) expect(await ledger.record(tenantId, halfHourOf(40, usual, day))).toEqual([]);
  // So that the team is known since before the first of the seven.
  await ledger.record(tenantId, [{ minutesAgo: 7 * 1_440 + 45, output: 1 }]);
  expect(await ledger.record(tenantId, now, price)).toEqual([]);
  const { price: book } = await ledger.prices.of(tenantId);
  const input = { timeZone: 'UTC', sinceMs: ledger.nowMs - (7 * 1_440 + 45) * 60_000, nowMs: ledger.nowMs, price: (asked: Parameters<typeof book>[1]) => book(tenantId, asked) };
  return await ledger.db.withTenant(tenantId, (tx) => explainSpike(tx, { scope: 'tenant', subject: '', startMs: ledger.nowMs - 30 * 60_000, polled: false }, input));
}

const retried = Array.from({ length: 40 }, (_, n) => Array.from({ length: 6 }, (_unused, attempt) => ({ minutesAgo: 0.5 + (n * 29) / 40, attempt: attempt + 1 }))).flat();

const PLANTED: readonly (readonly [Cause, Kind, () => readonly PlacedCall[], string])[] = [
  ['volume', {}, () => halfHourOf(240), '240 first calls instead of 40.'],
  ['retries', {}, () => retried, '6.0 calls for each first one instead of 1.0.'],
  ['model_mix', { model: 'gpt-4o-mini' }, () => [...halfHourOf(36, { model: 'gpt-4o' }), ...halfHourOf(4, { model: 'gpt-4o-mini' })], 'gpt-4o took 90 % of the calls instead of 0 %.'],
  ['context_length', {}, () => halfHourOf(40, { input: 16_000 }), '16,200 tokens a call instead of 1,200.'],
  ['cache_hits', { input: 500, cached: 19_500, output: 50 }, () => halfHourOf(40, { input: 20_000, output: 50 }), '0 % of the input came from the cache instead of 98 %.'],
];

describe('an explanation names what was planted', () => {
  it.each(PLANTED)('%s', async (cause, usual, now, words) => {
    const { basis, days, parts, changePico, fromPico, toPico } = await explain(usual, now());
    expect({ basis, days }).toEqual({ basis: 'days', days: 7 });
    expect(parts[0]).toMatchObject({ cause, words });
    expect(parts[0]!.share).toBeGreaterThanOrEqual(0.9);
    expect(parts.reduce((sum, { amountPico }) => sum + BigInt(amountPico), 0n)).toBe(BigInt(changePico));
    expect(BigInt(toPico) - BigInt(fromPico)).toBe(BigInt(changePico));
  });

  it('unit_price', async () => {
    const { price } = await ledger.prices.of(await ledger.createTeam());
    const threefold: PriceUsageOf = (tenantId, asked) => {
      const priced = price(tenantId, asked);
      return { ...priced, costPico: priced.costPico === null ? null : priced.costPico * 3n, ceilingPico: priced.ceilingPico * 3n };
    };
    const { parts } = await explain({}, halfHourOf(40), threefold);
    expect(parts[0]).toMatchObject({ cause: 'unit_price', words: 'A token costs 3.0 times what it did.' });
    expect(parts[0]!.share).toBeGreaterThanOrEqual(0.9);
  });

  it('says who stands behind it, and what the day will cost', async () => {
    const { top, projectedPico, spentTodayPico } = await explain({ customer: 'calm' }, [...halfHourOf(40, { customer: 'calm' }), ...halfHourOf(200, { customer: 'wild', workflow: 'loop' })]);
    expect(top.customers[0]).toMatchObject({ name: 'wild' });
    expect(top.workflows[0]).toMatchObject({ name: 'loop' });
    expect(top.runs[0]).toMatchObject({ calls: 1 });
    expect(BigInt(projectedPico)).toBeGreaterThanOrEqual(BigInt(spentTodayPico));
  });
});
