import { readPico } from '../ui/format-money';
import { shareOf, type Totals } from './prepare-stats';

export interface BreakdownRow {
  readonly key: string;
  readonly name: string;
  readonly costPico: string;
  readonly costShare: number;
  readonly costPerUsablePico: string | null;
  /** Usable outcomes over all outcomes; null where no run has ended. */
  readonly usableShare: number | null;
  readonly outcomes: number;
  readonly calls: number;
  readonly retryShare: number | null;
  readonly failedCostPico: string;
}

export type SortKey = 'name' | 'cost' | 'costPerUsable' | 'usableShare' | 'calls' | 'retryShare' | 'failedCost';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

type Named = Totals & { readonly workflow: string };

/** The rows of the table by workflow, in the wanted order; rows without a value come last either way. */
export function prepareBreakdown(workflows: readonly Named[], sort: Sort): BreakdownRow[] {
  const dearest = workflows.reduce((most, each) => max(most, readPico(each.costPico) ?? 0n), 0n);
  const rows = workflows.map((each) => toRow(each, dearest));
  return rows.sort((a, b) => compareValues(valueOf(a, sort.key), valueOf(b, sort.key), sort.descending) || a.name.localeCompare(b.name));
}

function toRow(each: Named, dearest: bigint): BreakdownRow {
  const cost = readPico(each.costPico) ?? 0n;
  const outcomes = each.usable + each.unusable;
  return {
    key: each.workflow,
    name: each.workflow || 'untagged',
    costPico: each.costPico,
    costShare: shareOf(cost, dearest) ?? 0,
    costPerUsablePico: each.costPerUsablePico,
    usableShare: outcomes > 0 ? each.usable / outcomes : null,
    outcomes,
    calls: each.calls,
    retryShare: shareOf(readPico(each.retryCostPico), cost),
    failedCostPico: each.failedCostPico,
  };
}

type Value = string | number | bigint | null;

function valueOf(row: BreakdownRow, key: SortKey): Value {
  switch (key) {
    case 'name': return row.name;
    case 'cost': return readPico(row.costPico);
    case 'costPerUsable': return readPico(row.costPerUsablePico);
    case 'usableShare': return row.usableShare;
    case 'calls': return row.calls;
    case 'retryShare': return row.retryShare;
    case 'failedCost': return readPico(row.failedCostPico);
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
