/**
 * Which teams have holds that may be due, in one sorted set over all teams: the sweep finds them without looking at the others. A begin tells it only when nothing is told for its team
 * yet, so that it costs nothing in the stream of begins. A set that was flushed has lost its mark, and whoever sees that tells all that he told before; the mark lasts a minute, so that nothing
 * which goes wrong here does for longer. What is forgotten all the same (a crash between two steps) ends with the team's next begin.
 */
import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';

const CLAIM_MS = 30_000;
/** Clocks of two processes may differ by so much. */
const MARGIN_MS = 1_000;
const TENANTS_AT_ONCE = 500;
const MARK_MS = 60_000;
const KEPT_MAX = 100_000;

/** Whoever was told meanwhile of an earlier time stays told of it. */
const DONE = `
local kept = redis.call('ZSCORE', KEYS[1], ARGV[1])
if kept and tonumber(kept) == tonumber(ARGV[2]) then
  if ARGV[3] == '' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) end
elseif ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[1], 'LT', ARGV[3], ARGV[1])
end
return 1
`;

export interface DueTenants {
  /** A hold of the team ends at that time. Does not wait. */
  register(tenantId: string, expiresMs: number, nowMs: number): void;
  forget(tenantId: string): void;
  /** Redis may have lost the last that it was told. */
  doubt(): void;
  /** Teams that are due; nobody else gets them for a while. */
  claim(nowMs: number): Promise<string[]>;
  done(tenantId: string, nextMs: number | null, nowMs: number): Promise<void>;
  settled(): Promise<void>;
}

export function createDueTenants(redis: Redis | Cluster, key: string): DueTenants {
  const registered = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  let mark: string | undefined;
  const tellAgainIfLost = async (nowMs: number): Promise<void> => {
    const at = `${key}:mark`;
    const found = await redis.get(at);
    if (found !== null && found === mark) return;
    await redis.set(at, randomUUID(), 'PX', MARK_MS, 'NX');
    const next = await redis.get(at);
    const all = [...registered].flatMap(([tenantId, expiresMs]) => [expiresMs, tenantId]);
    for (let i = 0; i < all.length; i += 2 * TENANTS_AT_ONCE) await redis.zadd(key, 'LT', ...all.slice(i, i + 2 * TENANTS_AT_ONCE));
    mark = next ?? undefined;
    // The sweep finds what comes next.
    for (const [tenantId, expiresMs] of registered) if (expiresMs <= nowMs) registered.delete(tenantId);
  };
  return {
    register: (tenantId, expiresMs, nowMs) => {
      const known = registered.get(tenantId);
      if (known !== undefined && known <= expiresMs && known > nowMs + MARGIN_MS) return;
      if (registered.size >= KEPT_MAX) registered.clear();
      registered.set(tenantId, expiresMs);
      const telling = redis.zadd(key, 'LT', expiresMs, tenantId).catch(() => registered.delete(tenantId)).finally(() => underWay.delete(telling));
      underWay.add(telling);
    },
    forget: (tenantId) => void registered.delete(tenantId),
    doubt: () => {
      mark = undefined;
    },
    claim: async (nowMs) => {
      await Promise.all(underWay);
      await tellAgainIfLost(nowMs);
      const tenants = await redis.zrangebyscore(key, '-inf', nowMs, 'LIMIT', 0, TENANTS_AT_ONCE);
      if (tenants.length > 0) await redis.zadd(key, 'XX', ...tenants.flatMap((tenantId) => [nowMs + CLAIM_MS, tenantId]));
      return tenants;
    },
    done: async (tenantId, nextMs, nowMs) => {
      await redis.eval(DONE, 1, key, tenantId, nowMs + CLAIM_MS, nextMs ?? '');
    },
    settled: async () => void await Promise.all(underWay),
  };
}
