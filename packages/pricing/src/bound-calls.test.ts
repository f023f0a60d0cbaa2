import { formatRational, TOKEN_CLASSES } from '@outlay/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundCalls, type CallBound } from './bound-calls';
import { cataloguePriceBook } from './catalogue';
import { modelTier } from './model-tier';
import { priceFast } from './price-usage';

const book = await cataloguePriceBook();
const AT = Date.parse('2026-11-21T12:00:00Z');
const bound = (given: Partial<CallBound> = {}): CallBound => ({ models: ['gpt-4o-mini'], inputTokens: 1_000, outputTokens: 500, calls: 1, fromMs: AT, untilMs: AT + 600_000, ...given });
const dollars = (given: Partial<CallBound> = {}): string | null => {
  const cost = boundCalls(book, bound(given));
  return cost === null ? null : formatRational(cost);
};

describe('the bound of calls', () => {
  it('takes the dearest model, and each call', () => {
    expect(Number(dollars({ models: ['gpt-4o-mini', 'gpt-4o'] }))).toBe(Number(dollars({ models: ['gpt-4o'] })));
    expect(Number(dollars({ calls: 3 }))).toBeCloseTo(3 * Number(dollars()), 12);
  });

  it('is none for a model without a price', () => {
    expect(dollars({ models: ['gpt-4o', 'nobody-knows-it'] })).toBeNull();
  });

  it('counts a billed tool when its number is known, and is none when it is not', () => {
    const model = 'claude-sonnet-4-5';
    expect(dollars({ models: [model], tools: { web_search: null } })).toBeNull();
    expect(Number(dollars({ models: [model], tools: { web_search: 2 } })) - Number(dollars({ models: [model] }))).toBeCloseTo(0.02, 10);
    expect(dollars({ models: [model], tools: { our_own_tool: null } })).not.toBeNull();
  });

  it('is never below what any split of the tokens costs', () => {
    const models = fc.constantFrom(['openai', 'gpt-4o'], ['openai', 'o3'], ['anthropic', 'claude-sonnet-4-5'], ['google', 'gemini-2.5-pro'], ['google', 'gemini-2.5-flash'], ['deepseek', 'deepseek-chat'], ['openai', 'gpt-4o-audio-preview']);
    const quantities = fc.record(Object.fromEntries(TOKEN_CLASSES.map((name) => [name, fc.nat({ max: 90_000 })])));
    fc.assert(fc.property(models, quantities, fc.nat({ max: 600_000 }), ([provider, model], split, later) => {
      const sum = (prefix: boolean): number => TOKEN_CLASSES.filter((name) => name.startsWith('output_') === prefix).reduce((total, name) => total + (split[name] ?? 0), 0);
      const { costPico } = priceFast(book, { provider: provider!, model: model!, at: AT + later, quantities: split });
      const most = boundCalls(book, bound({ models: [model!], inputTokens: sum(false), outputTokens: sum(true) }))!;
      if (costPico !== null) expect(costPico * most.den <= most.num * 1_000_000_000_000n).toBe(true);
    }));
  });
});

it('sorts models into the tiers of plans by name or by price', () => {
  const tiers = { standard: ['gpt-4o-mini', 'gpt-4.1-nano', 'claude-haiku-4-5', 'gemini-2.5-flash', 'text-embedding-3-small', 'openai/gpt-4o-mini', 'grok-4-fast-non-reasoning'], premium: ['gpt-4o', 'claude-sonnet-4-5', 'claude-opus-4-1', 'gemini-2.5-pro', 'nobody-knows-it'], reasoning: ['o3', 'o4-mini', 'openai/o1', 'deepseek-reasoner'], search: ['sonar-pro', 'gpt-4o-search-preview', 'o3-deep-research'] };
  for (const [tier, models] of Object.entries(tiers)) expect(models.map((model) => modelTier(book, model, AT)), tier).toEqual(models.map(() => tier));
});
