/** Whether a series passes a rule now, by which threshold, and by how much. Pure. */
import { DEFAULT_HOUR_PICO, type SpikeRuleSettings, type SpikeScope } from './spike-settings';
import type { SpendState } from './spend-series';

type SpikeReason = 'hour_amount' | 'hour_times' | 'budget_share' | 'unusual';

export interface Spike {
  readonly scope: SpikeScope;
  readonly subject: string;
  readonly name: string;
  readonly reason: SpikeReason;
  readonly startMs: number;
  /** Times the threshold. */
  readonly score: number;
  /** US dollars of the span that is judged. */
  readonly actualUsd: number;
  readonly usualUsd: number | null;
  readonly limitUsd: number | null;
  readonly spanMs: number;
  /** Above the usual; all of it where nothing is known. */
  readonly excessUsd: number;
}

export interface JudgeFacts {
  readonly nowMs: number;
  /** Enough is known of the team to tell what is usual: the default amount no longer holds. */
  readonly isWarm: boolean;
  /** US dollars of a day's part of the month's budget; null without one. */
  readonly dayBudgetUsd: number | null;
  /** What the whole team spends in a day; null while that is unknown. */
  readonly teamDayUsd: number | null;
}

/** What is unusual of a small spender is nothing to a team that spends a hundred times as much. */
export const TEAM_SHARE_MIN = 0.05;

const HOUR_MS = 3_600_000;

export function judgeSeries(state: SpendState, settings: SpikeRuleSettings, { nowMs, isWarm, dayBudgetUsd, teamDayUsd }: JudgeFacts): Spike | null {
  const { scope, subject, name, incident } = state;
  const hour = state.hourUsd(nowMs);
  const amount = settings.hourPico !== null ? usdOf(settings.hourPico) : isWarm ? null : usdOf(DEFAULT_HOUR_PICO.toString());
  // Only now does it matter what is usual.
  if (hour > 0 && ((amount !== null && hour >= amount) || (settings.hourTimes !== null && hour >= usdOf(settings.minPico)))) state.wake();
  const usual = state.usualHourUsd;
  const excess = hour - (usual ?? 0);
  const min = usdOf(settings.minPico);
  const found = (reason: SpikeReason, limit: number): Spike => ({
    scope, subject, name, reason, startMs: state.surgeStartMs(nowMs), score: hour / limit, actualUsd: hour, usualUsd: usual, limitUsd: limit, spanMs: HOUR_MS, excessUsd: Math.max(excess, 0),
  });
  const spikes: Spike[] = [];
  if (amount !== null && hour > 0 && hour >= amount) spikes.push(found('hour_amount', amount));
  if (settings.hourTimes !== null && usual !== null && usual > 0 && excess >= min && hour >= usual * settings.hourTimes) spikes.push(found('hour_times', usual * settings.hourTimes));
  if (settings.budgetShare !== null && dayBudgetUsd !== null && hour > 0 && hour >= dayBudgetUsd * settings.budgetShare) spikes.push(found('budget_share', dayBudgetUsd * settings.budgetShare));
  if (settings.unusual && incident !== null && incident.excessUsd >= Math.max(min, (teamDayUsd ?? 0) * TEAM_SHARE_MIN)) {
    const { alert } = incident;
    spikes.push({
      scope, subject, name, reason: 'unusual', startMs: incident.startMs, score: alert.score, actualUsd: alert.actual, usualUsd: alert.expected, limitUsd: null, spanMs: alert.windowMs, excessUsd: incident.excessUsd,
    });
  }
  // What its author set is named before what was found.
  return spikes[0] ?? null;
}

export function usdOf(pico: string | bigint): number {
  return Number(pico) / 1e12;
}
