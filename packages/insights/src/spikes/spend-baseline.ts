/**
 * What a series usually spends at a moment: the level of the last days, times what its weekday is of it, times the shape of such a day. Pure state, streaming: it is told one bin of a quarter of an
 * hour after another, and never looks ahead. Values that an incident made are told as what they should have been, so a baseline does not learn a leak. A day is worked out once, when it begins.
 */
export const BIN_MS = 15 * 60_000;
const BINS = 96;
const DAY_MS = BINS * BIN_MS;
const HISTORY_DAYS = 28;
/** From then on weekdays and holidays can be told apart. */
const WARM_DAYS = 8;
const ODD_SHARE = 0.5;
/** Days of one weekday that are so much smaller than another's have another shape too. */
const ALIKE = 0.6;
/** Half widths, in bins, of the neighbourhoods that may be averaged. Which of them foretold the last days best is used. */
const WIDTHS = [0, 1, 2, 4, 8] as const;
/** A sample above this many times the mean of its like counts as that: an incident that nobody saw. */
const WILD = 2.5;

interface BaselineFacts {
  /** Whole days of history. */
  readonly days: number;
  /** Mean of a day over the last week; null on the first day. */
  readonly dayMean: number | null;
}

export interface SpendBaseline {
  /** What the bin that begins at `binMs` (local time) usually spends; null while less than one day is known. */
  expect(binMs: number): number | null;
  /** The bin is over; bins come in order, and missing ones spent nothing. */
  learn(binMs: number, value: number): void;
  facts(): BaselineFacts;
}

interface Day {
  readonly day: number;
  readonly bins: Float64Array;
  total: number;
  /** The first bin that is known: a series seldom begins at midnight, and what came before it is not nothing but unknown. */
  readonly from: number;
  /** Far below what it should have been: a holiday or an outage, from which nothing is learned. */
  odd: boolean;
}

export function createSpendBaseline(): SpendBaseline {
  const days: Day[] = [];
  let current: Day | undefined;
  let facts: BaselineFacts = { days: 0, dayMean: null };
  let expected: Float64Array | null = null;
  /** By width, how badly it foretold: of shapes only, whatever the level was. */
  const misses = new Float64Array(WIDTHS.length);
  let shapes: (readonly Float64Array[]) | null = null;

  const judgeWidths = ({ bins, total }: Day): void => {
    if (shapes === null || !(total > 0)) return;
    shapes.forEach((shape, i) => {
      let miss = 0;
      for (let b = 0; b < BINS; b++) if (bins[b]! > 0) miss -= (Math.min(bins[b]! / total, 0.1)) * Math.log(shape[b]! + 1e-5);
      misses[i] = misses[i]! * 0.9 + miss;
    });
  };

  const begin = (day: number, bin: number): void => {
    if (current) {
      judgeWidths(current);
      days.push(current);
    }
    // Days without any row spent nothing; a long gap is not history.
    const last = days.at(-1)?.day;
    if (last !== undefined && day - last > HISTORY_DAYS) days.length = 0;
    else if (last !== undefined) for (let gap = last + 1; gap < day; gap++) days.push({ day: gap, bins: new Float64Array(BINS), total: 0, from: 0, odd: false });
    while (days.length > HISTORY_DAYS) days.shift();
    current = { day, bins: new Float64Array(BINS), total: 0, from: days.length === 0 ? bin : 0, odd: false };
    facts = { days: days.length, dayMean: meanOf(days.slice(-7)) };
    if (days.length === 0) [expected, shapes] = [null, null];
    else if (days.length < WARM_DAYS) [expected, shapes] = [highestOf(days), null];
    else [expected, shapes] = foretell(days, day, misses);
  };

  return {
    expect: (binMs) => {
      const day = Math.floor(binMs / DAY_MS);
      const bin = Math.floor((binMs - day * DAY_MS) / BIN_MS);
      if (!current || day > current.day) begin(day, bin);
      return expected === null || Number.isNaN(expected[bin]!) ? null : expected[bin]!;
    },
    learn: (binMs, value) => {
      const day = Math.floor(binMs / DAY_MS);
      const bin = Math.floor((binMs - day * DAY_MS) / BIN_MS);
      if (!current || day > current.day) begin(day, bin);
      current!.bins[bin]! += value;
      current!.total += value;
    },
    facts: () => facts,
  };
}

/** A day that was not seen from its begin counts for the part that was. */
function meanOf(days: readonly Day[]): number | null {
  const whole = days.filter(({ from }) => from === 0);
  if (whole.length > 0) return whole.reduce((sum, { total }) => sum + total, 0) / whole.length;
  const [part] = days;
  return part === undefined ? null : (part.total * BINS) / (BINS - part.from);
}

const weekdayOf = (day: number): number => ((day % 7) + 7) % 7;

/** Too few days to know which of them is usual: the highest, a little smoothed where there are few calls, so that a first Monday is no incident. NaN where no day is known. */
function highestOf(days: readonly Day[]): Float64Array {
  const highest = new Float64Array(BINS).fill(NaN);
  for (let bin = 0; bin < BINS; bin++) {
    const width = sparseWidth(days, bin);
    for (const { bins, from } of days) {
      if (bin < from) continue;
      let sum = 0;
      for (let b = bin - width; b <= bin + width; b++) sum += bins[(b + BINS) % BINS]!;
      const value = sum / (2 * width + 1);
      if (!(highest[bin]! >= value)) highest[bin] = value;
    }
  }
  return highest;
}

