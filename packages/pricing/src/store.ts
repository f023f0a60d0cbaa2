/** The SQL of the price tables; nothing else touches them. Rows are inserted, never changed. */
import type { Database } from '@outlay/platform';
import { CATALOGUE_SOURCE } from './catalogue';
import type { ModelMatch } from './model-match';
import type { PriceRate, PriceVersion } from './price-version';

type Transaction = Parameters<Parameters<Database['withTenant']>[1]>[0];

interface DbPriceVersion {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly model_match: ModelMatch;
  readonly tier: string;
  readonly region: string;
  readonly context_from: string;
  /** Unix ms; null for -infinity. */
  readonly effective_ms: number | null;
  readonly known_ms: number | null;
  readonly withdrawn: boolean;
  readonly source: string;
  readonly source_version: string;
  readonly version: string;
  readonly rates: readonly PriceRate[];
}

const COLUMNS = `id, provider, model, model_match, tier, region, context_from::text,
  case when isfinite(effective_from) then extract(epoch from effective_from)::float8 * 1000 end as effective_ms,
  case when isfinite(known_from) then extract(epoch from known_from)::float8 * 1000 end as known_ms,
  withdrawn, source, source_version, version`;
// Prices leave the database as text: a JSON number would pass through a float.
const RATES = `json_agg(json_build_object('class', r.class, 'price', r.price::text, 'per', r.per) order by r.class)`;

/** All global rows. */
export async function readPriceVersions(tx: Transaction): Promise<readonly PriceVersion[]> {
  const { rows } = await tx.query<DbPriceVersion>(`
    select ${COLUMNS}, coalesce((select ${RATES} from price_rates r where r.price_version_id = v.id), '[]') as rates
    from price_versions v order by provider, model, tier, region, effective_from, known_from, context_from, id`);
  return rows.map(fromDbPriceVersion);
}

/** The negotiated rows of the transaction's tenant. */
export async function readTenantPriceVersions(tx: Transaction, tenantId: string): Promise<readonly PriceVersion[]> {
  const { rows } = await tx.query<DbPriceVersion>(`
    select ${COLUMNS}, coalesce((select ${RATES} from tenant_price_rates r where r.tenant_id = v.tenant_id and r.price_version_id = v.id), '[]') as rates
    from tenant_price_versions v where tenant_id = $1 order by provider, model, tier, region, effective_from, known_from, context_from, id`, [tenantId]);
  return rows.map(fromDbPriceVersion);
}

/** Changes whenever a global row was added: tells a process that its book is old. */
export async function readPriceMark(tx: Transaction): Promise<string> {
  const { rows } = await tx.query<{ mark: string }>(`select count(*) || ' ' || coalesce(max(known_from)::text, '') as mark from price_versions`);
  return rows[0]!.mark;
}

/**
 * The state of the price book at an instant, for people: `genai-prices 0.1.8 as of 2026-11-21T07:00:00.000Z; 2 negotiated as of …`.
 * Rows are only ever added, so an instant of the past gives the same text ever after. Asked inside of the tenant's transaction.
 */
export async function readPriceBookState(tx: Transaction, tenantId: string, at: Date): Promise<string> {
  const { rows } = await tx.query<{ catalogue: string | null; known: Date | null; own: number; own_known: Date | null }>(`
    select (select source || ' ' || source_version from price_versions where known_from <= $2 and source = $3 order by known_from desc, source_version desc limit 1) as catalogue,
      (select max(known_from) filter (where isfinite(known_from)) from price_versions where known_from <= $2) as known, o.own, o.own_known
    from (select count(*)::int as own, max(known_from) filter (where isfinite(known_from)) as own_known from tenant_price_versions where tenant_id = $1 and known_from <= $2) o`, [tenantId, at, CATALOGUE_SOURCE]);
  const { catalogue, known, own, own_known: ownKnown } = rows[0]!;
  const asOf = (since: Date | null): string => (since === null ? '' : ` as of ${since.toISOString()}`);
  return `${catalogue ?? 'no catalogue'}${asOf(known)}${own === 0 ? '' : `; ${own} negotiated${asOf(ownKnown)}`}`;
}

