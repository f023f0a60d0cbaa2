/** What the ledger says of a short span as a provider would count it: by UTC hour, served model, account, tier, price version and whether a call ended well. Rows at a cut, to compare with a bill. */
import { TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams, modelOf, spanConditions } from './event-conditions';

export interface ProviderCell {
  /** The hour's begin, Unix ms. */
  readonly hourMs: number;
  readonly provider: string;
  readonly model: string;
  /** As the caller named it: a key, a project, an organisation; '' for none. */
  readonly account: string;
  /** As served; '' where nothing was said. */
  readonly tier: string;
  readonly priceVersionId: string | null;
  /** Calls with a usage or a cost. */
  readonly calls: number;
  /** Failed, broken off or of unknown end, without usage and cost: what they cost knows only the provider. */
  readonly costless: number;
  readonly unpriced: number;
  readonly tokens: Readonly<Partial<Record<TokenClass, number>>>;
  /** Unpriced calls count 0. */
  readonly costPico: bigint;
}

/** Bounded by its callers: at most three days. */
export async function readProviderCells(tx: PoolClient, { fromMs, toMs, cut }: { readonly fromMs: number; readonly toMs: number; readonly cut: Cut }): Promise<ProviderCell[]> {
  const params = createParams();
  const conditions = ["e.subject = 'call'", "coalesce(e.provider, '') <> ''", ...spanConditions({ fromMs, toMs }, params), rowsAtOrBelow(cut, params)];
  const nothing = `(e.status <> 'succeeded' AND coalesce(e.cost_pico, 0) = 0 AND ${TOKEN_CLASSES.map((name) => `e.${name}`).join(' + ')} = 0)`;
  const call = 'CASE WHEN b.part = 0 THEN b.sign ELSE 0 END';
  const { rows } = await tx.query<Readonly<Record<TokenClass, string>> & { hour: Date; provider: string; model: string | null; account: string; tier: string; price_version_id: string | null; calls: string; costless: string; unpriced: string; pico: string }>(
    `SELECT date_trunc('hour', b.occurred_at, 'UTC') AS hour, b.provider, b.model, b.account, b.tier, b.price_version_id::text,
       sum(CASE WHEN b.nothing THEN 0 ELSE ${call} END)::text AS calls, sum(CASE WHEN b.nothing THEN ${call} ELSE 0 END)::text AS costless,
       sum(CASE WHEN b.cost_basis = 'unpriced' AND NOT b.nothing THEN b.sign ELSE 0 END)::text AS unpriced, coalesce(sum(b.cost_pico), 0)::text AS pico, ${TOKEN_CLASSES.map((name) => `sum(b.${name})::text AS ${name}`).join(', ')}
     FROM (SELECT e.*, coalesce(${modelOf('e')}, '') AS model, coalesce(e.provider_account, '') AS account, coalesce(e.service_tier_served, '') AS tier, ${nothing} AS nothing FROM usage_events e WHERE ${conditions.join(' AND ')}) b
     GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`, params.values);
  return rows.map((row) => ({
    hourMs: row.hour.getTime(), provider: row.provider, model: row.model ?? '', account: row.account, tier: row.tier, priceVersionId: row.price_version_id,
    calls: Number(row.calls), costless: Number(row.costless), unpriced: Number(row.unpriced), costPico: BigInt(row.pico),
    tokens: Object.fromEntries(TOKEN_CLASSES.map((name) => [name, Number(row[name])] as const).filter(([, count]) => count !== 0)),
  }));
}
