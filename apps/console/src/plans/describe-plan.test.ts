import { expect, it } from 'vitest';
import { baseFeeText, limitLines, moneyText, overageText, pluralOf, priceWords, rateLimitText } from './describe-plan';
import type { PlanDefinition } from './plan-shape';

export const plan = (given: Partial<PlanDefinition> = {}): PlanDefinition => ({
  currency: 'USD', baseFee: '20', interval: 'month', allowances: [], credits: null, rateLimits: [], gates: {}, limits: { quantities: {} }, costCaps: [], chargeOnlyUsable: true, rounding: 'half_even', ...given,
});

it('writes every digit of a price, and cents only where there are any', () => {
  expect([moneyText('20', 'USD'), moneyText('0.002', 'USD'), moneyText('1234.5', 'EUR'), moneyText('0.0000001', 'USD'), moneyText('5', '??')]).toEqual(['$20', '$0.002', '€1,234.50', '$0.0000001', '5 ??']);
  expect([baseFeeText(plan({ baseFee: '0.00' })), baseFeeText(plan({ interval: 'quarter', baseFee: '250' }))]).toEqual(['no base fee', '$250 a quarter']);
});

it('reads as a price list', () => {
  const tokens = plan({ allowances: [{ id: 'tokens', unit: 'token', measure: 'tokens', window: 'period', included: '500000', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.002', per: '1000' } } }] });
  expect(priceWords(tokens)).toBe('$20 a month · 500,000 tokens a month, then $0.002 per 1,000');
  const free = plan({ baseFee: '0', allowances: [{ id: 'actions', unit: 'action', measure: 'units', window: 'month', included: '20', exhausted: { mode: 'hard' } }] });
  expect(priceWords(free)).toBe('No base fee · 20 actions a month, then stop');
  const payg = plan({ baseFee: '0', allowances: [{ id: 'actions', unit: 'action', measure: 'units', window: 'period', included: '0', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.05', per: '1' } } }] });
  expect(priceWords(payg)).toBe('No base fee · $0.05 per action');
});

it('says where tiers begin and end', () => {
  expect(overageText({ kind: 'graduated', per: '1', tiers: [{ upTo: '100', price: '0.012' }, { upTo: null, price: '0.008' }] }, 'USD')).toBe('$0.012 each, falling to $0.008');
  expect(overageText({ kind: 'volume', per: '10', tiers: [{ upTo: '100', price: '1' }, { upTo: null, price: '2' }] }, 'USD')).toBe('$1 per 10, rising to $2 by the whole volume');
});

it('lists the other limits, and names what is not in the plan', () => {
  expect(limitLines(plan({
    rateLimits: [{ id: 'r', key: 'user', limit: 60, windowSeconds: 60, algorithm: { kind: 'token_bucket', burst: 10 } }], models: { tiers: ['standard'], named: ['gpt-4o'] },
    gates: { web_search: false, export: true }, limits: { contextTokens: 12_000, quantities: { files: 3 } }, costCaps: [{ window: 'day', usd: '4', mode: 'soft' }],
  }))).toEqual(['At most 60 a minute for each user, 10 at once', 'Models: standard, gpt-4o', 'Without web_search', 'At most 12,000 tokens of context', 'At most 3 files', 'Soft cost cap of $4 a day']);
  expect(rateLimitText({ id: 'r', key: 'api_key', limit: 5, windowSeconds: 10, algorithm: { kind: 'sliding_window' } })).toBe('5 in 10 s for each API key');
});

it('forms plurals of units', () => {
  expect(['action', 'query', 'search', 'answered question'].map(pluralOf)).toEqual(['actions', 'queries', 'searches', 'answered questions']);
});
