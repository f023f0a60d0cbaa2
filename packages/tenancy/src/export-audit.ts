/** The audit log as CSV, page by page: any number of entries in constant memory. */
import type { ExportTally } from '@outlay/platform';
import type { Acting } from './acting';
import { type AuditFilter, listAudit } from './list-audit';
import type { Tenancy } from './tenancy';

const HEAD = ['at', 'actor', 'actor_email', 'action', 'subject_type', 'subject_id', 'before', 'after', 'request_id', 'id'];
const ROWS_PER_PAGE = 500;

/** Newest first. Errors: `role_missing`, with the first piece. */
export async function* auditCsv(tenancy: Tenancy, acting: Acting, filter: Omit<AuditFilter, 'cursor' | 'limit'>): AsyncGenerator<string, ExportTally, void> {
  let cursor: string | undefined;
  let rows = 0;
  let text = `${HEAD.join(',')}\r\n`;
  for (;;) {
    const page = await listAudit(tenancy, acting, { ...filter, cursor, limit: ROWS_PER_PAGE });
    for (const row of page.rows) {
      const facts = (value: unknown): string => (value === null || value === undefined ? '' : JSON.stringify(value));
      text += `${[row.at.toISOString(), row.actor.name, row.actor.email ?? '', row.action, row.subjectType, row.subjectId, facts(row.before), facts(row.after), row.requestId, row.id].map(cell).join(',')}\r\n`;
    }
    rows += page.rows.length;
    yield text;
    if (page.nextCursor === null) return { rows };
    cursor = page.nextCursor;
    text = '';
  }
}

/** A name is anybody's text: one that begins like a formula gets an apostrophe in front, and none breaks the line. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
