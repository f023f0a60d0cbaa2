/**
 * Budgets, a channel, rules and alerts of a demo team: set up the way people do, then the story's days are looked at again by the same watch and rules that look at every team, with the clock
 * of the story. Safe to run again after a crash: what was told until some moment is not told again.
 */
import { dayStartMs, localDay } from '@outlay/kernel';
import { summarise } from '@outlay/ledger';
import type { Database, Log, SecretBox } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import type { RuleKind } from '../alerts/alert-rule';
import { acknowledgeAlert } from '../alerts/answer-alert';
import { evaluateAlerts } from '../alerts/evaluate-alerts';
import { listAlerts } from '../alerts/read-alerts';
import { listRules, saveRule } from '../alerts/save-rule';
import { saveBudget } from '../budgets/save-budget';
import { type By, listChannels, saveChannel } from '../channels/save-channel';
import { subscribeDigest } from '../digests/subscribe-digest';
import { makeForecasts } from '../forecast/make-forecasts';
import { actOnAlert } from '../spikes/act-on-alert';
import { createSpendWatch } from '../spikes/watch-spend';
import { budgetUsd, type DemoMoment, demoMoments } from './demo-moments';

export interface DemoAlertsDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly prices: PriceBooks;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

export interface DemoAlertsInput {
  readonly by: By;
  readonly timeZone: string;
  readonly endMs: number;
  /** Days of the story, by their beginning, on which the watch sees something. */
  readonly incidentDaysMs: readonly number[];
  /** Who automates, and costs more than before. */
  readonly outlier: string;
  /** Gets the week's summary; null where the owner is a person who did not ask for it. */
  readonly digestTo: string | null;
}

/** Nobody reads mail there: what is made up is told to no real person. */
const ON_CALL = { name: 'On call (made up)', to: ['on-call@outlay.example'] } as const;
const MINUTE_MS = 60_000;

export async function setUpDemoAlerts({ db, box, prices, log, signal }: DemoAlertsDependencies, input: DemoAlertsInput): Promise<void> {
  const { by, endMs, outlier, digestTo } = input;
  const { tenantId } = by;
  const moments = demoMoments(input);
  const beganMs = moments[0]!.atMs;
  await setUpRules(db, box, by, beganMs);
  await setUpBudgets(db, input);
  if (digestTo !== null) await subscribeDigest(db, by, digestTo, 'weekly', beganMs);
  let nowMs = endMs;
  const watch = createSpendWatch({ db, log, prices, now: () => nowMs, signal });
  const evaluate = async (kinds?: readonly RuleKind[]): Promise<void> => void await evaluateAlerts({ db, signal, kinds }, nowMs, tenantId);
  const looks: Record<DemoMoment['look'], () => Promise<void>> = {
    spend: async () => {
      await watch.run(tenantId);
      await answerSpike(db, by, outlier, nowMs);
    },
    // These rules see what was known then; the others see what is stored now.
    budgets: () => evaluate(['budget']),
    forecast: async () => {
      await makeForecasts(db, tenantId, nowMs);
      await evaluate(['budget', 'forecast']);
    },
    end: async () => {
      await makeForecasts(db, tenantId, nowMs);
      await evaluate();
    },
  };
  const toldMs = await readLastTold(db, tenantId, endMs);
  for (const { atMs, look } of moments) {
    if (signal?.aborted) return;
    if (atMs <= toldMs) continue;
    nowMs = atMs;
    await looks[look]();
  }
}

/** Everything goes to one channel of made-up people, and drift between ledger and bill is told too. */
async function setUpRules(db: Database, box: SecretBox, by: By, atMs: number): Promise<void> {
  const known = (await listChannels(db, by.tenantId, atMs)).find(({ name }) => name === ON_CALL.name);
  const channelIds = [known?.id ?? (await saveChannel(db, box, by, { kind: 'email', ...ON_CALL }, atMs)).channel.id];
  const rules = await listRules(db, by.tenantId, atMs);
  for (const { id, kind, channelIds: told } of rules) if (told.join() !== channelIds.join()) await saveRule(db, by, { id, kind, channelIds }, atMs);
  if (!rules.some(({ kind }) => kind === 'drift')) await saveRule(db, by, { kind: 'drift', channelIds }, atMs);
}

/** Of the month until now, so that whatever the day there is something to see: the one of the last 30 days says how much a month is. */
async function setUpBudgets(db: Database, { by, timeZone, endMs, outlier }: DemoAlertsInput): Promise<void> {
  const { tenantId } = by;
  const monthStartMs = dayStartMs(`${localDay(endMs, timeZone).slice(0, 7)}-01`, timeZone);
  const spentUsd = async (customerId?: string): Promise<number> => {
    const { totals } = await summarise(db, { tenantId }, { filter: { fromMs: monthStartMs, toMs: endMs, ...(customerId === undefined ? {} : { customerId }) }, groupBy: [] }, endMs);
    return Number(totals['ceiling_usd'] ?? 0);
  };
  await saveBudget(db, by, { scope: 'tenant', monthUsd: budgetUsd(await spentUsd()) }, monthStartMs);
  await saveBudget(db, by, { scope: 'customer', subject: outlier, monthUsd: budgetUsd(await spentUsd(outlier)) }, monthStartMs);
}

/** Somebody knows of it, and slows the customer down for some hours. Once. */
async function answerSpike(db: Database, by: By, outlier: string, seenMs: number): Promise<void> {
  const { rows } = await listAlerts(db, by.tenantId, { state: 'firing', kind: 'spike' }, seenMs);
  const about = rows.find(({ scope, subject, acknowledgedBy }) => scope === 'customer' && subject === outlier && acknowledgedBy === null);
  if (about === undefined) return;
  await acknowledgeAlert(db, by, about.id, seenMs + 6 * MINUTE_MS);
  await actOnAlert(db, by, about.id, { kind: 'throttle', perMinute: 5, expiresInMinutes: 240 }, seenMs + 9 * MINUTE_MS);
}

/** Until when the story was told before a crash. What a running Outlay saw meanwhile is later than its end. */
async function readLastTold(db: Database, tenantId: string, endMs: number): Promise<number> {
  const { rows: [row] } = await db.withTenant(tenantId, (tx) => tx.query<{ at: Date | null }>('SELECT max(at) AS at FROM alert_events WHERE at <= $1', [new Date(endMs)]));
  return row?.at?.getTime() ?? 0;
}
