/**
 * Who an API key is, fast enough for every event: a hash and a look-up in memory, and one query a key and second.
 *
 * Why a cache of one second and no LISTEN/NOTIFY: the promise is that a revocation holds within a second. A cache that lives one
 * second from the *start* of its query keeps that in every process without a message that could get lost, without a connection of its
 * own, and behind any pooler. It costs one look-up by unique index a second and busy key: nothing. In the process that revokes,
 * `forget` makes it hold at once.
 */
import { DomainError, type ErrorCode } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { addressKey, tooMany } from './attempt-limits';
import { createKeyUses } from './key-uses';
import { readBearerKey } from './key-format';
import type { KeyAbility } from './roles';
import { lookupKey, type FoundKey } from './store-keys';
import type { Limiter } from './token-bucket';

const FRESH_MS = 1_000;
/** A key that was refused stays refused: nothing brings it back, so it is asked again only now and then. */
const REFUSED_MS = 10_000;
const KEYS_MAX = 10_000;

export interface VerifiedKey {
  readonly tenantId: string;
  readonly keyId: string;
  readonly environment: string;
  readonly abilities: readonly KeyAbility[];
  /** The team's. */
  readonly timeZone: string;
  readonly lateWindowDays: number;
}

export interface KeyVerifier {
  /**
   * Who the key of this `Authorization` header is; without a promise when memory knows. Errors: `key_missing`, `key_invalid`,
   * `key_revoked`, `key_expired`, `rate_limited` (an address that guesses).
   */
  verify(header: string | undefined, ip: string): VerifiedKey | Promise<VerifiedKey>;
  /** The key with this hash was changed in this process: ask the database next time. */
  forget(keyHash: string): void;
  close(): Promise<void>;
}

interface Known {
  readonly key: VerifiedKey;
  readonly expiresMs: number;
  readonly freshUntilMs: number;
}

interface Refused {
  readonly code: ErrorCode;
  readonly untilMs: number;
}

export interface KeyVerifierOptions {
  readonly db: Database;
  readonly now: () => number;
  /** Counts keys that are not known, by address. */
  readonly guesses: Limiter;
  readonly log?: (sentence: string, error: unknown) => void;
}

export function createKeyVerifier(options: KeyVerifierOptions): KeyVerifier {
  const { db, now, guesses } = options;
  const known = new Map<string, Known>();
  const refused = new Map<string, Refused>();
  const asking = new Map<string, Promise<VerifiedKey>>();
  const uses = createKeyUses(options);

  function used(entry: Known, nowMs: number): VerifiedKey {
    if (nowMs >= entry.expiresMs) throw new DomainError('key_expired');
    uses.note(entry.key, nowMs);
    return entry.key;
  }

  async function askDatabase(hash: string, ip: string, startedMs: number): Promise<VerifiedKey> {
    const found = await lookupKey(db, hash);
    const code = refusalOf(found, now());
    if (!found || code) {
      known.delete(hash);
      remember(refused, hash, { code: code ?? 'key_invalid', untilMs: startedMs + REFUSED_MS });
      if (!found) guesses.take(addressKey(ip), now());
      throw new DomainError(code ?? 'key_invalid');
    }
    const entry: Known = {
      key: verifiedOf(found), expiresMs: found.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY, freshUntilMs: startedMs + FRESH_MS,
    };
    remember(known, hash, entry);
    return used(entry, now());
  }

  /** One query a key at a time: the others wait for its answer. */
  function ask(hash: string, ip: string, nowMs: number): Promise<VerifiedKey> {
    const pending = asking.get(hash);
    if (pending) return pending;
    const answer = askDatabase(hash, ip, nowMs).finally(() => asking.delete(hash));
    asking.set(hash, answer);
    return answer;
  }

  return {
    verify(header, ip) {
      const secret = readBearerKey(header);
      if (secret === undefined) throw new DomainError('key_missing');
      if (secret === null) throw new DomainError('key_invalid');
      const hash = sha256(secret);
      const nowMs = now();
      const entry = known.get(hash);
      if (entry) return nowMs < entry.freshUntilMs ? used(entry, nowMs) : ask(hash, ip, nowMs);
      // The same wrong key over and over is a mistake, not a guess: it costs no query and no attempt, so that a forgotten
      // process with an old key does not lock its neighbours behind the same address out.
      const no = refused.get(hash);
      if (no && nowMs < no.untilMs) throw new DomainError(no.code);
      const waitMs = guesses.wait(addressKey(ip), nowMs);
      if (waitMs > 0) throw tooMany(waitMs);
      return ask(hash, ip, nowMs);
    },
    forget: (keyHash) => void known.delete(keyHash),
    close: () => uses.close(),
  };
}

function refusalOf(found: FoundKey | null, nowMs: number): ErrorCode | null {
  if (!found) return 'key_invalid';
  if (found.revokedAt) return 'key_revoked';
  return found.expiresAt && found.expiresAt.getTime() <= nowMs ? 'key_expired' : null;
}

function verifiedOf({ tenantId, id, environment, abilities, timeZone, lateWindowDays }: FoundKey): VerifiedKey {
  return { tenantId, keyId: id, environment, abilities: abilities as readonly KeyAbility[], timeZone, lateWindowDays };
}

/** The newest answer stands last; the map forgets the oldest. */
function remember<T>(map: Map<string, T>, hash: string, value: T): void {
  map.delete(hash);
  map.set(hash, value);
  if (map.size > KEYS_MAX) map.delete(map.keys().next().value!);
}
