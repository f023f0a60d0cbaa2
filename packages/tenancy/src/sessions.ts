/** Sessions: 30 days from the last half-way renewal, by lucia on our own adapter. The cookie holds the only copy of the secret id. */
import { Lucia, TimeSpan } from 'lucia';
import { DomainError } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { Acting, Person, RequestOrigin } from './acting';
import { audit, auditedBy } from './audit';
import { readMemberships, type Membership } from './memberships';
import { createSessionAdapter, deleteOtherSessions, deleteSessionOf, listSessionRows, touchSession, type SessionAttributes, type UserAttributes } from './store-sessions';
import type { Tenancy } from './tenancy';
import type { Queryable } from './transactions';

export type SessionLucia = ReturnType<typeof createLucia>;

declare module 'lucia' {
  interface Register {
    Lucia: SessionLucia;
    DatabaseSessionAttributes: SessionAttributes;
    DatabaseUserAttributes: UserAttributes;
  }
}

const LAST_SEEN_STEP_MS = 60_000;

export function createLucia(db: Database): Lucia<SessionAttributes, UserAttributes> {
  return new Lucia<SessionAttributes, UserAttributes>(createSessionAdapter(db), {
    sessionExpiresIn: new TimeSpan(30, 'd'),
    getSessionAttributes: ({ tenantId, createdAt, lastSeenAt, ip, userAgent }) => ({ tenantId, createdAt, lastSeenAt, ip, userAgent }),
    getUserAttributes: ({ email, name }) => ({ email, name }),
  });
}

/** A session as its cookie needs it. */
export interface OpenedSession {
  readonly secret: string;
  readonly expiresAt: Date;
}

/** A signed-in person: who, since when, in which teams. `sessionId` is the hash. */
export interface Identity {
  readonly user: Person;
  readonly sessionId: string;
  readonly memberships: readonly Membership[];
  /** The team they work in now; null for somebody without a team. */
  readonly active: Membership | null;
  /** Set when the session was just prolonged: the cookie must be sent again. */
  readonly renewed: OpenedSession | null;
}

export async function openSession(tenancy: Tenancy, userId: string, tenantId: string | null, origin: RequestOrigin): Promise<OpenedSession> {
  const now = new Date(tenancy.now());
  const { id, expiresAt } = await tenancy.lucia.createSession(userId, { tenantId, createdAt: now, lastSeenAt: now, ip: origin.ip, userAgent: shorten(origin.userAgent) });
  return { secret: id, expiresAt };
}

/** Who this cookie is; null when the session is unknown, ended or expired. */
export async function readIdentity(tenancy: Tenancy, secret: string, origin: RequestOrigin): Promise<Identity | null> {
  const { session, user } = await tenancy.lucia.validateSession(secret);
  if (!session) return null;
  const sessionId = sha256(secret);
  const now = tenancy.now();
  if (now - session.lastSeenAt.getTime() >= LAST_SEEN_STEP_MS) {
    await touchSession(tenancy.db.app, sessionId, new Date(now), origin.ip, shorten(origin.userAgent));
  }
  const memberships = await readMemberships(tenancy.db, user.id);
  return {
    user: { id: user.id, email: user.email, name: user.name },
    sessionId,
    memberships,
    active: memberships.find(({ tenantId }) => tenantId === session.tenantId) ?? memberships[0] ?? null,
    renewed: session.fresh ? { secret, expiresAt: session.expiresAt } : null,
  };
}

export async function endSession(tenancy: Tenancy, secret: string): Promise<void> {
  await tenancy.lucia.invalidateSession(secret);
}

export interface ListedSession {
  readonly id: string;
  readonly current: boolean;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly ip: string;
  readonly userAgent: string;
}

export async function listSessions(tenancy: Tenancy, identity: Identity): Promise<ListedSession[]> {
  const rows = await listSessionRows(tenancy.db.app, identity.user.id);
  return rows.map(({ id, createdAt, lastSeenAt, ip, userAgent }) => ({ id, current: id === identity.sessionId, createdAt, lastSeenAt, ip, userAgent }));
}

/** Errors: `not_found` when the person has no such session. */
export async function revokeSession(tenancy: Tenancy, identity: Identity, id: string, requestId: string): Promise<void> {
  await changeSessions(tenancy, identity, requestId, 'session.revoked', id, async (sql) => {
    const ended = await deleteSessionOf(sql, identity.user.id, id);
    if (!ended) throw new DomainError('not_found', { field: 'id', message: 'This session has ended already.' });
    return 1;
  });
}

/** Answers how many ended. */
export async function revokeOtherSessions(tenancy: Tenancy, identity: Identity, requestId: string): Promise<number> {
  return await changeSessions(tenancy, identity, requestId, 'session.others_revoked', identity.user.id, (sql) =>
    deleteOtherSessions(sql, identity.user.id, identity.sessionId));
}

// Sessions belong to a person, not to a team: the change is noted in the team that the person works in.
async function changeSessions(
  tenancy: Tenancy, identity: Identity, requestId: string, action: 'session.revoked' | 'session.others_revoked', subjectId: string,
  change: (sql: Queryable) => Promise<number>,
): Promise<number> {
  const acting = actingOf(identity, requestId);
  if (!acting) return await change(tenancy.db.app);
  return await tenancy.db.withTenant(acting.tenantId, async (tx) => {
    const ended = await change(tx);
    if (ended > 0) await audit(tx, { ...auditedBy(acting), action, subjectType: 'session', subjectId, after: { ended } });
    return ended;
  });
}

/** The person in their active team; null without one. */
export function actingOf(identity: Identity, requestId: string): Acting | null {
  const { user, active } = identity;
  return active && { ...user, tenantId: active.tenantId, role: active.role, requestId };
}

function shorten(userAgent: string): string {
  return userAgent.slice(0, 300);
}
