/** The gate's counters and holds in Redis: the rule as one script a begin, so that any number of processes decide on one state. Works on one server and on a cluster. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { DomainError } from '@outlay/kernel';
import type { Cluster, Redis } from 'ioredis';
import { fromCut, fromHold, fromMissing, fromSeen, type MODES, SERVER_AT, toHoldRow, toMetricNumber, toScriptInput } from './begin-args';
import { createDeadline } from './deadline';
import { type BeginRequest, METRICS } from './decide';
import { type Begun, DUE_AT_ONCE, type GateStore, type OpenHold, type SeenState, type SlotCut, type Spend } from './gate-store';
import { decideAsSeen } from './hold-amounts';
import type { LeaseHost } from './leased-store';
import { IDLE_MS } from './memory-store';
import { createDueTenants } from './redis-due';
import * as lua from './redis-lua';
import { DECIDE as DECIDE_LUA } from './redis-lua-decide';

export interface RedisStoreOptions {
  readonly redis: Redis | Cluster;
  /** What every key begins with. */
  readonly prefix?: string;
  /** A Redis that does not answer for so long is unavailable. What it may have held ends by itself. */
  readonly timeoutMs?: number;
}

const SET_AT_ONCE = 500;
const HOLDS_AT_ONCE = 500;
const SWEEPS_AT_ONCE = 16;
const LOOKED_AT_ONCE = 100;
const TRIES = 5;
const RELEASES_AT_ONCE = 100;

type Arg = string | number | Buffer;

/** ioredis has these, and its types do not. */
interface ScriptRunner {
  evalshaBuffer(sha: string, keys: number, ...args: readonly Arg[]): Promise<unknown>;
  evalBuffer(source: string, keys: number, ...args: readonly Arg[]): Promise<unknown>;
}

interface Script {
  readonly sha: string;
  readonly source: string;
}

const script = (source: string): Script => ({ source, sha: createHash('sha1').update(source).digest('hex') });
const DECIDE = script(DECIDE_LUA);
const APPLY = script(lua.APPLY);
const SET = script(lua.SET);
const CARVE = script(lua.CARVE);
const RELEASE = script(lua.RELEASE);
const SWEEP = script(lua.SWEEP);
const RESTORE = script(lua.RESTORE);
const WATCH = script(lua.WATCH);
const FED_TO = script(lua.FED_TO);
const ATTEND = script(lua.ATTEND);
const HOLDS = script(lua.HOLDS);
const HOLD = script(lua.HOLD);
const FORGET = script(lua.FORGET);

/**
 * A server that was started anew is another server, even when it read its state from disk: the last second may be missing in it, so its teams are lost until restored. (A cluster's
 * failover to a replica that lags is not noticed.) The server must not evict keys: `maxmemory-policy noeviction`.
 */
