import { cataloguePriceBook, priceFast, type PricedCost } from '@outlay/pricing';
import { describe, expect, it } from 'vitest';
import type { EventRow } from './columns';
import { createPreviewSum } from './preview-repricing';
import type { PriceUsageOf } from './price-event';
import { parseRepricingFilter } from './repricing-run';
import { repriceRow } from './reprice-row';
import { makeRow } from './testing-rows';

const book = await cataloguePriceBook();
const byBook: PriceUsageOf = (_tenantId, input) => priceFast(book, input);
const answer = (costPico: bigint | null): PriceUsageOf => (): PricedCost => ({
  costPico, ceilingPico: costPico ?? 7n, basis: costPico === null ? 'unpriced' : 'priced', priceVersionId: null, priceVersion: null, reason: costPico === null ? 'none' : null,
});
const TENANT = '01900000-0000-7000-8000-000000000001';
const row = (change: Partial<EventRow> = {}): EventRow => makeRow(TENANT, 1, { raw_usage: '{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}', cost_pico: 100n, ceiling_pico: 100n, ...change });

describe('one row', () => {
  it('is corrected when its cost changes, by a pair that takes out the old and puts in the new', () => {
    const repriced = repriceRow(row(), 'a new price', answer(40n));
    expect(repriced).toMatchObject({ verdict: 'corrected', pair: { reversal: { cost_pico: -100n, sign: -1, source: 'reprice' }, restatement: { cost_pico: 40n, sign: 1, revision: 1, source: 'reprice' } } });
  });

  it('gets the same ids however often it is asked, and another hash by another run', () => {
    const [one, again, other] = ['run 1', 'run 1', 'run 2'].map((reason) => repriceRow(row({ id: '01900000-0000-7000-8000-00000000000a' }), reason, answer(40n)));
    const facts = (repriced: typeof one): unknown => (repriced?.verdict === 'corrected' ? [repriced.pair.reversal.id, repriced.pair.restatement.id, repriced.pair.restatement.input_hash] : null);
    expect(facts(one)).toEqual(facts(again));
    expect((facts(one) as string[]).slice(0, 2)).toEqual((facts(other) as string[]).slice(0, 2));
    expect((facts(one) as string[])[2]).not.toBe((facts(other) as string[])[2]);
  });

  it('stays when nothing changes, and when there is no price any more', () => {
    expect(repriceRow(row(), 'why', answer(100n)).verdict).toBe('unchanged');
    expect(repriceRow(row(), 'why', answer(null)).verdict).toBe('unpriced');
    // The provider's own figure is weaker than a price of ours, and stronger than none.
    expect(repriceRow(row({ provider_cost_pico: 90n }), 'why', answer(null)).verdict).toBe('unpriced');
    expect(repriceRow(row({ provider_cost_pico: 90n, cost_pico: 90n, cost_basis: 'provider_reported' }), 'why', answer(null)).verdict).toBe('unchanged');
    expect(repriceRow(row({ provider_cost_pico: 90n, cost_pico: 90n, cost_basis: 'provider_reported' }), 'why', answer(90n)).verdict).toBe('corrected');
  });

  it('that could not be read stays in quarantine', () => {
    expect(repriceRow(row({ raw_usage: '{"tokens":"many"}', cost_pico: null, cost_basis: 'unpriced' }), 'why', byBook).verdict).toBe('unpriced');
  });
});

describe('the preview', () => {
  it('sums what would change, the farthest first, and counts what would not', () => {
    const sum = createPreviewSum();
    const add = (each: EventRow, price: PriceUsageOf): void => sum.add(each, repriceRow(each, 'why', price));
    add(row({ workflow: 'a', model_served: 'small' }), answer(110n));
    add(row({ workflow: 'b', model_served: 'big' }), answer(10n));
    add(row({ workflow: null, cost_pico: null, cost_basis: 'unpriced', model_served: 'new', ceiling_pico: 9n }), answer(5n));
    add(row(), answer(100n));
    add(row(), answer(null));
    expect(sum.toPreview()).toEqual({
      seen: 5, rows: 3, unchanged: 1, unpriced: 1, healed: 1, beforePico: '200', afterPico: '125',
      byModel: [
        { provider: 'openai', model: 'big', rows: 1, beforePico: '100', afterPico: '10' },
        { provider: 'openai', model: 'small', rows: 1, beforePico: '100', afterPico: '110' },
        { provider: 'openai', model: 'new', rows: 1, beforePico: '0', afterPico: '5' },
      ],
      byWorkflow: [{ workflow: 'b', rows: 1, beforePico: '100', afterPico: '10' }, { workflow: 'a', rows: 1, beforePico: '100', afterPico: '110' }, { workflow: '', rows: 1, beforePico: '0', afterPico: '5' }],
    });
  });
});

describe('the filter of a run', () => {
  it.each([
    [{ customer: 'acme' }, 'customer'], [{ fromMs: 5, toMs: 5 }, 'toMs'], [{ costBasis: 'free' }, 'costBasis'], [{ model: '' }, 'model'], [{ fromMs: 'yesterday' }, 'fromMs'],
    [{ workflow: 'a\0' }, 'workflow'], ['all', ''],
  ])('%j is refused', (filter, field) => {
    expect(parseRepricingFilter(filter)).toMatchObject({ ok: false, error: { field } });
  });
});
