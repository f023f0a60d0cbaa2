/** Stores today's forecast of a team, its workflows, providers and dearest customers, so that tomorrow can say what changed. The last state of a day stays. */
import { readDailySums, type SpendDimension } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { HISTORY_DAYS, readTeamDay, toPicos } from './outlook-facts';
import { outlookOf } from './spend-outlook';
import { type ForecastScope, type NewForecast, saveForecasts } from './store-forecasts';

/** The dearest of the last four weeks. */
const SUBJECTS_MAX: Record<Exclude<ForecastScope, 'tenant'>, number> = { workflow: 50, provider: 20, customer: 20 };
const LATELY_DAYS = 28;

/** How many rows were written; none for a team that never spent anything. */
export async function makeForecasts(db: Database, tenantId: string, nowMs: number): Promise<number> {
  const forecasts = await computeForecasts(db, tenantId, nowMs);
  if (forecasts.length > 0) await db.withTenant(tenantId, (tx) => saveForecasts(tx, tenantId, forecasts));
  return forecasts.length;
}

async function computeForecasts(db: Database, tenantId: string, nowMs: number): Promise<NewForecast[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { today: day, todayShare } = await readTeamDay(tx, tenantId, nowMs);
    const read = (by: SpendDimension | null) => readDailySums(tx, { tenantId, labels: {}, by, metric: 'cost', daysBefore: HISTORY_DAYS }, nowMs);
    const whole = await read(null);
    const total = whole.sums.get('');
    if (total === undefined) return [];
    const forecasts: NewForecast[] = [{ scope: 'tenant', subject: '', day, outlook: outlookOf({ days: whole.days, spent: toPicos(total), todayShare }) }];
    for (const scope of ['workflow', 'provider', 'customer'] as const) {
      const { days, sums } = await read(scope);
      for (const [subject, values] of dearest(sums, SUBJECTS_MAX[scope])) forecasts.push({ scope, subject, day, outlook: outlookOf({ days, spent: toPicos(values), todayShare }) });
    }
    return forecasts;
  });
}

function dearest(sums: ReadonlyMap<string, readonly (string | null)[]>, count: number): [string, readonly (string | null)[]][] {
  const lately = (values: readonly (string | null)[]): bigint => values.slice(-LATELY_DAYS).reduce((sum, value) => sum + BigInt(value ?? 0), 0n);
  return [...sums].map(([name, values]) => ({ name, values, pico: lately(values) })).filter(({ name, pico }) => name !== '' && pico > 0n)
    .sort((a, b) => (b.pico > a.pico ? 1 : b.pico < a.pico ? -1 : a.name < b.name ? -1 : 1)).slice(0, count).map(({ name, values }) => [name, values]);
}
