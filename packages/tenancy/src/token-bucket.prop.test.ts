import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLimiter, takeToken, type Bucket } from './token-bucket';

const rule = fc.record({ burst: fc.integer({ min: 1, max: 50 }), refillMs: fc.integer({ min: 1, max: 10_000 }) });

it('never lets more through in any span than burst plus what refilled', () => {
  fc.assert(fc.property(rule, fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }), (limits, gaps) => {
    let bucket: Bucket | undefined;
    let nowMs = 1_000_000;
    const passed: number[] = [];
    for (const gap of gaps) {
      nowMs += gap;
      const taken = takeToken(bucket, nowMs, limits);
      bucket = taken.bucket;
      if (taken.waitMs === 0) passed.push(nowMs);
    }
    for (let from = 0; from < passed.length; from++) {
      for (let to = from; to < passed.length; to++) {
        const allowed = limits.burst + (passed[to]! - passed[from]!) / limits.refillMs;
        expect(to - from + 1).toBeLessThanOrEqual(allowed + 1e-6);
      }
    }
  }), { numRuns: 60 });
});

it('says a wait after which the next attempt passes', () => {
  fc.assert(fc.property(rule, fc.integer({ min: 0, max: 100 }), (limits, attempts) => {
    let bucket: Bucket | undefined;
    for (let n = 0; n < attempts; n++) ({ bucket } = takeToken(bucket, 0, limits));
    const { waitMs } = takeToken(bucket, 0, limits);
    expect(waitMs > 0).toBe(attempts >= limits.burst);
    if (waitMs > 0) expect(takeToken(bucket, waitMs, limits).waitMs).toBe(0);
  }));
});

it('does not refill when the clock steps back', () => {
  const { bucket } = takeToken({ tokens: 0, atMs: 1_000 }, 0, { burst: 5, refillMs: 10 });
  expect(bucket).toEqual({ tokens: 0, atMs: 1_000 });
});

it('remembers a bounded number of keys and forgets the longest silent one', () => {
  const limiter = createLimiter({ burst: 1, refillMs: 60_000 }, 3);
  for (const key of ['a', 'b', 'c']) expect(limiter.take(key, 0)).toBe(0);
  expect(limiter.take('a', 0)).toBeGreaterThan(0);
  expect(limiter.take('d', 0)).toBe(0);
  expect(limiter.size).toBe(3);
  expect(limiter.wait('a', 0)).toBeGreaterThan(0);
  expect(limiter.wait('b', 0)).toBe(0);
});

it('starts afresh after a reset', () => {
  const limiter = createLimiter({ burst: 1, refillMs: 60_000 });
  limiter.take('a', 0);
  expect(limiter.take('a', 0)).toBe(60_000);
  limiter.reset('a');
  expect(limiter.take('a', 0)).toBe(0);
});