/** The fewer calls, the wider the neighbourhood. */
function sparseWidth(days: readonly Day[], bin: number): number {
  for (const width of [0, 1, 2]) {
    let [nonZero, cells] = [0, 0];
    for (const { bins, from } of days) {
      for (let b = bin - width; b <= bin + width; b++) {
        if (b < from) continue;
        cells += 1;
        if (bins[(b + BINS) % BINS]! > 0) nonZero += 1;
      }
    }
    if (nonZero >= 0.9 * cells) return width;
  }
  return 4;
}

function foretell(days: readonly Day[], day: number, misses: Float64Array): [Float64Array, readonly Float64Array[]] {
  const ofWeekday = compareWeekdays(days);
  const own = ofWeekday[weekdayOf(day)]!;
  let [level, levelWeight] = [0, 0];
  let weights = 0;
  const pool: { readonly share: Float64Array; readonly weight: number }[] = [];
  for (const past of days) {
    if (past.odd || past.from > 0 || !(past.total > 0)) continue;
    const theirs = ofWeekday[weekdayOf(past.day)]!;
    const age = day - past.day;
    // Great days say more about the level than small ones.
    const levelShare = Math.pow(0.8, age) * Math.min(theirs, 1);
    level += (past.total / theirs) * levelShare;
    levelWeight += levelShare;
    const alike = Math.min(own, theirs) / Math.max(own, theirs);
    const isSame = weekdayOf(past.day) === weekdayOf(day);
    if (!isSame && alike < ALIKE) continue;
    const weight = (isSame ? 2 : alike) * Math.pow(0.95, age);
    const share = new Float64Array(BINS);
    for (let b = 0; b < BINS; b++) share[b] = past.bins[b]! / past.total;
    pool.push({ share, weight });
    weights += weight;
  }
  const shapes = WIDTHS.map((width) => {
    const smooth = pool.map(({ share, weight }) => ({ share: smoothed(share, width), weight }));
    let mean = new Float64Array(BINS);
    for (let round = 0; round < 3; round++) {
      const next = new Float64Array(BINS);
      for (const { share, weight } of smooth) for (let b = 0; b < BINS; b++) next[b]! += (round === 0 ? share[b]! : Math.min(share[b]!, WILD * mean[b]!)) * (weight / weights);
      mean = next;
    }
    let total = 0;
    for (let b = 0; b < BINS; b++) total += mean[b]!;
    if (total > 0) for (let b = 0; b < BINS; b++) mean[b]! /= total;
    return mean;
  });
  let best = 0;
  for (let i = 1; i < WIDTHS.length; i++) if (misses[i]! < misses[best]!) best = i;
  const usual = levelWeight > 0 ? (level / levelWeight) * own : 0;
  return [shapes[best]!.map((share) => share * usual), shapes];
}

/** Twice the mean of the neighbourhood: near ones count more. The day is a ring. */
function smoothed(values: Float64Array, width: number): Float64Array {
  if (width === 0) return values;
  let from = values;
  for (let pass = 0; pass < 2; pass++) {
    const to = new Float64Array(BINS);
    const half = pass === 0 ? Math.ceil(width / 2) : Math.max(Math.floor(width / 2), 1);
    let sum = 0;
    for (let b = -half; b <= half; b++) sum += from[(b + BINS) % BINS]!;
    for (let b = 0; b < BINS; b++) {
      to[b] = sum / (2 * half + 1);
      sum += from[(b + half + 1) % BINS]! - from[(b - half + BINS) % BINS]!;
    }
    from = to;
  }
  return from;
}

/** By weekday, how its days compare with the weeks around them; marks the days that are far below their own like. */
function compareWeekdays(days: Day[] | readonly Day[]): number[] {
  const whole = days.filter(({ from }) => from === 0);
  for (const day of whole) day.odd = false;
  const factors = new Array<number>(7).fill(1);
  // Twice: holidays are found by the first factors and left out of the second.
  for (let round = 0; round < 2; round++) {
    const usual = whole.filter(({ odd, total }) => !odd && total > 0);
    const overall = median(usual.map(({ total }) => total));
    if (!(overall > 0)) return factors;
    for (let weekday = 0; weekday < 7; weekday++) {
      const own = usual.filter(({ day }) => weekdayOf(day) === weekday);
      if (own.length === 0) continue;
      const ratio = median(own.map(({ day, total }) => total / (median(usual.filter((each) => Math.abs(each.day - day) <= 7).map((each) => each.total)) || overall)));
      // One day says little, unless it says much.
      factors[weekday] = Math.max(own.length >= 2 ? ratio : Math.abs(Math.log(ratio)) > 0.5 ? ratio : 1, 0.02);
    }
    if (round === 1 || whole.length < 14) break;
    for (const day of whole) {
      const near = median(usual.filter((each) => Math.abs(each.day - day.day) <= 7).map((each) => each.total / factors[weekdayOf(each.day)]!));
      day.odd = day.total < ODD_SHARE * near * factors[weekdayOf(day.day)]!;
    }
    // Half of a month is no holiday: it is how things are now.
    if (whole.filter(({ odd }) => odd).length > whole.length / 3) for (const day of whole) day.odd = false;
  }
  return factors;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
