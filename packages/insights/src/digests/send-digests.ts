/** The job of the summaries: each morning at eight in the team's zone, on Mondays the week. One letter a person and day, whoever sends it how often. */
import { localDay } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { type Database, type SecretBox, writeLetter } from '@outlay/platform';
import { deriveTeamToken, eachTeam, readMemberAddresses, type Team } from '@outlay/tenancy';
import { clockMinutes } from '../alerts/quiet-hours';
import type { LetterBrand } from '../letters/layout';
import { renderDigestLetter } from '../letters/render-letter';
import { readDigest } from './read-digest';
import type { DigestKind } from './subscribe-digest';
import { writeDigest } from './write-digest';

export interface DigestDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly publicUrl: () => string;
  readonly brand: LetterBrand;
  readonly onLetter?: (() => void) | undefined;
  readonly log?: ((sentence: string, tenantId: string, error: unknown) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const MORNING = 8 * 60;

/** Pure: which summaries are due in this zone. A server that slept sends them later the same day, and not a day late. */
export function dueDigests(nowMs: number, timeZone: string): { readonly today: string; readonly kinds: readonly DigestKind[] } {
  const today = localDay(nowMs, timeZone);
  if (clockMinutes(nowMs, timeZone) < MORNING) return { today, kinds: [] };
  const isMonday = new Date(`${today}T00:00:00Z`).getUTCDay() === 1;
  return { today, kinds: isMonday ? ['daily', 'weekly'] : ['daily'] };
}

/** How many letters were written. A team that fails keeps no other back. */
export async function sendDigests(deps: DigestDependencies, nowMs: number): Promise<number> {
  const { rows } = await deps.db.system.query<{ tenant_id: string; kind: DigestKind; id: string; last: string | null }>(
    'SELECT tenant_id::text, kind, id::text, last_sent_for::text AS last FROM digest_subscriptions WHERE unsubscribed_at IS NULL');
  const byTeam = new Map<string, typeof rows>();
  for (const row of rows) byTeam.set(row.tenant_id, [...(byTeam.get(row.tenant_id) ?? []), row]);
  let written = 0;
  if (byTeam.size === 0) return 0;
  for await (const team of eachTeam(deps.db)) {
    if (deps.signal?.aborted) break;
    const { today, kinds } = dueDigests(nowMs, team.timeZone);
    const due = (byTeam.get(team.tenantId) ?? []).filter(({ kind, last }) => kinds.includes(kind) && (last === null || last < today));
    for (const kind of kinds) {
      const ids = due.filter((row) => row.kind === kind).map(({ id }) => id);
      if (ids.length === 0) continue;
      try {
        written += await sendOne(deps, team, kind, ids, today, nowMs);
      } catch (error) {
        deps.log?.('A summary could not be written; the next round tries again.', team.tenantId, error);
      }
    }
  }
  if (written > 0) deps.onLetter?.();
  return written;
}

async function sendOne(deps: DigestDependencies, team: Team, kind: DigestKind, ids: readonly string[], today: string, nowMs: number): Promise<number> {
  const { db, box, brand } = deps;
  const digest = writeDigest(await readDigest(db, team, kind, today, nowMs));
  const origin = deps.publicUrl().replace(/\/$/, '');
  const tokens = await db.withTenant(team.tenantId, async (tx) => {
    const made: string[] = [];
    for (const id of ids) made.push(await deriveTeamToken(tx, box, team.tenantId, `digest ${id}`));
    return made;
  });
  let written = 0;
  for (const [i, id] of ids.entries()) {
    const unsubscribeUrl = `${origin}/unsubscribe?token=${tokens[i]!}`;
    const letter = await renderDigestLetter({ brand, digest, url: `${origin}/`, unsubscribeUrl });
    written += await db.withTenant(team.tenantId, async (tx) => {
      // Of several workers the first one's row is the letter: the others wait here, and then see that it was sent.
      const { rows: [row] } = await tx.query<{ email: string }>(
        `UPDATE digest_subscriptions SET last_sent_for = $2, token_hash = $3 WHERE id = $1 AND unsubscribed_at IS NULL AND (last_sent_for IS NULL OR last_sent_for < $2::date) RETURNING email`, [id, today, sha256(tokens[i]!)]);
      if (row === undefined) return 0;
      if (!(await readMemberAddresses(tx, team.tenantId)).has(row.email)) {
        await tx.query('UPDATE digest_subscriptions SET unsubscribed_at = $2 WHERE id = $1', [id, new Date(nowMs)]);
        return 0;
      }
      await writeLetter(tx, { to: row.email, ...letter, headers: { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } });
      return 1;
    });
  }
  return written;
}
