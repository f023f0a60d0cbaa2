/**
 * Any thirty days charged as if a definition had held through them: for previews, simulators and figures. Pure. The days stand for one month of a plan: a base fee of a quarter counts
 * a third, and so does what a quarter includes. Inside is the one rating rule, `rateUsage`.
 */
import { addDays, addRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { ChargeableRow } from '@outlay/ledger';
import { type Calendar, INTERVALS, windowOfDay } from './calendar-window';
import { type Allowance, allowanceOf, type PlanDefinition } from './plan-definition';
import { type Charge, rateUsage, type WindowUsage } from './rate-usage';

export const PREVIEW_DAYS = 30;

/** What one allowance saw in these days. */
export interface AllowanceUse {
  readonly allowanceId: string;
  readonly used: Rational;
  /** More than was included in at least one window. */
  readonly over: boolean;
}

export interface RatedDays {
  readonly charge: Charge;
  readonly allowances: readonly AllowanceUse[];
  /** Units of workflows that no allowance of the definition counts; by workflow. */
  readonly unmetered: ReadonlyMap<string, Rational>;
}

/** `rows` of one customer; `firstDay` is the local date on which the span begins. */
export function rateDays(definition: PlanDefinition, calendar: Pick<Calendar, 'timeZone'>, rows: readonly ChargeableRow[], firstDay: string): RatedDays {
  const usage = new Map<string, WindowUsage>();
  const unmetered = new Map<string, Rational>();
  const ofPeriod: Rational = { num: 1n, den: BigInt(INTERVALS[definition.interval]) };
  for (const row of rows) {
    for (const measure of ['units', 'tokens'] as const) {
      const used = usedOf(row, measure, definition);
      if (used.num === 0n) continue;
      const allowance = allowanceOf(definition, measure, row.workflow);
      if (allowance === null) {
        if (measure === 'units') unmetered.set(row.workflow, addRational(unmetered.get(row.workflow) ?? ZERO, used));
        continue;
      }
      const { window, share } = windowOf(allowance, row.day, firstDay, calendar.timeZone, ofPeriod);
      const key = `${allowance.id}|${window}`;
      usage.set(key, { allowanceId: allowance.id, window, used: addRational(usage.get(key)?.used ?? ZERO, used), share });
    }
  }
  const charge = rateUsage(definition, [...usage.values()].sort((a, b) => (a.allowanceId + a.window < b.allowanceId + b.window ? -1 : 1)), ofPeriod);
  const allowances = definition.allowances.map(({ id }): AllowanceUse => {
    const lines = charge.lines.filter(({ allowanceId }) => allowanceId === id);
    return { allowanceId: id, used: lines.reduce((sum, line) => addRational(sum, line.used), ZERO), over: lines.some(({ over }) => over.num > 0n) };
  });
  return { charge, allowances, unmetered };
}

function usedOf(row: ChargeableRow, measure: Allowance['measure'], { chargeOnlyUsable }: PlanDefinition): Rational {
  const text = measure === 'units' ? (chargeOnlyUsable ? row.unitsUsable : row.units) : chargeOnlyUsable ? row.tokensUsable : row.tokens;
  return parseDecimal(text)!;
}

/** Months and periods are the whole span; days are days; weeks are the calendar's, and one that the span cuts includes its part. */
function windowOf(allowance: Allowance, day: string, firstDay: string, timeZone: string, ofPeriod: Rational): { window: string; share: Rational } {
  switch (allowance.window) {
    case 'period':
      return { window: firstDay, share: ofPeriod };
    case 'month':
      return { window: firstDay, share: { num: 1n, den: 1n } };
    case 'day':
      return { window: day, share: { num: 1n, den: 1n } };
    case 'week': {
      const week = windowOfDay('week', day, { timeZone, anchorDay: firstDay, interval: 'month' });
      const days = Array.from({ length: PREVIEW_DAYS }, (_, n) => addDays(firstDay, n)).filter((each) => each >= week.startDay && each < week.endDay).length;
      return { window: week.startDay, share: { num: BigInt(days), den: 7n } };
    }
  }
}
