import { describe, expect, it } from 'vitest';
import { prepareWhatIf, type Comparison } from './prepare-what-if';

const priced = (given: Partial<Comparison['own']> = {}): Comparison['own'] => ({
  priced: { provider: 'p', model: 'm', version: 'v' }, missing: [], bracketsFrom: [], costPico: '6000000000000',
  lines: [{ class: 'input_uncached', quantity: '2000000', unitPrice: '0.000002', amountUsd: '4' }, { class: 'output_text', quantity: '200000', unitPrice: '0.00001', amountUsd: '2' }], ...given,
});
const comparison = (given: Partial<Comparison> = {}): Comparison => ({
  at: '2026-11-21T12:00:00.000Z', calls: 3, unpriced: 0, quantities: { input_uncached: 2_000_000, output_text: 200_000 }, recordedPico: '6000000000000', own: priced(), other: null, ...given,
});
const NAMES = { own: 'gpt', other: 'claude' };
const cheaper = priced({ costPico: '3000000000000', lines: [{ class: 'input_uncached', quantity: '2000000', unitPrice: '0.000001', amountUsd: '2' }, { class: 'output_text', quantity: '200000', unitPrice: '0.000005', amountUsd: '1' }] });

describe('the same tokens at another price', () => {
  it('stand class by class, with the difference and its share', () => {
    const table = prepareWhatIf(comparison({ other: cheaper }), NAMES);
    expect(table.rows.map(({ label, own, other, differencePico }) => [label, own?.rate, other?.rate, differencePico])).toEqual([
      ['Input', '$2.00 / 1M', '$1.00 / 1M', -2_000_000_000_000n], ['Output', '$10.00 / 1M', '$5.00 / 1M', -1_000_000_000_000n],
    ]);
    expect(table).toMatchObject({ ownPico: 6_000_000_000_000n, otherPico: 3_000_000_000_000n, differencePico: -3_000_000_000_000n, change: { direction: 'down', text: '50%', tone: 'good' } });
  });

  it('are not compared as a whole when a class has no price: that is no discount', () => {
    const table = prepareWhatIf(comparison({ other: priced({ missing: ['output_text'], costPico: '1000000000000', lines: [cheaper.lines[0]!] }) }), NAMES);
    expect(table.rows[1]).toMatchObject({ other: null, differencePico: null });
    expect([table.differencePico, table.change]).toEqual([null, null]);
    expect(table.assumptions).toContainEqual('claude has no price for output: these tokens are in none of its sums, so the totals are not compared.');
  });

  it('say what they take for granted: brackets, calls without a price, and why the ledger has another amount', () => {
    const { assumptions } = prepareWhatIf(comparison({ own: priced({ bracketsFrom: [200_000] }), other: cheaper, unpriced: 2, recordedPico: '6600000000000' }), NAMES);
    expect(assumptions).toEqual([
      'gpt has other prices for calls of 200,000 input tokens and more; all calls are priced here as smaller ones.',
      '2 calls had no price when recorded; their tokens are counted here.',
      'Another model may count the same text as more or fewer tokens, and keep another share of it in its cache.',
      'The ledger recorded $6.60 for these calls, 10% more than gpt at standard prices: service tiers, larger contexts, tools and prices of the day are in it.',
    ]);
    expect(prepareWhatIf(comparison(), { own: 'gpt', other: null }).assumptions).toEqual([]);
  });

  it('count requests where one of the two charges them', () => {
    const other = priced({ lines: [...cheaper.lines, { class: 'request', quantity: '3', unitPrice: '0.005', amountUsd: '0.015' }], costPico: '3015000000000' });
    expect(prepareWhatIf(comparison({ other }), NAMES).rows.at(-1)).toMatchObject({ label: 'Requests', quantity: 3, own: null, other: { rate: '$0.0050 each' } });
  });
});
