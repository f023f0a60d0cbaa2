/** SQL of the spike watch: open alerts as it compares them, explanations, and the budgets that a share is taken of. */
import type { Database } from '@outlay/platform';
import type { Tx } from '../alerts/store-rules';
import type { OpenSpike } from './choose-spikes';
import type { SpikeScope } from './spike-settings';

export interface OpenSpikeAlert extends OpenSpike {
  readonly alertId: string;
  readonly isPolled: boolean;
  readonly title: string;
}

interface SpikeFacts {
  readonly excessPico?: string;
  readonly also?: readonly string[];
  readonly origin?: 'ledger' | 'polled';
}

export async function readOpenSpikes(tx: Tx, ruleId: string): Promise<OpenSpikeAlert[]> {
  const { rows } = await tx.query<{ id: string; scope: SpikeScope; subject: string; title: string; facts: SpikeFacts; started_at: Date }>(
    `SELECT id::text, scope, subject, title, facts, started_at FROM alerts WHERE rule_id = $1 AND state <> 'resolved' ORDER BY started_at`, [ruleId]);
  return rows.map(({ id, scope, subject, title, facts, started_at: startedAt }) => ({
    alertId: id, scope, subject, title, startMs: startedAt.getTime(), excessUsd: Number(facts.excessPico ?? 0) / 1e12, also: facts.also ?? [], isPolled: facts.origin === 'polled',
  }));
}

/** Teams in which any alert is not over. */
export async function listTenantsWithOpenAlerts(db: Pick<Database, 'system'>): Promise<Set<string>> {
  const { rows } = await db.system.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id::text FROM alerts WHERE state <> 'resolved'`);
  return new Set(rows.map(({ tenant_id: tenantId }) => tenantId));
}

export async function saveExplanation(tx: Tx, alertId: string, explanation: object): Promise<void> {
  await tx.query('UPDATE alerts SET explanation = $2 WHERE id = $1', [alertId, JSON.stringify(explanation)]);
}

export interface MonthBudget {
  readonly scope: SpikeScope;
  /** Null: each one of the scope; of scope `tenant` the whole team. */
  readonly subject: string | null;
  readonly monthUsd: number;
}

export async function readMonthBudgets(tx: Tx): Promise<MonthBudget[]> {
  const { rows } = await tx.query<{ scope: SpikeScope; subject: string | null; month_pico: string }>('SELECT scope, subject, month_pico::text FROM budgets');
  return rows.map(({ scope, subject, month_pico: pico }) => ({ scope, subject, monthUsd: Number(pico) / 1e12 }));
}
