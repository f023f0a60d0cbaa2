/**
 * A team caps its users, features or keys: from here on writers count them. Creating a scope stops the writers for one short transaction that stores the scope with its cut, so that each row
 * is either at or below the cut, and added by the job, or above it, and counted by its writer.
 */
import { DAY_MS } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { ApartScope } from './cap-scope';
import { readCut } from './cut';
import { withWritersStopped } from './rebuild-days';
import { fillScope, hasScope, insertScope, lockUnfilled } from './store-cap-usage';

/** The longest window is a year's period, and a row may come late. */
const FILLED_BACK_MS = 400 * DAY_MS;
const FILL_TIMEOUT_MS = 15 * 60_000;

/** False when the scope is counted already. Errors: `unavailable` when the writers do not stop in 15 s. */
export async function openCapScope(db: Database, tenantId: string, scope: ApartScope): Promise<boolean> {
  if (await db.withTenant(tenantId, (tx) => hasScope(tx, scope))) return false;
  await withWritersStopped(db, (stillStopped) => db.withTenant(tenantId, async (tx) => {
    await insertScope(tx, tenantId, scope, await readCut(tx));
    await stillStopped();
  }));
  return true;
}

/** Adds what was recorded before a scope was opened, once; answers how many scopes of the team were filled. */
export async function fillCapScopes(db: Database, tenantId: string, nowMs: number): Promise<number> {
  return await db.withTenant(tenantId, async (tx) => {
    await tx.query(`SET LOCAL statement_timeout = ${FILL_TIMEOUT_MS}`);
    const open = await lockUnfilled(tx);
    for (const scope of open) await fillScope(tx, tenantId, scope, nowMs - FILLED_BACK_MS);
    return open.length;
  });
}

/** Teams with a scope that is not filled. */
export async function listUnfilledScopes(db: Database): Promise<string[]> {
  const { rows } = await db.system.query<{ tenant_id: string }>('SELECT DISTINCT tenant_id FROM cap_scopes WHERE filled_at IS NULL');
  return rows.map(({ tenant_id: tenantId }) => tenantId);
}
