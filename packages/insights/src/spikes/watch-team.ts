/** One team's look at its spend: every rule of kind `spike` against what the process remembers, and what is open in the database. */
import { DAY_MS, localDay } from '@outlay/kernel';
import type { Database, Log } from '@outlay/platform';
import type { PricedCost, PricingInput } from '@outlay/pricing';
import type { PoolClient } from 'pg';
import type { AlertRule } from '../alerts/alert-rule';
import { ensureDefaultRules } from '../alerts/default-rules';
import { openAlert, resolveAlerts, touchAlert, type Watch } from '../alerts/raise-alert';
import { lockRule, readRules } from '../alerts/store-rules';
import type { ActionTarget } from './alert-action';
import { chooseSpikes, type ChosenSpike, isTold } from './choose-spikes';
import { explainSpike } from './explain-spike';
import { judgeSeries, type Spike } from './judge-series';
import type { SpendState } from './spend-series';
import { readSpikeSettings, scopesOf } from './spike-settings';
import { factsOf, titleOf } from './spike-words';
import { type MonthBudget, readMonthBudgets, readOpenSpikes, saveExplanation } from './store-spikes';
import { polledNow, type TeamMemory, type WatchedTeam } from './team-memory';

/** Enough days to know what is usual. */
export const WARM_MS = 8 * DAY_MS;

export interface JudgeDeps {
  readonly db: Database;
  readonly log: Log;
  readonly nowMs: number;
  readonly price: (input: PricingInput) => PricedCost;
}

export interface FiredAlert {
  readonly rule: AlertRule;
  readonly alertId: string;
  readonly target: ActionTarget;
}

/** `acting`: what is open under rules that act by themselves; whether they did is for the caller to see, for a crash may have come between. */
export async function judgeTeam(memory: TeamMemory, team: WatchedTeam, deps: JudgeDeps): Promise<{ readonly acting: readonly FiredAlert[]; readonly changed: boolean }> {
  const { db, nowMs } = deps;
  const [rules, budgets] = await db.withTenant(team.tenantId, async (tx) => {
    await ensureDefaultRules(tx, team.tenantId, nowMs);
    return [await readRules(tx, { kinds: ['spike'], enabledOnly: true }), await readMonthBudgets(tx)] as const;
  });
  const acting: FiredAlert[] = [];
  let changed = false;
  for (const rule of rules) {
    const chosen = (['ledger', 'polled'] as const).map((origin) => spikesOf(rule, memory, origin, team, budgets, nowMs));
    const open = await db.withTenant(team.tenantId, (tx) => readOpenSpikes(tx, rule.id));
    // Most minutes nothing is wrong, and nothing is written.
    if (open.length === 0 && chosen.every((spikes) => spikes.length === 0)) continue;
    const seen = await db.withTenant(team.tenantId, (tx) => raise(tx, rule, chosen[0]!, chosen[1]!, memory, team, deps));
    changed = true;
    if (rule.action !== null) acting.push(...[...seen].map(([alertId, target]) => ({ rule, alertId, target })));
  }
  return { acting, changed };
}

/** What a rule sees now, one of each incident. */
function spikesOf(rule: AlertRule, memory: TeamMemory, origin: 'ledger' | 'polled', team: WatchedTeam, budgets: readonly MonthBudget[], nowMs: number): ChosenSpike[] {
  const settings = readSpikeSettings(rule);
  const scopes = scopesOf(rule, settings);
  const states = [...memory[origin].values()].filter(({ scope, subject }) => scopes.includes(scope) && (rule.subject === null || rule.subject === subject));
  const atMs = origin === 'ledger' ? nowMs : polledNow(memory, nowMs);
  const spikes = states.flatMap((state): Spike[] => {
    const isWarm = origin === 'ledger' && nowMs - memory.sinceMs >= WARM_MS;
    const teamDayUsd = origin === 'ledger' ? (memory.ledger.get('tenant ')?.dayMeanUsd ?? null) : null;
    const spike = judgeSeries(state, settings, { nowMs: atMs, isWarm, dayBudgetUsd: dayBudgetOf(state, budgets, nowMs, team.timeZone), teamDayUsd });
    return spike === null ? [] : [spike];
  });
  // A rule about each of one scope tells of each.
  if (scopes.length === 1) return spikes.map((spike) => ({ ...spike, also: [] }));
  return chooseSpikes(spikes, (scope) => states.filter((state) => state.scope === scope).length > 1);
}

