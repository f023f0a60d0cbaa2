/** Percentiles from a histogram: counts of calls by latency between fixed edges. Approximate by nature, and said to be. Pure. */

export interface Percentile {
  /** Milliseconds; interpolated within its class, evenly on a logarithmic scale, as latencies lie. */
  readonly ms: number;
  /** It lies in the last class, which has no upper edge: at least so much. */
  readonly isFloor: boolean;
}

/** Below this a call did not happen: where the first class begins. */
const LOWEST_MS = 10;

/**
 * `counts[i]` are the calls above `edgesMs[i - 1]` and up to `edgesMs[i]`; the last edge is null, for open. Null when nothing was counted.
 * Counts below zero, which only half a correction could leave, count as nothing.
 */
export function percentileOf(counts: readonly number[], edgesMs: readonly (number | null)[], share: number): Percentile | null {
  const total = counts.reduce((sum, count) => sum + Math.max(0, count), 0);
  if (total === 0) return null;
  const wanted = total * share;
  let before = 0;
  for (const [index, raw] of counts.entries()) {
    const count = Math.max(0, raw);
    if (count === 0 || before + count < wanted) {
      before += count;
      continue;
    }
    const lower = index === 0 ? LOWEST_MS : edgesMs[index - 1]!;
    const upper = edgesMs[index] ?? null;
    if (upper === null) return { ms: lower, isFloor: true };
    return { ms: lower * (upper / lower) ** ((wanted - before) / count), isFloor: false };
  }
  return null;
}
