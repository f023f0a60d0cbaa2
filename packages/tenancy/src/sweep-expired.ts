/** Deletes what can open nothing any more. Nothing relies on it: everything is checked against its expiry when it is used. */
import type { Database } from '@outlay/platform';
import { deleteExpiredSessions, deleteOldInvitations, deleteOldResets } from './store-expired';
import { eachTeam } from './store-teams';

/** A used or expired link keeps saying "this link has expired" for a while, instead of "there is no such link". */
const RESET_KEPT_DAYS = 7;
const INVITATION_KEPT_DAYS = 30;

export interface SweepReport {
  readonly sessions: number;
  readonly resets: number;
  readonly invitations: number;
}

export async function sweepExpired(db: Database): Promise<SweepReport> {
  const sessions = await deleteExpiredSessions(db.app);
  const resets = await deleteOldResets(db.app, RESET_KEPT_DAYS);
  let invitations = 0;
  for await (const { tenantId } of eachTeam(db)) {
    invitations += await db.withTenant(tenantId, (tx) => deleteOldInvitations(tx, INVITATION_KEPT_DAYS));
  }
  return { sessions, resets, invitations };
}
