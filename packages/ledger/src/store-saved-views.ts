/** SQL of `saved_views`. */
import type { PoolClient } from 'pg';

export interface SavedView {
  readonly id: string;
  readonly name: string;
  /** Filters as they were saved; what this version does not know is left to the reader to drop. */
  readonly search: Readonly<Record<string, unknown>>;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const PAGE = 'ledger';
const COLUMNS = 'id::text AS id, name, search, created_by::text AS "createdBy", created_at AS "createdAt"';

export async function readViews(tx: PoolClient): Promise<SavedView[]> {
  const { rows } = await tx.query<SavedView>(`SELECT ${COLUMNS} FROM saved_views WHERE page = $1 ORDER BY lower(name), id`, [PAGE]);
  return rows;
}

export async function readView(tx: PoolClient, id: string): Promise<SavedView | null> {
  const { rows } = await tx.query<SavedView>(`SELECT ${COLUMNS} FROM saved_views WHERE page = $1 AND id = $2::uuid`, [PAGE, id]);
  return rows[0] ?? null;
}

export async function insertView(tx: PoolClient, view: { readonly tenantId: string; readonly id: string; readonly name: string; readonly search: object; readonly createdBy: string }): Promise<void> {
  await tx.query('INSERT INTO saved_views (tenant_id, id, page, name, search, created_by) VALUES ($1, $2, $3, $4, $5, $6)',
    [view.tenantId, view.id, PAGE, view.name, JSON.stringify(view.search), view.createdBy]);
}

export async function renameView(tx: PoolClient, id: string, name: string): Promise<void> {
  await tx.query('UPDATE saved_views SET name = $2 WHERE id = $1::uuid', [id, name]);
}

export async function writeSearch(tx: PoolClient, id: string, search: object): Promise<void> {
  await tx.query('UPDATE saved_views SET search = $2 WHERE id = $1::uuid', [id, JSON.stringify(search)]);
}

export async function deleteView(tx: PoolClient, id: string): Promise<void> {
  await tx.query('DELETE FROM saved_views WHERE id = $1::uuid', [id]);
}
