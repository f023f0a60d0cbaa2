/**
 * The spike detector. Pure, streaming, no look-ahead, bounded memory: one bucket after another, each answered with an alert or nothing. A baseline and a level say what a bucket should cost, a filter
 * how likely a surge is given the noise of the series, a bar whether that is enough to tell it, considering the money at stake. What is told names the window in which it stands out most.
 */
import { DAY_MS } from '@outlay/kernel';
import { createAlarmBar } from './alarm-bar';
import { createNoiseLaw } from './noise-law';
import { BIN_MS, createSpendBaseline } from './spend-baseline';
import { createSpendLevel } from './spend-level';
import { createSurgeFilter } from './surge-filter';

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
  /** How many times its threshold it was; of what is found by the filter: how far the window named is above the usual, in noise, over what is common. At least 1. */
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

/** In which an alert may be told, in minutes. */
const WINDOWS = [5, 10, 20, 45, 90, 180, 300] as const;
/** Up to so many minutes it is a burst. */
const BURST_MINUTES = 45;

const SPIKE_RULE = {
  /** Of the usual at least, by days known: a season of one day is none. */
  times: 1.25,
  timesYoung: [2.75, 2.75, 1.75, 1.75, 1.75, 1.75, 1.75, 1.75],
  /** An excess below this share of a usual day is not told. */
  dayShareMin: 0.008,
  /** So many deviations of its noise are common in a window. */
  commonSigmas: 3,
  /** An incident is over when this long has been back to usual. */
  calmMs: 30 * 60_000,
  /** What goes on for longer is the new usual. */
  newUsualMs: 36 * 3_600_000,
  /** On the first day: times the highest window so far. */
  firstDayTimes: 3,
  firstDayBuckets: 6,
} as const;

const WARM_DAYS = 8;
/** A mood lasts for about so many buckets. */
const MOOD_BUCKETS = 10;
/** Share of a mean bucket below which nothing counts as usual: else the first call of a night would be infinitely much. */
const FLOOR_SHARE = 1 / 20;

interface Window {
  readonly minutes: number;
  readonly buckets: number;
  /** Highest sum on the first day. */
  firstHigh: number;
}

