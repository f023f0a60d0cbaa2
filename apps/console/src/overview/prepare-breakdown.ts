import { readPico } from '../ui/format-money';
import type { LedgerSearch } from '../filters/search';
import type { Tone } from '../ui/badge';
import { shareOf, type Totals } from './prepare-stats';

const STATES = ['leaking', 'context spike', 'soft cap', 'needs review', 'ok', 'profitable'] as const;
export type WorkflowState = (typeof STATES)[number];

/** What to do about it, by the server's rules. */
const ADVICES = ['reprice', 'soft cap', 'watch', 'keep'] as const;
export type Advice = (typeof ADVICES)[number];

/** A workflow as `overview.get` answers it: its figures, and what the server says of them. */
export interface JudgedWorkflow extends Totals {
  readonly workflow: string;
  readonly unitName: string;
  readonly targetCostPico: string | null;
  readonly state: WorkflowState;
  readonly why: string;
  readonly rows: LedgerSearch;
  readonly advice: Advice;
  readonly adviceWhy: string;
  /** Of ended runs under a plan with a rate; null where there are none. */
  readonly marginShare: number | null;
}

export interface BreakdownRow {
  readonly key: string;
  readonly name: string;
  readonly costPico: string;
  readonly costShare: number;
  readonly costPerUsablePico: string | null;
  readonly unitName: string;
  readonly target: { readonly pico: string; readonly over: boolean } | null;
  /** Usable outcomes over all outcomes; null where no run has ended. */
  readonly usableShare: number | null;
  readonly usable: number;
  readonly outcomes: number;
  readonly calls: number;
  readonly retryShare: number | null;
  readonly retryCostPico: string;
  readonly fallbackShare: number | null;
  readonly fallbackCostPico: string;
  readonly state: WorkflowState;
  readonly why: string;
  /** The rows of the ledger behind the reason, those of the workflow alone. */
  readonly rows: LedgerSearch;
  readonly marginShare: number | null;
  readonly advice: Advice;
  readonly adviceWhy: string;
}

export type SortKey = 'margin' | 'advice' | 'name' | 'state' | 'cost' | 'costPerUsable' | 'usableShare' | 'retryShare' | 'fallbackShare';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

export const STATE_TONES: Readonly<Record<WorkflowState, Tone>> = { leaking: 'danger', 'context spike': 'warning', 'soft cap': 'warning', 'needs review': 'accent', profitable: 'positive', ok: 'positive' };

export const ADVICE_TONES: Readonly<Record<Advice, Tone>> = { reprice: 'danger', 'soft cap': 'warning', watch: 'accent', keep: 'neutral' };

/** The rows of the table by workflow, in the wanted order; rows without a value come last either way. */
export function prepareBreakdown(workflows: readonly JudgedWorkflow[], sort: Sort): BreakdownRow[] {
  const dearest = workflows.reduce((most, each) => max(most, readPico(each.costPico) ?? 0n), 0n);
  const rows = workflows.map((each) => toRow(each, dearest));
  return rows.sort((a, b) => compareValues(valueOf(a, sort.key), valueOf(b, sort.key), sort.descending) || compareValues(readPico(a.costPico), readPico(b.costPico), true) || a.name.localeCompare(b.name));
}

function toRow(each: JudgedWorkflow, dearest: bigint): BreakdownRow {
  const cost = readPico(each.costPico) ?? 0n;
  const outcomes = each.usable + each.unusable;
  const [perUsable, target] = [readPico(each.costPerUsablePico), readPico(each.targetCostPico)];
  return {
    key: each.workflow,
    name: each.workflow || 'No workflow',
    costPico: each.costPico,
    costShare: shareOf(cost, dearest) ?? 0,
    costPerUsablePico: each.costPerUsablePico,
    unitName: each.unitName,
    target: target === null ? null : { pico: String(target), over: perUsable !== null && perUsable > target },
    usableShare: outcomes > 0 ? each.usable / outcomes : null,
    usable: each.usable,
    outcomes,
    calls: each.calls,
    retryShare: shareOf(readPico(each.retryCostPico), cost),
    retryCostPico: each.retryCostPico,
    fallbackShare: shareOf(readPico(each.fallbackCostPico), cost),
    fallbackCostPico: each.fallbackCostPico,
    state: each.state,
    why: each.why,
    marginShare: each.marginShare, advice: each.advice, adviceWhy: each.adviceWhy,
    // Calls without a workflow have no name to filter by: they are found among the untagged.
    rows: each.workflow ? { ...each.rows, workflow: each.workflow } : { ...each.rows, untagged: true },
  };
}

type Value = string | number | bigint | null;

function valueOf(row: BreakdownRow, key: SortKey): Value {
  switch (key) {
    case 'name': return row.name;
    case 'state': return STATES.length - STATES.indexOf(row.state);
    case 'margin': return row.marginShare;
    case 'advice': return ADVICES.length - ADVICES.indexOf(row.advice);
    case 'cost': return readPico(row.costPico);
    case 'costPerUsable': return readPico(row.costPerUsablePico);
    case 'usableShare': return row.usableShare;
    case 'retryShare': return row.retryShare;
    case 'fallbackShare': return row.fallbackShare;
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
