import type { ModelFigures } from '@outlay/ledger';
import { expect, it } from 'vitest';
import { deriveModel } from './derive-model';

const EDGES = [100, 1_000, null];
const figures = (given: Partial<ModelFigures>): ModelFigures => ({
  costPico: '0', ceilingPico: '0', retryCostPico: '0', failedCostPico: '0', calls: 0, failed: 0, retries: 0, fallbacks: 0, unpriced: 0, quantities: {}, latencies: [0, 0, 0], ...given,
});

it('blends the cost over all tokens, cached ones too', () => {
  const derived = deriveModel(figures({ costPico: '3000000000000', calls: 4, failed: 1, quantities: { input_uncached: 500_000, cache_read: 1_000_000, cache_read_image: 100_000, cache_write_1h: 400_000, output_text: 900_000, output_reasoning: 100_000 }, latencies: [0, 4, 0] }), EDGES);
  expect(derived).toMatchObject({ inputTokens: 2_000_000, outputTokens: 1_000_000, costPerMillionPico: '1000000000000', cacheShare: 0.55, failedShare: 0.25 });
  expect(derived.latencyP50!.ms).toBeCloseTo(Math.sqrt(100 * 1_000), 6);
});

it('has no value where there is none: no tokens, no calls, no price', () => {
  expect(deriveModel(figures({ costPico: '5' }), EDGES)).toEqual({ inputTokens: 0, outputTokens: 0, costPerMillionPico: null, cacheShare: null, failedShare: null, latencyP50: null, latencyP95: null });
  expect(deriveModel(figures({ unpriced: 2, calls: 2, quantities: { input_uncached: 7 } }), EDGES).costPerMillionPico).toBeNull();
  // A free model is priced, at nothing.
  expect(deriveModel(figures({ calls: 2, quantities: { input_uncached: 7 } }), EDGES).costPerMillionPico).toBe('0');
});
