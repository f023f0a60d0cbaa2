import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cause, CAUSES, explainChange, type ListPrices, type ModelFacts } from './explain-change';

const PRICES: Record<string, Record<string, number>> = {
  small: { input_uncached: 150_000, cache_read: 15_000, output_text: 600_000 },
  large: { input_uncached: 2_500_000, cache_read: 250_000, output_text: 10_000_000 },
};
const prices: ListPrices = (model) => PRICES[model]!;

interface Traffic {
  readonly first: number;
  readonly perFirst: number;
  readonly largeShare: number;
  readonly inputTokens: number;
  readonly cached: number;
  readonly paid: number;
}
const USUAL: Traffic = { first: 1_000, perFirst: 1.05, largeShare: 0.2, inputTokens: 3_000, cached: 0.6, paid: 1 };

function factsOf({ first, perFirst, largeShare, inputTokens, cached, paid }: Traffic): ModelFacts[] {
  return [['small', 1 - largeShare], ['large', largeShare]].map(([model, share]) => {
    const firstCalls = Math.round(first * Number(share));
    const calls = Math.round(firstCalls * perFirst);
    const cacheRead = Math.round(calls * inputTokens * cached);
    const uncached = Math.round(calls * inputTokens) - cacheRead;
    const output = Math.round(calls * inputTokens * 0.1);
    const list = PRICES[String(model)]!;
    const cost = (uncached * list['input_uncached']! + cacheRead * list['cache_read']! + output * list['output_text']!) * paid;
    return { model: String(model), calls, firstCalls, input: { input_uncached: uncached, cache_read: cacheRead }, output: { output_text: output }, costPico: BigInt(Math.round(cost)) };
  });
}

const PLANTED: Record<Cause, Partial<Traffic>> = {
  volume: { first: 5_000 }, retries: { perFirst: 4 }, model_mix: { largeShare: 0.9 }, context_length: { inputTokens: 15_000 }, cache_hits: { cached: 0.02 }, unit_price: { paid: 3 },
};

describe('the causes of a change', () => {
  it.each(CAUSES)('gives a planted %s nine tenths of it', (cause) => {
    const { parts, changePico, beforePico, afterPico } = explainChange(factsOf(USUAL), factsOf({ ...USUAL, ...PLANTED[cause] }), prices);
    expect(changePico).toBe(afterPico - beforePico);
    expect(changePico).toBeGreaterThan(0n);
    expect(parts[0]).toMatchObject({ cause });
    expect(parts[0]!.share).toBeGreaterThanOrEqual(0.9);
  });

  it('gives it nine tenths of it also where everything else wavers by a few percent', () => {
    fc.assert(fc.property(fc.constantFrom(...CAUSES), fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 4, maxLength: 4 }), (cause, noise) => {
      const wavering = { ...USUAL, first: USUAL.first * (1 + noise[0]! / 1_000), inputTokens: USUAL.inputTokens * (1 + noise[1]! / 1_000), cached: USUAL.cached * (1 + noise[2]! / 1_000), perFirst: USUAL.perFirst * (1 + noise[3]! / 1_000) };
      const { parts } = explainChange(factsOf(USUAL), factsOf({ ...wavering, ...PLANTED[cause] }), prices);
      expect(parts[0]!.cause).toBe(cause);
      expect(parts[0]!.share).toBeGreaterThanOrEqual(0.9);
    }), { numRuns: 200 });
  });

  it('sums to the whole, whatever changed, models that came and went and spans without calls included', () => {
    const facts = fc.array(fc.record({
      model: fc.constantFrom('small', 'large'), firstCalls: fc.nat(500), more: fc.nat(500), uncached: fc.nat(1_000_000), cached: fc.nat(1_000_000), output: fc.nat(100_000), cost: fc.bigInt(0n, 10n ** 15n),
    }), { maxLength: 2 }).map((list) => [...new Map(list.map((each) => [each.model, each])).values()].map(({ model, firstCalls, more, uncached, cached, output, cost }): ModelFacts => {
      const calls = firstCalls + more;
      return { model, calls, firstCalls, input: calls > 0 ? { input_uncached: uncached, cache_read: cached } : {}, output: calls > 0 ? { output_text: output } : {}, costPico: calls > 0 ? cost : 0n };
    }));
    fc.assert(fc.property(facts, facts, (before, after) => {
      const { parts, changePico } = explainChange(before, after, prices);
      expect(parts.reduce((sum, { amountPico }) => sum + amountPico, 0n)).toBe(changePico);
      expect(parts.map(({ cause }) => cause).sort()).toEqual([...CAUSES].sort());
    }));
  });

  it('calls spend out of nothing volume', () => {
    const { parts } = explainChange([], factsOf(USUAL), prices);
    expect(parts[0]).toMatchObject({ cause: 'volume', share: 1 });
  });
});
