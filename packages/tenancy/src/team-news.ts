/** What happened to a team and its keys lately, as far as a person may know it, and until when they have read. */
import { DAY_MS } from '@outlay/kernel';
import type { Acting } from './acting';
import { roleCan } from './roles';
import { type EndingKey, findEndingKeys, findNewMembers, findPendingErasure, type NewMember, type PendingErasure, readNoticesSeen, saveNoticesSeen } from './store-notices';
import type { Tenancy } from './tenancy';

export interface TeamNews {
  /** Keys that expire within a week or have within the last one, the next first; none for a role that may not see keys. */
  readonly keys: readonly EndingKey[];
  /** Who joined within two weeks and after this person, the newest first. */
  readonly joined: readonly NewMember[];
  readonly erasure: PendingErasure | null;
  readonly seenAt: Date;
}

const WEEK_MS = 7 * DAY_MS;
const LISTED_MAX = 20;

export async function readTeamNews(tenancy: Tenancy, acting: Acting): Promise<TeamNews> {
  const now = tenancy.now();
  const erasure = await findPendingErasure(tenancy.db, acting.tenantId);
  return await tenancy.db.withTenant(acting.tenantId, async (tx) => ({
    keys: roleCan(acting.role, 'keys.read') ? await findEndingKeys(tx, new Date(now - WEEK_MS), new Date(now + WEEK_MS), LISTED_MAX) : [],
    joined: await findNewMembers(tx, acting.id, new Date(now - 2 * WEEK_MS), LISTED_MAX),
    erasure,
    seenAt: await readNoticesSeen(tx, acting.id),
  }));
}

/** Everything until now counts as read by this person in this team. */
export async function markNoticesRead(tenancy: Tenancy, acting: Acting): Promise<void> {
  await tenancy.db.withTenant(acting.tenantId, (tx) => saveNoticesSeen(tx, acting.id, new Date(tenancy.now())));
}
