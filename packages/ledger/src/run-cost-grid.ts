/**
 * The fixed grid in which the costs of runs are counted: ten steps a decade, so that a million runs become a hundred counts, from which a
 * histogram is drawn and a rank is found without sorting them all. Pure.
 */

/** Rounded tenths of a decade: 1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8. */
const STEPS = [100n, 125n, 160n, 200n, 250n, 315n, 400n, 500n, 630n, 800n];
const LOWEST_EXPONENT = 2;
const DECADES = 13;

/**
 * Lower edges in pico-dollars, rising. Bucket 0 holds what cost nothing (or less), bucket n what lies in [edges[n - 1], edges[n]); the last is open.
 * The first step is everything below a hundred-millionth of a dollar.
 */
export const COST_EDGES: readonly bigint[] = [1n, ...Array.from({ length: DECADES }, (_, decade) => STEPS.map((step) => step * 10n ** BigInt(decade + LOWEST_EXPONENT))).flat()];

/** `[from, to)` of a bucket; null where it is open. */
export function boundsOf(bucket: number): { readonly fromPico: bigint | null; readonly toPico: bigint | null } {
  return { fromPico: bucket === 0 ? null : COST_EDGES[bucket - 1]!, toPico: COST_EDGES[bucket] ?? null };
}

/**
 * The cost at a rank, read off the grid alone: as if the runs of its bucket stood at even distances. Off by less than the bucket is wide, a quarter
 * of the cost at most; mostly by a few per cent. Null without runs.
 */
export function estimateCost(counts: ReadonlyMap<number, number>, share: number): bigint | null {
  const place = findRank(counts, share);
  if (place === null) return null;
  const { fromPico, toPico } = boundsOf(place.bucket);
  if (fromPico === null) return 0n;
  if (toPico === null) return fromPico;
  return fromPico + ((toPico - fromPico) * BigInt(2 * place.rankInBucket - 1)) / BigInt(2 * counts.get(place.bucket)!);
}

export interface RankPlace {
  readonly bucket: number;
  /** 1 for the cheapest run of the bucket. */
  readonly rankInBucket: number;
}

/** Where the run stands below or at which a share of all runs lie (nearest rank): the 95th of 100, the 1st of 1. Null without runs. */
export function findRank(counts: ReadonlyMap<number, number>, share: number): RankPlace | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  // Times a thousand first: 0.95 x 20 is a hair more than 19 in binary, and the rank would be the 20th.
  let left = Math.max(1, Math.ceil((Math.round(share * 1_000) * total) / 1_000));
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (left <= count) return { bucket, rankInBucket: left };
    left -= count;
  }
  return null;
}
