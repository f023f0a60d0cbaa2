/** What a meter says, decided before anything is drawn. */
import type { AllowanceUsage, CreditUsage } from '../chat/customer-usage.js';

export interface MeterRow {
  readonly id: string;
  /** `Reports` */
  readonly label: string;
  /** `18 of 20 used` */
  readonly text: string;
  /** `2 left until 1 December` */
  readonly detail: string | null;
  /** 0 to 1; null where there is nothing to fill: credits, pay as you go. */
  readonly part: number | null;
  readonly state: AllowanceUsage['state'];
}

export function prepareAllowance(allowance: AllowanceUsage, locale: string | undefined): MeterRow {
  const { id, unit, used, held, included, remaining, state, whenUsedUp } = allowance;
  const say = (amount: number): string => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(amount);
  const taken = used + held;
  const until = allowance.windowEnd === null ? '' : ` until ${sayDay(allowance.windowEnd, locale)}`;
  const label = capital(plural(unit));
  if (included === 0) return { id, label, text: `${say(taken)} used`, detail: null, part: null, state };
  const left = state === 'over' && whenUsedUp === 'soft' ? `${say(taken - included)} above what is included` : remaining > 0 ? `${say(remaining)} left${until}` : `None left${until}`;
  return { id, label, text: `${say(taken)} of ${say(included)} used`, detail: left, part: Math.min(Math.max(taken / included, 0), 1), state };
}

export function prepareCredits(credits: CreditUsage, locale: string | undefined): MeterRow {
  const say = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(credits.remaining);
  const detail = credits.nextExpiry === null ? null : `Next expire ${sayDay(credits.nextExpiry, locale)}`;
  return { id: 'credits', label: capital(plural(credits.unit)), text: `${say} left`, detail, part: null, state: credits.remaining > 0 ? 'ok' : 'used_up' };
}

/** In UTC, as the windows are told: server and browser must write the same. A window that ends at midnight ends on that day. */
function sayDay(iso: string, locale: string | undefined): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(time);
}

function plural(unit: string): string {
  const words = unit.replaceAll('_', ' ');
  if (/[^aeiou]y$/i.test(words)) return `${words.slice(0, -1)}ies`;
  return /s$/i.test(words) ? words : `${words}s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
