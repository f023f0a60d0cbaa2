/**
 * Whether a surge is going on, as odds: a filter over hidden states. Pure state. In the usual states the series is in some mood around what is expected; in the others something adds a multiple of
 * it. Each bucket weighs every state by how well it explains what was spent. So a great surge is seen at once, a small one after as many buckets as the noise of the series asks for, and no window
 * has to be chosen.
 */
import { DAY_MS, MINUTE_MS } from '@outlay/kernel';
import type { NoiseLaw } from './noise-law';

export interface SurgeFilter {
  /** Tells a bucket, what is expected of it and what a mean day spends; answers the logarithm of the odds of a surge. */
  push(value: number, mean: number, dayMean: number): number;
  /** It is over: the next one is another. */
  reset(): void;
}

/** In standard deviations. */
const MOODS = [-2, -1.33, -0.67, 0, 0.67, 1.33, 2] as const;
/** How many times the usual a surge comes to. */
const FACTORS = [1.6, 2, 2.5, 3.1, 4, 5.2, 7, 9.5, 13, 18, 26, 40] as const;
/** One a week is expected. */
const EVERY_MS = 7 * DAY_MS;
/** Small ones are leaks, and last. */
const LEAK_BELOW = 3;
const LEAK_MS = 6 * 60 * MINUTE_MS;
const BURST_MS = 45 * MINUTE_MS;
/** A surge is not steady: in each bucket some of its weight moves to the factors beside. */
const DIFFUSE = 0.06;
/** A loop does not sleep: what a surge multiplies is at least this share of the mean of a day. */
const LOOP_SHARE = 0.5;
/** The share of usual buckets that nothing explains: what a single bucket can prove is bounded. */
const OUTLIER = 1e-5;
/** Fewer calls are counted out; more are a gamma. */
const MANY_CALLS = 8;
const COUNTED_MAX = 40;
/** A mean that has moved by less is the same. */
const SAME_MEAN = 0.01;

const M = MOODS.length;
const J = FACTORS.length;
const S = M + J;

