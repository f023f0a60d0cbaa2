/** Rate limits: a pure token bucket, and a bounded map of them. */

export interface BucketRule {
  /** Attempts that may come at once. */
  readonly burst: number;
  /** One more attempt every so many milliseconds. */
  readonly refillMs: number;
}

export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Takes one token; a refusal says how long to wait for the next. A clock that steps back refills nothing. */
export function takeToken(bucket: Bucket | undefined, nowMs: number, rule: BucketRule): { bucket: Bucket; waitMs: number } {
  const current = refill(bucket, nowMs, rule);
  if (current.tokens >= 1) return { bucket: { tokens: current.tokens - 1, atMs: current.atMs }, waitMs: 0 };
  return { bucket: current, waitMs: Math.ceil((1 - current.tokens) * rule.refillMs) };
}

function refill(bucket: Bucket | undefined, nowMs: number, rule: BucketRule): Bucket {
  if (!bucket) return { tokens: rule.burst, atMs: nowMs };
  if (nowMs <= bucket.atMs) return bucket;
  return { tokens: Math.min(rule.burst, bucket.tokens + (nowMs - bucket.atMs) / rule.refillMs), atMs: nowMs };
}

export interface Limiter {
  /** 0 when the attempt may go on, else the milliseconds to wait. */
  take(key: string, nowMs: number): number;
  /** Milliseconds to wait before `take` would succeed; takes nothing. */
  wait(key: string, nowMs: number): number;
  /** Forgets the attempts of this key: it proved to be right. */
  reset(key: string): void;
  readonly size: number;
}

/** At most `keysMax` keys are remembered; beyond that the one whose last attempt is the oldest is forgotten. */
export function createLimiter(rule: BucketRule, keysMax = 20_000): Limiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, nowMs) {
      const { bucket, waitMs } = takeToken(buckets.get(key), nowMs, rule);
      // Deleted first, so that the map stays ordered by last attempt.
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > keysMax) buckets.delete(buckets.keys().next().value!);
      return waitMs;
    },
    wait: (key, nowMs) => takeToken(buckets.get(key), nowMs, rule).waitMs,
    reset: (key) => void buckets.delete(key),
    get size() {
      return buckets.size;
    },
  };
}
