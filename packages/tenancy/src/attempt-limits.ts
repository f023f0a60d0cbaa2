/**
 * How often somebody may try. In memory and per process: a limit slows guessing down by orders of magnitude, and a
 * few processes more or less do not change that; nothing is lost when it starts afresh.
 */
import { DomainError } from '@outlay/kernel';
import { createLimiter, type Limiter } from './token-bucket';

export interface AttemptLimits {
  readonly signInByIp: Limiter;
  readonly signInByEmailAndIp: Limiter;
  readonly signInByEmail: Limiter;
  readonly signUpByIp: Limiter;
  readonly mailByIp: Limiter;
  readonly mailByEmail: Limiter;
  readonly linkByIp: Limiter;
  readonly keyByIp: Limiter;
}

export function createAttemptLimits(): AttemptLimits {
  return {
    signInByIp: createLimiter({ burst: 40, refillMs: 3_000 }),
    signInByEmailAndIp: createLimiter({ burst: 10, refillMs: 30_000 }),
    // Wider than the pair above, so that one address alone cannot lock a person out of their account.
    signInByEmail: createLimiter({ burst: 100, refillMs: 10_000 }),
    signUpByIp: createLimiter({ burst: 20, refillMs: 30_000 }),
    // Letters that anybody can make us send: a few, so that nobody floods a stranger's mailbox through us.
    mailByIp: createLimiter({ burst: 20, refillMs: 60_000 }),
    mailByEmail: createLimiter({ burst: 5, refillMs: 600_000 }),
    // One-time links carry 256 random bits; this only spares the database.
    linkByIp: createLimiter({ burst: 60, refillMs: 1_000 }),
    keyByIp: createLimiter({ burst: 20, refillMs: 2_000 }),
  };
}

/** Counts one attempt. Errors: `rate_limited` with the seconds to wait. */
export function takeAttempt(limiter: Limiter, key: string, nowMs: number): void {
  const waitMs = limiter.take(key, nowMs);
  if (waitMs > 0) throw tooMany(waitMs);
}

export function tooMany(waitMs: number): DomainError {
  const seconds = Math.ceil(waitMs / 1_000);
  return new DomainError('rate_limited', { retryAfterSeconds: seconds, message: `Too many attempts. Try again in ${seconds} s.` });
}

/** One household is one address: IPv6 is counted by its /64, because a single host owns all of it. */
export function addressKey(ip: string): string {
  const address = ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice(7) : ip;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':')}::/64`;
}
