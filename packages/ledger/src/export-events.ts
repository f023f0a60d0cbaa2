/**
 * Streams the ledger's rows, any number of them, in constant memory. No transaction stays open: the export names a cut, whose rows never change, and
 * reads it in batches of its own order, each in a moment of its own. So a slow reader holds neither a connection nor back the
 * vacuum of the rollups, and the same cut gives the same bytes again.
 */
import type { Database } from '@outlay/platform';
import { type Cut, rowsAtOrBelow } from './cut';
import { csvHeader, toCsvLine, toJsonLine } from './event-fields';
import type { EventFilter } from './event-filter';
import { BOM, type ExportFacts, type ExportOptions, factCells, openExport } from './export-facts';
import { type Position, positionOf, readPage, type StoredEvent } from './store-reads';

export type ExportFormat = 'csv' | 'jsonl';

export interface EventExport {
  readonly cut: Cut;
  readonly facts: ExportFacts;
  /** Text in pieces of a thousand rows, oldest first. Whoever stops early calls `return`; between two pieces at most the next page is held. */
  readonly chunks: AsyncGenerator<string, void, void>;
}

// Planning a batch over all partitions takes as long as reading some hundred rows.
const ROWS_PER_BATCH = 1_000;

/** How the file begins, and a row of it. Options are a CSV's: JSON lines say nothing but the rows. */
function writerOf(format: ExportFormat, facts: ExportFacts, { plain, bom }: ExportOptions): { readonly head: string; readonly line: (row: StoredEvent) => string } {
  if (format === 'jsonl') return { head: '', line: (row) => `${toJsonLine(row)}\n` };
  const cells = factCells(facts, plain);
  const end = `${cells.line}\r\n`;
  return { head: `${bom ? BOM : ''}${csvHeader()}${cells.head}\r\n`, line: (row) => toCsvLine(row) + end };
}

/**
 * Every row of the filter at a cut: the present one, or an earlier one given again. Errors: `invalid_input` for a cut that lies ahead; a
 * failure after the first chunk ends the generator with that error, so the caller must break the answer off.
 */
export async function exportEvents(
  db: Database, tenantId: string, filter: EventFilter, format: ExportFormat, options: ExportOptions & { readonly rowsPerBatch?: number } = {},
): Promise<EventExport> {
  const { cut, facts, search } = await openExport(db, tenantId, filter, options.cut);
  const limit = options.rowsPerBatch ?? ROWS_PER_BATCH;
  const { head, line } = writerOf(format, facts, options);

  async function* readChunks(): AsyncGenerator<string, void, void> {
    const read = (after?: Position): Promise<StoredEvent[]> => {
      const page = db.withTenant(tenantId, (tx) => readPage(tx, {
        tenantId, filter, order: 'oldest', after, limit, and: (params) => [rowsAtOrBelow(cut, params), ...(search ? [search(params)] : [])],
      }));
      // Nobody waits for it when the reader has left; whoever does, hears of its failure.
      page.catch(() => {});
      return page;
    };
    let text = head;
    let next: Promise<StoredEvent[]> | null = read();
    while (next !== null) {
      const rows: StoredEvent[] = await next;
      // The database reads a page ahead while this process writes the one before.
      next = rows.length < limit ? null : read(positionOf(rows.at(-1)!));
      for (const row of rows) text += line(row);
      if (text !== '') yield text;
      text = '';
    }
  }

  return { cut, facts, chunks: readChunks() };
}
