/** A series that is asleep costs little and is told nothing; awake it is as if it had never slept. */
import { describe, expect, it } from 'vitest';
import { BUCKET_MS, createSpendState, type SpendState } from './spend-series';

const SINCE_MS = Date.UTC(2026, 0, 5);
const DAY_BUCKETS = 288;

/** Twenty days of two cents a bucket, more or less, and $3 a bucket in the last half hour. */
const usdOf = (bucket: number): number => (bucket >= 20 * DAY_BUCKETS ? 3 : 0.02 + ((bucket * 31) % 97) / 9_700);

function play(asleepBelowUsd: number, buckets: number): SpendState {
  const state = createSpendState({ scope: 'customer', subject: 'acme', name: 'acme', offsetMs: () => 0, sinceMs: SINCE_MS, asleepBelowUsd });
  for (let bucket = 0; bucket < buckets; bucket++) {
    const startMs = SINCE_MS + bucket * BUCKET_MS;
    state.update(startMs, [{ startMs, usd: usdOf(bucket) }]);
    state.close(startMs + BUCKET_MS);
  }
  return state;
}

describe('a series of spend', () => {
  it('is asleep while it spends little, and then says nothing of what is usual', () => {
    const asleep = play(4, 20 * DAY_BUCKETS);
    expect([asleep.usualHourUsd, asleep.dayMeanUsd, asleep.incident]).toEqual([null, null, null]);
    expect(asleep.hourUsd(SINCE_MS + 20 * DAY_BUCKETS * BUCKET_MS)).toBeCloseTo(12 * 0.025, 1);
  });

  it('wakes by itself when it spends more, and knows what it would have known', () => {
    const [slept, never] = [play(4, 20 * DAY_BUCKETS + 6), play(0, 20 * DAY_BUCKETS + 6)];
    expect(slept.incident?.excessUsd).toBeCloseTo(never.incident!.excessUsd, 3);
    expect(slept.incident!.startMs).toBe(never.incident!.startMs);
    expect(slept.usualHourUsd).toBeCloseTo(never.usualHourUsd!, 4);
  });

  it('wakes when it is asked to', () => {
    const [slept, never] = [play(4, 20 * DAY_BUCKETS), play(0, 20 * DAY_BUCKETS)];
    slept.wake();
    expect(slept.dayMeanUsd).toBeCloseTo(never.dayMeanUsd!, 3);
    expect(never.dayMeanUsd).toBeGreaterThan(5);
  });
});
