import type { SparkPoint } from '../charts/sparkline';
import { readPico } from '../ui/format-money';
import { shareOf, type StatId } from './prepare-stats';

/** A step of the trend, as `overview.get` answers it. */
export interface Step {
  readonly total: string | null;
  readonly figures: {
    readonly retryCostPico: string;
    readonly fallbackCostPico: string;
    readonly unpriced: number;
    readonly untagged: number;
    readonly outcomes: { readonly usable: number; readonly unusable: number; readonly costUnusablePico: string } | null;
  } | null;
}

interface Sums {
  cost: bigint;
  retry: bigint;
  fallback: bigint;
  unpriced: number;
  untagged: number;
  outcomes: { usable: number; unusable: number; cost: bigint } | null;
}

/** A line of this width shows no more. */
const POINTS_MAX = 32;
const PICO = 1e12;

/**
 * The course of each figure over the range, at most 32 points: steps are put together before a share is taken of them. A step
 * of which nothing is known is a gap. `running`: the last step is still going on, and a sum of half a day is no fall.
 */
export function prepareSparks(steps: readonly Step[], { running }: { readonly running: boolean }): Record<StatId, readonly SparkPoint[]> {
  const ended = running && steps.length > 2 ? steps.slice(0, -1) : steps;
  const size = Math.max(1, Math.ceil(ended.length / POINTS_MAX));
  const sums = Array.from({ length: Math.ceil(ended.length / size) }, (_, n) => addUp(ended.slice(n * size, (n + 1) * size)));
  const line = (value: (step: Sums) => number | null): readonly SparkPoint[] => sums.map((step) => (step === null ? null : value(step)));
  return {
    cost: line(({ cost }) => Number(cost) / PICO),
    'cost-per-usable': line(({ cost, outcomes }) => (outcomes === null || outcomes.usable === 0 ? null : Number(cost) / PICO / outcomes.usable)),
    'retry-share': line(({ retry, cost }) => shareOf(retry, cost)),
    'fallback-share': line(({ fallback, cost }) => shareOf(fallback, cost)),
    'failed-runs': line(({ outcomes }) => (outcomes === null ? null : Number(outcomes.cost) / PICO)),
    'unusable-share': line(({ outcomes }) => (outcomes === null || outcomes.usable + outcomes.unusable === 0 ? null : outcomes.unusable / (outcomes.usable + outcomes.unusable))),
    unpriced: line(({ unpriced }) => unpriced),
    untagged: line(({ untagged }) => untagged),
  };
}

function addUp(steps: readonly Step[]): Sums | null {
  let sums: Sums | null = null;
  for (const { total, figures } of steps) {
    if (figures === null) continue;
    sums ??= { cost: 0n, retry: 0n, fallback: 0n, unpriced: 0, untagged: 0, outcomes: null };
    sums.cost += readPico(total) ?? 0n;
    sums.retry += readPico(figures.retryCostPico) ?? 0n;
    sums.fallback += readPico(figures.fallbackCostPico) ?? 0n;
    sums.unpriced += figures.unpriced;
    sums.untagged += figures.untagged;
    if (figures.outcomes === null) continue;
    sums.outcomes ??= { usable: 0, unusable: 0, cost: 0n };
    sums.outcomes.usable += figures.outcomes.usable;
    sums.outcomes.unusable += figures.outcomes.unusable;
    sums.outcomes.cost += readPico(figures.outcomes.costUnusablePico) ?? 0n;
  }
  return sums;
}
