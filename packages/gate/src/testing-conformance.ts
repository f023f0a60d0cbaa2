/** What every gate store must do: run on memory, on Redis, and on a cluster of Redis. Only for tests. */
import { expect, it } from 'vitest';
import type { BeginRequest, Limit } from './decide';
import type { Begun, GateStore, OpenHold, SlotCut, Spend } from './gate-store';

export const T0 = 1_800_000_000_000;
const LIFE_MS = 60_000;

const cutOf = (...batches: readonly number[]): SlotCut => new Map(batches.map((batch, slot) => [slot, batch]));
export const hardLimit = (given: Partial<Limit> = {}): Limit => ({
  id: 'cap', metric: 'cost', mode: 'hard', reason: 'hard_cap_reached', limit: 100, windows: [{ key: 'c:acme|cost|d1', endMs: T0 + 86_400_000 }], ...given,
});
export const requestOf = (given: Partial<BeginRequest> = {}): BeginRequest => ({
  nowMs: T0, environmentMatches: true, suspended: false, route: [], sizes: [], missingFeatures: [], rates: [], limits: [hardLimit()], reservation: { amounts: { cost: 10 }, bounded: true, most: {} }, ...given,
});
const asking = (cost: number, given: Partial<BeginRequest> = {}): BeginRequest => requestOf({ reservation: { amounts: { cost }, bounded: true, most: {} }, ...given });
const spend = (runId: string | null, amount: number, keys: readonly string[] = [KEY]): Spend => ({ runId, metric: 'cost', amount, keys });
const KEY = 'c:acme|cost|d1';
const TOMORROW = 'c:acme|cost|d2';

