import type { Outputs } from '../api/trpc';
import { preparePointChange, prepareRelativeChange, type Change } from '../overview/prepare-change';
import { shareOf } from '../overview/prepare-stats';
import { formatExactUsd, formatMoney, readPico } from '../ui/format-money';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { prepareTarget, unitOf } from './prepare-workflows';

export type WorkflowDetail = Outputs['workflows']['get'];
type Totals = WorkflowDetail['totals'];

export interface Figure {
  readonly id: 'cost' | 'per-usable' | 'usable' | 'retry' | 'unusable-cost' | 'runs';
  readonly label: string;
  /** Null where the figure has no value, which is not the same as zero. */
  readonly value: string | null;
  readonly exact: string | null;
  readonly note: string;
  readonly noteIsBad: boolean;
  readonly change: Change | null;
}

/** The six figures at the top of a workflow's page, against the period before unless nothing is compared. */
export function prepareFigures({ totals, previous, runs, settings }: Pick<WorkflowDetail, 'totals' | 'previous' | 'runs' | 'settings'>, compared: boolean): Figure[] {
  const cost = readPico(totals.costPico) ?? 0n;
  const costBefore = readPico(previous.costPico) ?? 0n;
  const perUsable = readPico(totals.costPerUsablePico);
  const retry = readPico(totals.retryCostPico) ?? 0n;
  const unusable = readPico(totals.costUnusablePico) ?? 0n;
  const target = prepareTarget(totals.costPerUsablePico, settings.targetCostPico);
  const targetText = target ? `${target.text ? `${target.text} of ` : 'target '}${formatMoney(readPico(target.targetPico) ?? 0n, 'unit')}` : null;
  const against = (change: Change | null): Change | null => (compared ? change : null);
  return [
    { id: 'cost', label: 'Cost', value: formatMoney(cost), exact: formatExactUsd(cost), note: formatPlural(totals.calls, 'call'), noteIsBad: false, change: against(prepareRelativeChange(cost, costBefore, 'neither')) },
    {
      id: 'per-usable', label: `Per ${unitOf(settings.unitName)}`, value: perUsable === null ? null : formatMoney(perUsable, 'unit'), exact: perUsable === null ? null : formatExactUsd(perUsable),
      note: perUsable === null ? 'No usable outcome in this range' : (targetText ?? 'No target set'), noteIsBad: target?.over ?? false,
      change: against(prepareRelativeChange(perUsable, readPico(previous.costPerUsablePico), 'less')),
    },
    {
      id: 'usable', label: 'Usable', value: usableShareOf(totals) === null ? null : formatShare(usableShareOf(totals)!), exact: null,
      note: `${formatCount(totals.usable)} of ${formatPlural(totals.usable + totals.unusable, 'outcome')}`, noteIsBad: false,
      change: against(better(preparePointChange(usableShareOf(totals), usableShareOf(previous), 'less'))),
    },
    {
      id: 'retry', label: 'Retry spend', value: cost > 0n ? formatShare(shareOf(retry, cost) ?? 0) : null, exact: formatExactUsd(retry),
      note: `${formatMoney(retry)} on ${formatPlural(totals.retries + totals.fallbacks, 'later attempt')}`, noteIsBad: false,
      change: against(preparePointChange(shareOf(retry, cost), shareOf(readPico(previous.retryCostPico), costBefore), 'less')),
    },
    {
      id: 'unusable-cost', label: 'Spent on unusable runs', value: formatMoney(unusable), exact: formatExactUsd(unusable), note: formatPlural(totals.unusable, 'unusable outcome'), noteIsBad: false,
      change: against(prepareRelativeChange(unusable, readPico(previous.costUnusablePico), 'less')),
    },
    {
      id: 'runs', label: 'Runs', value: formatCount(runs.runs), exact: null, note: runs.byState.open.runs > 0 ? `${formatCount(runs.byState.open.runs)} still open` : 'none is open', noteIsBad: false,
      change: null,
    },
  ];
}

function usableShareOf({ usable, unusable }: Pick<Totals, 'usable' | 'unusable'>): number | null {
  return usable + unusable > 0 ? usable / (usable + unusable) : null;
}

/** Where more is better: the same move, the other tone. */
function better(change: Change | null): Change | null {
  if (change === null || change.tone === 'neutral') return change;
  return { ...change, tone: change.tone === 'good' ? 'bad' : 'good' };
}

export interface Part {
  readonly name: string;
  readonly runs: number;
  readonly share: number;
  readonly costPico: string;
  readonly color: string;
}

const SHADES = ['var(--series-6)', 'var(--series-1)', 'var(--series-3)', 'var(--series-4)'];

/** Runs by how often something was tried again. */
export function prepareAttempts({ byRetries, runs }: Pick<WorkflowDetail['runs'], 'byRetries' | 'runs'>): Part[] {
  const names = ['At the first attempt', 'One later attempt', 'Two later attempts', 'Three or more'];
  return byRetries.map((each, n) => ({ name: names[n] ?? '', runs: each.runs, share: runs > 0 ? each.runs / runs : 0, costPico: each.costPico, color: SHADES[n] ?? 'var(--series-rest)' }));
}

/** Runs by the number of their calls; an outcome alone has none. */
export function prepareCalls({ byCalls, runs }: Pick<WorkflowDetail['runs'], 'byCalls' | 'runs'>): Part[] {
  const names = ['Outcome only', 'One call', 'Two calls', 'Three or more'];
  return byCalls
    .map((each, n) => ({ name: names[n] ?? '', runs: each.runs, share: runs > 0 ? each.runs / runs : 0, costPico: each.costPico, color: ['var(--series-rest)', 'var(--series-2)', 'var(--series-7)', 'var(--series-5)'][n] ?? '' }))
    .filter((part, n) => n > 0 || part.runs > 0);
}

export interface ModelPart {
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  readonly costPico: string;
  readonly calls: number;
  readonly share: number;
  /** Of the share of the cost, against the period before. */
  readonly change: Change | null;
}

/** Which model the money went to, and how the mix moved. */
export function prepareModels({ models, totals, previous }: Pick<WorkflowDetail, 'models' | 'totals' | 'previous'>, compared: boolean): ModelPart[] {
  const [cost, before] = [readPico(totals.costPico) ?? 0n, readPico(previous.costPico) ?? 0n];
  return models.map(({ provider, model, costPico, calls, previousCostPico }) => {
    const share = shareOf(readPico(costPico), cost) ?? 0;
    return { key: `${provider}/${model}`, provider, model, costPico, calls, share, change: compared ? preparePointChange(share, shareOf(readPico(previousCostPico), before), 'neither') : null };
  });
}
