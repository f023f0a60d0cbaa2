/**
 * From which odds on a surge is told. Pure state. Waiting costs money and buys certainty: while little of a day's spend is at stake the odds must be high, when a tenth of a day is about to be gone
 * they need not be. And a series that has lately alarmed for nothing must do better.
 */
export interface AlarmBar {
  /** Tells a bucket outside incidents: the log odds of a surge, and what was spent above the usual. From 0 on it is an alarm. */
  judge(odds: number, excess: number, dayMean: number, days: number): number;
  /** A bucket of what was told. */
  follow(odds: number): void;
  /** What was told is over. */
  close(): void;
  endDay(): void;
}

/** Log odds, with a tenth of a day at stake, and so much more with hardly anything. */
const BAR = -2.5;
const PATIENCE = 2.5;
/** Of a day's spend. */
const LITTLE = 0.05;
const MUCH = 0.1;
/** Below these odds nothing has begun yet. */
const CANDIDATE = -4;
/** So long the bar is higher, by so much at first: what is usual is known only roughly. */
const WARM_DAYS = 8;
const SETTLED_DAYS = 22;
const YOUNG = 8;
/** Before anything but the last days is known. */
const FIRST_DAYS = [8, 8, 5, 5, 5, 5, 5, 5] as const;
/** An alarm whose odds never came this high was one for nothing. */
const CONFIRMED = 3;
/** The bar is as high as the so-manieth highest of them within the last days, but not higher than this on top. */
const HISTORY_DAYS = 21;
const RANK = 5;
const RAISE_MAX = 2;

export function createAlarmBar(): AlarmBar {
  const highs: number[] = [];
  let [todayHigh, raise, stake, pending, peak] = [0, 0, 0, 0, 0];
  return {
    judge: (odds, excess, dayMean, days) => {
      stake = odds < CANDIDATE ? 0 : Math.max(0, stake + excess);
      // The next bucket may cost as much again.
      const share = (stake + Math.max(excess, 0)) / Math.max(dayMean, 1e-12);
      const hurry = Math.min(Math.max((share - LITTLE) / (MUCH - LITTLE), 0), 1);
      const young = YOUNG * Math.max(0, (SETTLED_DAYS - days) / (SETTLED_DAYS - WARM_DAYS)) ** 2;
      const above = odds - (FIRST_DAYS[days] ?? BAR + young) - PATIENCE * (1 - hurry);
      pending = days >= WARM_DAYS ? Math.min(above, RAISE_MAX) : 0;
      peak = odds;
      return above - raise;
    },
    follow: (odds) => {
      peak = Math.max(peak, odds);
    },
    close: () => {
      if (peak < CONFIRMED) todayHigh = Math.max(todayHigh, pending);
      [pending, stake] = [0, 0];
    },
    endDay: () => {
      highs.push(todayHigh);
      if (highs.length > HISTORY_DAYS) highs.shift();
      todayHigh = 0;
      raise = [...highs].sort((a, b) => b - a)[RANK - 1] ?? 0;
    },
  };
}
