/**
 * Streams the ledger's rows, any number of them, in constant memory. No transaction stays open: the export names a cut, whose rows never change, and
 * reads it in batches of its own order, each in a moment of its own. So a slow reader holds neither a connection nor back the
 * vacuum of the rollups, and the same cut gives the same bytes again.
 */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { type Cut, readCut, rowsAtOrBelow } from './cut';
import { csvHeader, EVENT_FIELDS, toCsvLine, toFields } from './event-fields';
import type { EventFilter } from './event-filter';
import { resolveSearch } from './resolve-search';
import { type Position, positionOf, readPage, type StoredEvent } from './store-reads';

export type ExportFormat = 'csv' | 'jsonl';

export interface EventExport {
  readonly cut: Cut;
  /** Text in pieces of a thousand rows, oldest first. Whoever stops early calls `return`; nothing is held between two pieces. */
  readonly chunks: AsyncGenerator<string, void, void>;
}

// Planning a batch over all partitions takes as long as reading some hundred rows.
const ROWS_PER_BATCH = 1_000;

const LINES: Record<ExportFormat, { readonly head: string; readonly line: (row: StoredEvent) => string }> = {
  csv: { head: `${csvHeader()}\r\n`, line: (row) => `${toCsvLine(row)}\r\n` },
  jsonl: { head: '', line: (row) => `${JSON.stringify(toFields(row, EVENT_FIELDS))}\n` },
};

/**
 * Every row of the filter at a cut: the present one, or an earlier one given again. Errors: `invalid_input` for a cut that lies ahead; a
 * failure after the first chunk ends the generator with that error, so the caller must break the answer off.
 */
export async function exportEvents(
  db: Database, tenantId: string, filter: EventFilter, format: ExportFormat, options: { readonly cut?: Cut; readonly rowsPerBatch?: number } = {},
): Promise<EventExport> {
  const { cut, search } = await db.withTenantSnapshot(tenantId, async (tx) => {
    const present = await readCut(tx);
    const chosen = choose(options.cut, present);
    return { cut: chosen, search: filter.search === undefined ? undefined : await resolveSearch(tx, tenantId, filter.search, chosen) };
  });
  const limit = options.rowsPerBatch ?? ROWS_PER_BATCH;
  const { head, line } = LINES[format];

  async function* readChunks(): AsyncGenerator<string, void, void> {
    let after: Position | undefined;
    let text = head;
    for (;;) {
      const rows = await db.withTenant(tenantId, (tx) => readPage(tx, {
        tenantId, filter, order: 'oldest', after, limit, and: (params) => [rowsAtOrBelow(cut, params), ...(search ? [search(params)] : [])],
      }));
      for (const row of rows) text += line(row);
      if (text !== '') yield text;
      if (rows.length < limit) return;
      after = positionOf(rows.at(-1)!);
      text = '';
    }
  }

  return { cut, chunks: readChunks() };
}

function choose(asked: Cut | undefined, present: Cut): Cut {
  if (asked === undefined) return present;
  for (const [slot, batch] of asked.batches) {
    if (batch > (present.batches.get(slot) ?? 0n)) throw new DomainError('invalid_input', { field: 'cut', message: '"cut" lies ahead of what this ledger has written: it is not one that Outlay named.' });
  }
  return asked;
}