export function createRedisStore({ redis, prefix = 'ol', timeoutMs = 1_000 }: RedisStoreOptions): GateStore & LeaseHost {
  const due = createDueTenants(redis, `${prefix}:due`);
  const deadline = createDeadline(timeoutMs, () => new DomainError('unavailable', { message: 'Redis did not answer in time.' }), () => performance.now());
  const gather = gatherWrites(redis);
  /** Which server runs: asked again after each break of the connection. */
  let server: Promise<number> | undefined;
  let serverKnown: number | undefined;
  let connection = 0;
  let ended: { tenantId: string; runId: string }[] = [];
  const cursors = new Map<string, string>();
  const forget = (): void => {
    connection += 1;
    [server, serverKnown] = [undefined, undefined];
    due.doubt();
  };
  redis.on('close', forget);

  const failed = (error: unknown): never => {
    throw error instanceof DomainError ? error : new DomainError('unavailable', { message: 'Redis failed.', cause: error });
  };
  const within = <T>(work: Promise<T>): Promise<T> => deadline.of(work).catch(failed);
  const serverNumber = (): Promise<number> => {
    server ??= (async () => {
      const from = connection;
      const found = 'nodes' in redis ? 0 : Number.parseInt(/run_id:([0-9a-f]{12})/.exec(await redis.info('server'))?.[1] ?? '0', 16);
      if (from === connection) serverKnown = found;
      return found;
    })();
    server.catch(forget);
    return server;
  };
  const evaluate = ({ sha, source }: Script, keys: readonly string[], args: readonly Arg[]): Promise<unknown> => {
    const to = redis as unknown as ScriptRunner;
    gather();
    return to.evalshaBuffer(sha, keys.length, ...keys, ...args).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return to.evalBuffer(source, keys.length, ...keys, ...args);
    });
  };
  /** Runs a script on the server that was there when its arguments were made. An answer from over a break says nothing about which server gave it: then once more. */
  const run = async (what: Script, keys: readonly string[], argsOf: (server: number) => readonly Arg[]): Promise<unknown> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = connection;
      const answer = await within(evaluate(what, keys, argsOf(serverKnown ?? await within(serverNumber()))));
      if (before === connection) return answer;
    }
    throw new DomainError('unavailable', { message: 'The connection to Redis breaks again and again.' });
  };
  const base = (tenantId: string): string => `${prefix}:{${tenantId}}:`;

  /** Ends what is due of one team; answers when its next hold is. */
  const sweep = async (tenantId: string, nowMs: number): Promise<number | null> => {
    const [next = '', ...runs] = (await run(SWEEP, [`${base(tenantId)}s`], (number) => [number, nowMs]) as Buffer[]).map(String);
    for (const runId of runs) ended.push({ tenantId, runId });
    return next === '' ? null : Number(next);
  };
  const ask = async (mode: keyof typeof MODES, tenantId: string, runId: string, expiresMs: number, request: BeginRequest): Promise<Begun | null> => {
    const { counterKeys, rateKeys, numbers, metrics, reserves } = toScriptInput(mode, request, expiresMs);
    const at = base(tenantId);
    const keys = [`${at}s`, `${at}h:${runId}`];
    for (const key of counterKeys) keys.push(`${at}c:${key}`);
    for (const key of rateKeys) keys.push(`${at}r:${key}`);
    keys.push(`${at}d`);
    const decided = (seen: SeenState, asked: BeginRequest, again: boolean): Begun & { kind: 'decided' } => ({ kind: 'decided', decision: decideAsSeen(seen, asked), seen, again });
    for (;;) {
      const bytes = await run(DECIDE, keys, (number) => {
        numbers.writeDoubleLE(number, SERVER_AT);
        return [numbers, metrics, reserves];
      }) as Buffer;
      const letter = String.fromCharCode(bytes[0]!);
      if (letter === 'S') {
        await sweep(tenantId, request.nowMs);
        continue;
      }
      if (letter === 'L') {
        due.forget(tenantId);
        return { kind: 'lost' };
      }
      if (letter === 'N') return null;
      if (letter === 'M') return { kind: 'missing', keys: fromMissing(bytes, counterKeys) };
      if (letter === 'A') {
        return decided(fromSeen(bytes, 9, counterKeys, rateKeys), { ...request, nowMs: bytes.readDoubleLE(1) }, true);
      }
      const begun = decided(fromSeen(bytes, 1, counterKeys, rateKeys), request, letter === 'K');
      if (letter === 'K') return begun;
      if ((begun.decision.verdict === 'deny') !== (letter === 'D')) {
        if (letter === 'P' && mode === 'begin') await release(tenantId, runId);
        throw new DomainError('internal', { message: `The script and the rule do not agree on run ${runId}.` });
      }
      if (letter === 'P' && mode !== 'check') due.register(tenantId, expiresMs, request.nowMs);
      return begun;
    }
  };
  const set = async (tenantId: string, cut: SlotCut, used: ReadonlyMap<string, number>, isFixed: boolean): Promise<void> => {
    const all = [...used];
    for (let i = 0; i < all.length; i += SET_AT_ONCE) {
      const part = all.slice(i, i + SET_AT_ONCE);
      const keys = [`${base(tenantId)}s`, ...part.map(([key]) => `${base(tenantId)}c:${key}`)];
      await run(SET, keys, (number) => [number, isFixed ? 1 : 0, ...part.map(([, amount]) => amount), ...[...cut].flat()]);
    }
  };

  const releasing = new Map<string, { readonly runIds: Set<string>; readonly done: Promise<ReadonlySet<string>> }>();
  /** Runs of a team that end within one turn of the event loop, as those of one batch of the ledger do, end in one script. */
  const release = async (tenantId: string, runId: string): Promise<boolean> => {
    let together = releasing.get(tenantId);
    if (together === undefined || together.runIds.size >= RELEASES_AT_ONCE) {
      const runIds = new Set<string>();
      const done = new Promise<void>((resolve) => { process.nextTick(resolve); }).then(async () => {
        if (releasing.get(tenantId)?.runIds === runIds) releasing.delete(tenantId);
        return new Set((await run(RELEASE, [`${base(tenantId)}s`], (number) => [number, ...runIds]) as Buffer[]).map(String));
      });
      together = { runIds, done };
      releasing.set(tenantId, together);
    }
    // Who asks twice at once has ended it once.
    const isFirst = !together.runIds.has(runId);
    together.runIds.add(runId);
    return (await together.done).has(runId) && isFirst;
  };

  const readHolds = async (tenantId: string, from: number, count: number, dueMs?: number): Promise<OpenHold[]> => {
    const found = await run(HOLDS, [`${base(tenantId)}s`], (number) => [number, from, count, dueMs ?? '+inf']) as Buffer[];
    return Array.from({ length: found.length / 2 }, (_, i) => fromHold(String(found[2 * i]), found[2 * i + 1]!));
  };

  const watch = async (tenantId: string): Promise<number | null> => {
    const loss = await run(WATCH, [`${base(tenantId)}s`], (number) => [number]) as number;
    return loss < 0 ? null : loss;
  };

  return {
    begin: async (tenantId, { runId, expiresMs }, request) => (await ask('begin', tenantId, runId, expiresMs, request))!,
    extend: (tenantId, { runId, expiresMs }, request) => ask('extend', tenantId, runId, expiresMs, request),
    check: async (tenantId, request) => (await ask('check', tenantId, '', 0, request))!,
    apply: async (tenantId, slot, batch, spends) => {
      const { keys, amounts, triples } = collapse(spends);
      await run(APPLY, [`${base(tenantId)}s`, ...keys.map((key) => `${base(tenantId)}c:${key}`)], (number) => [number, slot, batch, ...amounts, ...triples]);
    },
    set: (tenantId, cut, used) => set(tenantId, cut, used, false),
    setUsed: (tenantId, used) => set(tenantId, new Map(), used, true),
    fedTo: async (tenantId) => {
      const [cut, attended] = await run(FED_TO, [`${base(tenantId)}s`], (number) => [number]) as [Buffer, number];
      return { cut: fromCut(cut).cut, attendedMs: attended < 0 ? null : attended };
    },
    attend: async (tenantIds, atMs) => {
      for (let i = 0; i < tenantIds.length; i += SET_AT_ONCE) {
        await Promise.all(tenantIds.slice(i, i + SET_AT_ONCE).map((tenantId) => run(ATTEND, [`${base(tenantId)}s`], (number) => [number, atMs])));
      }
    },
    release,
    expire: async (nowMs) => {
      for (let tenants = await within(due.claim(nowMs)); tenants.length > 0; tenants = await within(due.claim(nowMs))) {
        for (let i = 0; i < tenants.length; i += SWEEPS_AT_ONCE) {
          await Promise.all(tenants.slice(i, i + SWEEPS_AT_ONCE).map(async (tenantId) => {
            let next = await sweep(tenantId, nowMs);
            while (next !== null && next <= nowMs) next = await sweep(tenantId, nowMs);
            await within(due.done(tenantId, next, nowMs));
          }));
        }
      }
      await forgetIdle(redis, prefix, cursors, nowMs, (key, idle) => evaluate(FORGET, [`${key.slice(0, key.indexOf('}') + 2)}s`, key], [idle, IDLE_MS / 60_000]));
      const told = ended;
      ended = [];
      return told;
    },
    restore: async (tenantId, cut, holds, loss = null) => {
      const rows = JSON.stringify(holds.map(toHoldRow));
      const answer = await run(RESTORE, [`${base(tenantId)}s`], (number) => [number, rows, loss ?? -1, ...[...cut].flat()]);
      if (answer === 1) due.forget(tenantId);
      for (const { expiresMs } of holds) due.register(tenantId, expiresMs, Number.NEGATIVE_INFINITY);
      return answer === 1;
    },
    carve: async (tenantId, leaseId, runs) => {
      const rows = runs.map(({ runId, expiresMs, amounts, spent }) => ({ r: runId, e: expiresMs, a: METRICS.map((metric) => amounts[metric] ?? 0), s: METRICS.map((metric) => spent[metric] ?? 0) }));
      const known = await run(CARVE, [`${base(tenantId)}s`], (number) => [number, leaseId, JSON.stringify(rows)]) as Buffer[] | number;
      return typeof known === 'number' ? null : known.map(String);
    },
    watch,
    isRestored: async (tenantId) => await watch(tenantId) === null,
    holds: async (tenantId, dueMs) => {
      if (dueMs !== undefined) return await readHolds(tenantId, 0, DUE_AT_ONCE, dueMs);
      // Nobody waits for a script that reads them all: in parts, between which others begin and end.
      const found = new Map<string, OpenHold>();
      for (let from = 0; ; from += HOLDS_AT_ONCE) {
        const part = await readHolds(tenantId, from, HOLDS_AT_ONCE);
        for (const hold of part) found.set(hold.runId, hold);
        if (part.length === 0) return [...found.values()];
      }
    },
    find: async (tenantId, runId) => {
      const found = await run(HOLD, [`${base(tenantId)}s`, `${base(tenantId)}h:${runId}`], (number) => [number]) as Buffer | null;
      return found === null ? null : fromHold(runId, found);
    },
    close: async () => {
      redis.off('close', forget);
      deadline.close();
      await due.settled();
    },
  };
}

