/** What changed since an earlier forecast of the same month, split so that the parts add up to the change: days that came, today, and the days still to come. Pure. */

export interface EarlierOutlook {
  /** The local date it was made on; its last state of that day. */
  readonly day: string;
  readonly monthEndPico: bigint;
  readonly byDay: ReadonlyMap<string, bigint>;
}

export interface ChangePart {
  /** `came`: days that were expected then and are over now; `today`; `coming`: days after today; `corrected`: days that were over then, by late events and corrections. */
  readonly kind: 'came' | 'today' | 'coming' | 'corrected';
  readonly pico: bigint;
  /** What the days that moved come to now, and what was expected of them then. */
  readonly nowPico: bigint;
  readonly thenPico: bigint;
  /** In one sentence, without the amount. */
  readonly words: string;
  readonly days: readonly string[];
}

export interface OutlookChange {
  readonly sinceDay: string;
  readonly pico: bigint;
  /** The largest first; those of nothing are left out. */
  readonly parts: readonly ChangePart[];
}

/** `earlier` is of this month and of a day before today. */
export function compareOutlook(now: { readonly today: string; readonly byDay: ReadonlyMap<string, bigint> }, earlier: EarlierOutlook): OutlookChange {
  const moved = (day: string): boolean => (now.byDay.get(day) ?? 0n) !== (earlier.byDay.get(day) ?? 0n);
  const days = [...new Set([...now.byDay.keys(), ...earlier.byDay.keys()])].filter(moved).sort();
  const kindOf = (day: string): ChangePart['kind'] => (day < earlier.day ? 'corrected' : day < now.today ? 'came' : day === now.today ? 'today' : 'coming');
  const parts = (['came', 'today', 'coming', 'corrected'] as const).map((kind): ChangePart => {
    const own = days.filter((day) => kindOf(day) === kind);
    const sum = (byDay: ReadonlyMap<string, bigint>): bigint => own.reduce((total, day) => total + (byDay.get(day) ?? 0n), 0n);
    const [nowPico, thenPico] = [sum(now.byDay), sum(earlier.byDay)];
    return { kind, pico: nowPico - thenPico, nowPico, thenPico, days: own, words: wordsOf(kind, own, nowPico >= thenPico) };
  });
  return {
    sinceDay: earlier.day, pico: parts.reduce((sum, { pico }) => sum + pico, 0n),
    parts: parts.filter(({ pico }) => pico !== 0n).sort((a, b) => compareSizes(b.pico, a.pico)),
  };
}

function wordsOf(kind: ChangePart['kind'], days: readonly string[], isMore: boolean): string {
  const way = isMore ? 'more' : 'less';
  switch (kind) {
    case 'came':
      return days.length === 1 ? `${days[0]} came to ${way} than was expected.` : `${days[0]} to ${days.at(-1)} came to ${way} than was expected.`;
    case 'today':
      return `Today is expected to come to ${way} than was thought, by what came so far.`;
    case 'coming':
      return `The days to come are expected to cost ${way}: the usual level or its weekdays moved.`;
    case 'corrected':
      return `Late events and corrections made earlier days ${isMore ? 'dearer' : 'cheaper'}.`;
  }
}

export interface Mover {
  readonly by: string;
  readonly name: string;
  /** Of the day. */
  readonly pico: bigint;
  /** The mean of the same weekday in the four weeks before. */
  readonly usualPico: bigint;
  readonly changePico: bigint;
}

const WEEK = 7;
const WEEKS = 4;

/**
 * Who made yesterday other than its weekday usually is. `spent` by name, the last value is today. The changes of all names add up to that of the whole; the largest are answered,
 * with the rest in one.
 */
export function findMovers(by: string, spent: ReadonlyMap<string, readonly (bigint | null)[]>, shownMax: number): { readonly movers: readonly Mover[]; readonly restPico: bigint } {
  const length = Math.max(0, ...[...spent.values()].map((values) => values.length));
  const yesterday = length - 2;
  const weeks = Array.from({ length: WEEKS }, (_, i) => yesterday - WEEK * (i + 1)).filter((index) => index >= 0 && [...spent.values()].some((values) => values.slice(0, index + 1).some((value) => value !== null)));
  if (yesterday < 0 || weeks.length === 0) return { movers: [], restPico: 0n };
  const all = [...spent].map(([name, values]): Mover => {
    const pico = values[yesterday] ?? 0n;
    const usualPico = weeks.reduce((sum, index) => sum + (values[index] ?? 0n), 0n) / BigInt(weeks.length);
    return { by, name, pico, usualPico, changePico: pico - usualPico };
  }).filter(({ changePico }) => changePico !== 0n).sort((a, b) => compareSizes(b.changePico, a.changePico));
  return { movers: all.slice(0, shownMax), restPico: all.slice(shownMax).reduce((sum, { changePico }) => sum + changePico, 0n) };
}

function compareSizes(a: bigint, b: bigint): number {
  const [left, right] = [a < 0n ? -a : a, b < 0n ? -b : b];
  return left > right ? 1 : left < right ? -1 : 0;
}
