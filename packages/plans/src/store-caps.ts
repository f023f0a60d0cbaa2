/** SQL that changes `caps` and `gate_settings`; reading them is the policy's (`store-policies.ts`). */
import type { PoolClient } from 'pg';
import type { Cap, RiskSettings } from './cap';

type Tx = Pick<PoolClient, 'query'>;

/** One change of a team's caps after the other. */
export async function lockCaps(tx: Tx, tenantId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 6))', [tenantId]);
}

export async function upsertCap(tx: Tx, tenantId: string, cap: Cap): Promise<void> {
  await tx.query(
    `INSERT INTO caps (tenant_id, id, name, scope, subject, metric, window_kind, mode, limit_amount, source, expires_at, disabled_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::numeric, $10, $11, $12, $13)
     ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, scope = excluded.scope, subject = excluded.subject, metric = excluded.metric, window_kind = excluded.window_kind,
       mode = excluded.mode, limit_amount = excluded.limit_amount, expires_at = excluded.expires_at, disabled_at = excluded.disabled_at, updated_at = now()`,
    [tenantId, cap.id, cap.name, cap.scope, cap.subject, cap.metric, cap.window, cap.mode, cap.limit, cap.source, cap.expiresAt, cap.disabledAt, cap.createdBy]);
}

export async function deleteCap(tx: Tx, id: string): Promise<void> {
  await tx.query('DELETE FROM caps WHERE id = $1', [id]);
}

export async function upsertRisk(tx: Tx, tenantId: string, { enabled, floorPico, factor }: RiskSettings): Promise<void> {
  await tx.query(
    `INSERT INTO gate_settings (tenant_id, risk_enabled, risk_floor_pico, risk_factor) VALUES ($1, $2, $3, $4::numeric)
     ON CONFLICT (tenant_id) DO UPDATE SET risk_enabled = excluded.risk_enabled, risk_floor_pico = excluded.risk_floor_pico, risk_factor = excluded.risk_factor, updated_at = now()`,
    [tenantId, enabled, floorPico.toString(), factor]);
}
