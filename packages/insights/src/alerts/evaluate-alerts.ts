/** The job of all rules but spikes: every minute, every team that has rules, what each sees now. Facts are read once a team and round; several workers at once come to the same alerts. */
import { addDays, DAY_MS, dayStartMs, localDay, parseDecimal, PICO_PER_USD } from '@outlay/kernel';
import { listDecisions } from '@outlay/gate';
import { CHECKS, countUnpriced, type Grouping, listBalances, modelFamily, type Summary, summarise } from '@outlay/ledger';
import { listCaps, readCreditStandings } from '@outlay/plans';
import type { Database } from '@outlay/platform';
import { listConnections, readDriftFacts } from '@outlay/providers';
import { eachTeam, findUntoldDemoTeams, type Team } from '@outlay/tenancy';
import { type Budget, readBudgets } from '../budgets/save-budget';
import { readForecastsOf } from '../forecast/store-forecasts';
import { type AlertRule, RULE_KINDS, type RuleKind } from './alert-rule';
import { ensureDefaultRules } from './default-rules';
import { judgeBalance, judgeShare, judgeSilence, judgeSyncs, judgeUnpriced } from './judge-health';
import { type BudgetFact, judgeBudgets, judgeCaps, judgeCredits, judgeDrift, judgeForecasts, type Month, type StopFact } from './judge-money';
import { openAlert, resolveAlerts, touchAlert } from './raise-alert';
import { settingsOf } from './rule-settings';
import type { Seen } from './seen';
import { lockAlertByKey, lockOpenAlerts } from './store-alerts';
import { readRules } from './store-rules';

