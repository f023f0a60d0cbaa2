/**
 * How much the rows of a filter cost together: from rollups where they cover it, else from the rows within a bounded time, else nothing, and
 * why. The cut goes with it: a file of that cut has exactly this sum.
 */
import type { Database } from '@outlay/platform';
import { DatabaseError, type PoolClient } from 'pg';
import { type Cut, readCut } from './cut';
import { createParams, eventConditions, whereSql } from './event-conditions';
import type { EventFilter } from './event-filter';
import { type Labels } from './cell-pieces';
import { chooseSource } from './cell-pieces';
import { MEASURES } from './measures';
import { resolveSearch } from './resolve-search';
import { sumCells } from './sum-cells';

interface RowsTotal {
  readonly costPico: bigint;
  /** Corrections set off: each call once. */
  readonly calls: number;
  readonly unpriced: number;
}

export interface TotalOfRows {
  readonly cut: Cut;
  /** Null when adding the rows up would take too long. */
  readonly total: RowsTotal | null;
}

const MEASURED = MEASURES.filter(({ name }) => name === 'calls' || name === 'cost_pico' || name === 'unpriced');
const PATIENCE_MS = 3_000;
const LABELS = new Set<keyof EventFilter>(['fromMs', 'toMs', 'environment', 'workflow', 'customerId', 'userId', 'feature', 'provider', 'model']);

/** Errors: none but those of the database. `patienceMs`: how long the ledger's rows may be read. */
export async function totalOfRows(db: Database, tenantId: string, filter: EventFilter & { readonly fromMs: number; readonly toMs: number }, patienceMs = PATIENCE_MS): Promise<TotalOfRows> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const cut = await readCut(tx);
    if (filter.fromMs >= filter.toMs) return { cut, total: { costPico: 0n, calls: 0, unpriced: 0 } };
    const rowsOnly = (Object.keys(filter) as (keyof EventFilter)[]).some((name) => filter[name] !== undefined && !LABELS.has(name));
    const { fromMs, toMs, ...labels } = filter;
    if (!rowsOnly && chooseSource(labels, []) !== 'ledger') return { cut, total: await fromRollups(tx, tenantId, { fromMs, toMs }, labels) };
    // A time limit and not a limit of rows: what a filter leaves is only known when all have been read.
    await tx.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.floor(patienceMs))}`);
    try {
      return { cut, total: await fromRows(tx, tenantId, filter) };
    } catch (error) {
      if (error instanceof DatabaseError && error.code === '57014') return { cut, total: null };
      throw error;
    }
  });
}

async function fromRollups(tx: PoolClient, tenantId: string, span: { readonly fromMs: number; readonly toMs: number }, labels: Labels): Promise<RowsTotal> {
  const { rows } = await tx.query<{ time_zone: string }>('SELECT time_zone FROM tenants');
  const [sum] = await sumCells(tx, { tenantId, timeZone: rows[0]!.time_zone, labels, spans: [{ name: 'asked', ...span }], measures: MEASURED, sets: [[]] });
  return toTotal(sum?.values);
}

async function fromRows(tx: PoolClient, tenantId: string, filter: EventFilter): Promise<RowsTotal> {
  const search = filter.search === undefined ? undefined : await resolveSearch(tx, tenantId, filter.search);
  const params = createParams();
  const where = ["e.subject = 'call'", ...eventConditions(filter, tenantId, params), ...(search ? [search(params)] : [])];
  const { rows } = await tx.query<Record<string, string>>(
    `SELECT ${MEASURED.map(({ name, fact }) => `coalesce(sum(${fact!}), 0)::text AS ${name}`).join(', ')} FROM usage_events e ${whereSql(where)}`, params.values);
  return toTotal(rows[0]);
}

function toTotal(values: Readonly<Record<string, string>> | undefined): RowsTotal {
  return { costPico: BigInt(values?.['cost_pico'] ?? '0'), calls: Number(values?.['calls'] ?? '0'), unpriced: Number(values?.['unpriced'] ?? '0') };
}
