/** The forecast of a scope: where its month ends, how far that is to be trusted, what changed since yesterday and why, and when limits are reached. */
import { readDailySums, type SpendDimension } from '@outlay/ledger';
import { listCaps } from '@outlay/plans';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { type CapTime, readCapTimes } from './cap-times';
import { type ChangePart, compareOutlook, findMovers, type Mover } from './compare-outlook';
import { type CreditTime, readCreditTimes } from './credit-times';
import { labelsOf, readOutlookFacts, readTeamDay, type TeamDay, toPicos } from './outlook-facts';
import { measureOutlook, type OutlookMeasure, outlookOf, type SpendOutlook, wordsOfMethods } from './spend-outlook';
import { type ForecastScope, readForecastBefore } from './store-forecasts';

export interface ForecastAsk {
  readonly scope: ForecastScope;
  /** '' for the team; of a workflow or customer '' is what names none. */
  readonly subject: string;
}

export interface Forecast extends ForecastAsk {
  readonly timeZone: string;
  readonly today: string;
  readonly outlook: SpendOutlook;
  readonly methods: readonly { readonly id: string; readonly words: string }[];
  readonly measure: OutlookMeasure;
  /** Null when no earlier forecast of this month is stored. */
  readonly changed: { readonly sinceDay: string; readonly pico: bigint; readonly parts: readonly ChangePart[] } | null;
  /** Who made yesterday other than usual, by each label that splits this scope. */
  readonly movers: readonly { readonly by: SpendDimension; readonly movers: readonly Mover[]; readonly restPico: bigint }[];
  readonly timeToCap: readonly CapTime[];
  readonly timeToEmptyCredits: readonly CreditTime[];
}

/** What a scope is split by, to say who moved; each of them is covered by a rollup. */
const SPLITS: Record<ForecastScope, readonly SpendDimension[]> = { tenant: ['workflow', 'customer', 'model'], workflow: ['customer', 'model'], customer: ['workflow'], provider: ['model', 'workflow'] };
const MOVERS_SHOWN = 5;
/** Yesterday, and the same weekday of four weeks before it. */
const MOVER_DAYS = 36;

export async function readForecast(db: Database, tenantId: string, ask: ForecastAsk, nowMs: number): Promise<Forecast> {
  const caps = await listCaps(db, tenantId, nowMs);
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const team = await readTeamDay(tx, tenantId, nowMs);
    const facts = await readOutlookFacts(tx, tenantId, labelsOf(ask.scope, ask.subject), team);
    const outlook = outlookOf(facts);
    const earlier = await readForecastBefore(tx, tenantId, ask.scope, ask.subject, team.today);
    const credits = ask.scope === 'tenant' ? await readCreditTimes(tx, tenantId, team) : ask.scope === 'customer' ? await readCreditTimes(tx, tenantId, team, ask.subject) : [];
    return {
      ...ask, timeZone: team.timeZone, today: team.today, outlook, methods: wordsOfMethods(outlook.methods), measure: measureOutlook(facts),
      changed: earlier === null ? null : compareOutlook({ today: team.today, byDay: outlook.byDay }, earlier),
      movers: await readMovers(tx, tenantId, ask, team),
      timeToCap: await readCapTimes(tx, tenantId, caps, ask, team), timeToEmptyCredits: credits,
    };
  });
}

async function readMovers(tx: PoolClient, tenantId: string, { scope, subject }: ForecastAsk, { nowMs }: TeamDay): Promise<Forecast['movers']> {
  const all: Forecast['movers'][number][] = [];
  for (const by of SPLITS[scope]) {
    const { sums } = await readDailySums(tx, { tenantId, labels: labelsOf(scope, subject), by, metric: 'cost', daysBefore: MOVER_DAYS }, nowMs);
    all.push({ by, ...findMovers(by, new Map([...sums].map(([name, values]) => [name, toPicos(values)])), MOVERS_SHOWN) });
  }
  return all;
}
