/**
 * How the last days compare with what the baseline says of them. Pure state. Two memories: a day, which follows a change soon, and a week, which bounds it from below, because a quiet day is no new
 * level. A day that is clearly a holiday is followed for itself: what would be usual on another day is a surge on it.
 */
import { DAY_MS } from '@outlay/kernel';
import type { NoiseLaw } from './noise-law';

const FAST_MS = DAY_MS;
const SLOW_MS = 7 * DAY_MS;
/** A prior of a few hours, so that a quiet night says little. */
const PRIOR_DAYS = 0.15;
/** Below this share of its profile the last day is no measure of the weeks. */
const HOLIDAY_SHARE = 0.6;
/** A holiday is known after so long, when it is below this share by more than its noise. */
const LOW_AFTER_MS = 4 * 60 * 60_000;
const LOW_SHARE = 0.65;
const LOW_SIGMAS = 2.5;
/** Moods last for about so many buckets. */
const MOOD_BUCKETS = 10;

export interface SpendLevel {
  /** By which a day's profile is to be multiplied. */
  factor(dayMean: number): number;
  /** By which this day's buckets are to be multiplied on top; 1 unless it is a holiday so far. */
  low(noise: NoiseLaw): number;
  /** A bucket that is over, of which incidents are taken off, and its profile. */
  learn(clean: number, profile: number): void;
  /** A bucket of this day, and what it would be on a day like others. */
  count(clean: number, usual: number): void;
  endDay(): void;
  /** So many times the profile is how things are now. */
  adopt(ratio: number): void;
}

export function createSpendLevel(bucketMs: number): SpendLevel {
  const fast = { clean: 0, profile: 0 };
  const slow = { clean: 0, profile: 0 };
  const day = { clean: 0, usual: 0, buckets: 0 };
  const keepFast = Math.exp(-bucketMs / FAST_MS);
  const keepSlow = Math.exp(-bucketMs / SLOW_MS);
  return {
    factor: (dayMean) => {
      const prior = dayMean * PRIOR_DAYS;
      if (prior <= 0) return 1;
      const weeks = (slow.clean + prior) / (slow.profile + prior);
      const lately = (fast.clean + prior * weeks) / (fast.profile + prior);
      return Math.min(Math.max(lately, weeks * 0.85, 0.4), weeks * 2.5);
    },
    low: (noise) => {
      if (day.buckets * bucketMs < LOW_AFTER_MS || day.usual <= 0) return 1;
      const share = day.clean / day.usual;
      const strays = Math.sqrt(noise.shot / day.usual + noise.burst / day.buckets + noise.mood * Math.min(1, MOOD_BUCKETS / day.buckets));
      return share + LOW_SIGMAS * strays < LOW_SHARE ? Math.max(share + strays, 0.1) : 1;
    },
    learn: (clean, profile) => {
      fast.clean = fast.clean * keepFast + clean;
      fast.profile = fast.profile * keepFast + profile;
      if (fast.clean < HOLIDAY_SHARE * fast.profile) return;
      slow.clean = slow.clean * keepSlow + clean;
      slow.profile = slow.profile * keepSlow + profile;
    },
    count: (clean, usual) => {
      day.clean += clean;
      day.usual += usual;
      day.buckets += 1;
    },
    endDay: () => {
      Object.assign(day, { clean: 0, usual: 0, buckets: 0 });
    },
    adopt: (ratio) => {
      fast.clean = fast.profile * ratio;
      slow.clean = slow.profile * ratio;
    },
  };
}
