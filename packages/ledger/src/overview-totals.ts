/** The figures that Overview shows of a span, a workflow or a model. */
import { INPUT_CLASSES } from '@outlay/kernel';
import { type Measure, MEASURES } from './measures';
import { costPerUsable } from './summarise';
import type { CellSum } from './sum-cells';

/** Measures of calls. Money in pico-dollars as text. */
export interface CallTotals {
  readonly costPico: string;
  readonly ceilingPico: string;
  /** Of retries: the same model once more. */
  readonly retryCostPico: string;
  /** Of fallbacks: another model instead. */
  readonly fallbackCostPico: string;
  readonly failedCostPico: string;
  readonly calls: number;
  readonly failed: number;
  readonly retries: number;
  readonly fallbacks: number;
  readonly unpriced: number;
  readonly untagged: number;
  /** All classes that a call reads, cached or not. */
  readonly inputTokens: number;
}

/** With the measures of runs, which stand where a run's outcome is. */
export interface Totals extends CallTotals {
  readonly costUsablePico: string;
  readonly costUnusablePico: string;
  readonly usable: number;
  readonly unusable: number;
  /** All cost of the range over its usable outcomes; null without any. */
  readonly costPerUsablePico: string | null;
}

export const INPUT_TOKENS: Measure = { name: 'input_tokens', of: INPUT_CLASSES, fact: INPUT_CLASSES.map((name) => `e.${name}`).join(' + '), type: 'bigint' };

const SHOWN = new Set([
  'calls', 'failed', 'retries', 'fallbacks', 'untagged', 'unpriced', 'cost_pico', 'ceiling_pico', 'retry_cost_pico', 'fallback_cost_pico', 'failed_cost_pico',
  'outcomes_usable', 'outcomes_unusable', 'cost_usable_pico', 'cost_unusable_pico',
]);
export const SHOWN_MEASURES: readonly Measure[] = [...measuresNamed(SHOWN), INPUT_TOKENS];

export function measuresNamed(names: ReadonlySet<string>): Measure[] {
  return MEASURES.filter(({ name }) => names.has(name));
}

type Values = CellSum['values'] | undefined;

export function callTotalsOf(values: Values): CallTotals {
  const text = (name: string): string => values?.[name] ?? '0';
  return {
    costPico: text('cost_pico'), ceilingPico: text('ceiling_pico'), retryCostPico: text('retry_cost_pico'), fallbackCostPico: text('fallback_cost_pico'), failedCostPico: text('failed_cost_pico'),
    calls: Number(text('calls')), failed: Number(text('failed')), retries: Number(text('retries')), fallbacks: Number(text('fallbacks')),
    unpriced: Number(text('unpriced')), untagged: Number(text('untagged')), inputTokens: Number(text('input_tokens')),
  };
}

export function totalsOf(values: Values): Totals {
  const text = (name: string): string => values?.[name] ?? '0';
  return {
    ...callTotalsOf(values),
    costUsablePico: text('cost_usable_pico'), costUnusablePico: text('cost_unusable_pico'),
    usable: Number(text('outcomes_usable')), unusable: Number(text('outcomes_unusable')),
    costPerUsablePico: costPerUsable(text('cost_pico'), text('outcomes_usable'))?.toString() ?? null,
  };
}
