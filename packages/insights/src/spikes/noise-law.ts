/**
 * How far a series strays from what is usual, learned bucket by bucket. Pure state. A bucket that should be `mean` has the variance `shot` x mean, because calls come one by one, and `burst` x mean
 * squared, because they come in heaps; and both around a mood that lasts: a busy quarter of an hour is followed by another.
 */
export interface NoiseLaw {
  readonly shot: number;
  readonly burst: number;
  /** Variance of the mood, as a share. */
  readonly mood: number;
  /** How much of its mood the next bucket keeps. */
  readonly keep: number;
  /** What one call costs, as far as empty buckets tell; 0 before the first. */
  readonly call: number;
  /** Grows whenever any of them but `call` is worked out anew. */
  readonly version: number;
  /** In order, without the buckets of incidents. */
  learn(value: number, mean: number): void;
  /** Keeps what was learned for a guess only: another baseline has another noise. */
  loosen(): void;
}

/** In buckets. */
const MEMORY = 3_000;
const GUESS = 200;
const SOLVE_EVERY = 12;
/** The mood is what a bucket shares with the one before, and still shares with the one so many before. */
const LAG = 4;
/** So many single calls tell what a call costs. */
const SINGLES_MIN = 40;
const SINGLES_MEMORY = 600;
/** A bucket of fewer calls holds one or none. */
const SINGLE_CALLS = 0.5;
/** Below so many calls in the mean bucket squares say nothing: one dear call would undo them. */
const SPARSE_CALLS = 3;
const SPARSE_BURST = 0.4;
const BURST_MAX = 1;

export function createNoiseLaw(): NoiseLaw {
  let [shot, burst, mood, keep, call, version] = [0, 0.25, 0.04, 0.8, 0, 0];
  let [samples, emptySamples, count] = [0, 0, 0];
  // Weighted sums of a least squares fit of square = burst + shot / mean, and of the products of neighbours. In an array, because a captured number is allocated anew with each write.
  const sums = new Float64Array(9);
  let [singles, singleMean, singleSpread, crowd] = [0, 0, 0, 10];
  const rests = new Float64Array(LAG + 1);
  const weights = new Float64Array(LAG + 1);

  const add = (i: number, fade: number, value: number): void => {
    sums[i] = sums[i]! * fade + value;
  };

  const solve = (): void => {
    const [w0, w1, w2, y0, y1, near, nearWeight, far, farWeight] = sums as unknown as readonly [number, number, number, number, number, number, number, number, number];
    const det = w0 * w2 - w1 * w1;
    const isTold = det > 1e-9 * w0 * w2;
    let b = isTold ? (y0 * w2 - y1 * w1) / det : 0;
    let s = isTold ? (y1 * w0 - y0 * w1) / det : 0;
    if (s <= 0) [s, b] = [0, y0 / Math.max(w0, 1e-12)];
    else if (b <= 0) [s, b] = [y1 / Math.max(w2, 1e-12), 0];
    // Where all buckets are alike the two cannot be told apart, and so heaped is no traffic: the rest are dear calls.
    if (b > BURST_MAX) [s, b] = [s + ((b - BURST_MAX) * w0) / Math.max(w1, 1e-12), BURST_MAX];
    if (singles > SINGLES_MIN && crowd < SPARSE_CALLS) {
      const share = Math.min(1, (SPARSE_CALLS - crowd) / (SPARSE_CALLS / 2));
      s = call * Math.exp(Math.min(singleSpread, 3)) * share + s * (1 - share);
      b = SPARSE_BURST * share + b * (1 - share);
    }
    shot = s;
    burst = Math.max(b, 0.002);
    const next = nearWeight > 0 ? near / nearWeight : 0;
    const later = farWeight > 0 ? far / farWeight : 0;
    keep = next > 0.001 && later > 0 ? Math.min(Math.max((later / next) ** (1 / (LAG - 1)), 0.6), 0.95) : 0.7;
    mood = Math.min(Math.max(next / keep, 0.003), 0.4);
    version += 1;
  };

  /** A call costs so much that as many buckets are empty as should be. */
  const learnCall = (value: number, mean: number): void => {
    if (call === 0) {
      call = Math.max(value, 0);
      return;
    }
    const calls = mean / call;
    crowd += (Math.min(calls, 20) - crowd) * 0.002;
    if (value > 0 && calls < SINGLE_CALLS) {
      singles += 1;
      const rate = 1 / Math.min(singles, SINGLES_MEMORY);
      const rest = Math.log(value) - singleMean;
      singleMean += rest * rate;
      singleSpread += (Math.min(rest * rest, singles > SINGLES_MIN ? 12 * singleSpread : Infinity) - singleSpread) * rate;
    }
    if (calls < 8) {
      emptySamples += 1;
      const empty = Math.exp(-Math.log1p(burst * calls) / burst);
      call *= Math.exp(((value <= 0 ? 1 : 0) - empty) * Math.max(3 / (emptySamples + 10), 0.004));
    } else call += (Math.min(shot * 0.6, mean / 4) - call) * 0.01;
  };

  return {
    get shot() { return shot; },
    get burst() { return burst; },
    get mood() { return mood; },
    get keep() { return keep; },
    get call() { return call; },
    get version() { return version; },
    learn: (value, mean) => {
      if (mean <= 0) return;
      const unit = 1 / mean;
      const noise = burst + shot * unit + 1e-6;
      // One wild bucket is cut off.
      const limit = samples > GUESS / 2 ? 5 * Math.sqrt(noise + mood) : Infinity;
      const rest = Math.min(Math.max(value * unit - 1, -limit), limit);
      const weight = 1 / (noise + mood);
      const slot = count % (LAG + 1);
      if (count > 0) {
        const before = (slot + LAG) % (LAG + 1);
        const square = (rest - rests[before]!) ** 2 / 2;
        const fade = 1 - 1 / Math.min(samples + 2, MEMORY);
        const w = 1 / (noise * noise);
        const distant = (slot + 1) % (LAG + 1);
        add(0, fade, w);
        add(1, fade, w * unit);
        add(2, fade, w * unit * unit);
        add(3, fade, w * square);
        add(4, fade, w * square * unit);
        add(5, fade, weight * weights[before]! * rest * rests[before]!);
        add(6, fade, weight * weights[before]!);
        if (count >= LAG) {
          add(7, fade, weight * weights[distant]! * rest * rests[distant]!);
          add(8, fade, weight * weights[distant]!);
        }
        samples += 1;
        if (samples < GUESS || samples % SOLVE_EVERY === 0) solve();
      }
      rests[slot] = rest;
      weights[slot] = weight;
      count += 1;
      learnCall(value, mean);
    },
    loosen: () => {
      const share = Math.min(1, GUESS / Math.max(samples, 1));
      samples = Math.min(samples, GUESS);
      for (let i = 0; i < sums.length; i++) sums[i]! *= share;
    },
  };
}