/** `lose`: the store forgets everything, as a flushed Redis does. Tenants are fresh in each test. */
export function describeGateStore(open: () => { readonly store: GateStore; lose(): Promise<void> }): void {
  let numbered = 0;
  const fresh = async (used = 0, cut: SlotCut = cutOf()): Promise<{ store: GateStore; tenantId: string; lose(): Promise<void>; begin(runId: string, request?: BeginRequest, expiresMs?: number): Promise<Begun>; verdict(runId: string, request?: BeginRequest, expiresMs?: number): Promise<string>; counter(key?: string, nowMs?: number): Promise<{ used: number; held: number } | string> }> => {
    const { store, lose } = open();
    const tenantId = `tenant-${++numbered}`;
    const begin = (runId: string, request = requestOf(), expiresMs = request.nowMs + LIFE_MS): Promise<Begun> => store.begin(tenantId, { runId, expiresMs }, request);
    await ready(store, tenantId, cut, new Map([[KEY, used], [TOMORROW, 0]]));
    return {
      store, tenantId, lose, begin,
      verdict: async (...args) => told(await begin(...args)),
      counter: async (key = KEY, nowMs = T0) => {
        const seen = await store.check(tenantId, requestOf({ nowMs, limits: [hardLimit({ windows: [{ key, endMs: null }] })] }));
        return seen.kind === 'decided' ? seen.seen.counters[key]! : seen.kind;
      },
    };
  };

  it('asks for what it does not know, and decides nothing before', async () => {
    const { store } = open();
    expect(await store.begin('new', { runId: 'r', expiresMs: T0 + 1 }, requestOf())).toEqual({ kind: 'lost' });
    expect(await store.isRestored('new')).toBe(false);
    expect(await store.restore('new', cutOf(), [])).toBe(true);
    expect(await store.isRestored('new')).toBe(true);
    expect(await store.begin('new', { runId: 'r', expiresMs: T0 + 1 }, requestOf())).toEqual({ kind: 'missing', keys: [KEY] });
    expect(await store.holds('new')).toEqual([]);
    await store.set('new', cutOf(), new Map([[KEY, 7]]));
    expect(await store.begin('new', { runId: 'r', expiresMs: T0 + 1 }, requestOf())).toMatchObject({ kind: 'decided', again: false, decision: { verdict: 'allow', limits: [{ used: 7, held: 0 }] }, seen: { counters: { [KEY]: { used: 7, held: 0 } } } });
  });

  it('reaches a hard limit exactly, and never passes it', async () => {
    const { verdict, counter } = await fresh(50);
    expect(await verdict('a', asking(40))).toBe('allow');
    expect(await verdict('b', asking(11))).toBe('hard_cap_reached');
    expect(await verdict('c', asking(10))).toBe('allow');
    expect(await verdict('d', asking(1))).toBe('hard_cap_reached');
    expect(await counter()).toEqual({ used: 50, held: 50 });
  });

  it('lets exactly as many of many begins at once through as there is room for', async () => {
    const { begin, counter } = await fresh(0);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => begin(`r${i}`, asking(7))));
    expect(answers.filter((answer) => told(answer) === 'allow')).toHaveLength(14);
    expect(await counter()).toEqual({ used: 0, held: 98 });
  });

  it('answers an open run as the first time, and holds once', async () => {
    const { begin, counter } = await fresh(0);
    const first = await begin('a');
    await begin('b');
    expect(await begin('a', requestOf({ nowMs: T0 + 5 }))).toEqual({ ...first, again: true });
    // Its policy looks at another counter by now: it does not stand in its own way.
    expect(await begin('a', asking(90, { limits: [hardLimit(), hardLimit({ windows: [{ key: TOMORROW, endMs: null }] })] }))).toMatchObject({ again: true, decision: { verdict: 'allow', limits: [{ held: 10 }, { held: 0 }] } });
    expect(await counter()).toEqual({ used: 0, held: 20 });
  });

  it('counts a batch once, and lowers the hold of its run', async () => {
    const { store, tenantId, begin, counter } = await fresh(0);
    await begin('a', asking(30));
    await store.apply(tenantId, 0, 5, [spend('a', 12), spend(null, 3), spend('a', 4, [])]);
    expect(await counter()).toEqual({ used: 15, held: 14 });
    await store.apply(tenantId, 0, 5, [spend('a', 12), spend(null, 3), spend('a', 4, [])]);
    await store.apply(tenantId, 0, 4, [spend('a', 12)]);
    expect(await counter()).toEqual({ used: 15, held: 14 });
    await store.apply(tenantId, 1, 1, [spend('a', 50)]);
    expect(await counter()).toEqual({ used: 65, held: 0 });
    expect(await store.holds(tenantId)).toMatchObject([{ runId: 'a', spent: { cost: 66 } }]);
    expect((await store.fedTo(tenantId)).cut).toEqual(new Map([[0, 5], [1, 1]]));
  });

  it('counts spend above its limit, and denies the next', async () => {
    const { store, tenantId, verdict, counter } = await fresh(0);
    await store.apply(tenantId, 0, 1, [spend(null, 150)]);
    expect(await counter()).toEqual({ used: 150, held: 0 });
    expect(await verdict('a', asking(1))).toBe('hard_cap_reached');
  });

  it('frees what a run held when it is released, once', async () => {
    const { store, tenantId, begin, counter } = await fresh(0);
    await begin('a', asking(30));
    await store.apply(tenantId, 0, 1, [spend('a', 12)]);
    expect(await store.release(tenantId, 'a')).toBe(true);
    expect(await store.release(tenantId, 'a')).toBe(false);
    expect(await store.release(tenantId, 'never')).toBe(false);
    expect(await counter()).toEqual({ used: 12, held: 0 });
    // Late spend of a run that is over counts all the same.
    await store.apply(tenantId, 0, 2, [spend('a', 5)]);
    expect(await counter()).toEqual({ used: 17, held: 0 });
  });

  it('ends holds by itself: for the next begin at once, and in the sweep', async () => {
    const { store, tenantId, begin, verdict, counter } = await fresh(0);
    await begin('a', asking(60), T0 + 100);
    await begin('b', asking(40), T0 + 200);
    expect(await verdict('c', asking(1, { nowMs: T0 + 99 }))).toBe('hard_cap_reached');
    expect(await verdict('c', asking(60, { nowMs: T0 + 100 }), T0 + 900)).toBe('allow');
    expect((await store.expire(T0 + 200)).map(({ runId }) => runId).sort()).toEqual(['a', 'b']);
    expect(await store.expire(T0 + 200)).toEqual([]);
    expect(await counter(KEY, T0 + 200)).toEqual({ used: 0, held: 60 });
    expect(await store.expire(T0 + 900)).toEqual([{ tenantId, runId: 'c' }]);
    expect(await counter(KEY, T0 + 900)).toEqual({ used: 0, held: 0 });
    expect(await store.holds(tenantId)).toEqual([]);
  });

  it('extends an open run as a begin of the difference, in the windows of its longer life too', async () => {
    const { store, tenantId, begin, counter } = await fresh(0);
    const both = hardLimit({ windows: [{ key: KEY, endMs: T0 + 100 }, { key: TOMORROW, endMs: null }] });
    await begin('a', asking(60), T0 + 100);
    await store.apply(tenantId, 0, 1, [spend('a', 20)]);
    expect(await store.extend(tenantId, { runId: 'nobody', expiresMs: T0 + 500 }, asking(5))).toBeNull();
    expect(told((await store.extend(tenantId, { runId: 'a', expiresMs: T0 + 500 }, asking(41, { limits: [both] })))!)).toBe('hard_cap_reached');
    expect(await counter()).toEqual({ used: 20, held: 40 });
    const tight = hardLimit({ ...both, limit: 109 });
    expect(told((await store.extend(tenantId, { runId: 'a', expiresMs: T0 + 500 }, asking(30, { limits: [tight] })))!)).toBe('allow');
    expect(await counter()).toEqual({ used: 20, held: 70 });
    expect(await counter(TOMORROW)).toEqual({ used: 0, held: 70 });
    // More time alone: what is held counts in the new windows as it is.
    expect(told((await store.extend(tenantId, { runId: 'a', expiresMs: T0 + 900 }, requestOf({ limits: [tight], reservation: { amounts: {}, bounded: true, most: {} } })))!)).toBe('allow');
    await store.expire(T0 + 899);
    expect(await counter(KEY, T0 + 899)).toEqual({ used: 20, held: 70 });
    expect(await store.extend(tenantId, { runId: 'a', expiresMs: T0 + 999 }, asking(1, { nowMs: T0 + 900 }))).toBeNull();
    expect(await counter(TOMORROW, T0 + 900)).toEqual({ used: 0, held: 0 });
  });

  it('looks without changing anything', async () => {
    const { store, tenantId, counter } = await fresh(0);
    const rates = [{ kind: 'sliding_window' as const, id: 'r', key: 'r:once', limit: 1, windowMs: 60_000 }];
    for (let i = 0; i < 3; i++) expect(told(await store.check(tenantId, asking(100, { rates })))).toBe('allow');
    expect(told(await store.check(tenantId, asking(101)))).toBe('hard_cap_reached');
    expect(await counter()).toEqual({ used: 0, held: 0 });
  });

  it('sets, never adds; what is newer stays', async () => {
    const { store, tenantId, begin, counter } = await fresh(10, cutOf(3));
    await begin('a', asking(5));
    await store.set(tenantId, cutOf(3), new Map([[KEY, 10]]));
    expect(await counter()).toEqual({ used: 10, held: 5 });
    // The sum was read ahead of the feed: the batches in it do not count again.
    await store.set(tenantId, cutOf(6), new Map([[KEY, 25]]));
    for (const batch of [4, 5, 6]) await store.apply(tenantId, 0, batch, [spend(null, 5)]);
    expect(await counter()).toEqual({ used: 25, held: 5 });
    await store.apply(tenantId, 0, 7, [spend(null, 5)]);
    expect(await counter()).toEqual({ used: 30, held: 5 });
    await store.set(tenantId, cutOf(6), new Map([[KEY, 25]]));
    expect(await counter()).toEqual({ used: 30, held: 5 });
    // Neither newer nor older: it stays, and is told the rest.
    await store.apply(tenantId, 1, 1, [spend(null, 1)]);
    await store.set(tenantId, cutOf(9, 0), new Map([[KEY, 99]]));
    expect(await counter()).toEqual({ used: 31, held: 5 });
  });

  it('forgets no batch that is told between a reading and its set', async () => {
    const { store, tenantId, counter } = await fresh(0);
    expect(await counter('f:new|cost|d1')).toBe('missing');
    await store.apply(tenantId, 0, 1, [spend(null, 3, ['f:new|cost|d1'])]);
    await store.apply(tenantId, 0, 2, [spend(null, 4, ['f:new|cost|d1'])]);
    await store.set(tenantId, cutOf(1), new Map([['f:new|cost|d1', 3]]));
    expect(await counter('f:new|cost|d1')).toEqual({ used: 7, held: 0 });
    // Read before anybody was told that it is missing: what came in between is unknown.
    await store.set(tenantId, cutOf(1), new Map([['f:late|cost|d1', 3]]));
    expect(await counter('f:late|cost|d1')).toBe('missing');
    await store.set(tenantId, cutOf(2), new Map([['f:late|cost|d1', 3]]));
    expect(await counter('f:late|cost|d1')).toEqual({ used: 3, held: 0 });
  });

  it('takes counters that no batch changes', async () => {
    const { store, tenantId, begin, verdict } = await fresh(0);
    const credits = requestOf({ limits: [hardLimit({ id: 'lots', metric: 'credits', reason: 'credits_exhausted', limit: 0, windows: [{ key: 'p:acme|credits|-', endMs: null }] })], reservation: { amounts: { credits: 40 }, bounded: true, most: {} } });
    expect(await begin('a', credits)).toEqual({ kind: 'missing', keys: ['p:acme|credits|-'] });
    await store.setUsed(tenantId, new Map([['p:acme|credits|-', -100]]));
    expect([await verdict('a', credits), await verdict('b', credits), await verdict('c', credits)]).toEqual(['allow', 'allow', 'credits_exhausted']);
    await store.setUsed(tenantId, new Map([['p:acme|credits|-', -130]]));
    expect(await verdict('c', credits)).toBe('allow');
  });

  it('counts open runs without a ledger', async () => {
    const { store, tenantId, verdict } = await fresh(0);
    const two = requestOf({ limits: [hardLimit({ metric: 'runs', limit: 2, windows: [{ key: 't:|runs|-', endMs: null }] })], reservation: { amounts: { runs: 1 }, bounded: true, most: {} } });
    expect([await verdict('a', two), await verdict('b', two), await verdict('c', two)]).toEqual(['allow', 'allow', 'hard_cap_reached']);
    await store.release(tenantId, 'a');
    expect(await verdict('c', two)).toBe('allow');
  });

  it('limits rates, and takes nothing from them when something else denies', async () => {
    const { begin, verdict } = await fresh(0);
    const rates = [{ kind: 'sliding_window' as const, id: 'minute', key: 'r:minute', limit: 3, windowMs: 60_000 }, { kind: 'token_bucket' as const, id: 'burst', key: 'r:burst', limit: 60, burst: 2, windowMs: 60_000 }];
    expect(await verdict('x', asking(101, { rates }))).toBe('hard_cap_reached');
    expect([await verdict('a', asking(1, { rates })), await verdict('b', asking(1, { rates })), await verdict('c', asking(1, { rates }))]).toEqual(['allow', 'allow', 'rate_limited']);
    expect(await begin('c', asking(1, { rates, nowMs: T0 + 1_000 }))).toMatchObject({ decision: { verdict: 'allow' } });
    expect(await begin('d', asking(1, { rates, nowMs: T0 + 30_000 }))).toMatchObject({ decision: { verdict: 'deny', by: 'minute', retryAfterMs: expect.any(Number) } });
  });

  it('leaves a capped model out, holds nothing for it, and denies when none is left', async () => {
    const { store, tenantId, begin, verdict, counter } = await fresh(95);
    await store.set(tenantId, cutOf(), new Map([['m:small|cost|d1', 0]]));
    const route = [{ model: 'big', allowed: true, cheaper: false }, { model: 'small', allowed: true, cheaper: true }];
    const limits = [hardLimit({ model: 'big' }), hardLimit({ id: 'small', model: 'small', windows: [{ key: 'm:small|cost|d1', endMs: null }] })];
    expect(await begin('a', asking(60, { route, limits }))).toMatchObject({ decision: { verdict: 'warn', models: ['small'], holds: [{ key: 'm:small|cost|d1' }] } });
    expect([await counter(), await counter('m:small|cost|d1')]).toEqual([{ used: 95, held: 0 }, { used: 0, held: 60 }]);
    expect(await verdict('b', asking(60, { route, limits }))).toBe('hard_cap_reached');
    expect(await verdict('c', asking(60, { route: [...route, { model: 'third', allowed: true, cheaper: false }], limits }))).toBe('warn');
    expect(await verdict('d', asking(60, { limits: [hardLimit({ limit: 59, windows: [] })] }))).toBe('hard_cap_reached');
  });

  it('decides nothing after a loss until the open holds are restored, and then as before', async () => {
    const { store, tenantId, lose, begin, counter } = await fresh(20, cutOf(4));
    await begin('a', asking(30), T0 + 100);
    await begin('gone', asking(5), T0 + 100);
    const rows = (await store.holds(tenantId)).filter(({ runId }) => runId === 'a');
    expect(rows).toEqual([{ runId: 'a', expiresMs: T0 + 100, reserves: [{ key: KEY, metric: 'cost', amount: 30 }], spent: {} } satisfies OpenHold]);
    await lose();
    // Whoever reads before the loss was seen may miss a batch.
    await store.apply(tenantId, 0, 5, [spend('a', 1)]);
    expect(await store.restore(tenantId, cutOf(4), rows)).toBe(false);
    expect(await begin('b', asking(1))).toEqual({ kind: 'lost' });
    expect(await store.holds(tenantId)).toEqual([]);
    await store.apply(tenantId, 0, 6, [spend('a', 8)]);
    const loss = await store.watch(tenantId);
    expect(await store.restore(tenantId, cutOf(5), [], loss! + 1)).toBe(false);
    expect(await store.restore(tenantId, cutOf(5), [{ ...rows[0]!, spent: { cost: 1 } }], loss)).toBe(true);
    expect(await store.watch(tenantId)).toBeNull();
    // Who read them too comes too late with them.
    expect(await store.restore(tenantId, cutOf(5), [{ ...rows[0]!, runId: 'ended since' }], loss)).toBe(true);
    expect(await store.holds(tenantId)).toHaveLength(1);
    expect(await begin('b', asking(1))).toEqual({ kind: 'missing', keys: [KEY] });
    await store.set(tenantId, cutOf(6), new Map([[KEY, 29]]));
    expect(await counter()).toEqual({ used: 29, held: 21 });
    await store.apply(tenantId, 0, 6, [spend('a', 8)]);
    expect(await store.restore(tenantId, cutOf(6), [{ ...rows[0]!, spent: { cost: 99 } }])).toBe(true);
    expect(await counter()).toEqual({ used: 29, held: 21 });
    expect(await begin('a', asking(30))).toMatchObject({ kind: 'decided', again: true, decision: { verdict: 'allow' } });
    expect(await counter(KEY, T0 + 100)).toEqual({ used: 29, held: 0 });
  });

  it('ends what was restored after a loss that nobody else saw', async () => {
    const { store, tenantId, lose, begin } = await fresh(0);
    await begin('a', asking(30), T0 + 100);
    const rows = await store.holds(tenantId);
    for (let losses = 0; losses < 2; losses++) {
      await lose();
      await store.expire(T0);
      // No begin said that the team was lost: somebody looked.
      expect(await store.restore(tenantId, cutOf(), rows, await store.watch(tenantId))).toBe(true);
      expect(await store.holds(tenantId)).toEqual(rows);
    }
    expect(await store.expire(T0 + 100)).toEqual([{ tenantId, runId: 'a' }]);
    expect(await store.holds(tenantId)).toEqual([]);
  });

  it('ends many runs at once, each once', async () => {
    const { store, tenantId, begin, counter } = await fresh(0);
    const runs = Array.from({ length: 40 }, (_, i) => `r${i}`);
    for (const runId of [...runs, 'other']) await begin(runId, asking(2));
    const ended = await Promise.all(['none', ...runs, ...runs].map((runId) => store.release(tenantId, runId)));
    expect(ended).toEqual([false, ...runs.map(() => true), ...runs.map(() => false)]);
    expect((await store.holds(tenantId)).map(({ runId }) => runId)).toEqual(['other']);
    expect(await counter()).toEqual({ used: 0, held: 2 });
  });

  it('finds a hold by its run, and those that are due', async () => {
    const { store, tenantId, begin } = await fresh(0);
    for (const [runId, lifeMs] of [['late', 300], ['soon', 100], ['next', 200]] as const) await begin(runId, asking(1), T0 + lifeMs);
    expect(await store.find(tenantId, 'soon')).toEqual({ runId: 'soon', expiresMs: T0 + 100, reserves: [{ key: KEY, metric: 'cost', amount: 1 }], spent: {} });
    expect([await store.find(tenantId, 'none'), await store.find('nobody', 'soon')]).toEqual([null, null]);
    expect((await store.holds(tenantId, T0 + 200)).map(({ runId }) => runId).sort()).toEqual(['next', 'soon']);
    expect(await store.holds(tenantId, T0 + 99)).toEqual([]);
    await store.release(tenantId, 'soon');
    expect(await store.find(tenantId, 'soon')).toBeNull();
    expect((await store.holds(tenantId)).map(({ runId }) => runId).sort()).toEqual(['late', 'next']);
  });

  it('remembers how far a team is fed, and never goes back', async () => {
    const { store, tenantId } = await fresh(0, cutOf(2));
    expect(await store.fedTo(tenantId)).toEqual({ cut: cutOf(2), attendedMs: null });
    await store.attend([tenantId], T0);
    await store.attend([tenantId], T0 - 5);
    await store.apply(tenantId, 3, 9, []);
    expect(await store.fedTo(tenantId)).toEqual({ cut: new Map([[0, 2], [3, 9]]), attendedMs: T0 });
    expect((await store.fedTo('unknown')).attendedMs).toBeNull();
  });

  it('forgets counters that nobody asked for in days, but none in which something is held', async () => {
    const { store, begin, counter } = await fresh(0);
    const DAYS = 4 * 86_400_000;
    await begin('a', asking(5), T0 + 3 * DAYS);
    // The walk over all keys takes several steps where there are many.
    const walk = async (nowMs: number): Promise<void> => {
      for (let i = 0; i < 10; i++) await store.expire(nowMs);
    };
    await walk(T0);
    expect(await counter(TOMORROW)).toEqual({ used: 0, held: 0 });
    await walk(T0 + DAYS);
    expect(await counter(TOMORROW, T0 + DAYS)).toBe('missing');
    expect(await counter(KEY, T0 + DAYS)).toEqual({ used: 0, held: 5 });
  });

  it('keeps teams apart', async () => {
    const one = await fresh(100);
    const other = await fresh(0);
    expect([await one.verdict('a', asking(1)), await other.verdict('a', asking(1))]).toEqual(['hard_cap_reached', 'allow']);
    expect(await one.store.release(one.tenantId, 'a')).toBe(false);
  });
}

export const told = (answer: Begun): string => (answer.kind !== 'decided' ? answer.kind : answer.decision.verdict === 'deny' ? answer.decision.reason : answer.decision.verdict);

async function ready(store: GateStore, tenantId: string, cut: SlotCut, used: ReadonlyMap<string, number>): Promise<void> {
  await store.isRestored(tenantId);
  await store.restore(tenantId, cut, []);
  await store.set(tenantId, cut, used);
}
