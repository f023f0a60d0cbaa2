/**
 * What every file of the ledger says about itself: which rows it was asked for, in whose days it counts, where the ledger stood, and what the price
 * book knew then. In a CSV these are four columns at the end of every row: the table stays a plain RFC 4180 one, a sum over a column stays
 * the sum, a row keeps its origin when files are joined, and a spreadsheet shows them. A comment line would break most parsers.
 */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { readPriceBookState } from '@outlay/pricing';
import type { PoolClient } from 'pg';
import { type Cut, formatCut, readCut } from './cut';
import { csvText } from './event-fields';
import { type EventFilter, snakeCase } from './event-filter';
import { resolveSearch, type SearchCondition } from './resolve-search';

export interface ExportFacts {
  /** The query string of the filter, `from=…&customer_id=acme`; `all` without any. With `cut` it gives the same rows again. */
  readonly filter: string;
  readonly timeZone: string;
  /** The ledger's watermark: exactly the rows at or below it are in the file. */
  readonly cut: string;
  /** The state of the price book at the cut. Each row's own price stands in its `price_version_id`. */
  readonly prices: string;
}

export const FACT_COLUMNS = ['export_filter', 'export_time_zone', 'export_cut', 'export_prices'] as const;

export interface ExportOptions {
  /** An earlier cut, given again. */
  readonly cut?: Cut;
  /** Without the columns that say what the file is. */
  readonly plain?: boolean;
  /** With a byte order mark, by which spreadsheets know UTF-8. */
  readonly bom?: boolean;
}

export interface OpenExport {
  readonly cut: Cut;
  readonly facts: ExportFacts;
  readonly search: SearchCondition | undefined;
}

/** Fixes what a file will hold, in one moment. Errors: `invalid_input` for a cut that lies ahead. */
export async function openExport(db: Database, tenantId: string, filter: EventFilter, asked: Cut | undefined): Promise<OpenExport> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const cut = await chooseCut(tx, asked);
    return { cut, facts: await readFacts(tx, tenantId, filter, cut), search: filter.search === undefined ? undefined : await resolveSearch(tx, tenantId, filter.search, cut) };
  });
}

async function chooseCut(tx: PoolClient, asked: Cut | undefined): Promise<Cut> {
  const present = await readCut(tx);
  if (asked === undefined) return present;
  for (const [slot, batch] of asked.batches) {
    if (batch > (present.batches.get(slot) ?? 0n)) throw new DomainError('invalid_input', { field: 'cut', message: '"cut" lies ahead of what this ledger has written: it is not one that Outlay named.' });
  }
  return asked;
}

async function readFacts(tx: PoolClient, tenantId: string, filter: EventFilter, cut: Cut): Promise<ExportFacts> {
  const { rows } = await tx.query<{ time_zone: string }>('SELECT time_zone FROM tenants');
  return { filter: describeFilter(filter), timeZone: rows[0]!.time_zone, cut: formatCut(cut), prices: await readPriceBookState(tx, tenantId, cut.takenAt) };
}

/** As it stands behind the `?` of a download, in a fixed order. Printable ASCII without comma or quote: it fits a header and a cell. */
export function describeFilter({ fromMs, toMs, ...rest }: EventFilter): string {
  const parts = [
    ...(fromMs === undefined ? [] : [['from', new Date(fromMs).toISOString()] as const]), ...(toMs === undefined ? [] : [['to', new Date(toMs).toISOString()] as const]),
    ...Object.entries(rest).filter(([, value]) => value !== undefined).map(([name, value]) => [snakeCase(name), String(value)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return parts.length === 0 ? 'all' : parts.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%40', '@')}`).join('&');
}

/** The end of the head and of each line, with the comma before it; both empty for a plain file. */
export function factCells(facts: ExportFacts, plain = false): { readonly head: string; readonly line: string } {
  if (plain) return { head: '', line: '' };
  const values = [facts.filter, facts.timeZone, facts.cut, facts.prices];
  return { head: `,${FACT_COLUMNS.join(',')}`, line: values.map((value) => `,${csvText(value)}`).join('') };
}

export const BOM = '\uFEFF';
