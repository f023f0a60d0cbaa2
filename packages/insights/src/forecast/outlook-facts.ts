/** Reads what the outlook of a scope is made of: what each local day came to, and how far today usually is by now. */
import { addDays, bucketStartMs, dayStartMs, localDay } from '@outlay/kernel';
import { readDailySums, readQuarterCosts, readTimeZone, type SpendLabels } from '@outlay/ledger';
import type { PoolClient } from 'pg';
import { type DayShape, shapeOfDays } from './day-shape';
import type { SpendFacts } from './spend-outlook';
import type { ForecastScope } from './store-forecasts';

/** Ten weeks: as much as the methods look at. */
export const HISTORY_DAYS = 70;
const SHAPE_DAYS = 14;

/** What a team's clock says, and how its days go. */
export interface TeamDay {
  readonly timeZone: string;
  readonly today: string;
  readonly nowMs: number;
  readonly shape: DayShape;
  /** Share of today's spend that has usually come by now. */
  readonly todayShare: number;
}

/** Run in a snapshot. The shape is that of the whole team: a single customer's fortnight is too thin to have one. */
export async function readTeamDay(tx: PoolClient, tenantId: string, nowMs: number): Promise<TeamDay> {
  const timeZone = await readTimeZone(tx);
  const today = localDay(nowMs, timeZone);
  const days = Array.from({ length: SHAPE_DAYS }, (_, i) => addDays(today, i - SHAPE_DAYS));
  const startMs = dayStartMs(today, timeZone);
  const quarters = await readQuarterCosts(tx, { tenantId, labels: {}, fromMs: bucketStartMs(dayStartMs(days[0]!, timeZone)), toMs: startMs });
  const shape = shapeOfDays(quarters, days, timeZone);
  return { timeZone, today, nowMs, shape, todayShare: shape.shareBy(nowMs - startMs) };
}

export function labelsOf(scope: ForecastScope, subject: string): SpendLabels {
  return scope === 'tenant' ? {} : scope === 'workflow' ? { workflow: subject } : scope === 'customer' ? { customerId: subject } : { provider: subject };
}

/** Run in a snapshot. */
export async function readOutlookFacts(tx: PoolClient, tenantId: string, labels: SpendLabels, { nowMs, todayShare }: TeamDay): Promise<SpendFacts> {
  const { days, sums } = await readDailySums(tx, { tenantId, labels, by: null, metric: 'cost', daysBefore: HISTORY_DAYS }, nowMs);
  return { days, spent: toPicos(sums.get('') ?? days.map(() => null)), todayShare };
}

export function toPicos(values: readonly (string | null)[]): (bigint | null)[] {
  return values.map((value) => (value === null ? null : BigInt(value)));
}
