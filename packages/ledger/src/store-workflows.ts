/** SQL of what a team says of its workflows. A row exists once somebody saved settings; before that, and without one, the defaults hold. */
import type { PoolClient } from 'pg';
import type { StoredWorkflowPolicy } from './store-workflow-policies';

/** What a team says of a workflow. */
export interface WorkflowSettings {
  /** One usable outcome, in the singular: `answered question`. */
  readonly unitName: string;
  /** Per usable outcome; null without a target. */
  readonly targetCostPico: bigint | null;
  /** How long a run may stay without an outcome, from its last event on, before it counts as `unknown`. */
  readonly timeToLiveMs: number;
  /** In words; the caller states the outcome itself. */
  readonly usableMeans: string;
  /** Models that its runs may use, in order of preference; empty: the caller names them. */
  readonly route: StoredWorkflowPolicy['route'];
  /** What an SDK does when the gate cannot be reached. */
  readonly onGateUnavailable: StoredWorkflowPolicy['onGateUnavailable'];
}

export const DEFAULT_SETTINGS: WorkflowSettings = { unitName: 'run', targetCostPico: null, timeToLiveMs: 86_400_000, usableMeans: '', route: [], onGateUnavailable: 'allow' };

interface WorkflowRow {
  readonly name: string;
  readonly unit_name: string;
  readonly target_cost_pico: bigint | null;
  readonly time_to_live_ms: bigint;
  readonly usable_means: string;
  readonly route: WorkflowSettings['route'];
  readonly on_gate_unavailable: WorkflowSettings['onGateUnavailable'];
}

const COLUMNS = 'name, unit_name, target_cost_pico, time_to_live_ms, usable_means, route, on_gate_unavailable';

/** Every workflow with settings of its own, by name. */
export async function readWorkflowSettings(tx: PoolClient): Promise<Map<string, WorkflowSettings>> {
  const { rows } = await tx.query<WorkflowRow>(`SELECT ${COLUMNS} FROM workflows ORDER BY name`);
  return new Map(rows.map((row) => [row.name, settingsOf(row)]));
}

export async function readSettingsOf(tx: PoolClient, name: string): Promise<WorkflowSettings | null> {
  const { rows } = await tx.query<WorkflowRow>(`SELECT ${COLUMNS} FROM workflows WHERE name = $1`, [name]);
  return rows[0] === undefined ? null : settingsOf(rows[0]);
}

/** Makes the row if there is none, and holds it: what it answers is what the save that follows replaces. */
export async function lockSettings(tx: PoolClient, tenantId: string, name: string): Promise<WorkflowSettings> {
  await tx.query('INSERT INTO workflows (tenant_id, name) VALUES ($1, $2) ON CONFLICT (tenant_id, name) DO NOTHING', [tenantId, name]);
  const { rows } = await tx.query<WorkflowRow>(`SELECT ${COLUMNS} FROM workflows WHERE name = $1 FOR UPDATE`, [name]);
  return settingsOf(rows[0]!);
}

export async function updateSettings(tx: PoolClient, name: string, { unitName, targetCostPico, timeToLiveMs, usableMeans, route, onGateUnavailable }: WorkflowSettings): Promise<void> {
  await tx.query('UPDATE workflows SET unit_name = $2, target_cost_pico = $3, time_to_live_ms = $4, usable_means = $5, route = $6, on_gate_unavailable = $7 WHERE name = $1',
    [name, unitName, targetCostPico, timeToLiveMs, usableMeans, JSON.stringify(route), onGateUnavailable]);
}

function settingsOf(row: WorkflowRow): WorkflowSettings {
  return { unitName: row.unit_name, targetCostPico: row.target_cost_pico, timeToLiveMs: Number(row.time_to_live_ms), usableMeans: row.usable_means, route: row.route, onGateUnavailable: row.on_gate_unavailable };
}
