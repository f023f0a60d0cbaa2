import { formatMoney, formatExactUsd, readPico } from '../ui/format-money';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { prepareCountChange, preparePointChange, prepareRelativeChange, type Change } from './prepare-change';

/** The measures of a range, as `overview.get` answers them. */
export interface Totals {
  readonly costPico: string;
  readonly ceilingPico: string;
  readonly retryCostPico: string;
  readonly failedCostPico: string;
  readonly costUsablePico: string;
  readonly costUnusablePico: string;
  readonly calls: number;
  readonly failed: number;
  readonly retries: number;
  readonly fallbacks: number;
  readonly unpriced: number;
  readonly untagged: number;
  readonly usable: number;
  readonly unusable: number;
  readonly costPerUsablePico: string | null;
}

export type StatId = 'cost' | 'cost-per-usable' | 'retry-share' | 'failed-cost' | 'untagged' | 'unpriced';

export interface Stat {
  readonly id: StatId;
  readonly label: string;
  /** Null where the figure has no value, which is not the same as zero. */
  readonly value: string | null;
  /** Every digit, for the tooltip. */
  readonly exact: string | null;
  readonly note: string;
  readonly change: Change | null;
  /** The figure asks for attention. */
  readonly alert: boolean;
  readonly explanation: string;
}

/** Decides what the six figures of Overview say. */
export function prepareStats(now: Totals, before: Totals): Stat[] {
  const cost = readPico(now.costPico) ?? 0n;
  const costBefore = readPico(before.costPico) ?? 0n;
  const perUsable = readPico(now.costPerUsablePico);
  const failed = readPico(now.failedCostPico) ?? 0n;
  const retryShare = shareOf(readPico(now.retryCostPico), cost);
  return [
    {
      id: 'cost',
      label: 'Cost',
      value: formatMoney(cost),
      exact: formatExactUsd(cost),
      note: formatPlural(now.calls, 'call'),
      change: prepareRelativeChange(cost, costBefore, 'neither'),
      alert: false,
      explanation: 'What all calls of the range cost at the provider, failed ones and retries included.',
    },
    {
      id: 'cost-per-usable',
      label: 'Cost per usable outcome',
      value: perUsable === null ? null : formatMoney(perUsable, 'unit'),
      exact: perUsable === null ? null : formatExactUsd(perUsable),
      note: perUsable === null ? 'No usable outcome in this range' : formatPlural(now.usable, 'usable outcome'),
      change: prepareRelativeChange(perUsable, readPico(before.costPerUsablePico), 'less'),
      alert: false,
      explanation: 'The cost of the range, everything included, over its usable outcomes.',
    },
    {
      id: 'retry-share',
      label: 'Retry spend',
      value: retryShare === null ? null : formatShare(retryShare),
      exact: formatExactUsd(readPico(now.retryCostPico) ?? 0n),
      note: `${formatMoney(readPico(now.retryCostPico) ?? 0n)} on ${formatPlural(now.retries + now.fallbacks, 'call')}`,
      change: preparePointChange(retryShare, shareOf(readPico(before.retryCostPico), costBefore), 'less'),
      alert: retryShare !== null && retryShare >= 0.2,
      explanation: 'The share of the cost that went into second and later attempts: retries of a model and fallbacks to another.',
    },
    {
      id: 'failed-cost',
      label: 'Failed spend',
      value: formatMoney(failed),
      exact: formatExactUsd(failed),
      note: formatPlural(now.failed, 'failed call'),
      change: prepareRelativeChange(failed, readPico(before.failedCostPico), 'less'),
      alert: false,
      explanation: 'What calls cost that failed or were broken off. Providers bill many of them all the same.',
    },
    {
      id: 'untagged',
      label: 'Untagged',
      value: formatCount(now.untagged),
      exact: null,
      note: 'calls without customer or workflow',
      change: prepareCountChange(now.untagged, before.untagged, 'less'),
      alert: now.untagged > 0,
      explanation: 'Calls that name no customer or no workflow. Their cost is known, but not whose it is.',
    },
    {
      id: 'unpriced',
      label: 'Unpriced',
      value: formatCount(now.unpriced),
      exact: null,
      note: 'calls without a price',
      change: prepareCountChange(now.unpriced, before.unpriced, 'less'),
      alert: now.unpriced > 0,
      explanation: 'Calls of a model or token class that the price book does not know. They are not counted as zero.',
    },
  ];
}

/** Part over whole as a number for display; null where the whole is nothing. */
export function shareOf(part: bigint | null, whole: bigint): number | null {
  if (part === null || whole <= 0n) return null;
  return Number((part * 1_000_000n) / whole) / 1_000_000;
}
