/** The ledger explorer's page: newest first, each row once however many are inserted meanwhile. */
import { DomainError } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { EventFilter } from './event-filter';
import { resolveSearch } from './resolve-search';
import { type Position, positionOf, readPage, readRevisions, type StoredEvent } from './store-reads';

export const PAGE_ROWS_MAX = 1_000;
const PAGE_ROWS = 100;

export interface ListedEvent extends StoredEvent {
  /** The row is the valid state of its event: no later correction took it out. A reversal never is. */
  readonly valid: boolean;
}

export interface EventPage {
  readonly rows: readonly ListedEvent[];
  /** Opaque; null on the last page. */
  readonly nextCursor: string | null;
}

/** Errors: `invalid_input` naming `cursor` or `limit`. */
export async function listEvents(db: Database, tenantId: string, filter: EventFilter, page: { readonly cursor?: string; readonly limit?: number } = {}): Promise<EventPage> {
  const limit = page.limit ?? PAGE_ROWS;
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_ROWS_MAX) throw new DomainError('invalid_input', { field: 'limit', message: `"limit" must be 1 to ${PAGE_ROWS_MAX}.` });
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const search = filter.search === undefined ? undefined : await resolveSearch(tx, tenantId, filter.search);
    // One more than asked for tells whether there is a next page.
    const found = await readPage(tx, { tenantId, filter, order: 'newest', after, limit: limit + 1, and: search && ((params) => [search(params)]) });
    const rows = found.slice(0, limit);
    const revisions = await readRevisions(tx, [...new Set(rows.map((row) => row.corrects ?? row.id))]);
    return {
      rows: rows.map((row) => ({ ...row, valid: isValid(row, revisions) })),
      nextCursor: found.length > limit ? writeCursor(positionOf(rows.at(-1)!)) : null,
    };
  });
}

export function isValid(row: StoredEvent, revisions: ReadonlyMap<string, number>): boolean {
  return row.sign === 1 && row.revision === (revisions.get(row.corrects ?? row.id) ?? 0);
}

/** The end of the year 9999: what ISO 8601 and an id can say. */
const LAST_MS = 253_402_300_799_999;

function writeCursor(position: Position): string {
  return Buffer.from(`${position.occurredMs}.${position.id}`).toString('base64url');
}

function readCursor(cursor: string): Position {
  const [ms = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  if (!/^-?\d{1,15}$/.test(ms) || Math.abs(Number(ms)) > LAST_MS || !isUuid(id) || rest.length > 0) {
    throw new DomainError('invalid_input', { field: 'cursor', message: '"cursor" must be the next_cursor of an earlier page, unchanged.' });
  }
  return { occurredMs: Number(ms), id };
}
