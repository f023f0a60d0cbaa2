/** When the caps of a scope will be reached in their windows, from what each day came to in the cap's own metric. */
import { addDays, dayStartMs } from '@outlay/kernel';
import { modelFamily, readDailySums, type DailyMetric, type SpendLabels } from '@outlay/ledger';
import type { ListedCap } from '@outlay/plans';
import type { PoolClient } from 'pg';
import { type DailyForecast, forecastDaily } from './forecast-daily';
import { type Ahead, spendUntil, timeUntil } from './limit-times';
import { HISTORY_DAYS, type TeamDay } from './outlook-facts';
import type { ForecastScope } from './store-forecasts';

/** `reached` already; `will` and `may` (along the upper edge) be reached before the window ends; `clear` of it; `unknown` without a history of the scope. */
type CapState = 'reached' | 'will' | 'may' | 'clear' | 'unknown';

export interface CapTime {
  readonly capId: string;
  readonly name: string;
  readonly scope: ListedCap['scope'];
  readonly subject: string | null;
  readonly metric: ListedCap['metric'];
  readonly mode: ListedCap['mode'];
  readonly window: ListedCap['window'];
  readonly windowEnd: string;
  /** As the cap states them: pico-dollars, units or a count. */
  readonly limit: string;
  readonly used: string;
  /** What is used when the window ends, if nothing stops it; whole; null where unknown. */
  readonly projected: string | null;
  /** Of the limit. */
  readonly projectedShare: number | null;
  readonly state: CapState;
  readonly reachedAt: string | null;
  readonly earliestAt: string | null;
  readonly latestAt: string | null;
  /** Of caps by day: the first of the next days that is expected to pass it. */
  readonly nextPassedDay: string | null;
}

const CAPS_MAX = 50;
/** A quarter ahead; the last week of the forecast goes on. */
const AHEAD_DAYS = 92;

/** Those of the scope itself; for the team all that have one subject. The soonest first. Run in a snapshot. */
export async function readCapTimes(tx: PoolClient, tenantId: string, caps: readonly ListedCap[], of: { readonly scope: ForecastScope; readonly subject: string }, team: TeamDay): Promise<CapTime[]> {
  const shown = caps.filter((cap) => isShown(cap, of, team.nowMs)).slice(0, CAPS_MAX);
  const times: CapTime[] = [];
  for (const cap of shown) times.push(tellCap(cap, await readHistory(tx, tenantId, cap, team), team));
  const rank = ({ reachedAt, earliestAt, projectedShare }: CapTime): number => (reachedAt === null ? (earliestAt === null ? 2e15 - (projectedShare ?? 0) : 1e15 + Date.parse(earliestAt)) : Date.parse(reachedAt));
  return times.sort((a, b) => rank(a) - rank(b));
}

function isShown({ scope, subject, used, disabledAt, expiresAt }: ListedCap, of: { readonly scope: ForecastScope; readonly subject: string }, nowMs: number): boolean {
  if (used === null || disabledAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= nowMs)) return false;
  return of.scope === 'tenant' || (scope === of.scope && subject === of.subject);
}

/** Whole days of the cap's metric, from the first one with any; null for scopes whose days are not kept. */
async function readHistory(tx: PoolClient, tenantId: string, { scope, subject, metric }: ListedCap, { nowMs }: TeamDay): Promise<readonly number[] | null> {
  const labels: SpendLabels | null = scope === 'tenant' || scope === 'model' ? {} : scope === 'workflow' ? { workflow: subject! } : scope === 'customer' ? { customerId: subject! } : scope === 'environment' ? { environment: subject! } : null;
  if (labels === null) return null;
  const daily = metric === 'cost' ? 'ceiling' : metric as DailyMetric;
  const { days, sums } = await readDailySums(tx, { tenantId, labels, by: scope === 'model' ? 'model' : null, metric: daily, daysBefore: HISTORY_DAYS }, nowMs);
  const own = [...sums].filter(([name]) => scope !== 'model' || modelFamily(name) === subject).map(([, values]) => values);
  const whole = days.slice(0, -1).map((_, i) => own.reduce((sum, values) => sum + Number(values[i] ?? 0), 0));
  const first = whole.findIndex((value) => value > 0);
  return first === -1 ? null : whole.slice(first);
}

function tellCap(cap: ListedCap, history: readonly number[] | null, team: TeamDay): CapTime {
  const { id: capId, name, scope, subject, metric, mode, window, limit } = cap;
  const used = cap.used!;
  const endMs = Date.parse(cap.windowEnd!);
  const head = { capId, name, scope, subject, metric, mode, window, windowEnd: cap.windowEnd!, limit, used };
  const left = Number(limit) - Number(used);
  if (left <= 0) return { ...head, projected: null, projectedShare: null, state: 'reached', reachedAt: new Date(team.nowMs).toISOString(), earliestAt: null, latestAt: null, nextPassedDay: null };
  if (history === null) return { ...head, projected: null, projectedShare: null, state: 'unknown', reachedAt: null, earliestAt: null, latestAt: null, nextPassedDay: null };
  const ahead = aheadOf(history, team);
  const times = timeUntil(left, ahead);
  const within = (atMs: number | null): string | null => (atMs === null || atMs >= endMs ? null : new Date(atMs).toISOString());
  const projected = Number(used) + spendUntil(endMs, ahead);
  const [reachedAt, earliestAt] = [within(times.reachedAtMs), within(times.earliestAtMs)];
  const passed = window === 'day' ? ahead.forecast.values.findIndex((value, day) => day > 0 && value >= Number(limit)) : -1;
  return {
    ...head, projected: String(BigInt(Math.round(projected))), projectedShare: Number(limit) === 0 ? null : projected / Number(limit), reachedAt, earliestAt, latestAt: within(times.latestAtMs),
    state: reachedAt !== null ? 'will' : earliestAt !== null ? 'may' : 'clear', nextPassedDay: passed === -1 ? null : addDays(team.today, passed),
  };
}

/** The forecast of whole days (today first) with the instants at which they begin. */
export function aheadOf(history: readonly number[], { nowMs, today, timeZone, todayShare }: TeamDay): Ahead {
  const forecast = forecastDaily(history, 31);
  return { nowMs, todayShare, dayStartsMs: Array.from({ length: AHEAD_DAYS }, (_, i) => dayStartMs(addDays(today, i + 1), timeZone)), forecast: extend(forecast, AHEAD_DAYS) };
}

function extend({ values, lower, upper }: DailyForecast, length: number): Ahead['forecast'] {
  const on = (days: readonly number[]): number[] => Array.from({ length }, (_, i) => (i < days.length ? days[i]! : days[days.length - 7 + ((i - days.length) % 7)]!));
  return { values: on(values), lower: on(lower), upper: on(upper) };
}
