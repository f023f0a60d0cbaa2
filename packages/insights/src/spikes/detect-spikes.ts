/**
 * The spike detector. Pure, streaming, no look-ahead: one bucket after another, each answered with an alert or nothing. Several windows are tested at once: a short one sees a
 * loop within minutes, a long one a leak within hours. A window fires when it is above what is usual by a factor and by more noise than the series itself has shown lately.
 */
import { BIN_MS, createSpendBaseline } from './spend-baseline';

export interface SpikeSettings {
  readonly bucketMs: number;
  /** Excess over the usual, in the series' own unit, below which nothing is told. */
  readonly amountMin: number;
  /** A day's budget, where there is one: no share of it is told but by `budgetShare`. */
  readonly thresholds?: {
    /** More than this in any hour. */
    readonly hourAmount?: number;
    /** This many times the usual of an hour. */
    readonly hourTimes?: number;
    readonly dayBudget?: number;
    /** Share of the day's budget that one hour may take. */
    readonly hourShare?: number;
  };
  /** Milliseconds east of UTC at an instant: seasons follow local time. */
  readonly offsetMs?: (atMs: number) => number;
}

export interface SpikeAlert {
  /** End of the bucket that fired. */
  readonly atMs: number;
  /** How many times its own threshold the strongest window was. */
  readonly score: number;
  readonly reason: 'burst' | 'leak' | 'hour_amount' | 'hour_times' | 'budget_share' | 'first_day';
  readonly windowMs: number;
  readonly actual: number;
  /** Null while nothing is known about what is usual. */
  readonly expected: number | null;
}

export interface SpikeDetector {
  /** `value` of the bucket that began at `startMs`. Buckets come in order; gaps spent nothing. */
  push(startMs: number, value: number): SpikeAlert | null;
  /** Whether an incident is open. */
  readonly open: boolean;
  /** What the last so many buckets would usually have been; null while that is unknown. */
  usual(buckets: number): number | null;
  /** Of the last week; null on the first day. */
  readonly dayMean: number | null;
}

/** `times`: of the usual at least. `sigmas`: of the noise at least, however quiet the series has been. */
const WINDOWS = [
  { minutes: 5, times: 2.2, sigmas: 3.6 },
  { minutes: 10, times: 1.9, sigmas: 3.4 },
  { minutes: 20, times: 1.7, sigmas: 3.2 },
  { minutes: 45, times: 1.5, sigmas: 3.2 },
  { minutes: 90, times: 1.4, sigmas: 3.2 },
  { minutes: 180, times: 1.3, sigmas: 3.2 },
  { minutes: 300, times: 1.25, sigmas: 3.2 },
] as const;

const SPIKE_RULE = {
  windows: WINDOWS,
  /** So far above the highest score of the last weeks a window must be. */
  aboveHistory: 1.2,
  /** An excess below this share of a usual day is not told. */
  dayShareMin: 0.004,
  historyDays: 21,
  firedHigh: 1,
  spreadMin: 0.003,
  levelMs: 24 * 3_600_000,
  levelPriorDays: 0.15,
  /** An incident is over when this long has been back to usual. */
  calmMs: 30 * 60_000,
  /** What goes on for longer is the new usual. */
  newUsualMs: 36 * 3_600_000,
  /** On the first day: times the highest window so far. */
  firstDayTimes: 3,
  firstDayBuckets: 6,
} as const;

const WARM_DAYS = 8;

interface Tested {
  readonly minutes: number;
  readonly buckets: number;
  readonly times: number;
  readonly sigmas: number;
  /** Highest z of each of the last days without an incident. */
  readonly highs: number[];
  todayHigh: number;
  /** Highest sum on the first day. */
  firstHigh: number;
  /** Of this bucket's window. */
  cleanSum: number;
  usualSum: number;
}

