import { describe, expect, it } from 'vitest';
import { cataloguePrices } from './catalogue';
import { compareImports, listImports } from './compare-imports';
import { planImport } from './plan-import';
import { namePriceVersion, type PriceVersion } from './price-version';

const DAY = 86_400_000;
const [FIRST, SECOND, THIRD] = [100 * DAY, 200 * DAY, 300 * DAY];

function row(model: string, input: string, change: Partial<PriceVersion> = {}): PriceVersion {
  return namePriceVersion({
    provider: 'openai', model, match: { when: { equals: model } }, tier: 'standard', region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom: FIRST, withdrawn: false,
    source: 'list', sourceVersion: '1', rates: [{ class: 'input_uncached', price: input, per: 1_000_000 }, { class: 'output_text', price: '10', per: 1_000_000 }], ...change,
  });
}

/** Two lists as an import writes them. */
function learn(lists: readonly (readonly [at: number, rows: readonly PriceVersion[]])[]): readonly PriceVersion[] {
  return lists.reduce<readonly PriceVersion[]>((known, [at, rows]) => [...known, ...planImport(known, rows.map((each) => ({ ...each, knownFrom: at })), { now: at, approve: () => true }).inserts], []);
}

describe('what an import changed', () => {
  const known = learn([
    [FIRST, [row('same', '1'), row('dearer', '2'), row('gone', '3')]],
    [SECOND, [row('same', '1', { sourceVersion: '2' }), row('dearer', '5', { sourceVersion: '2' }), row('fresh', '4', { sourceVersion: '2' })]],
  ]);
  const [second, first] = listImports(known);

  it('is told by model, the steepest change first, with its factor', () => {
    expect([first, second]).toEqual([
      { knownAt: FIRST, sources: ['list 1'], rows: 3, models: 3 },
      // A withdrawn price has the source of the list that had it.
      { knownAt: SECOND, sources: ['list 2', 'list 1'], rows: 3, models: 3 },
    ]);
    const found = compareImports(known, { fromMs: FIRST, toMs: SECOND });
    expect(found.map(({ kind, model, factor, effectiveFrom }) => [kind, model, factor, effectiveFrom])).toEqual([
      ['changed', 'dearer', 2.5, SECOND], ['added', 'fresh', null, -Infinity], ['withdrawn', 'gone', null, SECOND],
    ]);
    expect([found[0]!.before[0]!.rates[0]!.price, found[0]!.after[0]!.rates[0]!.price]).toEqual(['2', '5']);
    expect([found[1]!.before, found[2]!.after]).toEqual([[], []]);
  });

  it('is everything against nothing, and nothing against itself', () => {
    expect(compareImports(known, { fromMs: 0, toMs: FIRST }).map(({ kind, model }) => [kind, model])).toEqual([['added', 'dearer'], ['added', 'gone'], ['added', 'same']]);
    expect(compareImports(known, { fromMs: SECOND, toMs: SECOND })).toEqual([]);
    expect(listImports([])).toEqual([]);
  });

  it('spans several imports, and forgets what came and went between', () => {
    const back = learn([
      [FIRST, [row('a', '2'), row('b', '8')]], [SECOND, [row('a', '3'), row('b', '8')]], [THIRD, [row('a', '2', { sourceVersion: '3' }), row('b', '4')]],
    ]);
    expect(compareImports(back, { fromMs: FIRST, toMs: SECOND }).map(({ model, factor }) => [model, factor])).toEqual([['a', 1.5]]);
    expect(compareImports(back, { fromMs: SECOND, toMs: THIRD }).map(({ model, factor }) => [model, factor])).toEqual([['b', 0.5], ['a', 2 / 3]]);
    // From first to third "a" was dearer for a while, as history: its price of the day of the second import differs.
    expect(compareImports(back, { fromMs: FIRST, toMs: THIRD }).map(({ model, effectiveFrom }) => [model, effectiveFrom])).toEqual([['b', THIRD], ['a', SECOND]]);
  });

  it('tells announced prices by the day on which they will hold', () => {
    const announced = learn([[FIRST, [row('a', '2', { effectiveFrom: 0 })]], [SECOND, [row('a', '2', { effectiveFrom: 0 }), row('a', '1', { effectiveFrom: THIRD })]]]);
    expect(compareImports(announced, { fromMs: FIRST, toMs: SECOND }).map(({ kind, factor, effectiveFrom }) => [kind, factor, effectiveFrom])).toEqual([['changed', 0.5, THIRD]]);
  });

  it('of the real catalogue finds the one price that was changed, and no other', async () => {
    const [before, after] = [Date.parse('2026-10-01'), Date.parse('2026-11-01')];
    const list = await cataloguePrices(before);
    const isChosen = ({ provider, model, tier, region }: PriceVersion): boolean => provider === 'openai' && model === 'gpt-4o' && tier === 'standard' && region === '';
    const dearer = list.map((each) => (isChosen(each) ? namePriceVersion({ ...each, rates: each.rates.map((rate) => (rate.class === 'output_text' ? { ...rate, price: String(Number(rate.price) * 2) } : rate)) }) : each));
    const learnt = learn([[before, list], [after, dearer]]);
    expect(compareImports(learnt, { fromMs: before, toMs: after }).map(({ provider, model, factor }) => [provider, model, factor])).toEqual([['openai', 'gpt-4o', 2]]);
    expect(listImports(learnt)).toHaveLength(2);
  });
});