export function createSurgeFilter(noise: NoiseLaw, bucketMs: number): SurgeFilter {
  let now = new Float64Array(S);
  let next = new Float64Array(S);
  const logs = new Float64Array(S);
  const moodShare = new Float64Array(M);
  const bells = MOODS.map((mood) => Math.exp(-0.5 * mood * mood));
  moodShare.set(bells.map((bell) => bell / bells.reduce((sum, each) => sum + each, 0)));
  const begins = bucketMs / EVERY_MS;
  const ends = FACTORS.map((factor) => 1 - Math.exp(-bucketMs / (factor < LEAK_BELOW ? LEAK_MS : BURST_MS)));
  const step = new Float64Array(M * M);
  let stepKeep = NaN;
  // What depends on the mean and the noise only, by state.
  const calls = new Float64Array(S);
  const empty = new Float64Array(S);
  const shape = new Float64Array(S);
  const rate = new Float64Array(S);
  const constant = new Float64Array(S);
  const densities = new Float64Array(COUNTED_MAX);
  let [lastMean, lastUnit, lastVersion, size, spread] = [NaN, NaN, -1, 0, 0];

  const reset = (): void => {
    now.fill(0);
    now.set(moodShare);
  };
  reset();

  const prepare = (mean: number, unit: number): void => {
    if (lastVersion === noise.version && Math.abs(mean - lastMean) <= SAME_MEAN * mean && Math.abs(unit - lastUnit) <= SAME_MEAN * unit) return;
    [lastMean, lastUnit, lastVersion] = [mean, unit, noise.version];
    const { shot, burst, mood, keep, call } = noise;
    const heaps = 1 / burst;
    const deviation = Math.sqrt(mood);
    size = Math.max(call, 1e-12);
    spread = Math.max(shot / size - 1, 0.1);
    for (let s = 0; s < S; s++) {
      const own = s < M ? mean * Math.exp(MOODS[s]! * deviation - mood / 2) : mean + (FACTORS[s - M]! - 1) * unit;
      calls[s] = own / size;
      empty[s] = -heaps * Math.log1p(calls[s]! / heaps);
      const k = own / (shot + burst * own);
      shape[s] = k;
      rate[s] = k / own;
      constant[s] = k * Math.log(k / own) - logGamma(k);
    }
    if (Math.abs(keep - stepKeep) < 0.01) return;
    stepKeep = keep;
    for (let a = 0; a < M; a++) {
      let sum = 0;
      for (let b = 0; b < M; b++) sum += step[a * M + b] = Math.exp((-0.5 * (MOODS[b]! - keep * MOODS[a]!) ** 2) / (1 - keep * keep));
      for (let b = 0; b < M; b++) step[a * M + b]! /= sum;
    }
  };

  /** Log density of the bucket in each state. */
  const weigh = (value: number): void => {
    if (value <= 0) {
      logs.set(empty);
      return;
    }
    const log = Math.log(value);
    const heaps = 1 / noise.burst;
    const most = value / size;
    let counted = 0;
    for (let s = 0; s < S; s++) {
      const expected = calls[s]!;
      // So much more than can be counted is no matter of single calls in any state.
      if (expected > MANY_CALLS || most > COUNTED_MAX / 2) {
        logs[s] = constant[s]! + (shape[s]! - 1) * log - rate[s]! * value;
        continue;
      }
      const ratio = expected / (expected + heaps);
      let mass = Math.exp(empty[s]!);
      let density = 0;
      for (let n = 1; n < COUNTED_MAX; n++) {
        mass *= ((n - 1 + heaps) / n) * ratio;
        if (n > counted) {
          counted = n;
          const variance = Math.log1p(spread / n);
          const z = log - Math.log(n * size) + variance / 2;
          densities[n] = Math.exp((-0.5 * z * z) / variance) / Math.sqrt(2 * Math.PI * variance) / value;
        }
        const part = mass * densities[n]!;
        density += part;
        if (part < 1e-5 * density && n > Math.min(expected, most)) break;
      }
      logs[s] = Math.log(density + 1e-300);
    }
  };

  return {
    reset,
    push: (value, mean, dayMean) => {
      const dayBucket = (dayMean * bucketMs) / DAY_MS;
      const floor = Math.max(mean, dayBucket / 100, 1e-12);
      prepare(floor, Math.max(floor, dayBucket * LOOP_SHARE));
      let [usual, over] = [0, 0];
      for (let m = 0; m < M; m++) usual += now[m]!;
      for (let j = 0; j < J; j++) {
        over += now[M + j]! * ends[j]!;
        now[M + j]! *= 1 - ends[j]!;
      }
      for (let b = 0; b < M; b++) {
        let sum = 0;
        for (let a = 0; a < M; a++) sum += now[a]! * step[a * M + b]!;
        next[b] = sum * (1 - begins) + over * moodShare[b]!;
      }
      for (let j = 0; j < J; j++) {
        const own = now[M + j]!;
        next[M + j] = own * (1 - DIFFUSE) + (DIFFUSE / 2) * ((j > 0 ? now[M + j - 1]! : own) + (j < J - 1 ? now[M + j + 1]! : own)) + (usual * begins) / J;
      }
      weigh(value);
      let best = -Infinity;
      for (let s = 0; s < S; s++) if (logs[s]! > best) best = logs[s]!;
      let [calm, sum] = [0, 0];
      for (let s = 0; s < S; s++) {
        const less = logs[s]! - best;
        const weight = next[s]! * ((less > -30 ? Math.exp(less) : 1e-13) + (s < M ? OUTLIER : 0));
        next[s] = weight;
        sum += weight;
        if (s < M) calm += weight;
      }
      for (let s = 0; s < S; s++) next[s]! /= sum;
      [now, next] = [next, now];
      return Math.log(Math.max(sum - calm, 1e-12 * sum) / Math.max(calm, 1e-12 * sum));
    },
  };
}

/** Stirling's series, moved up to where it is exact enough. */
function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  for (; shifted < 4; shifted++) product *= shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * shifted) - Math.log(product);
}
