import type { Database } from '@outlay/platform';

/** Deletes what opens nothing any more: expired sessions, password links a day after their end. A job calls it; invitations stay for the record. */
export async function sweepExpired(db: Database, nowMs: number): Promise<{ sessions: number; links: number }> {
  const sessions = await db.prisma.session.deleteMany({ where: { expiresAt: { lt: new Date(nowMs) } } });
  const links = await db.prisma.passwordReset.deleteMany({ where: { expiresAt: { lt: new Date(nowMs - 86_400_000) } } });
  return { sessions: sessions.count, links: links.count };
}
