import { describe, expect, it } from 'vitest';
import { differenceText, peakOf, prepareSpendRows } from './prepare-spend';
import { askedOf, narrowedTo, parseSpendSearch } from './spend-search';

const usd = (amount: number): string => `${amount}000000000000`;

describe('spend', () => {
  it('sets each group against the span before; what is gone stays in sight, what is new has no percentage', () => {
    const rows = prepareSpendRows([{ name: 'report', pico: usd(6) }, { name: '', pico: usd(2) }], [{ name: 'report', pico: usd(3) }, { name: 'old', pico: usd(1) }], 'workflow');
    expect(rows.map(({ label, pico, differencePico, change }) => [label, pico, differencePico, change?.text])).toEqual([
      ['report', usd(6), usd(3), '100%'], ['No workflow', usd(2), usd(2), undefined], ['old', '0', `-${usd(1)}`, '100%'],
    ]);
    expect(rows.map(({ share }) => share)).toEqual([0.75, 0.25, 0]);
    expect(rows.map(({ narrows }) => narrows)).toEqual([true, false, true]);
    expect(prepareSpendRows([{ name: 'report', pico: usd(6) }], null, 'workflow')[0]).toMatchObject({ beforePico: null, change: null });
    expect([usd(3), `-${usd(1)}`].map(differenceText)).toEqual(['+$3.00', '-$1.00']);
  });

  it('finds the dearest step, and none where nothing was spent', () => {
    expect(peakOf([{ at: 'a', pico: usd(1), groups: {} }, { at: 'b', pico: usd(4), groups: {} }, { at: 'c', pico: null, groups: {} }])).toEqual({ at: 'b', pico: usd(4) });
    expect(peakOf([{ at: 'a', pico: null, groups: {} }])).toBeNull();
  });

  it('reads the URL and asks the server only what it knows', () => {
    const search = parseSpendSearch({ by: 'model', compare: 'none', workflow: 'report', other: 'x' });
    expect(search).toEqual({ by: 'model', compare: 'none', workflow: 'report' });
    expect(askedOf(search)).toEqual({ workflow: 'report', range: '30d' });
    expect(narrowedTo('customer', 'acme')).toEqual({ customerId: 'acme' });
  });
});
