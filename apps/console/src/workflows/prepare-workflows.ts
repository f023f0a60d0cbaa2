import type { Outputs } from '../api/trpc';
import { shareOf } from '../overview/prepare-stats';
import { formatMoney, readPico } from '../ui/format-money';
import { formatShare } from '../ui/format-number';

type Listed = Outputs['workflows']['list']['workflows'][number];

export interface WorkflowRow {
  /** As the events name it; '' for what names none. */
  readonly key: string;
  readonly name: string;
  /** `answered question`; null while nobody said what an outcome is. */
  readonly unitName: string | null;
  readonly runs: number;
  /** Usable outcomes over all outcomes; null where no run has ended. */
  readonly usableShare: number | null;
  readonly outcomes: number;
  readonly costPico: string;
  /** Against the dearest of the list. */
  readonly costShare: number;
  readonly costPerUsablePico: string | null;
  readonly target: TargetVerdict | null;
  readonly retryShare: number | null;
  readonly p50Pico: string | null;
  readonly p95Pico: string | null;
  readonly lastAt: string | null;
  /** A local day, where the range has no run. */
  readonly lastDay: string | null;
}

export interface TargetVerdict {
  readonly targetPico: string;
  /** `12% above`; null where there is nothing to compare. */
  readonly text: string | null;
  readonly over: boolean;
}

export type SortKey = 'name' | 'runs' | 'usableShare' | 'cost' | 'costPerUsable' | 'retryShare' | 'p50' | 'p95' | 'lastAt';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

const NO_WORKFLOW = 'No workflow';

/** The rows in the wanted order; rows without a value come last either way. */
export function prepareWorkflows(workflows: readonly Listed[], sort: Sort): WorkflowRow[] {
  const dearest = workflows.reduce((most, { totals }) => max(most, readPico(totals.costPico) ?? 0n), 0n);
  const rows = workflows.map((each) => toRow(each, dearest));
  return rows.sort((a, b) => compareValues(valueOf(a, sort.key), valueOf(b, sort.key), sort.descending) || a.name.localeCompare(b.name));
}

function toRow({ workflow, settings, configured, totals, runs, p50Pico, p95Pico, lastAt, lastDay }: Listed, dearest: bigint): WorkflowRow {
  const cost = readPico(totals.costPico) ?? 0n;
  const outcomes = totals.usable + totals.unusable;
  return {
    key: workflow, name: workflow || NO_WORKFLOW, unitName: configured ? settings.unitName : null,
    runs: runs.runs, usableShare: outcomes > 0 ? totals.usable / outcomes : null, outcomes,
    costPico: totals.costPico, costShare: shareOf(cost, dearest) ?? 0, costPerUsablePico: totals.costPerUsablePico,
    target: prepareTarget(totals.costPerUsablePico, settings.targetCostPico),
    retryShare: shareOf(readPico(totals.retryCostPico), cost),
    p50Pico, p95Pico, lastAt, lastDay,
  };
}

/** What one usable outcome costs against what it should. Null without a target. */
export function prepareTarget(costPerUsablePico: string | null, targetPico: string | null): TargetVerdict | null {
  const target = readPico(targetPico);
  if (targetPico === null || target === null || target <= 0n) return null;
  const cost = readPico(costPerUsablePico);
  if (cost === null) return { targetPico, text: null, over: false };
  const ratio = Number(((cost - target) * 1_000_000n) / target) / 1_000_000;
  const distance = ratio >= 9.995 ? `${Math.round(ratio + 1)}x the target` : `${formatShare(Math.abs(ratio))} ${ratio > 0 ? 'above' : 'below'} target`;
  return { targetPico, text: Math.abs(ratio) < 0.0005 ? 'on target' : distance, over: ratio >= 0.0005 };
}

/** `$0.4821 per answered question`; of what nobody named, per usable run. */
export function describeUnitCost(costPerUsablePico: string | null, unitName: string): string | null {
  const cost = readPico(costPerUsablePico);
  return cost === null ? null : `${formatMoney(cost, 'unit')} per ${unitOf(unitName)}`;
}

/** The default unit says nothing of itself: what counts is a usable one. */
export function unitOf(unitName: string): string {
  return unitName === 'run' ? 'usable run' : unitName;
}

type Value = string | number | bigint | null;

function valueOf(row: WorkflowRow, key: SortKey): Value {
  switch (key) {
    case 'name': return row.name;
    case 'runs': return row.runs;
    case 'usableShare': return row.usableShare;
    case 'cost': return readPico(row.costPico);
    case 'costPerUsable': return readPico(row.costPerUsablePico);
    case 'retryShare': return row.retryShare;
    case 'p50': return readPico(row.p50Pico);
    case 'p95': return readPico(row.p95Pico);
    case 'lastAt': return row.lastAt ?? row.lastDay;
  }
}

function compareValues(a: Value, b: Value, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b) : a < b ? -1 : a > b ? 1 : 0;
  return descending ? -order : order;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
