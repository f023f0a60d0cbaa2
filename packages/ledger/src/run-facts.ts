/** What the ledger knows of single runs: what they have spent and whether they ended. For those who reserve and settle. */
import type { PoolClient } from 'pg';
import type { EventRow } from './columns';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams } from './event-conditions';
import { EVENT_ROW_COLUMNS } from './store-events';

export interface RunFacts {
  readonly costPico: bigint;
  /** What caps count. */
  readonly ceilingPico: bigint;
  readonly calls: number;
  readonly outcome: 'usable' | 'unusable' | null;
}

/** By run; a run of which nothing was recorded is absent. Inside `withTenant`. */
export async function readRunFacts(tx: PoolClient, runIds: readonly string[]): Promise<Map<string, RunFacts>> {
  const { rows } = await tx.query<{ run_id: string; cost_pico: bigint; ceiling_pico: bigint; calls: number; outcome: RunFacts['outcome'] }>(
    'SELECT run_id, cost_pico, ceiling_pico, calls, outcome FROM runs WHERE run_id = ANY ($1::uuid[])', [runIds]);
  return new Map(rows.map((row) => [row.run_id, { costPico: row.cost_pico, ceilingPico: row.ceiling_pico, calls: row.calls, outcome: row.outcome }]));
}

/** Every row of these runs at a cut, in the very form in which it was written. */
export async function readRowsOfRuns(tx: PoolClient, runIds: readonly string[], cut: Cut): Promise<EventRow[]> {
  if (runIds.length === 0) return [];
  const params = createParams();
  const { rows } = await tx.query<EventRow>(
    `SELECT ${EVENT_ROW_COLUMNS} FROM usage_events e WHERE e.run_id = ANY (${params.add(runIds)}::uuid[]) AND ${rowsAtOrBelow(cut, params)}`, params.values);
  return rows;
}
