import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planImport, type ImportPlan } from './plan-import';
import { createPriceBook, findPrice } from './price-book';
import type { PriceVersion } from './price-version';
import { instant, priceRow } from './testing/price-rows';

const [JAN, JUN, AUG, SEP, NEXT] = ['2026-01-01', '2026-06-01', '2026-08-01', '2026-09-01', '2027-01-01'].map((day) => instant(`${day}T00:00:00Z`)) as [number, number, number, number, number];

/** Imports lists one after the other, as the database would hold them. */
function importAll(...lists: readonly (readonly [now: number, list: readonly PriceVersion[]])[]): { rows: readonly PriceVersion[]; plans: readonly ImportPlan[] } {
  let rows: readonly PriceVersion[] = [];
  const plans = lists.map(([now, list]) => {
    const plan = planImport(rows, list, { now });
    rows = [...rows, ...plan.inserts];
    return plan;
  });
  return { rows, plans };
}

function inputAt(rows: readonly PriceVersion[], at: number, knownAt?: number): string | null {
  return findPrice(createPriceBook(rows), { provider: 'acme', model: 'm-1', contextTokens: 0, at, knownAt })?.rates[0]?.price ?? null;
}

const summary = ({ changes, refused }: ImportPlan): unknown => ({ changes: changes.map(({ kind, effectiveFrom }) => [kind, effectiveFrom]), refused: refused.length });

describe('importing a list', () => {
  it('a price without date holds ever since; the same list again plans nothing', () => {
    const { plans, rows } = importAll([JUN, [priceRow({ input: '2' })]], [AUG, [priceRow({ input: '2' })]], [SEP, [priceRow({ input: '2', sourceVersion: '2' })]]);
    expect(plans.map(summary)).toEqual([{ changes: [['added', -Infinity]], refused: 0 }, { changes: [], refused: 0 }, { changes: [], refused: 0 }]);
    expect(rows[0]).toMatchObject({ effectiveFrom: -Infinity, knownFrom: JUN });
  });

  it('a change that a newer list shows holds from the day of its import; the past keeps its price', () => {
    const { plans, rows } = importAll([JUN, [priceRow({ input: '2' })]], [AUG, [priceRow({ input: '3', sourceVersion: '2' })]]);
    expect(summary(plans[1]!)).toEqual({ changes: [['changed', AUG]], refused: 0 });
    expect([inputAt(rows, AUG - 1), inputAt(rows, AUG), inputAt(rows, SEP, JUN)]).toEqual(['2', '3', '2']);
  });

  it('a change that the list dates holds from that date, also one that we had found ourselves too late', () => {
    const dated = [priceRow({ input: '2' }), priceRow({ input: '3', effectiveFrom: AUG })];
    const { rows, plans } = importAll([JUN, [priceRow({ input: '2' })]], [SEP, [priceRow({ input: '3' })]], [SEP + 1, dated], [SEP + 2, dated]);
    expect(plans.slice(2).map(summary)).toEqual([{ changes: [['changed', AUG]], refused: 0 }, { changes: [], refused: 0 }]);
    expect([inputAt(rows, AUG - 1), inputAt(rows, AUG), inputAt(rows, SEP), inputAt(rows, AUG, SEP)]).toEqual(['2', '3', '3', '2']);
  });

  it('a past price that the list corrects is known from the import on, and effective as before', () => {
    const list = (past: string): PriceVersion[] => [priceRow({ input: past }), priceRow({ input: '3', effectiveFrom: JAN })];
    const { rows, plans } = importAll([JUN, list('2')], [AUG, list('5')]);
    expect(summary(plans[1]!)).toEqual({ changes: [['changed', -Infinity]], refused: 0 });
    expect([inputAt(rows, JAN - 1), inputAt(rows, JAN - 1, JUN), inputAt(rows, AUG)]).toEqual(['5', '2', '3']);
  });

  it('an announced price comes by itself, and one that is called off does not', () => {
    const announced = [priceRow({ input: '2' }), priceRow({ input: '4', effectiveFrom: NEXT })];
    const { rows } = importAll([JUN, announced], [AUG, [priceRow({ input: '2' })]]);
    expect([inputAt(rows, NEXT, JUN), inputAt(rows, NEXT)]).toEqual(['4', '2']);
    expect(inputAt(importAll([JUN, announced], [NEXT + 1, announced]).rows, NEXT)).toBe('4');
  });

  it('a model that is gone ends, and comes back when listed again', () => {
    const { rows, plans } = importAll([JUN, [priceRow()]], [AUG, []], [SEP, [priceRow()]], [SEP + 1, [priceRow()]]);
    expect(plans.map(summary)).toEqual([
      { changes: [['added', -Infinity]], refused: 0 }, { changes: [['withdrawn', AUG]], refused: 0 }, { changes: [['changed', SEP]], refused: 0 }, { changes: [], refused: 0 },
    ]);
    expect([inputAt(rows, JUN), inputAt(rows, AUG), inputAt(rows, SEP)]).toEqual(['2', null, '2']);
  });

  it('brackets change together', () => {
    const list = (long: string): PriceVersion[] => [priceRow(), priceRow({ input: long, contextFrom: 200_001 })];
    const { rows, plans } = importAll([JUN, list('4')], [AUG, list('5')]);
    expect(plans[1]!.inserts).toHaveLength(2);
    const at = (contextTokens: number): string | undefined => findPrice(createPriceBook(rows), { provider: 'acme', model: 'm-1', contextTokens, at: SEP })?.rates[0]?.price;
    expect([at(0), at(300_000)]).toEqual(['2', '5']);
  });

  it('a wider match is knowledge about the same price', () => {
    const wider = priceRow({ match: { when: { or: [{ equals: 'm-1' }, { equals: 'm-1-alias' }] } }, sourceVersion: '2' });
    const { rows, plans } = importAll([JUN, [priceRow()]], [AUG, [wider]], [SEP, [wider]]);
    expect(plans.slice(1).map(summary)).toEqual([{ changes: [['rematched', -Infinity]], refused: 0 }, { changes: [], refused: 0 }]);
    expect(findPrice(createPriceBook(rows), { provider: 'acme', model: 'm-1-alias', contextTokens: 0, at: JAN })).not.toBeNull();
  });
});

