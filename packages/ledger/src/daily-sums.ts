/** What each local day came to, and each quarter of an hour: the series that forecasts and charts of spend are made of. Sums of rollups where one covers the question. */
import { addDays, BUCKET_MS, dayStartMs, localDay, TOKEN_CLASSES } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { Dimension, Labels } from './cell-pieces';
import { MEASURES } from './measures';
import { sumCells } from './sum-cells';

export const SPEND_DIMENSIONS = { workflow: 'workflow', provider: 'provider', model: 'model', customer: 'customer_id' } as const satisfies Record<string, Dimension>;
export type SpendDimension = keyof typeof SPEND_DIMENSIONS;

/** `ceiling`: what caps of cost count, where calls without a price stand at the highest. */
export type DailyMetric = 'cost' | 'ceiling' | 'tokens' | 'calls' | 'units';

const COLUMNS: Record<DailyMetric, readonly string[]> = { cost: ['cost_pico'], ceiling: ['ceiling_pico'], tokens: TOKEN_CLASSES, calls: ['calls'], units: ['units'] };

export interface DailyAsk {
  readonly tenantId: string;
  readonly labels: Labels;
  /** Apart by this; null: the whole, under the name ''. */
  readonly by: SpendDimension | null;
  readonly metric: DailyMetric;
  /** Whole days before today. */
  readonly daysBefore: number;
}

export interface DailySums {
  readonly timeZone: string;
  /** Local dates, the last one is today. */
  readonly days: readonly string[];
  /** By name ('' where a row names nothing), as long as `days`: pico-dollars or a count, a decimal as text. Null where nothing happened: a gap, not a zero. */
  readonly sums: ReadonlyMap<string, readonly (string | null)[]>;
}

/** Run in a snapshot (`withTenantSnapshot`), so that several of them agree. */
export async function readDailySums(tx: PoolClient, { tenantId, labels, by, metric, daysBefore }: DailyAsk, nowMs: number): Promise<DailySums> {
  const timeZone = await readTimeZone(tx);
  const today = localDay(nowMs, timeZone);
  const days = Array.from({ length: daysBefore + 1 }, (_, i) => addDays(today, i - daysBefore));
  const indexes = new Map(days.map((day, index) => [day, index]));
  const columns = COLUMNS[metric];
  const span = { name: 'all', fromMs: dayStartMs(days[0]!, timeZone), toMs: dayStartMs(addDays(today, 1), timeZone) };
  const measures = MEASURES.filter(({ name }) => name === 'calls' || columns.includes(name));
  const cells = await sumCells(tx, { tenantId, timeZone, labels, spans: [span], measures, sets: [by === null ? ['day'] : ['day', SPEND_DIMENSIONS[by]]] });
  const sums = new Map<string, (string | null)[]>();
  for (const { keys, values } of cells) {
    const name = by === null ? '' : keys[SPEND_DIMENSIONS[by]]!;
    const index = indexes.get(keys.day!);
    if (index === undefined) continue;
    const own = sums.get(name) ?? Array<string | null>(days.length).fill(null);
    own[index] = columns.length === 1 ? values[columns[0]!]! : String(columns.reduce((sum, column) => sum + BigInt(values[column]!), 0n));
    sums.set(name, own);
  }
  return { timeZone, days, sums };
}

/** Cost by quarter of an hour, by its begin; a quarter without spend is absent. Run in a snapshot. */
export async function readQuarterCosts(tx: PoolClient, ask: { readonly tenantId: string; readonly labels: Labels; readonly fromMs: number; readonly toMs: number }): Promise<Map<number, bigint>> {
  const timeZone = await readTimeZone(tx);
  const { tenantId, labels, fromMs, toMs } = ask;
  const cells = await sumCells(tx, {
    tenantId, timeZone, labels, spans: [{ name: 'all', fromMs, toMs }], measures: MEASURES.filter(({ name }) => name === 'cost_pico'), sets: [['at']], step: { ms: BUCKET_MS, originMs: 0 },
  });
  return new Map(cells.map(({ keys, values }) => [Date.parse(keys.at!), BigInt(values['cost_pico']!)]));
}

export async function readTimeZone(tx: PoolClient): Promise<string> {
  const { rows } = await tx.query<{ time_zone: string }>('SELECT time_zone FROM tenants');
  return rows[0]!.time_zone;
}
