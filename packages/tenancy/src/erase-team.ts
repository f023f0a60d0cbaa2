/**
 * The erasure of a team, the only one there is. Somebody asks for it under the team's exact name; after the grace period its keys stop, and then
 * every row of it goes in one transaction. What stays is one row outside of the team: who asked, when, and how many rows of which table.
 */
import type { Database } from '@outlay/platform';
import { readDemoFill, stopDemoFill } from './store-demo-fills';
import { closeTenant, deleteUsers, eraseRows, findDueErasures, findPeopleOfOnly, requestErasure } from './store-erasures';

export const GRACE_DAYS = 7;
/** A revoked key may still send for the life of the key cache (5 s), and what it sent is written within a moment. */
const KEYS_GONE_MS = 7_000;
/** Who fills a demo team says so this often at least, and is taken for dead after it. */
export const DEMO_LEASE_MS = 15_000;
const ASK_AGAIN_MS = 100;

export interface ErasureRequest {
  readonly tenantId: string;
  /** The team's name, as it stands there: whoever types it knows which team they mean. */
  readonly name: string;
  /** Who asks, for the record. */
  readonly by: string;
  /** At least 1; 0 for a demo team only. 7 by default. */
  readonly graceDays?: number;
}

/** Answers from when on the team is erased. Asked twice, it answers what was agreed. Errors: `not_found`, `invalid_input` (another name, too short a grace). */
export async function askErasure(db: Database, { tenantId, name, by, graceDays = GRACE_DAYS }: ErasureRequest): Promise<Date> {
  return await requestErasure(db, { tenantId, name, by, graceDays });
}

/** Erases a team whose time has come; answers rows by table. Errors: `conflict` when no erasure of it is due. */
export async function eraseTeam(db: Database, tenantId: string, options: { readonly keysGoneMs?: number } = {}): Promise<Record<string, number>> {
  const keysInUse = await closeTenant(db, tenantId);
  if (keysInUse > 0) await new Promise((resolve) => setTimeout(resolve, options.keysGoneMs ?? KEYS_GONE_MS));
  const madeBy = await stopFilling(db, tenantId);
  // Whoever made a demo team had an account before it.
  const people = (await findPeopleOfOnly(db, tenantId)).filter((userId) => userId !== madeBy);
  const erased = await eraseRows(db, tenantId);
  await deleteUsers(db, people);
  return { ...erased, users: people.length };
}

/** Resolves when nobody writes made-up history any more: they gave their lease back, or are silent for longer than it lasts. Answers who had the team made. */
async function stopFilling(db: Database, tenantId: string): Promise<string | null> {
  const fill = await readDemoFill(db, tenantId);
  if (fill === null) return null;
  await stopDemoFill(db, tenantId);
  while ((await readDemoFill(db, tenantId))?.held) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  return fill.madeBy;
}

/** Erases every team whose time has come. One that fails does not keep the others; `onError` is told. */
export async function eraseDueTeams(db: Database, onError: (tenantId: string, error: unknown) => void): Promise<string[]> {
  const erased: string[] = [];
  for (const tenantId of await findDueErasures(db)) {
    try {
      await eraseTeam(db, tenantId);
      erased.push(tenantId);
    } catch (error) {
      onError(tenantId, error);
    }
  }
  return erased;
}
