/** The charge of a period: cut into segments however, nothing is charged twice and nothing is lost. */
import { addRational, compareRational, formatRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { ChargeableRow } from '@outlay/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Calendar, windowAt } from './calendar-window';
import { chargePeriod, type ChargeSegment } from './charge-period';
import { firstRowMs, segmentsOf } from './charge-segments';
import type { Entitlement } from './entitlement';
import { type PlanDefinitionInput, planDefinitionSchema } from './plan-definition';
import { rateUsage } from './rate-usage';

const at = (iso: string): number => Date.parse(iso);
const CALENDAR: Calendar = { timeZone: 'Europe/Berlin', anchorDay: '2026-01-14', interval: 'month' };
const plan = (baseFee: string, window: 'period' | 'month' | 'day' = 'period', included = '10', given: Partial<PlanDefinitionInput> = {}) => planDefinitionSchema.parse({
  currency: 'USD', baseFee, interval: 'month', allowances: [{ id: 'a', unit: 'x', window, included, exhausted: { mode: 'soft', overage: { kind: 'flat', price: '1' } } }], ...given,
});
const entitlement = (since: number, definition = plan('30'), calendar = CALENDAR): Entitlement => ({
  plan: { id: 'p', key: 'p', name: 'P' }, version: { id: `v${since}`, number: 1 }, definition, overrides: [], calendar, since: new Date(since).toISOString(),
});
const row = (snapshotHash: string, day: string, units: string, unitsUsable = units): ChargeableRow => ({ customerId: 'c', snapshotHash, workflow: 'w', day, units, unitsUsable, tokens: '0', tokensUsable: '0', costPico: '0' });
const window = windowAt('period', at('2026-11-20T12:00Z'), CALENDAR);
const build = (entitlements: readonly Entitlement[], rows: readonly ChargeableRow[], timeline: readonly Entitlement[] = []) => segmentsOf({ window, calendar: CALENDAR, rows, entitlements: new Map(entitlements.map((each, i) => [String(i), each])), timeline });
const told = ({ segments, period }: ReturnType<typeof build>): string[] => chargePeriod(segments, period).lines.map(({ kind, window: w, included, amount }) => `${kind} ${w ?? ''} ${formatRational(included, 3)} ${formatRational(amount, 3)}`);

it('of one segment is what the rating rule says', () => {
  const definition = plan('30');
  const usage = [{ allowanceId: 'a', window: window.startDay, used: parseDecimal('12')! }];
  const charge = chargePeriod([{ entitlement: entitlement(0, definition), fromMs: 0, toMs: window.endMs, usage }], { ...window, fromMs: window.startMs, toMs: window.endMs });
  expect({ lines: charge.lines, total: charge.total }).toEqual(rateUsage(definition, usage));
  expect(charge.currency).toBe('USD');
});

it('cut at any moments costs one base fee and includes as much, whatever stays the same', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: window.startMs + 1, max: window.endMs - 1 }), { maxLength: 6 }).map((list) => list.sort((a, b) => a - b));
  fc.assert(fc.property(cuts, fc.constantFrom('period' as const, 'month' as const, 'day' as const), (moments, kind) => {
    const definition = plan('30', kind);
    const edges = [window.startMs - 86_400_000, ...moments, window.endMs];
    const day = windowAt(kind, at('2026-11-20T12:00Z'), CALENDAR).startDay;
    const segments = edges.slice(0, -1).map((fromMs, i): ChargeSegment => ({ entitlement: entitlement(fromMs, definition), fromMs, toMs: edges[i + 1]!, usage: [{ allowanceId: 'a', window: day, used: parseDecimal('1')! }] }));
    const { lines } = chargePeriod(segments, { ...window, fromMs: window.startMs, toMs: window.endMs });
    const sum = (pick: (line: (typeof lines)[number]) => Rational): Rational => lines.reduce((all, line) => addRational(all, pick(line)), ZERO);
    expect(formatRational(sum((line) => (line.kind === 'base_fee' ? line.amount : ZERO)))).toBe('30');
    // A month may reach beyond the last segment: what belongs to nobody yet is not given away.
    expect(compareRational(sum(({ included }) => included), { num: 10n, den: 1n })).toBeLessThanOrEqual(0);
    if (kind === 'period') expect(formatRational(sum(({ included }) => included))).toBe('10');
    expect(compareRational(sum(({ used }) => used), { num: BigInt(segments.length), den: 1n })).toBe(0);
  }));
});

describe('rows of the ledger', () => {
  it('tell the segments by their snapshots; the timeline adds those in which nothing was used', () => {
    const [first, second, third] = [entitlement(at('2026-10-01T00:00Z')), entitlement(at('2026-11-28T23:00Z'), plan('60')), entitlement(at('2026-12-06T23:00Z'), plan('90'))];
    const rows = [row('0', '2026-11-20', '5'), row('1', '2026-12-08', '1')];
    expect(told(build([first, third], rows))).toEqual(['base_fee  0 23', 'overage 2026-11-14 7.667 0', 'base_fee  0 21', 'overage 2026-11-14 2.333 0']);
    expect(told(build([first, third], rows, [first, second, third]))).toEqual(['base_fee  0 15', 'overage 2026-11-14 5 0', 'base_fee  0 16', 'base_fee  0 21', 'overage 2026-11-14 2.333 0']);
  });

  it('count a month in the period in which it ends, wholly, also what was used before the period began', () => {
    const held = entitlement(at('2026-10-01T00:00Z'), plan('30', 'month'));
    expect(new Date(firstRowMs(window, CALENDAR)).toISOString()).toBe('2026-10-31T23:00:00.000Z');
    expect(told(build([held], [row('0', '2026-11-02', '8'), row('0', '2026-11-29', '4'), row('0', '2026-12-03', '50')]))).toEqual(['base_fee  0 30', 'overage 2026-11-01 10 2']);
  });

  it('count unusable outcomes only where the plan says so, and nothing without a plan', () => {
    expect(told(build([entitlement(0)], [row('0', '2026-11-20', '15', '11'), row('unknown', '2026-11-20', '99')]))).toEqual(['base_fee  0 30', 'overage 2026-11-14 10 1']);
    expect(told(build([entitlement(0, plan('30', 'period', '10', { chargeOnlyUsable: false }))], [row('0', '2026-11-20', '15', '11')]))).toEqual(['base_fee  0 30', 'overage 2026-11-14 10 5']);
  });

  it('of another calendar belong to another period: the new one begins in the midst of the window', () => {
    const [old, present] = [entitlement(0, plan('7'), { ...CALENDAR, timeZone: 'Asia/Tokyo' }), entitlement(at('2026-11-28T23:00Z'))];
    const { segments, period } = build([old, present], [row('0', '2026-11-20', '99'), row('1', '2026-12-01', '6')]);
    expect([period.fromMs, period.toMs]).toEqual([at('2026-11-28T23:00Z'), window.endMs]);
    expect(told({ segments, period })).toEqual(['base_fee  0 15', 'overage 2026-11-14 5 1']);
  });
});
