/**
 * What a rollup cell counts: one list from which the writer's statement, the screens' queries and the trial balance are built.
 * `fact` is SQL over one inserted row `e`; `move` is SQL over a run's old or new state `m`. Both are signed, so that a
 * correction's reversal takes out exactly what its original put in.
 */
import { TOKEN_CLASSES } from '@outlay/kernel';
import { isFailed } from './event-conditions';

export interface Measure {
  readonly name: string;
  readonly fact?: string;
  readonly move?: string;
  /** The sum of these measures: it stands in no rollup under its own name. */
  readonly of?: readonly string[];
  readonly type: 'bigint' | 'numeric';
}

const CALL = `e.subject = 'call' AND e.part = 0`;
const FAILED = isFailed('e');

export const LATENCY_EDGES_MS = [
  ['latency_le_100ms', 100], ['latency_le_300ms', 300], ['latency_le_1s', 1_000], ['latency_le_3s', 3_000],
  ['latency_le_10s', 10_000], ['latency_le_30s', 30_000], ['latency_le_100s', 100_000], ['latency_over_100s', Infinity],
] as const;

function bigint(name: string, fact: string): Measure {
  return { name, fact, type: 'bigint' };
}

function ofRuns(name: string, move: string, type: Measure['type'] = 'bigint'): Measure {
  return { name, move, type };
}

export const MEASURES: readonly Measure[] = [
  bigint('calls', `CASE WHEN ${CALL} THEN e.sign ELSE 0 END`),
  bigint('failed', `CASE WHEN ${CALL} AND ${FAILED} THEN e.sign ELSE 0 END`),
  bigint('retries', `CASE WHEN ${CALL} AND e.attempt_kind = 'retry' THEN e.sign ELSE 0 END`),
  bigint('fallbacks', `CASE WHEN ${CALL} AND e.attempt_kind = 'fallback' THEN e.sign ELSE 0 END`),
  bigint('untagged', `CASE WHEN ${CALL} AND (e.customer_id IS NULL OR e.workflow IS NULL) THEN e.sign ELSE 0 END`),
  ...TOKEN_CLASSES.map((name) => bigint(name, `e.${name}`)),
  bigint('cost_pico', 'coalesce(e.cost_pico, 0)'),
  bigint('ceiling_pico', 'e.ceiling_pico'),
  bigint('retry_cost_pico', `CASE WHEN e.attempt_kind = 'retry' THEN coalesce(e.cost_pico, 0) ELSE 0 END`),
  bigint('fallback_cost_pico', `CASE WHEN e.attempt_kind = 'fallback' THEN coalesce(e.cost_pico, 0) ELSE 0 END`),
  bigint('failed_cost_pico', `CASE WHEN ${FAILED} THEN coalesce(e.cost_pico, 0) ELSE 0 END`),
  bigint('unpriced', `CASE WHEN e.cost_basis = 'unpriced' THEN e.sign ELSE 0 END`),
  ofRuns('outcomes_usable', `CASE WHEN m.outcome = 'usable' THEN m.direction ELSE 0 END`),
  ofRuns('outcomes_unusable', `CASE WHEN m.outcome = 'unusable' THEN m.direction ELSE 0 END`),
  ofRuns('cost_usable_pico', `CASE WHEN m.outcome = 'usable' THEN m.direction * m.cost_pico ELSE 0 END`),
  ofRuns('cost_unusable_pico', `CASE WHEN m.outcome = 'unusable' THEN m.direction * m.cost_pico ELSE 0 END`),
  ofRuns('units', `m.direction * coalesce(m.units, 0)`, 'numeric'),
  ofRuns('units_usable', `CASE WHEN m.outcome = 'usable' THEN m.direction * coalesce(m.units, 0) ELSE 0 END`, 'numeric'),
  ...LATENCY_EDGES_MS.map(([name, edge], i) => {
    const above = i === 0 ? '' : ` AND e.latency_ms > ${LATENCY_EDGES_MS[i - 1]![1]}`;
    const below = edge === Infinity ? '' : ` AND e.latency_ms <= ${edge}`;
    return bigint(name, `CASE WHEN ${CALL}${above}${below} AND e.latency_ms IS NOT NULL THEN e.sign ELSE 0 END`);
  }),
];

/** The four rollups: which table, its dimensions in key order, and how a dimension is found on a fact or a move. */
export const ROLLUPS = {
  usage: { table: 'usage_rollup', dayTable: 'usage_rollup_day', dimensions: ['environment', 'workflow', 'provider', 'model'] },
  customer: { table: 'customer_rollup', dayTable: 'customer_rollup_day', dimensions: ['customer_id', 'plan_version_id', 'workflow'] },
} as const;

export const NO_PLAN = '00000000-0000-0000-0000-000000000000';
