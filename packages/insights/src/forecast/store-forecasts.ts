/** SQL of `forecasts`: one row a scope, subject and local day, holding the last state of that day. */
import type { PoolClient } from 'pg';
import type { EarlierOutlook } from './compare-outlook';
import type { SpendOutlook } from './spend-outlook';

export const FORECAST_SCOPES = ['tenant', 'workflow', 'customer', 'provider'] as const;
export type ForecastScope = (typeof FORECAST_SCOPES)[number];

export interface StoredForecast extends EarlierOutlook {
  readonly scope: ForecastScope;
  /** '' of the whole team. */
  readonly subject: string;
  readonly lowerPico: bigint;
  readonly upperPico: bigint;
  readonly spentPico: bigint;
  readonly methods: readonly string[];
  readonly mape: number | null;
}

export type NewForecast = { readonly scope: ForecastScope; readonly subject: string; readonly day: string; readonly outlook: SpendOutlook };

export async function saveForecasts(tx: PoolClient, tenantId: string, forecasts: readonly NewForecast[]): Promise<void> {
  for (const { scope, subject, day, outlook } of forecasts) {
    const details = { byDay: Object.fromEntries([...outlook.byDay].map(([each, pico]) => [each, String(pico)])), spentPico: String(outlook.spentPico) };
    await tx.query(
      `INSERT INTO forecasts AS f (tenant_id, scope, subject, day, month_end_pico, lower_pico, upper_pico, methods, mape, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (tenant_id, scope, subject, day) DO UPDATE SET month_end_pico = excluded.month_end_pico, lower_pico = excluded.lower_pico, upper_pico = excluded.upper_pico,
         methods = excluded.methods, mape = excluded.mape, details = excluded.details`,
      [tenantId, scope, subject, day, String(outlook.monthEnd.pico), String(outlook.monthEnd.lowerPico), String(outlook.monthEnd.upperPico), outlook.methods, outlook.mape, details]);
  }
}

/** The latest of this month made before `today`; null when there is none. */
export async function readForecastBefore(tx: PoolClient, tenantId: string, scope: ForecastScope, subject: string, today: string): Promise<StoredForecast | null> {
  const rows = await select(tx, 'scope = $2 AND subject = $3 AND day < $4::date AND day >= $5::date ORDER BY day DESC LIMIT 1', [tenantId, scope, subject, today, `${today.slice(0, 7)}-01`]);
  return rows[0] ?? null;
}

/** All scopes as of their last state of one local day; for alerts and summaries. */
export async function readForecastsOf(tx: PoolClient, tenantId: string, day: string): Promise<StoredForecast[]> {
  return await select(tx, 'day = $2::date ORDER BY month_end_pico DESC, scope, subject', [tenantId, day]);
}

interface Row {
  readonly scope: ForecastScope;
  readonly subject: string;
  readonly day: string;
  readonly month_end_pico: string;
  readonly lower_pico: string;
  readonly upper_pico: string;
  readonly methods: string[];
  readonly mape: number | null;
  readonly details: { readonly byDay: Record<string, string>; readonly spentPico: string };
}

async function select(tx: PoolClient, where: string, values: readonly unknown[]): Promise<StoredForecast[]> {
  const { rows } = await tx.query<Row>(
    `SELECT scope, subject, day::text, month_end_pico::text, lower_pico::text, upper_pico::text, methods, mape, details FROM forecasts WHERE tenant_id = $1 AND ${where}`, [...values]);
  return rows.map((row) => ({
    scope: row.scope, subject: row.subject, day: row.day, monthEndPico: BigInt(row.month_end_pico), lowerPico: BigInt(row.lower_pico), upperPico: BigInt(row.upper_pico),
    spentPico: BigInt(row.details.spentPico), byDay: new Map(Object.entries(row.details.byDay).map(([day, pico]) => [day, BigInt(pico)])), methods: row.methods, mape: row.mape,
  }));
}
