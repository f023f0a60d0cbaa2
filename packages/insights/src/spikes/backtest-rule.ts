/** How often a rule of kind `spike` would have fired in the last 30 days, on the team's own ledger: the production watch, played through day by day without looking ahead. */
import { DAY_MS } from '@outlay/kernel';
import { readFirstRowMs, readSpendSeries, readSpendSubjects, type SpendSubjects } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { setImmediate } from 'node:timers/promises';
import { PATIENCE } from '../alerts/alert-rule';
import { chooseSpikes, type ChosenSpike, isTold, type OpenSpike } from './choose-spikes';
import { judgeSeries, type Spike, TEAM_SHARE_MIN, usdOf } from './judge-series';
import { BUCKET_MS, type SpendState } from './spend-series';
import { DEFAULT_HOUR_PICO, readSpikeSettings, scopesOf, type SpikeRuleSettings, type SpikeScope } from './spike-settings';
import { titleOf } from './spike-words';
import { readMonthBudgets } from './store-spikes';
import { createState, type WatchedTeam } from './team-memory';
import { dayBudgetOf, WARM_MS } from './watch-team';

export interface TriedRule {
  readonly scope: SpikeScope;
  readonly subject: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly builtIn: boolean;
}

export interface RuleBacktest {
  /** Days that were judged: fewer than 30 of a team that is younger. */
  readonly days: number;
  readonly count: number;
  readonly alerts: readonly { readonly at: string; readonly scope: SpikeScope; readonly subject: string; readonly score: number; readonly title: string }[];
}

const JUDGED_DAYS = 30;
const LEARNT_DAYS = 28;
const SLICE_MS = 2 * DAY_MS;
/** Of each kind, the greatest. */
const SUBJECTS_MAX = 25;
const HOUR_MS = 3_600_000;

interface Recorded {
  readonly scope: SpikeScope;
  readonly subject: string;
  /** Whether the rule looks at it; the whole team is known in any case. */
  readonly isAsked: boolean;
  readonly usd: Map<number, number>;
}

interface Told extends OpenSpike {
  lastSeenMs: number;
}

