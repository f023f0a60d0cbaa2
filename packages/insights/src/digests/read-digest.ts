/** The figures of one summary: the day or week that is over, beside the one before. */
import { addDays, dayStartMs } from '@outlay/kernel';
import { type Grouping, readOverview, type Summary, summarise } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { Team } from '@outlay/tenancy';
import { picoOf } from '../alerts/evaluate-alerts';
import { readForecastsOf } from '../forecast/store-forecasts';
import { judgeOverview } from '../margin-overview';
import type { WorkflowState } from '../workflow-state';
import type { DigestKind } from './subscribe-digest';
import type { DigestFacts, Spend } from './write-digest';

const SEVERITY_ORDER = ['critical', 'warning', 'info'];
/** The most pressing first; the others need nothing. */
const PRESSING: readonly WorkflowState[] = ['leaking', 'context spike', 'soft cap', 'needs review'];
const NAMELESS: Readonly<Record<string, string>> = { provider: 'No provider', workflow: 'No workflow', customer: 'No customer' };

/** `today`: the local day on which it is sent; it tells of the days before. */
export async function readDigest(db: Database, { tenantId, name, timeZone }: Team, kind: DigestKind, today: string, nowMs: number): Promise<DigestFacts> {
  const days = kind === 'daily' ? 1 : 7;
  const from = addDays(today, -days);
  const [beforeMs, fromMs, toMs] = [dayStartMs(addDays(from, -days), timeZone), dayStartMs(from, timeZone), dayStartMs(today, timeZone)];
  const sum = async (start: number, end: number, by: Grouping): Promise<Summary> => await summarise(db, { tenantId }, { filter: { fromMs: start, toMs: end }, groupBy: [by] }, nowMs);
  const spends = async (by: 'provider' | 'workflow' | 'customer'): Promise<{ now: Summary; spends: Spend[] }> => {
    const [now, before] = [await sum(fromMs, toMs, by), await sum(beforeMs, fromMs, by)];
    const names = new Set([...now.groups, ...before.groups].map(({ keys }) => keys[by] ?? ''));
    const of = (summary: Summary, key: string): bigint => picoOf(summary.groups.find(({ keys }) => (keys[by] ?? '') === key)?.measures['cost_usd']);
    return { now, spends: [...names].map((key) => ({ name: key === '' ? NAMELESS[by]! : key, pico: of(now, key), beforePico: of(before, key) })) };
  };
  const workflows = await spends('workflow');
  const providers = await spends('provider');
  // Of more customers than a summary lists the letter has no table.
  const customers = await spends('customer').catch(() => ({ spends: [] as Spend[] }));
  const { totals } = workflows.now;
  const { forecasts, alerts } = await db.withTenant(tenantId, async (tx) => ({
    forecasts: [...await readForecastsOf(tx, tenantId, today), ...await readForecastsOf(tx, tenantId, addDays(today, -1))],
    alerts: (await tx.query<{ title: string; severity: string; facts: Record<string, unknown> }>(`SELECT title, severity, facts FROM alerts WHERE state IN ('firing', 'acknowledged') ORDER BY started_at DESC LIMIT 200`)).rows,
  }));
  const forecast = forecasts.find(({ scope, day }) => scope === 'tenant' && day.slice(0, 7) === today.slice(0, 7));
  const judged = judgeOverview(await readOverview(db, tenantId, { fromMs, toMs }, nowMs), { compare: 'previous' });
  const beforeTotal = workflows.spends.reduce((all, { beforePico }) => all + beforePico, 0n);
  return {
    kind, teamName: name, from, to: addDays(today, -1), totalPico: picoOf(totals['cost_usd']), beforePico: beforeTotal, providers: providers.spends, workflows: workflows.spends, customers: customers.spends,
    forecast: forecast === undefined ? null : { monthEndPico: forecast.monthEndPico, lowerPico: forecast.lowerPico, upperPico: forecast.upperPico },
    leaks: [
      { name: 'Calls that failed', pico: picoOf(totals['failed_cost_usd']) }, { name: 'Retries of the same model', pico: picoOf(totals['retry_cost_usd']) }, { name: 'Unusable outcomes', pico: picoOf(totals['cost_unusable_usd']) },
    ],
    openAlerts: alerts.length,
    // What fires now comes before what leaked; workflows come the dearest first.
    nextSteps: [
      ...alerts.toSorted((a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity)).map(({ title, facts }) => (typeof facts['nextStep'] === 'string' ? `${title}. ${facts['nextStep']}` : `${title}. Open it in Alerts.`)),
      ...judged.workflows.filter(({ state }) => PRESSING.includes(state)).toSorted((a, b) => PRESSING.indexOf(a.state) - PRESSING.indexOf(b.state)).map(({ workflow, why }) => `${workflow === '' ? 'Calls without a workflow' : workflow}: ${why}`),
    ],
  };
}
