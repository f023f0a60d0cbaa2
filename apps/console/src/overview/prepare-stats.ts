import type { LedgerSearch } from '../filters/search';
import { formatExactUsd, formatMoney, readPico } from '../ui/format-money';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { prepareCountChange, preparePointChange, prepareRelativeChange, type Change } from './prepare-change';

/** The measures of a range, as `overview.get` answers them. */
export interface Totals {
  readonly costPico: string;
  readonly ceilingPico: string;
  readonly retryCostPico: string;
  readonly fallbackCostPico: string;
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

export type StatId = 'cost' | 'cost-per-usable' | 'retry-share' | 'fallback-share' | 'failed-runs' | 'unusable-share' | 'unpriced' | 'untagged';

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
  /** The rows of the ledger behind the figure. */
  readonly rows: LedgerSearch;
}

/** From this share of the cost on, retries ask for attention. */
const RETRY_ALERT = 0.2;

/** Decides what the eight figures of Overview say. `before` is null when nothing is compared. */
export function prepareStats(now: Totals, before: Totals | null): Stat[] {
  const of = (totals: Totals) => {
    const pico = (text: string): bigint => readPico(text) ?? 0n;
    const cost = pico(totals.costPico);
    const outcomes = totals.usable + totals.unusable;
    return {
      cost, perUsable: readPico(totals.costPerUsablePico), retry: pico(totals.retryCostPico), fallback: pico(totals.fallbackCostPico), unusable: pico(totals.costUnusablePico), outcomes,
      retryShare: shareOf(pico(totals.retryCostPico), cost), fallbackShare: shareOf(pico(totals.fallbackCostPico), cost), unusableShare: outcomes === 0 ? null : totals.unusable / outcomes,
    };
  };
  const current = of(now);
  const past = before === null ? null : of(before);
  return [
    {
      id: 'cost', label: 'Cost', value: formatMoney(current.cost), exact: formatExactUsd(current.cost), note: formatPlural(now.calls, 'call'),
      change: prepareRelativeChange(current.cost, past?.cost ?? null, 'neither'), alert: false, rows: {},
      explanation: 'What all calls of the range cost at the provider, failed ones and retries included.',
    },
    {
      id: 'cost-per-usable', label: 'Cost per usable outcome', value: current.perUsable === null ? null : formatMoney(current.perUsable, 'unit'),
      exact: current.perUsable === null ? null : formatExactUsd(current.perUsable),
      note: current.perUsable === null ? 'No usable outcome in this range' : formatPlural(now.usable, 'usable outcome'),
      change: prepareRelativeChange(current.perUsable, past?.perUsable ?? null, 'less'), alert: false, rows: { outcome: 'usable' },
      explanation: 'The cost of the range, everything included, over its usable outcomes.',
    },
    {
      id: 'retry-share', label: 'Retry spend', value: shown(current.retryShare), exact: formatExactUsd(current.retry), note: `${formatMoney(current.retry)} on ${formatPlural(now.retries, 'retry', 'retries')}`,
      change: preparePointChange(current.retryShare, past?.retryShare ?? null, 'less'), alert: current.retryShare !== null && current.retryShare >= RETRY_ALERT, rows: { attemptKind: 'retry' },
      explanation: 'The share of the cost that went into retries: the same model, asked once more.',
    },
    {
      id: 'fallback-share', label: 'Fallback spend', value: shown(current.fallbackShare), exact: formatExactUsd(current.fallback), note: `${formatMoney(current.fallback)} on ${formatPlural(now.fallbacks, 'fallback')}`,
      change: preparePointChange(current.fallbackShare, past?.fallbackShare ?? null, 'less'), alert: false, rows: { attemptKind: 'fallback' },
      explanation: 'The share of the cost that went into fallbacks: another model, asked instead of the one that failed.',
    },
    {
      id: 'failed-runs', label: 'Failed-run spend', value: formatMoney(current.unusable), exact: formatExactUsd(current.unusable), note: `${formatPlural(now.unusable, 'run')} ended unusable`,
      change: prepareRelativeChange(current.unusable, past?.unusable ?? null, 'less'), alert: false, rows: { outcome: 'unusable' },
      explanation: 'What all calls of the runs cost that ended unusable, counted when the run ended. A call that failed in a run that ended well is not in it.',
    },
    {
      id: 'unusable-share', label: 'Unusable outcomes', value: shown(current.unusableShare), exact: null,
      note: current.outcomes === 0 ? 'No run has ended in this range' : `${formatCount(now.unusable)} of ${formatPlural(current.outcomes, 'outcome')}`,
      change: preparePointChange(current.unusableShare, past?.unusableShare ?? null, 'less'), alert: false, rows: { outcome: 'unusable' },
      explanation: 'The share of the runs that ended in this range of which the result was of no use.',
    },
    {
      id: 'unpriced', label: 'Unpriced', value: formatCount(now.unpriced), exact: null, note: 'calls without a price',
      change: before === null ? null : prepareCountChange(now.unpriced, before.unpriced, 'less'), alert: now.unpriced > 0, rows: { costBasis: 'unpriced' },
      explanation: 'Calls of a model or token class that the price book does not know. They are not counted as zero: they stand in quarantine.',
    },
    {
      id: 'untagged', label: 'Untagged', value: formatCount(now.untagged), exact: null, note: 'calls without customer or workflow',
      change: before === null ? null : prepareCountChange(now.untagged, before.untagged, 'less'), alert: now.untagged > 0, rows: { untagged: true },
      explanation: 'Calls that name no customer or no workflow. Their cost is known, but not whose it is.',
    },
  ];
}

function shown(share: number | null): string | null {
  return share === null ? null : formatShare(share);
}

/** Part over whole as a number for display; null where the whole is nothing. */
export function shareOf(part: bigint | null, whole: bigint): number | null {
  if (part === null || whole <= 0n) return null;
  return Number((part * 1_000_000n) / whole) / 1_000_000;
}
