/** Views of the ledger that a team keeps: a set of filters under a name, the same for everybody. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { assertCan, audit, auditedBy, type Acting, type AuditFacts } from '@outlay/tenancy';
import { DatabaseError, type PoolClient } from 'pg';
import { z } from 'zod';
import { ledgerFilterSchema } from './event-filter';
import { deleteView, insertView, readView, readViews, renameView, type SavedView, writeSearch } from './store-saved-views';

export type { SavedView } from './store-saved-views';

const VIEWS_MAX = 50;
const NAME_MAX = 60;

export const viewNameSchema = z.string().trim().min(1, 'Give the view a name.').max(NAME_MAX, `A name has at most ${NAME_MAX} characters.`).regex(/^[^\p{Cc}]*$/u, 'A name is one line of text.');
/** The filters as they stand in the URL. */
export const viewSearchSchema = ledgerFilterSchema;
type Search = z.infer<typeof viewSearchSchema>;

/** By name. */
export async function listViews(db: Database, tenantId: string): Promise<SavedView[]> {
  return await db.withTenant(tenantId, readViews);
}

/** Errors: `role_missing`, `invalid_input` naming `name` or `search`, `conflict` when the name is taken or the team has too many. */
export async function saveView(db: Database, acting: Acting, input: { readonly name: string; readonly search: Search }): Promise<SavedView> {
  return await change(db, acting, async (tx) => {
    if ((await readViews(tx)).length >= VIEWS_MAX) throw new DomainError('conflict', { message: `Your team has ${VIEWS_MAX} views. Delete one first.` });
    const id = newId();
    await insertView(tx, { tenantId: acting.tenantId, id, name: input.name, search: input.search, createdBy: acting.id });
    await audit(tx, { ...auditedBy(acting), action: 'view.saved', subjectType: 'view', subjectId: id, after: { name: input.name, filters: factsOf(input.search) } });
    return await find(tx, id);
  });
}

/** Errors: `role_missing`, `not_found`, `conflict` when the name is taken. */
export async function nameView(db: Database, acting: Acting, input: { readonly id: string; readonly name: string }): Promise<SavedView> {
  return await change(db, acting, async (tx) => {
    const before = await find(tx, input.id);
    if (before.name === input.name) return before;
    await renameView(tx, input.id, input.name);
    await audit(tx, { ...auditedBy(acting), action: 'view.renamed', subjectType: 'view', subjectId: input.id, before: { name: before.name }, after: { name: input.name } });
    return await find(tx, input.id);
  });
}

/** Puts other filters under the same name. Errors: `role_missing`, `not_found`. */
export async function overwriteView(db: Database, acting: Acting, input: { readonly id: string; readonly search: Search }): Promise<SavedView> {
  return await change(db, acting, async (tx) => {
    const before = await find(tx, input.id);
    await writeSearch(tx, input.id, input.search);
    await audit(tx, {
      ...auditedBy(acting), action: 'view.overwritten', subjectType: 'view', subjectId: input.id,
      before: { name: before.name, filters: factsOf(before.search) }, after: { name: before.name, filters: factsOf(input.search) },
    });
    return await find(tx, input.id);
  });
}

/** Errors: `role_missing`, `not_found`. */
export async function removeView(db: Database, acting: Acting, id: string): Promise<void> {
  await change(db, acting, async (tx) => {
    const before = await find(tx, id);
    await deleteView(tx, id);
    await audit(tx, { ...auditedBy(acting), action: 'view.deleted', subjectType: 'view', subjectId: id, before: { name: before.name, filters: factsOf(before.search) } });
  });
}

async function change<T>(db: Database, acting: Acting, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  assertCan(acting, 'views.manage');
  try {
    return await db.withTenant(acting.tenantId, work);
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '23505') throw new DomainError('conflict', { field: 'name', message: 'Your team has a view of this name. Choose another, or overwrite that one.' });
    throw error;
  }
}

async function find(tx: PoolClient, id: string): Promise<SavedView> {
  const view = await readView(tx, id);
  if (view === null) throw new DomainError('not_found', { message: 'There is no such view: somebody may have deleted it.' });
  return view;
}

function factsOf(search: object): AuditFacts {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as AuditFacts;
}
