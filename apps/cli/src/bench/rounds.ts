/** How every goal is measured: both sides in one run, round by round in turn, the first round dropped, medians with their spread. */

export interface Side {
  readonly name: string;
  /** Does one round's work and answers what it measured, such as `{ rate: 51_000, p50: 6.2 }`. Throws on any wrong answer. */
  run(round: number): Promise<Readonly<Record<string, number>>>;
}

export interface Measured {
  readonly name: string;
  /** By figure: the median over the counted rounds, the least and the most. */
  readonly figures: Readonly<Record<string, { readonly median: number; readonly min: number; readonly max: number }>>;
}

/** At least three counted rounds; one more runs first and is dropped (caches, prepared statements, partitions). */
export async function runRounds(sides: readonly Side[], counted: number, onRound: (text: string) => void): Promise<Map<string, Measured>> {
  const readings = new Map<string, Record<string, number[]>>();
  for (let round = 0; round <= counted; round++) {
    // Every other round runs backwards, so that no side always follows the same neighbour.
    for (const side of round % 2 ? [...sides].reverse() : sides) {
      onRound(`round ${round}/${counted}: ${side.name}`);
      const figures = await side.run(round);
      if (round === 0) continue;
      const kept = readings.get(side.name) ?? {};
      for (const [name, value] of Object.entries(figures)) (kept[name] ??= []).push(value);
      readings.set(side.name, kept);
    }
  }
  return new Map([...readings].map(([name, kept]) => [name, {
    name, figures: Object.fromEntries(Object.entries(kept).map(([figure, values]) => [figure, { median: median(values), min: Math.min(...values), max: Math.max(...values) }])),
  }]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
