/** What has no price, and why: by provider, model and reason, with how many rows and at how much caps count them. */
import type { Database } from '@outlay/platform';
import type { EventRow } from './columns';
import { readCut } from './cut';
import { reasonOf } from './explain-row';
import type { PriceUsageOf } from './price-event';
import type { RepricingFilter } from './repricing-run';
import { readUnpricedModels } from './store-repricing';
import { readValidRows } from './walk-valid-rows';

export interface QuarantineGroup {
  readonly provider: string;
  readonly model: string;
  /** As a sentence; null for rows beyond those that were read. */
  readonly reason: string | null;
  readonly rows: number;
  /** Of these rows, so many were looked at one by one; the others are of the same model, and every one that was looked at had this reason. */
  readonly lookedAt: number;
  readonly ceilingPico: string;
  /** A price has appeared: the next healing takes them. */
  readonly priceable: boolean;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** One of them, to look at. */
  readonly sampleId: string | null;
}

export interface Quarantine {
  readonly rows: number;
  readonly ceilingPico: string;
  /** The dearest first. */
  readonly groups: readonly QuarantineGroup[];
  /** All rows were read; else reasons come from a sample of each model, and what is left stands in groups without a reason. */
  readonly complete: boolean;
}

/** Reasons are found row by row: so many are read at most ... */
const ROWS_READ_MAX = 20_000;
const ROWS_PER_BATCH = 1_000;
/** ... and then so many of each model whose turn did not come, for so many models. */
const SAMPLE_ROWS = 200;
const SAMPLED_MODELS_MAX = 50;

interface Found {
  readonly provider: string;
  readonly model: string;
  readonly reason: string;
  readonly priceable: boolean;
  rows: number;
  ceiling: bigint;
  firstAt: string;
  lastAt: string;
  sampleId: string;
}

export async function listQuarantine(db: Database, tenantId: string, price: PriceUsageOf, rowsReadMax = ROWS_READ_MAX): Promise<Quarantine> {
  const models = await db.withTenantSnapshot(tenantId, readUnpricedModels);
  if (models.length === 0) return { rows: 0, ceilingPico: '0', groups: [], complete: true };
  const cut = await db.withTenant(tenantId, readCut);
  const found = new Map<string, Found>();
  const seen = new Set<string>();
  const take = (rows: readonly EventRow[]): void => {
    for (const row of rows) if (!seen.has(row.id)) addRow(found, row, reasonOf(row, price));
    for (const row of rows) seen.add(row.id);
  };
  const read = async (filter: RepricingFilter, cursor: string | null, limit: number): Promise<string | null> => {
    const batch = await db.withTenant(tenantId, (tx) => readValidRows(tx, tenantId, { ...filter, costBasis: 'unpriced' }, cut, cursor, limit));
    take(batch.rows);
    return batch.cursor;
  };
  let cursor: string | null = null;
  do cursor = await read({}, cursor, Math.min(ROWS_PER_BATCH, rowsReadMax)); while (cursor !== null && seen.size < rowsReadMax);
  const complete = cursor === null;
  if (!complete) {
    const unseen = models.filter((model) => model.provider !== '' && model.model !== '' && countOf(found, model) < Math.min(model.rows, SAMPLE_ROWS));
    for (const { provider, model } of unseen.slice(0, SAMPLED_MODELS_MAX)) await read({ provider, model }, null, SAMPLE_ROWS);
  }
  const groups = complete ? [...found.values()].map((group) => toGroup(group)) : spread(models, [...found.values()]);
  const all = groups.sort((a, b) => (BigInt(b.ceilingPico) > BigInt(a.ceilingPico) ? 1 : BigInt(b.ceilingPico) < BigInt(a.ceilingPico) ? -1 : b.rows - a.rows));
  return { rows: all.reduce((sum, { rows }) => sum + rows, 0), ceilingPico: String(all.reduce((sum, { ceilingPico }) => sum + BigInt(ceilingPico), 0n)), groups: all, complete };
}

function addRow(found: Map<string, Found>, row: EventRow, why: ReturnType<typeof reasonOf>): void {
  const [provider, model] = [row.provider ?? '', row.model_served ?? row.model_requested ?? ''];
  const key = JSON.stringify([provider, model, why.sentence]);
  const group = found.get(key);
  if (group === undefined) {
    found.set(key, { provider, model, reason: why.sentence, priceable: why.priceable, rows: 1, ceiling: row.ceiling_pico, firstAt: row.occurred_at, lastAt: row.occurred_at, sampleId: row.id });
    return;
  }
  group.rows += 1;
  group.ceiling += row.ceiling_pico;
  if (row.occurred_at < group.firstAt) group.firstAt = row.occurred_at;
  if (row.occurred_at >= group.lastAt) Object.assign(group, { lastAt: row.occurred_at, sampleId: row.id });
}

function countOf(found: ReadonlyMap<string, Found>, { provider, model }: UnpricedModel): number {
  return [...found.values()].filter((group) => group.provider === provider && group.model === model).reduce((sum, { rows }) => sum + rows, 0);
}

function toGroup({ ceiling, rows: lookedAt, ...group }: Found, rows = lookedAt): QuarantineGroup {
  return { ...group, rows, lookedAt, ceilingPico: String(ceiling) };
}

type UnpricedModel = Awaited<ReturnType<typeof readUnpricedModels>>[number];

/**
 * The rollups count every row; only some were looked at. Where all of a model had one reason, the rest of it is counted there; where they
 * had several, or none was read, the rest stands by itself without a reason.
 */
function spread(models: readonly UnpricedModel[], found: readonly Found[]): QuarantineGroup[] {
  return models.flatMap(({ provider, model, rows, ceilingPico }) => {
    const known = found.filter((group) => group.provider === provider && group.model === model);
    const left = rows - known.reduce((sum, group) => sum + group.rows, 0);
    if (left <= 0) return known.map((group) => toGroup(group));
    const [only] = known;
    if (only !== undefined && known.length === 1) return [toGroup({ ...only, ceiling: BigInt(ceilingPico) }, rows)];
    const ceiling = BigInt(ceilingPico) - known.reduce((sum, group) => sum + group.ceiling, 0n);
    return [
      ...known.map((group) => toGroup(group)),
      { provider, model, reason: null, rows: left, lookedAt: 0, ceilingPico: String(ceiling), priceable: false, firstAt: null, lastAt: null, sampleId: null },
    ];
  });
}
