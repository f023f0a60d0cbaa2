/**
 * What a series usually spends at a moment: a robust profile by time of day and weekday. Pure state, streaming: it is told one quarter of
 * an hour after another, and never looks ahead. Values that an incident made are told as what they should have been, so a baseline does not learn a leak.
 */
export const BIN_MS = 15 * 60_000;
const BINS = 96;
const DAY_MS = BINS * BIN_MS;
const HISTORY_DAYS = 28;
const ODD_SHARE = 0.5;

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
  /** What the whole day was expected to spend when it began; NaN while too little is known. */
  expected: number;
  /** The first bin that is known: a series seldom begins at midnight, and what came before it is not nothing but unknown. */
  readonly from: number;
  /** Far below it: a holiday or an outage, from which nothing is learned. */
  odd: boolean;
}

export function createSpendBaseline(): SpendBaseline {
  const days: Day[] = [];
  let usualDays: readonly Day[] = days;
  let current: Day | undefined;
  let facts: BaselineFacts = { days: 0, dayMean: null };
  /** By weekday, how its days compare with the others. */
  let weekdays: readonly number[] = [1, 1, 1, 1, 1, 1, 1];

  const begin = (day: number, bin: number): void => {
    if (current) {
      current.odd = current.expected > 0 && current.total < ODD_SHARE * current.expected;
      days.push(current);
    }
    // Days without any row spent nothing; a long gap is not history.
    const last = days.at(-1)?.day;
    if (last !== undefined && day - last > HISTORY_DAYS) days.length = 0;
    else if (last !== undefined) for (let gap = last + 1; gap < day; gap++) days.push({ day: gap, bins: new Float64Array(BINS), total: 0, expected: NaN, from: 0, odd: false });
    while (days.length > HISTORY_DAYS) days.shift();
    current = { day, bins: new Float64Array(BINS), total: 0, expected: NaN, from: days.length === 0 ? bin : 0, odd: false };
    usualDays = days.filter(({ odd }) => !odd);
    // Half of a fortnight is no holiday: it is how things are now.
    if (usualDays.length < days.length / 2) usualDays = days;
    weekdays = compareWeekdays(usualDays);
    facts = { days: days.length, dayMean: meanOf(days.slice(-7)) };
    if (days.length >= 8) {
      let expected = 0;
      for (let each = 0; each < BINS; each++) expected += expectBin(day, each) ?? 0;
      current.expected = expected;
    }
  };

  const expectBin = (day: number, bin: number): number | null => {
    if (days.length === 0) return null;
    const width = widthFor(usualDays, bin);
    const pool = poolFor(usualDays, weekdays, day, bin, width);
    if (pool.length === 0) return null;
    // Too few days to know which of them is usual: the highest, so that a first Monday is no incident.
    return days.length < 8 ? Math.max(0, ...pool.map(({ value }) => value)) : trimmedMean(pool);
  };

  return {
    expect: (binMs) => {
      const day = Math.floor(binMs / DAY_MS);
      const bin = Math.floor((binMs - day * DAY_MS) / BIN_MS);
      if (!current || day > current.day) begin(day, bin);
      return expectBin(day, bin);
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

/** 1 for every weekday until two weeks are known. */
function compareWeekdays(days: readonly Day[]): number[] {
  const overall = median(days.map(({ total }) => total).filter((total) => total > 0));
  return Array.from({ length: 7 }, (_, weekday) => {
    const own = days.filter(({ day, from }) => from === 0 && weekdayOf(day) === weekday).map(({ total }) => total);
    if (days.length < 14 || own.length < 2 || !(overall > 0)) return 1;
    return Math.max(median(own) / overall, 0.02);
  });
}

/** The fewer calls, the wider the neighbourhood that is averaged: so wide that it holds a twelfth of the noise-free mass. */
function widthFor(days: readonly Day[], bin: number): number {
  for (const width of [0, 1, 2, 4]) {
    let nonZero = 0;
    let cells = 0;
    for (const { bins, from } of days.slice(-7)) {
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

interface Sample {
  readonly value: number;
  readonly weight: number;
}

function poolFor(days: readonly Day[], weekdays: readonly number[], day: number, bin: number, width: number): Sample[] {
  const own = weekdays[weekdayOf(day)]!;
  return days.flatMap((past): Sample[] => {
    if (bin < past.from) return [];
    const age = day - past.day;
    const isSame = weekdayOf(past.day) === weekdayOf(day);
    const theirs = weekdays[weekdayOf(past.day)]!;
    // Another kind of day has another shape, not only another height.
    const alike = Math.min(own, theirs) / Math.max(own, theirs);
    if (!isSame && (age > 14 || (days.length >= 14 && alike < 0.6))) return [];
    let sum = 0;
    for (let b = bin - width; b <= bin + width; b++) sum += past.bins[(b + BINS) % BINS]!;
    return [{ value: ((sum / (2 * width + 1)) * own) / theirs, weight: (isSame ? 2 : alike) * Math.pow(0.94, age) }];
  });
}

/** The highest and lowest fifth of the weight do not count. */
function trimmedMean(samples: readonly Sample[]): number {
  const sorted = [...samples].sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const [from, to] = [total * 0.2, total * 0.8];
  let passed = 0;
  let sum = 0;
  for (const { value, weight } of sorted) {
    const inside = Math.max(0, Math.min(passed + weight, to) - Math.max(passed, from));
    sum += value * inside;
    passed += weight;
  }
  return total === 0 ? 0 : sum / (to - from);
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