export function createSpikeDetector(settings: SpikeSettings): SpikeDetector {
  const { bucketMs, amountMin, thresholds = {}, offsetMs = () => 0 } = settings;
  const baseline = createSpendBaseline();
  const level = createSpendLevel(bucketMs);
  const noise = createNoiseLaw();
  const filter = createSurgeFilter(noise, bucketMs);
  const bar = createAlarmBar();
  const windows: Window[] = [...new Map(WINDOWS.map((minutes) => {
    const buckets = Math.max(1, Math.round((minutes * 60_000) / bucketMs));
    return [buckets, { minutes, buckets, firstHigh: 0 }];
  })).values()];
  const hourBuckets = Math.max(1, Math.round(3_600_000 / bucketMs));
  const longest = Math.max(...windows.map(({ buckets }) => buckets), hourBuckets);
  const perBin = bucketMs >= BIN_MS ? bucketMs / BIN_MS : 1;
  const hasThresholds = Object.values(thresholds).some((value) => value !== undefined);
  // Rings of the last buckets: as it was, cleaned of what incidents added, what was expected, and what the profile said; NaN where it says nothing about the level.
  const actual = new Float64Array(longest);
  const clean = new Float64Array(longest);
  const usual = new Float64Array(longest);
  const profile = new Float64Array(longest).fill(NaN);
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
  let isWarm = false;

  const slotOf = (back: number): number => (((count - 1 - back) % longest) + longest) % longest;
  const sum = (ring: Float64Array, buckets: number): number => {
    let total = 0;
    for (let back = 0; back < Math.min(buckets, count); back++) total += ring[slotOf(back)]!;
    return total;
  };

  /** What the profile says of a bucket; null while nothing is known. */
  const profileOf = (binMs: number): number | null => {
    if (binMs !== expectedBin) {
      expectedBin = binMs;
      expectedValue = baseline.expect(binMs);
      if (expectedValue !== null) for (let i = 1; i < perBin; i++) expectedValue += baseline.expect(binMs + i * BIN_MS) ?? 0;
    }
    return expectedValue === null || perBin > 1 ? expectedValue : (expectedValue * bucketMs) / BIN_MS;
  };

  const step = (startMs: number, value: number): SpikeAlert | null => {
    const localMs = startMs + offsetMs(startMs);
    const binMs = Math.floor(localMs / BIN_MS) * BIN_MS;
    const day = Math.floor(localMs / DAY_MS);
    if (day !== today) {
      if (!Number.isNaN(today)) {
        bar.endDay();
        level.endDay();
      }
      today = day;
    }
    const plain = profileOf(binMs);
    const { days, dayMean } = baseline.facts();
    if (days >= WARM_DAYS && !isWarm) {
      // What was learned from the rough baseline of the first week is no measure of the good one.
      isWarm = true;
      noise.loosen();
    }
    count += 1;
    known = plain === null ? 0 : known + 1;
    const slot = slotOf(0);
    // What leaves the longest window tells the level: a leak must not raise what it is measured by.
    if (count > longest && !Number.isNaN(profile[slot]!)) level.learn(clean[slot]!, profile[slot]!);
    const normal = plain === null ? null : plain * (isWarm ? level.factor(dayMean ?? 0) : 1);
    const low = normal === null || !isWarm ? 1 : level.low(noise);
    const expected = normal === null ? null : normal * low;
    actual[slot] = value;
    clean[slot] = value;
    usual[slot] = expected ?? 0;
    profile[slot] = plain === null || low < 1 ? NaN : plain;

    const wasOpen = !Number.isNaN(openSince);
    const odds = expected === null ? null : filter.push(value, expected, dayMean ?? 0);
    let answer: SpikeAlert | null = null;
    if (wasOpen) {
      if (odds !== null) bar.follow(odds);
      followIncident(startMs, value, expected);
    } else {
      const found = odds === null ? testFirstDay(startMs) : bar.judge(odds, value - expected!, dayMean ?? 0, days) >= 0 ? nameWindow(startMs, days, dayMean ?? 0) : null;
      answer = found ?? (hasThresholds ? testThresholds(startMs, expected) : null);
      if (answer !== null) open(answer, startMs, expected, found === null);
    }
    const isOpen = !Number.isNaN(openSince);
    const kept = isOpen && expected !== null ? Math.min(value, expected) : value;
    if (isOpen) clean[slot] = kept;
    if (!isOpen && low === 1 && expected !== null) noise.learn(value, expected);
    if (normal !== null) level.count(kept, normal);
    // A bucket that is longer than a bin is learned evenly.
    for (let i = 0; i < perBin; i++) baseline.learn(binMs + i * BIN_MS, kept / perBin);
    return answer;
  };

  const open = (alert: SpikeAlert, startMs: number, expected: number | null, byThreshold: boolean): void => {
    openSince = startMs;
    calmSince = NaN;
    openLimit = byThreshold ? alert.actual / alert.score : null;
    openWindow = Math.max(1, Math.round(alert.windowMs / bucketMs));
    // What the window saw is no history.
    if (expected !== null) for (let back = 0; back < Math.min(openWindow, count); back++) clean[slotOf(back)] = Math.min(clean[slotOf(back)]!, usual[slotOf(back)]!);
  };

  /** Standard deviation of what so many buckets add up to. */
  const straysOf = (buckets: number, mass: number): number => Math.sqrt(noise.shot * mass + (noise.burst / buckets + noise.mood * Math.min(1, MOOD_BUCKETS / buckets) + 0.004) * mass * mass);

  /** In which window the surge stands out most; null when there is none in which it amounts to anything. */
  const nameWindow = (startMs: number, days: number, dayMean: number): SpikeAlert | null => {
    let best: SpikeAlert | null = null;
    const times = SPIKE_RULE.timesYoung[days] ?? SPIKE_RULE.times;
    let [observed, expected, back] = [0, 0, 0];
    for (const { minutes, buckets } of windows) {
      // Of a window that began before anything was known nobody can say what was usual.
      if (known < buckets) break;
      for (; back < buckets; back++) {
        observed += clean[slotOf(back)]!;
        expected += usual[slotOf(back)]!;
      }
      const excess = observed - expected;
      const floor = Math.max(expected, ((dayMean * buckets * bucketMs) / DAY_MS) * FLOOR_SHARE, 1e-12);
      if (excess < Math.max(amountMin, dayMean * SPIKE_RULE.dayShareMin) || observed < floor * times) continue;
      const score = Math.max(excess / straysOf(buckets, floor) / SPIKE_RULE.commonSigmas, 1);
      if (best === null || score > best.score) best = { atMs: startMs + bucketMs, score, reason: minutes <= BURST_MINUTES ? 'burst' : 'leak', windowMs: buckets * bucketMs, actual: observed, expected };
    }
    return best;
  };

  /** Nothing is known but today: far above the highest so far. */
  const testFirstDay = (startMs: number): SpikeAlert | null => {
    let best: SpikeAlert | null = null;
    for (const window of windows) {
      if (window.minutes > BURST_MINUTES || count < window.buckets) continue;
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
    const mass = expected === null ? windows[0]!.firstHigh * (buckets / windows[0]!.buckets) : sum(usual, buckets);
    // A user's own threshold is passed until the hour is below it again.
    const isCalm = openLimit !== null ? sum(actual, hourBuckets) < openLimit : value <= 0 || recent <= mass * 1.25 || recent - mass <= 1.5 * straysOf(buckets, mass);
    if (!isCalm) calmSince = NaN;
    else if (Number.isNaN(calmSince)) calmSince = startMs;
    const isNewUsual = openLimit === null && startMs - openSince >= SPIKE_RULE.newUsualMs;
    if (startMs - calmSince < SPIKE_RULE.calmMs || Number.isNaN(calmSince)) {
      if (!isNewUsual) return;
      let told = 0;
      for (const each of profile) told += Number.isNaN(each) ? 0 : each;
      level.adopt(sum(actual, longest) / Math.max(told, 1e-12));
      clean.set(actual);
    }
    openSince = NaN;
    filter.reset();
    bar.close();
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
