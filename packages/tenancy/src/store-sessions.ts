/** The SQL of sessions, and lucia's view of it. The id in the table is the SHA-256 of the cookie's: a leaked table opens no session. */
import type { Adapter, DatabaseSession, DatabaseUser } from 'lucia';
import { sha256 } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { Queryable } from './transactions';

export interface SessionAttributes {
  readonly tenantId: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly ip: string;
  readonly userAgent: string;
}

export interface UserAttributes {
  readonly email: string;
  readonly name: string;
}

interface SessionRow extends SessionAttributes {
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: Date;
}

const COLUMNS = `s.id, s.user_id as "userId", s.tenant_id as "tenantId", s.created_at as "createdAt", s.expires_at as "expiresAt",
  s.last_seen_at as "lastSeenAt", s.ip, s.user_agent as "userAgent"`;

/** Lucia calls with the secret id of the cookie; only its hash goes to the database. */
export function createSessionAdapter(db: Database): Adapter {
  return {
    async getSessionAndUser(secret) {
      const { rows: [row] } = await db.app.query<SessionRow & UserAttributes>(
        `select ${COLUMNS}, u.email, u.name from sessions s join users u on u.id = s.user_id where s.id = $1`, [sha256(secret)]);
      if (!row) return [null, null];
      const { id: _hash, userId, expiresAt, email, name, ...attributes } = row;
      return [{ id: secret, userId, expiresAt, attributes } satisfies DatabaseSession, { id: userId, attributes: { email, name } } satisfies DatabaseUser];
    },
    async getUserSessions(userId) {
      const rows = await listSessionRows(db.app, userId);
      return rows.map(({ id, userId: owner, expiresAt, ...attributes }) => ({ id, userId: owner, expiresAt, attributes }));
    },
    async setSession({ id, userId, expiresAt, attributes }) {
      await db.app.query(
        `insert into sessions (id, user_id, tenant_id, created_at, expires_at, last_seen_at, ip, user_agent) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [sha256(id), userId, attributes.tenantId, attributes.createdAt, expiresAt, attributes.lastSeenAt, attributes.ip, attributes.userAgent]);
    },
    async updateSessionExpiration(secret, expiresAt) {
      await db.app.query('update sessions set expires_at = $2 where id = $1', [sha256(secret), expiresAt]);
    },
    async deleteSession(secret) {
      await db.app.query('delete from sessions where id = $1', [sha256(secret)]);
    },
    async deleteUserSessions(userId) {
      await db.app.query('delete from sessions where user_id = $1', [userId]);
    },
    async deleteExpiredSessions() {
      await db.app.query('delete from sessions where expires_at <= now()');
    },
  };
}

/** The live sessions of a person, the last seen first. `id` is the hash: it names a session and opens none. */
export async function listSessionRows(sql: Queryable, userId: string): Promise<SessionRow[]> {
  const { rows } = await sql.query<SessionRow>(
    `select ${COLUMNS} from sessions s where s.user_id = $1 and s.expires_at > now() order by s.last_seen_at desc, s.id`, [userId]);
  return rows;
}

export async function touchSession(sql: Queryable, hash: string, at: Date, ip: string, userAgent: string): Promise<void> {
  await sql.query('update sessions set last_seen_at = $2, ip = $3, user_agent = $4 where id = $1 and last_seen_at < $2', [hash, at, ip, userAgent]);
}

export async function setSessionTenant(sql: Queryable, hash: string, tenantId: string | null): Promise<void> {
  await sql.query('update sessions set tenant_id = $2 where id = $1', [hash, tenantId]);
}

/** True when there was such a session of this person. */
export async function deleteSessionOf(sql: Queryable, userId: string, hash: string): Promise<boolean> {
  const { rowCount } = await sql.query('delete from sessions where user_id = $1 and id = $2', [userId, hash]);
  return rowCount === 1;
}

/** Ends every session of the person but `keptHash`; answers how many. */
export async function deleteOtherSessions(sql: Queryable, userId: string, keptHash: string): Promise<number> {
  const { rowCount } = await sql.query('delete from sessions where user_id = $1 and id <> $2', [userId, keptHash]);
  return rowCount ?? 0;
}