describe('guards', () => {
  const base = [priceRow({ input: '2' })];

  it.each([['20.000001', false], ['20', true], ['0.2', true], ['0.199999', false], ['0', false]])('from 2 to %s is taken without approval: %s', (input, taken) => {
    const plan = planImport(base, [priceRow({ input })], { now: AUG });
    expect([plan.changes.length, plan.refused.length]).toEqual(taken ? [1, 0] : [0, 1]);
    if (!taken) expect(plan.refused[0]!.warning).toContain(`from 2 to ${input}`);
  });

  it('an approved change is taken, a negative price never', () => {
    expect(planImport(base, [priceRow({ input: '50' })], { now: AUG, approve: () => true }).changes).toHaveLength(1);
    expect(planImport([], [priceRow({ input: '-1' })], { now: AUG, approve: () => true })).toMatchObject({ inserts: [], refused: [{ warning: expect.stringContaining('negative') }] });
  });

  it('a change held back leaves the price as it is, and its neighbours go through', () => {
    const other = priceRow({ model: 'm-2' });
    const plan = planImport([...base, other], [priceRow({ input: '50' }), priceRow({ model: 'm-2', input: '3' })], { now: AUG });
    expect(plan.inserts.map(({ model }) => model)).toEqual(['m-2']);
  });
});

it('after an import the book says what the list says, now and at every date of the list', () => {
  const time = fc.constantFrom(-Infinity, JAN, JUN, AUG, SEP, NEXT);
  const list = fc.uniqueArray(fc.record({ effectiveFrom: time, input: fc.constantFrom('2', '3', '4', '5') }), { selector: (entry) => entry.effectiveFrom, minLength: 1, maxLength: 4 })
    .map((entries) => entries.map((entry) => priceRow(entry)));
  fc.assert(fc.property(fc.array(list, { minLength: 1, maxLength: 4 }), (lists) => {
    const days = lists.map((_list, index): number => JUN + index * 86_400_000);
    const { rows } = importAll(...lists.map((entries, index) => [days[index]!, entries] as const));
    const last = lists.at(-1)!;
    const now = days.at(-1)!;
    for (const at of [now, NEXT + 1, ...last.map((row) => row.effectiveFrom).filter((date) => date > -Infinity)]) {
      if (inputAt(last, at) !== null) expect(inputAt(rows, at)).toBe(inputAt(last, at));
    }
    expect(planImport(rows, last, { now: now + 1 }).inserts).toEqual([]);
  }));
});