/** What is sent within one turn of the event loop goes to the socket in one write: ioredis makes one of each command. A cluster has no one socket. */
function gatherWrites(redis: Redis | Cluster): () => void {
  if ('nodes' in redis) return () => undefined;
  let isGathering = false;
  return () => {
    const { stream } = redis as { stream?: Socket };
    if (isGathering || stream === undefined || redis.status !== 'ready') return;
    isGathering = true;
    stream.cork();
    process.nextTick(() => {
      isGathering = false;
      stream.uncork();
    });
  };
}

/** Amounts by counter, and what each run spent of which metric. */
function collapse(spends: readonly Spend[]): { keys: string[]; amounts: number[]; triples: (string | number)[] } {
  const byKey = new Map<string, number>();
  const triples: (string | number)[] = [];
  for (const { runId, metric, amount, keys } of spends) {
    for (const key of keys) byKey.set(key, (byKey.get(key) ?? 0) + amount);
    if (runId !== null) triples.push(runId, toMetricNumber(metric), amount);
  }
  return { keys: [...byKey.keys()], amounts: [...byKey.values()], triples };
}

/** One step of the walk over all keys: counters and rates that nobody touched for days go. They would be read from the ledger anew. */
async function forgetIdle(redis: Redis | Cluster, prefix: string, cursors: Map<string, string>, nowMs: number, remove: (key: string, idleMinutes: number) => Promise<unknown>): Promise<void> {
  const idle = Math.floor((nowMs - IDLE_MS) / 60_000);
  for (const node of 'nodes' in redis ? redis.nodes('master') : [redis]) {
    const name = `${node.options.host}:${node.options.port}`;
    const [cursor, keys] = await node.scan(cursors.get(name) ?? '0', 'MATCH', `${prefix}:{*`, 'COUNT', LOOKED_AT_ONCE);
    cursors.set(name, cursor);
    const kept = keys.filter((key) => /^[crh]$/.test(key.charAt(key.indexOf('}') + 2)));
    if (kept.length === 0) continue;
    // Only what might be idle is looked at by a script: the time stands at the front of the value.
    const look = node.pipeline();
    for (const key of kept) look.getrangeBuffer(key, 0, 28);
    const heads = await look.exec() ?? [];
    for (const [i, key] of kept.entries()) {
      const [failed, head] = heads[i] ?? [];
      if (failed === null && mayBeIdle(key, head as Buffer, idle)) await remove(key, idle);
    }
  }
}

function mayBeIdle(key: string, head: Buffer, idle: number): boolean {
  const letter = key.charAt(key.indexOf('}') + 2);
  if (letter === 'c') return head.length >= 25 && head.readUInt32LE(21) < idle;
  if (letter === 'r') return head.length >= 5 && head.readUInt32LE(1) < idle;
  return head.length >= 12 && head.readDoubleLE(4) < idle * 60_000;
}