/** Only the ledger's past: of what was polled the buckets of a minute are not kept for long enough. */
export async function backtestRule(db: Database, team: WatchedTeam, rule: TriedRule, nowMs: number): Promise<RuleBacktest> {
  const settings = readSpikeSettings(rule);
  const scopes = scopesOf(rule, settings);
  const judgedMs = nowMs - JUDGED_DAYS * DAY_MS;
  const startMs = judgedMs - LEARNT_DAYS * DAY_MS;
  const [firstMs, budgets] = await db.withTenant(team.tenantId, async (tx) => [await readFirstRowMs(tx, { fromMs: startMs, toMs: nowMs }), await readMonthBudgets(tx)] as const);
  if (firstMs === null) return { days: 0, count: 0, alerts: [] };
  const subjects = await db.withTenant(team.tenantId, (tx) => readSpendSubjects(tx, { fromMs: firstMs, toMs: nowMs }, SUBJECTS_MAX));
  const asked = narrow(subjects, rule, scopes);
  const firstBucketMs = Math.floor(firstMs / BUCKET_MS) * BUCKET_MS;
  const endMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
  const history = new Map<string, Recorded>();
  for (let fromMs = firstBucketMs; fromMs < endMs; fromMs += SLICE_MS) {
    for (const { scope, subject, points } of await db.withTenant(team.tenantId, (tx) => readSpendSeries(tx, { fromMs, toMs: Math.min(fromMs + SLICE_MS, endMs), bucketMs: BUCKET_MS }, asked))) {
      const isAsked = scopes.includes(scope) && (rule.subject === null || rule.subject === subject);
      if (!isAsked && scope !== 'tenant') continue;
      const known = history.get(`${scope} ${subject}`) ?? { scope, subject, isAsked, usd: new Map<number, number>() };
      history.set(`${scope} ${subject}`, known);
      for (const { startMs: at, usd } of points) known.usd.set(at, usd);
    }
  }
  const spent = [...(history.get('tenant ')?.usd.values() ?? [])].reduce((sum, usd) => sum + usd, 0);
  const least = leastUsd(settings, budgets.length > 0, (spent * DAY_MS) / Math.max(nowMs - firstMs, DAY_MS));
  const played = [...history.values()].filter((recorded) => recorded.scope === 'tenant' || peakUsd(recorded.usd) >= least)
    .map((recorded) => ({ ...recorded, state: createState(team, recorded.scope, recorded.subject, recorded.subject, [...recorded.usd.keys()].reduce((first, at) => Math.min(first, at), endMs)) }));
  const whole = played.find(({ scope }) => scope === 'tenant')?.state ?? null;
  const states: readonly SpendState[] = played.flatMap(({ isAsked, state }) => (isAsked ? [state] : []));
  const alerts: { at: string; scope: SpikeScope; subject: string; score: number; title: string }[] = [];
  let open: Told[] = [];

  const judge = (atMs: number): void => {
    const live = states.filter((state) => state.incident !== null || state.hourUsd(atMs) > 0);
    const teamDayUsd = whole?.dayMeanUsd ?? null;
    const spikes = live.flatMap((state): Spike[] => {
      const spike = judgeSeries(state, settings, { nowMs: atMs, isWarm: atMs - firstMs >= WARM_MS, dayBudgetUsd: budgets.length === 0 ? null : dayBudgetOf(state, budgets, atMs, team.timeZone), teamDayUsd });
      return spike === null ? [] : [spike];
    });
    open = open.filter(({ lastSeenMs }) => atMs - lastSeenMs < PATIENCE.spike.calmMs);
    if (spikes.length === 0) return;
    const chosen: ChosenSpike[] = scopes.length === 1 ? spikes.map((spike) => ({ ...spike, also: [] })) : chooseSpikes(spikes, (scope) => states.filter((state) => state.scope === scope).length > 1);
    for (const spike of chosen) {
      const told = open.find((each) => isTold(each, spike));
      if (told !== undefined) {
        told.lastSeenMs = atMs;
        continue;
      }
      open.push({ scope: spike.scope, subject: spike.subject, startMs: spike.startMs, excessUsd: spike.excessUsd, also: spike.also, lastSeenMs: atMs });
      if (atMs >= judgedMs) alerts.push({ at: new Date(atMs).toISOString(), scope: spike.scope, subject: spike.subject, score: Number(spike.score.toPrecision(4)), title: titleOf(spike) });
    }
  };

  for (let bucketMs = firstBucketMs; bucketMs < endMs; bucketMs += BUCKET_MS) {
    for (const { state, usd } of played) {
      const value = usd.get(bucketMs);
      if (value !== undefined) state.update(bucketMs, [{ startMs: bucketMs, usd: value }]);
      state.close(bucketMs + BUCKET_MS);
    }
    judge(bucketMs + BUCKET_MS - 1);
    if (bucketMs % HOUR_MS === 0) await setImmediate();
  }
  return { days: Math.min(JUDGED_DAYS, Math.floor((nowMs - firstMs) / DAY_MS)), count: alerts.length, alerts };
}

/** Whoever never spent so much within any window cannot pass the rule: most of a team's customers need no look. */
function leastUsd({ minPico, hourPico, budgetShare }: SpikeRuleSettings, hasBudgets: boolean, teamDayUsd: number): number {
  if (hasBudgets && budgetShare !== null) return 0;
  // Half of what it takes at the mean: the team may have been smaller then.
  const unusual = Math.max(usdOf(minPico), (teamDayUsd * TEAM_SHARE_MIN) / 2);
  return Math.min(unusual, usdOf(hourPico ?? DEFAULT_HOUR_PICO));
}

/** The most within the longest window of the detector. */
function peakUsd(usd: ReadonlyMap<number, number>): number {
  const points = [...usd].sort(([a], [b]) => a - b);
  let [sum, peak, from] = [0, 0, 0];
  for (const [at, value] of points) {
    sum += value;
    for (; points[from]![0] <= at - 5 * HOUR_MS; from++) sum -= points[from]![1];
    peak = Math.max(peak, sum);
  }
  return peak;
}

/** Nothing is told apart that the rule does not look at. */
function narrow(subjects: SpendSubjects, { scope, subject }: TriedRule, scopes: readonly SpikeScope[]): SpendSubjects {
  const of = (name: 'workflow' | 'customer' | 'model'): readonly string[] => (!scopes.includes(name) ? [] : subject !== null && scope === name ? [subject] : subjects[name]);
  return { workflow: of('workflow'), customer: of('customer'), model: of('model') };
}
