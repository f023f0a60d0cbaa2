import { readActorLabel } from './audit';
import { assertCan, type Acting } from './acting';
import type { Tenancy } from './tenancy';

export interface AuditFilter {
  /** An action, or the noun of several: `key.created` or `key`. */
  readonly action?: string;
  readonly actorId?: string;
  /** Part of an actor, action, subject id or correlation id; case does not matter. */
  readonly search?: string;
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
  /** Of the page before. */
  readonly cursor?: string;
  readonly limit?: number;
}

export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor: { readonly id: string | null; readonly name: string; readonly email: string | null };
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string;
}

/** Newest first, a page of 50 by default. Ids carry their time, so the cursor is the last id of the page. */
export async function listAudit(tenancy: Tenancy, acting: Acting, filter: AuditFilter): Promise<{ rows: AuditRow[]; nextCursor: string | null }> {
  assertCan(acting, 'audit.read');
  const limit = filter.limit ?? 50;
  const search = filter.search?.trim();
  // Postgres holds no NUL, and would refuse to look for one.
  if (`${filter.action ?? ''}${search ?? ''}`.includes('\0')) return { rows: [], nextCursor: null };
  const contains = { contains: escapeLike(search ?? ''), mode: 'insensitive' } as const;
  const found = await tenancy.db.withTenantPrisma(acting.tenantId, (tx) => tx.auditEntry.findMany({
    where: {
      tenantId: acting.tenantId,
      ...(filter.action === undefined ? {} : filter.action.includes('.') ? { action: filter.action } : { action: { startsWith: `${escapeLike(filter.action)}.` } }),
      ...(filter.actorId === undefined ? {} : { actorId: filter.actorId }),
      at: { gte: filter.from, lt: filter.to },
      ...(filter.cursor === undefined ? {} : { id: { lt: filter.cursor } }),
      ...(search ? { OR: [{ actor: contains }, { action: contains }, { subjectId: contains }, { requestId: contains }] } : {}),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  }));
  const rows = found.slice(0, limit).map(({ id, at, actorId, actor, action, subjectType, subjectId, before, after, requestId }) =>
    ({ id, at, actor: { id: actorId, ...readActorLabel(actor) }, action, subjectType, subjectId, before, after, requestId }));
  return { rows, nextCursor: found.length > limit ? rows.at(-1)!.id : null };
}

// Prisma hands `contains` and `startsWith` to LIKE as they are.
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
