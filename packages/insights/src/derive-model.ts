/** What a model's sums say: price of its tokens, use of its cache, speed. Pure. */
import { INPUT_CLASSES, OUTPUT_CLASSES, roundHalfEven, type TokenClass } from '@outlay/kernel';
import type { ModelFigures } from '@outlay/ledger';
import { type Percentile, percentileOf } from './histogram';

export interface DerivedModel {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Cost over all tokens, input, cached and output together; null without tokens, or while nothing is priced. */
  readonly costPerMillionPico: string | null;
  /** Tokens read from a cache over all input tokens; null without input. */
  readonly cacheShare: number | null;
  /** Failed and aborted calls over all calls; null without a call. */
  readonly failedShare: number | null;
  readonly latencyP50: Percentile | null;
  readonly latencyP95: Percentile | null;
}

const CACHE_READS = ['cache_read', 'cache_read_audio', 'cache_read_image'] as const satisfies readonly TokenClass[];

export function deriveModel(figures: ModelFigures, latencyEdgesMs: readonly (number | null)[]): DerivedModel {
  const { quantities, calls, failed, unpriced, latencies } = figures;
  const sum = (classes: readonly TokenClass[]): number => classes.reduce((tokens, name) => tokens + (quantities[name] ?? 0), 0);
  const inputTokens = sum(INPUT_CLASSES);
  const outputTokens = sum(OUTPUT_CLASSES);
  const cost = BigInt(figures.costPico);
  const isPriced = cost !== 0n || unpriced === 0;
  return {
    inputTokens, outputTokens,
    costPerMillionPico: inputTokens + outputTokens > 0 && isPriced ? String(roundHalfEven({ num: cost * 1_000_000n, den: BigInt(inputTokens + outputTokens) }, 1n)) : null,
    cacheShare: inputTokens > 0 ? sum(CACHE_READS) / inputTokens : null,
    failedShare: calls > 0 ? failed / calls : null,
    latencyP50: percentileOf(latencies, latencyEdgesMs, 0.5), latencyP95: percentileOf(latencies, latencyEdgesMs, 0.95),
  };
}
