/** SQL of `holds`: which of some runs are open, told in few columns, because it is asked of every run whose outcome comes. */
import type { ClientBase } from 'pg';
import type { OpenHold } from './gate-store';

export interface OpenRunHold {
  readonly runId: string;
  readonly customerId: string;
  readonly reserves: OpenHold['reserves'];
}

export interface KnownHolds {
  /** Runs that ever had a hold. */
  readonly known: ReadonlySet<string>;
  readonly open: readonly OpenRunHold[];
}

/** Inside a transaction of the tenant. */
export async function findOpenHolds(tx: ClientBase, runIds: readonly string[]): Promise<KnownHolds> {
  const { rows } = await tx.query<{ run_id: string; customer_id: string; reserves: OpenHold['reserves'] | null }>(
    'SELECT run_id, customer_id, CASE WHEN ended_at IS NULL THEN reserves END AS reserves FROM holds WHERE run_id = ANY ($1::uuid[])', [runIds]);
  return {
    known: new Set(rows.map((row) => row.run_id)),
    open: rows.flatMap(({ run_id: runId, customer_id: customerId, reserves }) => (reserves === null ? [] : [{ runId, customerId, reserves }])),
  };
}