export function createSpikeDetector(settings: SpikeSettings): SpikeDetector {
  const { bucketMs, amountMin, thresholds = {}, offsetMs = () => 0 } = settings;
  const baseline = createSpendBaseline();
  const tested: Tested[] = [...new Map(WINDOWS.map(({ minutes, times, sigmas }) => {
    const buckets = Math.max(1, Math.round((minutes * 60_000) / bucketMs));
    return [buckets, { minutes, buckets, times, sigmas, highs: [], todayHigh: 0, firstHigh: 0, cleanSum: 0, usualSum: 0 }];
  })).values()];
  const hourBuckets = Math.max(1, Math.round(3_600_000 / bucketMs));
  const longest = Math.max(...tested.map(({ buckets }) => buckets), hourBuckets);
  // Rings of the last buckets: cleaned of what incidents added, and what was expected.
  const clean = new Float64Array(longest);
  const actual = new Float64Array(longest);
  const usual = new Float64Array(longest);
  const profile = new Float64Array(longest);
  let levelClean = 0;
  let levelProfile = 0;
  let slowClean = 0;
  let slowProfile = 0;
  let count = 0;
  let known = 0;
  let lastMs = NaN;
  let expectedBin = NaN;
  let expectedValue: number | null = null;
  let today = NaN;
  let openSince = NaN;
  let calmSince = NaN;
  let openWindow = 1;
  let openLimit: number | null = null;
  // Noise: variance of a bucket is `shot` times what is expected, plus a share of its square.
  let shot = 0;
  let shotWeight = 0;
  let isWarm = false;
  const spread = new Map<number, { readonly value: number; readonly over: number; readonly squares: number }>();

  const at = (ring: Float64Array, back: number): number => ring[(((count - 1 - back) % longest) + longest) % longest]!;
  const sum = (ring: Float64Array, buckets: number): number => {
    let total = 0;
    for (let back = 0; back < Math.min(buckets, count); back++) total += at(ring, back);
    return total;
  };

  /** All windows in one walk: they begin at the same bucket, the short ones end first. */
  const sumWindows = (): void => {
    let [cleanSum, usualSum, back] = [0, 0, 0];
    for (const window of tested) {
      for (const end = Math.min(window.buckets, count); back < end; back++) {
        const slot = (((count - 1 - back) % longest) + longest) % longest;
        cleanSum += clean[slot]!;
        usualSum += usual[slot]!;
      }
      window.cleanSum = cleanSum;
      window.usualSum = usualSum;
    }
  };

  const dayMeanOf = (): number => baseline.facts().dayMean ?? 0;
  /** How the last day compares with its profile; a holiday is not followed all the way down. */
  const levelNow = (dayMean: number): number => {
    if (!isWarm) return 1;
    // A prior of a few hours, so that a quiet night says little.
    const prior = dayMean * SPIKE_RULE.levelPriorDays;
    const slow = (slowClean + prior) / (slowProfile + prior);
    const fast = (levelClean + prior * slow) / (levelProfile + prior);
    return Math.min(Math.max(fast, slow * 0.85, 0.4), slow * 2.5);
  };

  const step = (startMs: number, value: number): SpikeAlert | null => {
    const localMs = startMs + offsetMs(startMs);
    const binMs = Math.floor(localMs / BIN_MS) * BIN_MS;
    const day = Math.floor(localMs / 86_400_000);
    if (day !== today) closeDay(day);
    if (binMs !== expectedBin) {
      expectedBin = binMs;
      expectedValue = baseline.expect(binMs);
    }
    const perBin = bucketMs >= BIN_MS ? bucketMs / BIN_MS : 1;
    let expected: number | null;
    if (expectedValue === null) expected = null;
    else if (bucketMs <= BIN_MS) expected = (expectedValue * bucketMs) / BIN_MS;
    else {
      expected = 0;
      for (let i = 0; i < perBin; i++) expected += baseline.expect(binMs + i * BIN_MS) ?? 0;
    }
    count += 1;
    known = expected === null ? 0 : known + 1;
    const slot = (count - 1) % longest;
    // What leaves the longest window tells the level: a leak must not raise what it is measured by.
    if (count > longest) {
      const keep = Math.exp(-bucketMs / SPIKE_RULE.levelMs);
      levelClean = levelClean * keep + clean[slot]!;
      levelProfile = levelProfile * keep + profile[slot]!;
      // A holiday is no new level.
      if (levelClean >= 0.6 * levelProfile) {
        const slow = Math.exp(-bucketMs / (7 * 86_400_000));
        slowClean = slowClean * slow + clean[slot]!;
        slowProfile = slowProfile * slow + profile[slot]!;
      }
    }
    profile[slot] = expected ?? 0;
    if (expected !== null) expected *= levelNow(dayMeanOf());
    actual[slot] = value;
    usual[slot] = expected ?? 0;
    clean[slot] = value;

    sumWindows();
    const { days, dayMean } = baseline.facts();
    const alert = expected === null ? testFirstDay(startMs) : testWindows(startMs, days, dayMean ?? 0);
    const told = alert ?? testThresholds(startMs, expected);
    let answer: SpikeAlert | null = null;
    const inIncident = !Number.isNaN(openSince);
    if (told && !inIncident) {
      openSince = startMs;
      calmSince = NaN;
      openLimit = told.reason === 'hour_amount' || told.reason === 'hour_times' || told.reason === 'budget_share' ? told.actual / told.score : null;
      openWindow = Math.max(1, Math.round(told.windowMs / bucketMs));
      answer = told;
      // What the window saw is no history.
      if (expected !== null) for (let back = 0; back < Math.min(openWindow, count); back++) clean[(((count - 1 - back) % longest) + longest) % longest] = Math.min(at(clean, back), at(usual, back));
    } else if (inIncident) {
      followIncident(startMs, value, expected);
    }
    const isOpen = !Number.isNaN(openSince);
    const kept = isOpen && expected !== null ? Math.min(value, expected) : value;
    clean[slot] = isOpen ? kept : clean[slot]!;
    // What an incident was cleaned of is in no sum from before.
    if (inIncident) sumWindows();
    if (!isOpen) learnNoise(value, expected, days);
    spreadOver(binMs, isOpen ? kept : value, perBin);
    return answer;
  };

  /** A bucket that is longer than a bin is learned evenly. */
  const spreadOver = (binMs: number, value: number, bins: number): void => {
    if (bucketMs <= BIN_MS) baseline.learn(binMs, value);
    else for (let i = 0; i < bins; i++) baseline.learn(binMs + i * BIN_MS, value / bins);
  };

  const closeDay = (day: number): void => {
    for (const window of tested) {
      if (!Number.isNaN(today) && window.todayHigh > 0) window.highs.push(window.todayHigh);
      if (window.highs.length > SPIKE_RULE.historyDays) window.highs.shift();
      window.todayHigh = 0;
    }
    today = day;
  };

  const learnNoise = (value: number, expected: number | null, days: number): void => {
    if (days >= WARM_DAYS && !isWarm) {
      // What was learned from the rough baseline of the first week is no measure of the good one.
      isWarm = true;
      spread.clear();
      shotWeight = Math.min(shotWeight, 200);
    }
    // From neighbours: what two buckets do not share is shot noise. On the first day they are each other's expectation.
    const both = expected === null ? value + (count > 1 ? at(actual, 1) : 0) : expected + at(usual, 1);
    if (count > 1 && both > 0) {
      const difference = value - at(actual, 1);
      const sample = Math.min((difference * difference) / both, shotWeight > 50 ? 12 * shot : Infinity);
      shot += (sample - shot) / Math.min(shotWeight + 1, 2_500);
      shotWeight += 1;
    }
    if (expected === null) return;
    for (const { buckets, cleanSum, usualSum: mass } of tested) {
      if (mass <= 0 || known < buckets) continue;
      const before = spread.get(buckets) ?? { value: 0.09, over: 0.09 * mass * mass * 50, squares: mass * mass * 50 };
      const rest = cleanSum - mass;
      // One wild hour is cut off at four deviations; large hours say more than small ones.
      const square = Math.min(rest * rest, 16 * (shot * mass + before.value * mass * mass));
      const keep = 1 - 1 / 2_500;
      const over = before.over * keep + square - shot * mass;
      const squares = before.squares * keep + mass * mass;
      spread.set(buckets, { over, squares, value: Math.max(over / squares, SPIKE_RULE.spreadMin) });
    }
  };

  const testWindows = (startMs: number, days: number, dayMean: number): SpikeAlert | null => {
    let best: SpikeAlert | null = null;
    for (const window of tested) {
      // Of a window that began before anything was known nobody can say what was usual.
      if (known < window.buckets) continue;
      const { cleanSum: observed, usualSum: expected } = window;
      const excess = observed - expected;
      // Where nothing is usual, a little of a day is: else the first call of a night would be infinitely much.
      const floor = Math.max(expected, (dayMean * window.buckets * bucketMs) / 86_400_000 / 20, 1e-12);
      const z = window.minutes > 20 ? excess / Math.sqrt(shot * floor + Math.max(spread.get(window.buckets)?.value ?? 0.09, 1e-4) * floor * floor) : distance(observed, floor, window.buckets);
      const need = Math.max(window.sigmas * caution(days, window.highs.length), highOf(window.highs) * SPIKE_RULE.aboveHistory);
      const isOpen = !Number.isNaN(openSince);
      const fires = excess >= Math.max(amountMin, dayMean * SPIKE_RULE.dayShareMin) && observed >= floor * window.times * (days < 2 ? 2.2 : days < WARM_DAYS ? 1.4 : 1) && z >= need;
      // What fired counts too, though not in full: noise that fires again and again must raise the bar, an incident only a little.
      if (!isOpen && days >= WARM_DAYS) window.todayHigh = Math.max(window.todayHigh, Math.min(z, need * SPIKE_RULE.firedHigh));
      const score = z / need;
      if (fires && (best === null || score > best.score)) {
        best = { atMs: startMs + bucketMs, score, reason: window.minutes <= 45 ? 'burst' : 'leak', windowMs: window.buckets * bucketMs, actual: observed, expected };
      }
    }
    return best;
  };

  /** In standard deviations, after a transformation under which noise of variance `shot` x + `spread` x2 is the same everywhere: a rare dear call at night is no incident. */
  const distance = (observed: number, expected: number, buckets: number): number => {
    const b = Math.max(spread.get(buckets)?.value ?? 0.09, 1e-4);
    const a = Math.max(shot, 1e-12);
    const scale = (x: number): number => (2 / Math.sqrt(b)) * Math.asinh(Math.sqrt((b * x) / a));
    return scale(observed) - scale(expected);
  };

  /** Nothing is known but today: far above the highest so far. */
  const testFirstDay = (startMs: number): SpikeAlert | null => {
    let best: SpikeAlert | null = null;
    for (const window of tested) {
      if (window.minutes > 45 || count < window.buckets) continue;
      const observed = sum(actual, window.buckets);
      const score = window.firstHigh > 0 ? observed / (window.firstHigh * SPIKE_RULE.firstDayTimes) : 0;
      const enough = count - window.buckets >= SPIKE_RULE.firstDayBuckets;
      if (enough && score >= 1 && observed >= amountMin && (best === null || score > best.score)) {
        best = { atMs: startMs + bucketMs, score, reason: 'first_day', windowMs: window.buckets * bucketMs, actual: observed, expected: null };
      }
      // A window that fires must not become the measure of the next one.
      if (!enough || score < 1) window.firstHigh = Math.max(window.firstHigh, observed);
    }
    return best;
  };

  const testThresholds = (startMs: number, expected: number | null): SpikeAlert | null => {
    const hour = sum(actual, hourBuckets);
    const usually = expected === null ? null : sum(usual, hourBuckets);
    const tell = (reason: SpikeAlert['reason'], limit: number): SpikeAlert => ({ atMs: startMs + bucketMs, score: hour / limit, reason, windowMs: hourBuckets * bucketMs, actual: hour, expected: usually });
    const { hourAmount, hourTimes, dayBudget, hourShare } = thresholds;
    if (hourAmount !== undefined && hour >= hourAmount) return tell('hour_amount', hourAmount);
    if (hourTimes !== undefined && usually !== null && usually > 0 && hour - usually >= amountMin && hour >= hourTimes * usually) return tell('hour_times', hourTimes * usually);
    if (dayBudget !== undefined && hourShare !== undefined && hour >= dayBudget * hourShare) return tell('budget_share', dayBudget * hourShare);
    return null;
  };

  const followIncident = (startMs: number, value: number, expected: number | null): void => {
    const buckets = Math.max(1, Math.min(openWindow, Math.round(SPIKE_RULE.calmMs / bucketMs)));
    const recent = sum(actual, buckets);
    const mass = expected === null ? tested[0]!.firstHigh * (buckets / tested[0]!.buckets) : sum(usual, buckets);
    const noise = Math.sqrt(shot * mass + (spread.get(tested[0]!.buckets)?.value ?? 0.09) * mass * mass);
    // A user's own threshold is passed until the hour is below it again.
    const isCalm = openLimit !== null ? sum(actual, hourBuckets) < openLimit : value <= 0 || recent <= mass * 1.25 || recent - mass <= 1.5 * noise;
    if (!isCalm) calmSince = NaN;
    else if (Number.isNaN(calmSince)) calmSince = startMs;
    if (startMs - calmSince >= SPIKE_RULE.calmMs) openSince = NaN;
    else if (openLimit === null && startMs - openSince >= SPIKE_RULE.newUsualMs) {
      openSince = NaN;
      const ratio = sum(actual, longest) / Math.max(sum(profile, longest), 1e-12);
      levelClean = levelProfile * ratio;
      slowClean = slowProfile * ratio;
      for (let i = 0; i < longest; i++) clean[i] = actual[i]!;
    }
  };

  return {
    push: (startMs, value) => {
      let alert: SpikeAlert | null = null;
      // Buckets without a row spent nothing, and they count; a gap of a month begins anew by itself.
      if (!Number.isNaN(lastMs) && startMs - lastMs < 40 * 86_400_000) for (let gapMs = lastMs + bucketMs; gapMs < startMs; gapMs += bucketMs) alert = step(gapMs, 0) ?? alert;
      lastMs = startMs;
      return step(startMs, value) ?? alert;
    },
    get open() {
      return !Number.isNaN(openSince);
    },
    usual: (buckets) => (known === 0 ? null : sum(usual, Math.min(buckets, known))),
    get dayMean() {
      return baseline.facts().dayMean;
    },
  };
}

/** The second highest: one incident that went unnoticed must not hide the next. */
function highOf(highs: readonly number[]): number {
  let [first, second] = [0, 0];
  for (const high of highs) {
    if (high > first) [first, second] = [high, first];
    else if (high > second) second = high;
  }
  return second;
}

/** The less is known, the more noise an incident must exceed: one day's season is none, and a noise of a few days has shown none of its extremes. */
function caution(days: number, knownHighs: number): number {
  if (days < 2) return 2.5;
  return days < WARM_DAYS ? 1.6 : 1 + 0.8 * Math.max(0, (7 - knownHighs) / 7);
}
