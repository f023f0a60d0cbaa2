/** What has no price, and why: by provider, model and reason, with how many rows and at how much caps count them. */
import type { Database } from '@outlay/platform';
import { readCut } from './cut';
import { reasonOf } from './explain-row';
import type { PriceUsageOf } from './price-event';
import { readUnpricedModels } from './store-repricing';
import { readValidRows } from './walk-valid-rows';

export interface QuarantineGroup {
  readonly provider: string;
  readonly model: string;
  /** As a sentence; null for rows beyond those that were read. */
  readonly reason: string | null;
  readonly rows: number;
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
  /** All rows were read; else the rest stands in groups without a reason. */
  readonly complete: boolean;
}

/** Reasons are found row by row: so many are read at most. */
const ROWS_READ_MAX = 20_000;
const ROWS_PER_BATCH = 1_000;

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
  let cursor: string | null = null;
  let read = 0;
  do {
    const batch = await db.withTenant(tenantId, (tx) => readValidRows(tx, tenantId, { costBasis: 'unpriced' }, cut, cursor, ROWS_PER_BATCH));
    for (const row of batch.rows) {
      const why = reasonOf(row, price);
      const [provider, model] = [row.provider ?? '', row.model_served ?? row.model_requested ?? ''];
      const key = JSON.stringify([provider, model, why.sentence]);
      const group = found.get(key);
      if (group === undefined) {
        found.set(key, { provider, model, reason: why.sentence, priceable: why.priceable, rows: 1, ceiling: row.ceiling_pico, firstAt: row.occurred_at, lastAt: row.occurred_at, sampleId: row.id });
        continue;
      }
      group.rows += 1;
      group.ceiling += row.ceiling_pico;
      if (row.occurred_at < group.firstAt) group.firstAt = row.occurred_at;
      if (row.occurred_at >= group.lastAt) Object.assign(group, { lastAt: row.occurred_at, sampleId: row.id });
    }
    read += batch.rows.length;
    cursor = batch.cursor;
  } while (cursor !== null && read < rowsReadMax);
  const groups = [...found.values()].map(({ ceiling, ...group }): QuarantineGroup => ({ ...group, ceilingPico: String(ceiling) }));
  const rest = cursor === null ? [] : unreadGroups(models, found.values());
  const all = [...groups, ...rest].sort((a, b) => (BigInt(b.ceilingPico) > BigInt(a.ceilingPico) ? 1 : BigInt(b.ceilingPico) < BigInt(a.ceilingPico) ? -1 : b.rows - a.rows));
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0), ceilingPico: String(all.reduce((sum, { ceilingPico }) => sum + BigInt(ceilingPico), 0n)), groups: all, complete: cursor === null,
  };
}

/** What the rollups count beyond the rows that were read. */
function unreadGroups(models: readonly { provider: string; model: string; rows: number; ceilingPico: string }[], found: Iterable<Found>): QuarantineGroup[] {
  const groups = [...found];
  return models.flatMap(({ provider, model, rows, ceilingPico }) => {
    const known = groups.filter((group) => group.provider === provider && group.model === model);
    const left = rows - known.reduce((sum, group) => sum + group.rows, 0);
    if (left <= 0) return [];
    const ceiling = BigInt(ceilingPico) - known.reduce((sum, group) => sum + group.ceiling, 0n);
    return [{ provider, model, reason: null, rows: left, ceilingPico: String(ceiling), priceable: false, firstAt: null, lastAt: null, sampleId: null }];
  });
}