/** Of these tenants, those with prices of their own: a mark that changes whenever one is added. Asked with or without a tenant. */
export async function readTenantPriceMarks(tx: Transaction, tenantIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<{ tenant_id: string; mark: string }>('select tenant_id, mark from lookup_price_marks($1::uuid[])', [tenantIds]);
  return new Map(rows.map(({ tenant_id: tenantId, mark }) => [tenantId, mark]));
}

/** Imports run one after the other, so that each sees what the one before wrote. Held until the transaction ends. */
export async function lockPriceImport(tx: Transaction): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('outlay.price_import', 0))`);
}

/** Inserts global rows; rows that exist already (same id, same content) are left alone. Returns how many were new. */
export async function insertPriceVersions(tx: Transaction, versions: readonly PriceVersion[]): Promise<number> {
  const inserted = await tx.query<{ id: string }>(`
    insert into price_versions (id, provider, model, model_match, tier, region, context_from, effective_from, known_from, withdrawn, source, source_version, version)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::boolean[], $11::text[], $12::text[], $13::text[])
    on conflict (id) do nothing returning id`, versionColumns(versions));
  await tx.query(`
    insert into price_rates (price_version_id, class, price, per)
    select * from unnest($1::uuid[], $2::text[], $3::numeric[], $4::bigint[])`, rateColumns(versions, inserted.rows));
  return inserted.rows.length;
}

/** The same for the negotiated rows of the transaction's tenant. */
export async function insertTenantPriceVersions(tx: Transaction, tenantId: string, versions: readonly PriceVersion[]): Promise<number> {
  const inserted = await tx.query<{ id: string }>(`
    insert into tenant_price_versions (tenant_id, id, provider, model, model_match, tier, region, context_from, effective_from, known_from, withdrawn, source, source_version, version)
    select $14::uuid, * from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::boolean[], $11::text[], $12::text[], $13::text[])
    on conflict (tenant_id, id) do nothing returning id`, [...versionColumns(versions), tenantId]);
  await tx.query(`
    insert into tenant_price_rates (tenant_id, price_version_id, class, price, per)
    select $5::uuid, * from unnest($1::uuid[], $2::text[], $3::numeric[], $4::bigint[])`, [...rateColumns(versions, inserted.rows), tenantId]);
  return inserted.rows.length;
}

function fromDbPriceVersion(row: DbPriceVersion): PriceVersion {
  return {
    id: row.id, provider: row.provider, model: row.model, match: row.model_match, tier: row.tier, region: row.region, contextFrom: Number(row.context_from),
    effectiveFrom: row.effective_ms ?? -Infinity, knownFrom: row.known_ms ?? -Infinity, withdrawn: row.withdrawn,
    source: row.source, sourceVersion: row.source_version, version: row.version, rates: row.rates,
  };
}

function versionColumns(versions: readonly PriceVersion[]): unknown[] {
  const column = <T>(pick: (version: PriceVersion) => T): T[] => versions.map(pick);
  return [
    column((version) => version.id), column((version) => version.provider), column((version) => version.model), column((version) => JSON.stringify(version.match)),
    column((version) => version.tier), column((version) => version.region), column((version) => version.contextFrom),
    column((version) => toDbTime(version.effectiveFrom)), column((version) => toDbTime(version.knownFrom)), column((version) => version.withdrawn),
    column((version) => version.source), column((version) => version.sourceVersion), column((version) => version.version),
  ];
}

/** The rates of the rows that are new; a row that the batch holds twice gives them once. */
function rateColumns(versions: readonly PriceVersion[], inserted: readonly { readonly id: string }[]): unknown[] {
  const fresh = new Set(inserted.map((row) => row.id));
  const rates = versions.filter((version) => fresh.delete(version.id)).flatMap((version) => version.rates.map((rate) => ({ id: version.id, ...rate })));
  return [rates.map((rate) => rate.id), rates.map((rate) => rate.class), rates.map((rate) => rate.price), rates.map((rate) => rate.per)];
}

function toDbTime(timeMs: number): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : '-infinity';
}
