/**
 * The audit log: who changed what, from what to what, under which correlation id. Written in the transaction of the change, so
 * that neither stands without the other; the database refuses to change or delete a row.
 */
import type { Prisma } from '@outlay/platform';
import { newId } from '@outlay/kernel/ids';
import type { Acting, Person } from './acting';
import type { PgTx, PrismaTx } from './transactions';

/** What may stand in `before` and `after`: never a secret, never a hash of one. */
export type AuditFacts = { readonly [field: string]: string | number | boolean | null | readonly string[] | AuditFacts };

export interface AuditEntry {
  readonly tenantId: string;
  /** The person; null when a key or Outlay itself acted. */
  readonly actorId: string | null;
  /** As it was then: `Ana <ana@example.com>`, `key ci`, `outlay`. */
  readonly actor: string;
  /** `noun.past`, such as `member.role_changed`. */
  readonly action: `${string}.${string}`;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly before?: AuditFacts;
  readonly after?: AuditFacts;
  readonly requestId: string;
}

/** Adds one row. `tx` is the transaction of the change, as this tenant: of Prisma or of `pg`. */
export async function audit(tx: PrismaTx | PgTx, entry: AuditEntry): Promise<void> {
  if ('auditEntry' in tx) {
    const { before, after, ...rest } = entry;
    // Prisma's JSON type wants mutable members.
    await tx.auditEntry.create({ data: { id: newId(), ...rest, before: before as Prisma.InputJsonObject, after: after as Prisma.InputJsonObject } });
    return;
  }
  await tx.query(
    `insert into audit_log (tenant_id, id, actor_id, actor, action, subject_type, subject_id, before, after, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [entry.tenantId, newId(), entry.actorId, entry.actor, entry.action, entry.subjectType, entry.subjectId,
      entry.before === undefined ? null : JSON.stringify(entry.before), entry.after === undefined ? null : JSON.stringify(entry.after), entry.requestId],
  );
}

/** The part of an entry that says who. */
export function auditedBy(acting: Acting): Pick<AuditEntry, 'tenantId' | 'actorId' | 'actor' | 'requestId'> {
  return { tenantId: acting.tenantId, actorId: acting.id, actor: actorLabel(acting), requestId: acting.requestId };
}

export function actorLabel({ name, email }: Pick<Person, 'name' | 'email'>): string {
  return `${name} <${email}>`;
}

/** `Ana <ana@example.com>` in its parts; an actor without e-mail is all name. */
export function readActorLabel(label: string): { name: string; email: string | null } {
  const match = /^(.*) <([^<>]*)>$/s.exec(label);
  return match ? { name: match[1]!, email: match[2]! } : { name: label, email: null };
}
