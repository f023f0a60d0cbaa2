/**
 * Rate limits. Pure, in integers, so that the same arithmetic runs in Lua. A sliding window is kept in slots of a sixtieth: the oldest slot counts in
 * full until it has left the window, so no window ever holds more than the limit, and a caller may wait a sixtieth longer than by the exact log.
 */
export type RateLimit =
  | { readonly kind: 'sliding_window'; readonly id: string; readonly key: string; readonly limit: number; readonly windowMs: number }
  | { readonly kind: 'token_bucket'; readonly id: string; readonly key: string; readonly limit: number; readonly windowMs: number; readonly burst: number };

export type RateState =
  /** `counts[i]` of slot `slot - i`. */
  | { readonly kind: 'sliding_window'; readonly slot: number; readonly counts: readonly number[] }
  /** `level` in millionths of a run, as of `atMs`. */
  | { readonly kind: 'token_bucket'; readonly level: number; readonly atMs: number };

export interface RateAnswer {
  readonly allowed: boolean;
  /** Until one more run may begin; 0 when it may. */
  readonly retryAfterMs: number;
  /** How many may begin at once after this one. */
  readonly remaining: number;
  /** The state after taking one; when denied, the state brought up to now. */
  readonly next: RateState;
}

const SLOTS = 60;
const WHOLE = 1_000_000;

/** Takes one run, if it may begin. A clock that went back is read as standing still. */
export function takeRate(rate: RateLimit, state: RateState | undefined, nowMs: number): RateAnswer {
  return rate.kind === 'sliding_window' ? takeSlot(rate, state?.kind === 'sliding_window' ? state : undefined, nowMs) : takeToken(rate, state?.kind === 'token_bucket' ? state : undefined, nowMs);
}

function takeSlot(rate: RateLimit & { kind: 'sliding_window' }, state: (RateState & { kind: 'sliding_window' }) | undefined, nowMs: number): RateAnswer {
  const slotMs = Math.ceil(rate.windowMs / SLOTS);
  const slot = Math.max(Math.floor(nowMs / slotMs), state?.slot ?? 0);
  const passed = state ? slot - state.slot : SLOTS + 1;
  const counts = Array.from({ length: SLOTS + 1 }, (_, i) => (i < passed ? 0 : (state!.counts[i - passed] ?? 0)));
  const used = counts.reduce((sum, count) => sum + count, 0);
  if (used < rate.limit) {
    counts[0]! += 1;
    return { allowed: true, retryAfterMs: 0, remaining: rate.limit - used - 1, next: { kind: 'sliding_window', slot, counts } };
  }
  // The oldest slots leave first: wait until enough of them have.
  let left = used;
  let oldest = SLOTS;
  for (; oldest > 0; oldest--) {
    left -= counts[oldest]!;
    if (left < rate.limit) break;
  }
  return { allowed: false, retryAfterMs: Math.max((slot + SLOTS + 1 - oldest) * slotMs - nowMs, 1), remaining: 0, next: { kind: 'sliding_window', slot, counts } };
}

function takeToken(rate: RateLimit & { kind: 'token_bucket' }, state: (RateState & { kind: 'token_bucket' }) | undefined, nowMs: number): RateAnswer {
  const atMs = Math.max(nowMs, state?.atMs ?? nowMs);
  // A bucket that was full for hours would overflow 2^53 before it is cut off.
  const passedMs = Math.min(atMs - (state?.atMs ?? atMs), Math.ceil((rate.burst * rate.windowMs) / rate.limit));
  const level = Math.min(rate.burst * WHOLE, (state?.level ?? rate.burst * WHOLE) + Math.floor((passedMs * rate.limit * WHOLE) / rate.windowMs));
  if (level >= WHOLE) return { allowed: true, retryAfterMs: 0, remaining: Math.floor((level - WHOLE) / WHOLE), next: { kind: 'token_bucket', level: level - WHOLE, atMs } };
  // The state stays as it was: refilling in small steps would lose the fractions that are rounded off.
  return { allowed: false, retryAfterMs: Math.max(Math.ceil(((WHOLE - level) * rate.windowMs) / (rate.limit * WHOLE)), 1), remaining: 0, next: state ?? { kind: 'token_bucket', level, atMs } };
}
