import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RateLimit, type RateState, takeRate } from './rate-limit';

const sliding = (limit: number, windowMs = 60_000): RateLimit => ({ kind: 'sliding_window', id: 'r', key: 'k', limit, windowMs });
const bucket = (limit: number, burst: number, windowMs = 60_000): RateLimit => ({ kind: 'token_bucket', id: 'r', key: 'k', limit, burst, windowMs });

/** Begins at these moments; answers those that were allowed. */
function run(rate: RateLimit, timesMs: readonly number[]): number[] {
  let state: RateState | undefined;
  return timesMs.filter((nowMs) => {
    const answer = takeRate(rate, state, nowMs);
    state = answer.next;
    return answer.allowed;
  });
}

describe('a sliding window', () => {
  it('stops the one above the limit, says until when, and then lets it pass', () => {
    const rate = sliding(60);
    let state: RateState | undefined;
    for (let i = 0; i < 60; i++) {
      const answer = takeRate(rate, state, 500);
      expect(answer).toMatchObject({ allowed: true, remaining: 59 - i });
      state = answer.next;
    }
    const denied = takeRate(rate, state, 700);
    expect(denied).toMatchObject({ allowed: false, remaining: 0 });
    expect(takeRate(rate, denied.next, 700 + denied.retryAfterMs - 1).allowed).toBe(false);
    expect(takeRate(rate, denied.next, 700 + denied.retryAfterMs).allowed).toBe(true);
    // By the exact log it would pass at 60,500: at most a sixtieth later.
    expect(700 + denied.retryAfterMs).toBeLessThanOrEqual(61_500);
  });

  it('never lets more than its limit into any window, whatever the clock does', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5_000 }), fc.array(fc.integer({ min: -300, max: 900 }), { maxLength: 200 }), (limit, windowMs, steps) => {
      let nowMs = 100_000;
      const rate = sliding(limit, windowMs);
      let state: RateState | undefined;
      let latestMs = 0;
      const taken: number[] = [];
      for (const step of steps) {
        nowMs += step;
        const answer = takeRate(rate, state, nowMs);
        state = answer.next;
        // A clock that goes back stands still for the limit.
        latestMs = Math.max(latestMs, nowMs);
        if (answer.allowed) taken.push(latestMs);
      }
      for (const start of taken) expect(taken.filter((at) => at >= start && at < start + windowMs).length).toBeLessThanOrEqual(limit);
    }));
  });
});

describe('a token bucket', () => {
  it('gives its burst at once and then its even rate', () => {
    expect(run(bucket(60, 3), [0, 0, 0, 0, 999, 1_000, 1_001, 2_000])).toEqual([0, 0, 0, 1_000, 2_000]);
  });

  it('says until when, and keeps its promise', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 3_600_000 }), fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 100 }), (limit, burst, windowMs, steps) => {
      const rate = bucket(limit, burst, windowMs);
      let nowMs = 1_000_000;
      let state: RateState | undefined;
      for (const step of steps) {
        nowMs += step;
        const answer = takeRate(rate, state, nowMs);
        state = answer.next;
        if (!answer.allowed) expect(takeRate(rate, state, nowMs + answer.retryAfterMs).allowed).toBe(true);
      }
    }));
  });

  it('never gives more than its burst and what has flowed in since', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 150 }), (limit, burst, steps) => {
      const times = steps.map(((nowMs) => (step: number) => (nowMs += step))(0));
      const taken = run(bucket(limit, burst), times);
      taken.forEach((from, i) => taken.slice(i).forEach((to, j) => expect(j + 1).toBeLessThanOrEqual(burst + ((to - from) * limit) / 60_000 + 1e-6)));
    }));
  });
});
