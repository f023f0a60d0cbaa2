import { describe, expect, it } from 'vitest';
import { dueStreams, planAfterFault, planAfterSuccess } from './plan-sync';

describe('the next sync', () => {
  it('comes at its rhythm, give or take a tenth', () => {
    expect([0, 0.5, 1].map((chance) => planAfterSuccess(60_000, chance).waitMs)).toEqual([54_000, 60_000, 66_000]);
  });

  it('waits longer after each failure, up to half an hour, with jitter, and never less than the provider asks', () => {
    const wait = (failures: number, chance = 1, retryAfterMs: number | null = null): number => planAfterFault({ kind: 'unavailable', retryAfterMs }, failures, chance).waitMs;
    expect([0, 1, 2, 3].map((failures) => wait(failures))).toEqual([30_000, 60_000, 120_000, 240_000]);
    expect(wait(20)).toBe(1_800_000);
    expect(wait(0, 0)).toBe(15_000);
    expect(wait(0, 0, 90_000)).toBe(90_000);
  });

  it('stops where only a person can help', () => {
    expect(planAfterFault({ kind: 'credentials', retryAfterMs: null }, 0, 0)).toMatchObject({ state: 'stopped', failures: 1 });
    expect(planAfterFault({ kind: 'rate_limited', retryAfterMs: null }, 4, 0)).toMatchObject({ state: 'failing', failures: 5 });
  });

  it('asks each stream at its own rhythm', () => {
    const streams = [{ id: 'usage_1m', everyMs: 60_000 }, { id: 'costs', everyMs: 3_600_000 }];
    expect(dueStreams(streams, {}, 5_000_000)).toEqual(['usage_1m', 'costs']);
    expect(dueStreams(streams, { usage_1m: 4_940_000, costs: 4_000_000 }, 5_000_000)).toEqual(['usage_1m']);
  });
});