export function dayBudgetOf({ scope, subject }: Pick<SpendState, 'scope' | 'subject'>, budgets: readonly MonthBudget[], nowMs: number, timeZone: string): number | null {
  const own = budgets.filter((budget) => budget.scope === scope && (budget.subject === null || budget.subject === subject));
  if (own.length === 0) return null;
  const [year, month] = localDay(nowMs, timeZone).split('-').map(Number) as [number, number];
  return Math.min(...own.map(({ monthUsd }) => monthUsd)) / new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** One worker after the other: what is open decides whether a spike is news, whatever this process remembers. Answers what it saw. */
async function raise(tx: PoolClient, asked: AlertRule, ledger: readonly ChosenSpike[], polled: readonly ChosenSpike[], memory: TeamMemory, team: WatchedTeam, deps: JudgeDeps): Promise<ReadonlyMap<string, ActionTarget>> {
  const rule = await lockRule(tx, asked.id);
  if (rule === null || !rule.enabled) return new Map();
  const watch: Watch = { tenantId: team.tenantId, timeZone: team.timeZone, nowMs: deps.nowMs };
  const open = await readOpenSpikes(tx, rule.id);
  const seen = new Map<string, ActionTarget>();
  for (const [isPolled, spikes] of [[false, ledger], [true, polled]] as const) {
    for (const spike of spikes) {
      const told = open.find((each) => each.isPolled === isPolled && isTold(each, spike));
      if (told !== undefined) {
        const isSame = told.scope === spike.scope && told.subject === spike.subject;
        const raised = await touchAlert(tx, rule, told.alertId, watch, isSame ? { facts: keepGreatest(told.excessUsd, spike, isPolled) } : {});
        if (raised !== null) seen.set(raised.alertId, { scope: told.scope, subject: told.subject, isPolled });
        continue;
      }
      const { alertId, firedNow } = await openAlert(tx, { ...rule, scope: spike.scope }, {
        subject: spike.subject, windowKey: windowKeyOf(spike), thresholdKey: spike.scope, severity: spike.score >= 3 ? 'critical' : 'warning', title: titleOf(spike), facts: factsOf(spike, isPolled), startedAtMs: spike.startMs,
      }, watch);
      seen.set(alertId, { scope: spike.scope, subject: spike.subject, isPolled });
      if (firedNow) await explain(tx, alertId, spike, isPolled, memory, team, deps);
    }
  }
  await resolveAlerts(tx, rule, new Set(seen.keys()), watch);
  return seen;
}

/** Facts of an alert are those of its worst moment: they say what it was about when it is over. */
function keepGreatest(toldUsd: number, spike: ChosenSpike, isPolled: boolean): Record<string, unknown> | undefined {
  return spike.excessUsd > toldUsd ? factsOf(spike, isPolled) : undefined;
}

/** The incident's own: a later one of the same subject is another alert. */
function windowKeyOf({ startMs }: Spike): string {
  return new Date(startMs).toISOString().slice(0, 16);
}

/** An alert without a reason is better than none. */
async function explain(tx: PoolClient, alertId: string, spike: ChosenSpike, polled: boolean, memory: TeamMemory, team: WatchedTeam, { nowMs, price, log }: JudgeDeps): Promise<void> {
  await tx.query('SAVEPOINT explaining');
  try {
    const explanation = await explainSpike(tx, { scope: spike.scope, subject: spike.subject, startMs: spike.startMs, polled }, { timeZone: team.timeZone, sinceMs: polled ? 0 : memory.sinceMs, nowMs, price });
    await saveExplanation(tx, alertId, explanation);
  } catch (error) {
    log.warn({ tenantId: team.tenantId, alertId, err: error }, 'A spike could not be explained; it is told without.');
    await tx.query('ROLLBACK TO SAVEPOINT explaining');
  }
}