export interface EvaluateDependencies {
  readonly db: Database;
  /** Told that a team's alerts changed. */
  readonly onActivity?: ((tenantId: string) => void) | undefined;
  readonly log?: ((sentence: string, tenantId: string, error: unknown) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Absent: every rule but those of spikes. */
  readonly kinds?: readonly RuleKind[] | undefined;
}

const KINDS = RULE_KINDS.filter((kind) => kind !== 'spike');
const MINUTE_MS = 60_000;
/** A begin that met a cap counts so long. */
const STOPS_BACK_MS = 10 * MINUTE_MS;
const STOPS_MAX = 500;
/** Bills are corrected within days; what was apart longer ago was told. */
const DRIFT_DAYS = 7;

/** How many alerts fired. A team that fails keeps no other back. */
export async function evaluateAlerts(deps: EvaluateDependencies, nowMs: number, tenantId?: string): Promise<number> {
  let fired = 0;
  const untold = tenantId === undefined ? await findUntoldDemoTeams(deps.db) : new Set<string>();
  for await (const team of eachTeam(deps.db)) {
    if (deps.signal?.aborted) break;
    if (untold.has(team.tenantId) || (tenantId !== undefined && team.tenantId !== tenantId)) continue;
    try {
      fired += await evaluateTeam(deps, team, nowMs);
    } catch (error) {
      deps.log?.('The alert rules of a team could not be looked at; the next round tries again.', team.tenantId, error);
    }
  }
  return fired;
}

async function evaluateTeam({ db, onActivity, kinds = KINDS }: EvaluateDependencies, team: Team, nowMs: number): Promise<number> {
  const { tenantId, timeZone } = team;
  const rules = await db.withTenant(tenantId, async (tx) => {
    await ensureDefaultRules(tx, tenantId, nowMs);
    return await readRules(tx, { kinds, enabledOnly: true });
  });
  const look = createLook(db, team, nowMs);
  let [fired, changed] = [0, false];
  for (const rule of rules) {
    const seen = narrow(rule, await look(rule));
    if (seen.length === 0 && !await hasOpen(db, tenantId, rule)) continue;
    await db.withTenant(tenantId, async (tx) => {
      // One round at a time: what lasts over midnight is not begun again by a worker whose day is another.
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('outlay.alerts ' || $1, 0))`, [rule.id]);
      const watch = { tenantId, timeZone, nowMs };
      const open = await lockOpenAlerts(tx, rule.id);
      const ids = new Set<string>();
      for (const { onlyIfKnown = false, ...each } of seen) {
        const known = each.windowKey === null ? open.find((alert) => alert.subject === each.subject && alert.thresholdKey === each.thresholdKey) : undefined;
        const windowKey = each.windowKey ?? known?.windowKey ?? `d${localDay(nowMs, timeZone)}`;
        if (onlyIfKnown) {
          const stored = await lockAlertByKey(tx, { ruleId: rule.id, subject: each.subject, windowKey, thresholdKey: each.thresholdKey });
          if (stored === null) continue;
          await touchAlert(tx, rule, stored.id, watch, each);
          ids.add(stored.id);
          continue;
        }
        const raised = await openAlert(tx, rule, { ...each, windowKey }, watch);
        ids.add(raised.alertId);
        if (raised.firedNow) fired++;
      }
      const resolved = await resolveAlerts(tx, rule, ids, watch);
      // Facts of what goes on move too, and what is pending stands in the list.
      changed ||= ids.size > 0 || resolved.length > 0;
    });
  }
  if (changed) onActivity?.(tenantId);
  return fired;
}

async function hasOpen(db: Database, tenantId: string, rule: AlertRule): Promise<boolean> {
  return await db.withTenant(tenantId, async (tx) => ((await tx.query(`SELECT 1 FROM alerts WHERE rule_id = $1 AND state <> 'resolved' LIMIT 1`, [rule.id])).rowCount ?? 0) > 0);
}

/** A rule about one subject sees no other. */
function narrow(rule: AlertRule, seen: readonly Seen[]): readonly Seen[] {
  return rule.subject === null ? seen : seen.filter(({ subject }) => subject === rule.subject);
}

type Look = (rule: AlertRule) => Promise<Seen[]>;

function createLook(db: Database, { tenantId, timeZone }: Team, nowMs: number): Look {
  const today = localDay(nowMs, timeZone);
  const month: Month = { month: today.slice(0, 7), startMs: dayStartMs(`${today.slice(0, 7)}-01`, timeZone) };
  const sums = createSums(db, tenantId, nowMs);
  let budgets: Promise<BudgetFact[]> | undefined;
  const budgetFacts = (): Promise<BudgetFact[]> => (budgets ??= readBudgetFacts(db, tenantId, sums, { month, today, nowMs }));

  const looks: { readonly [K in Exclude<RuleKind, 'spike'>]: Look } = {
    budget: async (rule) => judgeBudgets(settingsOf(rule, 'budget'), await budgetFacts(), month),
    forecast: async (rule) => judgeForecasts(settingsOf(rule, 'forecast'), await budgetFacts(), month),
    cap_reached: async (rule) => {
      const caps = (await listCaps(db, tenantId, nowMs)).filter(({ source, disabledAt, expiresAt }) => source !== 'alert' && disabledAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs));
      const counted = caps.flatMap(({ id, name, mode, used, limit, windowStart }) => (used === null || windowStart === null ? [] : [{ id, name, mode, used, limit, windowStart }]));
      const rows = await db.withTenant(tenantId, (tx) => listDecisions(tx, { verdict: 'stopped', limit: STOPS_MAX }));
      const stops = new Map<string, StopFact>();
      for (const { atMs, blockedBy, customerId } of rows) {
        const cap = caps.find(({ id, used }) => id === blockedBy && used === null);
        if (cap === undefined || atMs < nowMs - STOPS_BACK_MS) continue;
        const key = JSON.stringify([cap.id, customerId]);
        stops.set(key, { capId: cap.id, capName: cap.name, mode: cap.mode, customerId, lastMs: Math.max(atMs, stops.get(key)?.lastMs ?? 0), times: (stops.get(key)?.times ?? 0) + 1 });
      }
      return judgeCaps(settingsOf(rule, 'cap_reached'), counted, [...stops.values()]);
    },
    error_share: async (rule) => await lookAtShare(rule, 'error_share', 'failed', sums, nowMs),
    retry_share: async (rule) => await lookAtShare(rule, 'retry_share', 'retries', sums, nowMs),
    unpriced: async (rule) => judgeUnpriced(settingsOf(rule, 'unpriced'), (await countUnpriced(db, tenantId, { timeZone, nowMs }))?.rows ?? 0, nowMs),
    sync_broken: async (rule) => judgeSyncs(settingsOf(rule, 'sync_broken'), (await listConnections(db, tenantId, nowMs)).map(({ lastSuccessAt, createdAt, ...each }) => ({
      ...each, lastSuccessMs: lastSuccessAt?.getTime() ?? null, createdMs: createdAt.getTime(),
    })), nowMs),
    drift: async (rule) => judgeDrift(settingsOf(rule, 'drift'), await db.withTenantSnapshot(tenantId, (tx) => readDriftFacts(tx, { fromDay: addDays(localDay(nowMs, 'UTC'), -DRIFT_DAYS), toDay: localDay(nowMs, 'UTC') }))),
    balance_broken: async (rule) => {
      const proof = (await listBalances(db, tenantId)).find(({ state }) => state === 'done');
      return judgeBalance(settingsOf(rule, 'balance_broken'), proof === undefined ? null : {
        id: proof.id, state: 'done', finishedMs: proof.finishedAt?.getTime() ?? nowMs, failure: null,
        faults: proof.checks.flatMap(({ name, state, fault }) => (state === 'failed' ? [{ check: CHECKS[name].title, message: fault?.message ?? 'It does not hold.' }] : [])),
      });
    },
    credits_low: async (rule) => judgeCredits(settingsOf(rule, 'credits_low'), await db.withTenant(tenantId, (tx) => readCreditStandings(tx, tenantId, nowMs)), nowMs),
    no_data: async (rule) => {
      const settings = settingsOf(rule, 'no_data');
      const lately = nowMs - settings.minutes * MINUTE_MS;
      const by = rule.scope === 'workflow' ? 'workflow' : null;
      const [now, before] = [await sums(by, lately, nowMs), await sums(by, lately - 7 * DAY_MS, lately)];
      const facts = by === null ? [{ subject: '', callsLately: countOf(now.totals, 'calls'), callsBefore: countOf(before.totals, 'calls') }]
        : before.groups.map(({ keys, measures }) => ({
          subject: keys.workflow ?? '', callsBefore: countOf(measures, 'calls'), callsLately: countOf(now.groups.find((each) => each.keys.workflow === keys.workflow)?.measures, 'calls'),
        })).filter(({ subject }) => subject !== '');
      return judgeSilence(settings, facts, nowMs);
    },
  };
  return async (rule) => await looks[rule.kind as Exclude<RuleKind, 'spike'>](rule);
}

type Sums = (by: Grouping | null, fromMs: number, toMs: number, filter?: { readonly customerId?: string }) => Promise<Summary>;

/** Each question is asked once a round. */
function createSums(db: Database, tenantId: string, nowMs: number): Sums {
  const known = new Map<string, Promise<Summary>>();
  return (by, fromMs, toMs, filter = {}) => {
    const key = JSON.stringify([by, fromMs, toMs, filter]);
    const sum = known.get(key) ?? summarise(db, { tenantId }, { filter: { fromMs, toMs, ...filter }, groupBy: by === null ? [] : [by] }, nowMs);
    known.set(key, sum);
    return sum;
  };
}

async function lookAtShare(rule: AlertRule, kind: 'error_share' | 'retry_share', measure: 'failed' | 'retries', sums: Sums, nowMs: number): Promise<Seen[]> {
  const settings = settingsOf(rule, kind);
  const by = rule.scope === 'workflow' || rule.scope === 'model' || rule.scope === 'provider' ? rule.scope : null;
  const { totals, groups } = await sums(by, nowMs - settings.windowMinutes * MINUTE_MS, nowMs);
  const facts = by === null ? [{ subject: '', calls: countOf(totals, 'calls'), bad: countOf(totals, measure) }]
    : groups.map(({ keys, measures }) => ({ subject: keys[by] ?? '', calls: countOf(measures, 'calls'), bad: countOf(measures, measure) })).filter(({ subject }) => subject !== '');
  return judgeShare(kind, settings, facts, nowMs);
}

async function readBudgetFacts(db: Database, tenantId: string, sums: Sums, { month, today, nowMs }: { readonly month: Month; readonly today: string; readonly nowMs: number }): Promise<BudgetFact[]> {
  const { budgets, forecasts } = await db.withTenant(tenantId, async (tx) => {
    const stored = await readBudgets(tx);
    if (stored.length === 0) return { budgets: stored, forecasts: [] };
    // In the first hour of a day its forecast is not made yet; yesterday's is of this month or none.
    const made = await readForecastsOf(tx, tenantId, today);
    const yesterday = addDays(today, -1);
    return { budgets: stored, forecasts: made.length > 0 || !yesterday.startsWith(month.month) ? made : await readForecastsOf(tx, tenantId, yesterday) };
  });
  const facts: BudgetFact[] = [];
  for (const budget of budgets) {
    const { scope, subject, monthPico } = budget;
    facts.push({
      scope, subject, budgetPico: BigInt(monthPico), spentPico: await spentOf(budget, sums, month.startMs, nowMs),
      forecastPico: forecasts.find((each) => each.scope === scope && each.subject === (subject ?? ''))?.monthEndPico ?? null,
    });
  }
  return facts;
}

/** At the ceiling: what has no price yet counts as the dearest that it may be. */
async function spentOf({ scope, subject }: Budget, sums: Sums, fromMs: number, nowMs: number): Promise<bigint> {
  const pico = (measures: Summary['totals'] | undefined): bigint => picoOf(measures?.['ceiling_usd']);
  if (fromMs >= nowMs) return 0n;
  if (scope === 'tenant') return pico((await sums(null, fromMs, nowMs)).totals);
  // Customers may be more than a summary lists.
  if (scope === 'customer') return pico((await sums(null, fromMs, nowMs, { customerId: subject! })).totals);
  const { groups } = await sums(scope, fromMs, nowMs);
  return groups.filter(({ keys }) => (scope === 'model' ? modelFamily(keys.model ?? '') : keys[scope]) === subject).reduce((sum, { measures }) => sum + pico(measures), 0n);
}

export function picoOf(usd: number | string | null | undefined): bigint {
  const value = typeof usd === 'string' ? parseDecimal(usd) : null;
  return value === null ? 0n : (value.num * PICO_PER_USD) / value.den;
}

function countOf(measures: Summary['totals'] | undefined, name: string): number {
  return Number(measures?.[name] ?? 0);
}
