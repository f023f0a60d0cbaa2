/** SQL of what a team's workflows may use: read by whoever keeps policies in memory. */
import type { PoolClient } from 'pg';

/** What a team has set for a workflow. */
export interface StoredWorkflowPolicy {
  readonly name: string;
  /** In order of preference. */
  readonly route: readonly { readonly model: string; readonly cheaper: boolean }[];
  readonly onGateUnavailable: 'allow' | 'deny' | 'degrade';
  readonly timeToLiveMs: number;
}

export async function readWorkflowPolicies(tx: Pick<PoolClient, 'query'>): Promise<StoredWorkflowPolicy[]> {
  const { rows } = await tx.query<{ name: string; route: StoredWorkflowPolicy['route']; on_gate_unavailable: StoredWorkflowPolicy['onGateUnavailable']; time_to_live_ms: bigint }>(
    'SELECT name, route, on_gate_unavailable, time_to_live_ms FROM workflows ORDER BY name');
  return rows.map((row) => ({ name: row.name, route: row.route, onGateUnavailable: row.on_gate_unavailable, timeToLiveMs: Number(row.time_to_live_ms) }));
}
