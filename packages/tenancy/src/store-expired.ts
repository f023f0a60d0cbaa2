/** SQL that deletes what has expired. Each answers how many rows went. */
import type { Queryable } from './transactions';

export async function deleteExpiredSessions(sql: Queryable): Promise<number> {
  return (await sql.query('delete from sessions where expires_at <= now()')).rowCount ?? 0;
}

export async function deleteOldResets(sql: Queryable, keptDays: number): Promise<number> {
  return (await sql.query('delete from password_resets where coalesce(used_at, expires_at) < now() - make_interval(days => $1)', [keptDays])).rowCount ?? 0;
}

/** Inside a transaction as the team. */
export async function deleteOldInvitations(sql: Queryable, keptDays: number): Promise<number> {
  return (await sql.query('delete from invitations where coalesce(accepted_at, revoked_at, expires_at) < now() - make_interval(days => $1)', [keptDays])).rowCount ?? 0;
}
