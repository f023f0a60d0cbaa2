/**
 * A world of runs that begin, spend, grow, finish, crash and are told twice, step by step against a store, beside the facts that a ledger and the rows of `holds` would have. Every caller's work
 * is cut into its single calls, and the list of steps says whose call comes next: that is where stores go wrong. Only for tests.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { BeginRequest, Limit } from './decide';
import type { Begun, GateStore, OpenHold, SlotCut, Spend } from './gate-store';

const RUNS = 8;
const LIFE_MS = 100;
const DAY_MS = 250;
const SLOTS = 2;
const CUSTOMER_LIMIT = 100;
const TEAM_LIMIT = 150;
const OPEN_LIMIT = 5;
const RUNS_KEY = 't:|runs|-';

export type Step =
  | { readonly kind: 'begin'; readonly run: number; readonly amount: number; readonly customer: number; readonly life: number }
  | { readonly kind: 'extend'; readonly run: number; readonly amount: number; readonly life: number }
  /** Spends a part of what the run reserved, in tenths: never more, as a bounded hold promises. Late, when the run is over already. */
  | { readonly kind: 'spend'; readonly run: number; readonly tenths: number; readonly slot: number }
  | { readonly kind: 'finish'; readonly run: number }
  /** The next committed batch of a slot reaches the store. */
  | { readonly kind: 'tell'; readonly slot: number }
  | { readonly kind: 'repeat'; readonly nth: number }
  /** Somebody reads sums from the ledger unasked, and sets them. */
  | { readonly kind: 'reseed'; readonly customer: number }
  | { readonly kind: 'go'; readonly nth: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'clockBack'; readonly ms: number }
  /** The store forgets everything: a flushed Redis; a process that died, or lost the lock, with a new one in its place. Whoever waits for an answer gets none that counts. */
  | { readonly kind: 'lose' }
  | { readonly kind: 'settle' };

const run = fc.nat(RUNS - 1);
const slot = fc.nat(SLOTS - 1);
const life = fc.integer({ min: 20, max: LIFE_MS });
export const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('begin' as const), run, amount: fc.integer({ min: 1, max: 60 }), customer: fc.nat(1), life }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('extend' as const), run, amount: fc.nat(30), life }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('spend' as const), run, tenths: fc.integer({ min: 1, max: 10 }), slot }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const), run }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('tell' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), nth: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reseed' as const), customer: fc.nat(1) }) },
  { weight: 24, arbitrary: fc.record({ kind: fc.constant('go' as const), nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clockBack' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
), { maxLength: 120, size: 'max' });

interface Batch {
  readonly slot: number;
  readonly batch: number;
  readonly spends: readonly Spend[];
}

interface Row {
  readonly runId: string;
  readonly customer: number;
  readonly begunMs: number;
  expiresMs: number;
  amount: number;
  /** Committed, told or not. */
  spent: number;
  readonly keys: Set<string>;
  readonly first: Begun;
  readonly request: BeginRequest;
  /** Its row is written. */
  isKept: boolean;
  isOver: boolean;
}

export interface World {
  readonly store: GateStore;
  lose(): Promise<void>;
}

const daysOf = (fromMs: number, toMs: number): number[] => Array.from({ length: Math.floor(toMs / DAY_MS) - Math.floor(fromMs / DAY_MS) + 1 }, (_, i) => Math.floor(fromMs / DAY_MS) + i);
const keyOf = (scope: string, day: number): string => `${scope}|cost|d${day}`;
const limitOf = (key: string): number => (key === RUNS_KEY ? OPEN_LIMIT : key.startsWith('t') ? TEAM_LIMIT : CUSTOMER_LIMIT);
const windowsOf = (scope: string, fromMs: number, toMs: number): Limit['windows'] => daysOf(fromMs, toMs).map((day) => ({ key: keyOf(scope, day), endMs: (day + 1) * DAY_MS }));

function requestAt(nowMs: number, untilMs: number, customer: number, cost: number, runs: number): BeginRequest {
  const limits: Limit[] = [
    { id: 'customer', metric: 'cost', mode: 'hard', reason: 'quota_exhausted', limit: CUSTOMER_LIMIT, windows: windowsOf(`c:${customer}`, nowMs, untilMs) },
    { id: 'team', metric: 'cost', mode: 'hard', reason: 'hard_cap_reached', limit: TEAM_LIMIT, windows: windowsOf('t:', nowMs, untilMs) },
    { id: 'open', metric: 'runs', mode: 'hard', reason: 'hard_cap_reached', limit: OPEN_LIMIT, windows: [{ key: RUNS_KEY, endMs: null }] },
  ];
  return { nowMs, environmentMatches: true, suspended: false, route: [], sizes: [], missingFeatures: [], rates: [], limits, reservation: { amounts: { cost, ...(runs > 0 ? { runs } : {}) }, bounded: true, most: {} } };
}

/** Plays the list; throws where the store says something else than the facts, or lets a limit be passed. */
export async function play(list: readonly Step[], { store, lose }: World, tenantId: string): Promise<void> {
  let nowMs = 100_000;
  let latestMs = nowMs;
  let lives = 0;
  let begun = 0;
  const ledger: Batch[] = [];
  const toldOf = Array.from({ length: SLOTS }, () => 0);
  const rows = new Map<string, Row>();
  /** Of each number, its latest run. */
  const current = new Map<number, Row>();
  /** Spend of runs that were over, by counter: nobody could hold it back. */
  const late = new Map<string, number>();
  const tasks: AsyncGenerator<void, void>[] = [];

  const cut = (): SlotCut => new Map(Array.from({ length: SLOTS }, (_, each) => [each, ledger.filter((batch) => batch.slot === each).length]));
  const sum = (key: string, batches: readonly Batch[] = ledger): number => {
    let total = 0;
    for (const { spends } of batches) for (const { keys, amount } of spends) if (keys.includes(key)) total += amount;
    return total;
  };
  const toldBatches = (): Batch[] => ledger.filter(({ slot: each, batch }) => batch <= toldOf[each]!);
  const spentOf = (runId: string): number => rows.get(runId)?.spent ?? 0;
  const open = (): Row[] => [...rows.values()].filter((row) => !row.isOver);
  const held = (key: string): number => open().filter(({ keys }) => keys.has(key)).reduce((total, row) => total + (key === RUNS_KEY ? 1 : Math.max(row.amount - spentOf(row.runId), 0)), 0);
  /** Whoever tells the store a time ends what is due by then. */
  const at = (timeMs: number): number => {
    latestMs = Math.max(latestMs, timeMs);
    for (const row of open()) if (row.expiresMs <= timeMs) row.isOver = true;
    return timeMs;
  };
  const expectNoneIsPassed = (): void => {
    for (const key of new Set([...rows.values()].flatMap(({ keys }) => [...keys]))) {
      // An expectation is made only where it fails: there are millions.
      const [total, most] = [sum(key) + held(key), limitOf(key) + (late.get(key) ?? 0)];
      if (total > most) expect({ key, total }).toEqual({ key, most });
    }
  };
  /** At an answer: what the store saw lies between what it was told and what is true. */
  const expectSeen = (answer: Begun): void => {
    if (answer.kind !== 'decided' || answer.again) return;
    for (const [key, { used }] of Object.entries(answer.seen.counters)) {
      const [least, most] = [sum(key, toldBatches()), sum(key)];
      if (used < least || used > most) expect({ key, used }).toEqual({ key, least, most });
    }
  };

  const tellNext = async (each: number): Promise<void> => {
    const next = ledger.find((batch) => batch.slot === each && batch.batch === toldOf[each]! + 1);
    if (!next) return;
    toldOf[each] = next.batch;
    await store.apply(tenantId, next.slot, next.batch, next.spends);
  };
  const tellAll = async (): Promise<void> => {
    for (let each = 0; each < SLOTS; each++) while (ledger.some((batch) => batch.slot === each && batch.batch > toldOf[each]!)) await tellNext(each);
  };

  /** Asks until it is decided, as the service does; each call is a step of its own. */
  async function* decided(ask: () => Promise<Begun | null>): AsyncGenerator<void, Begun | null> {
    for (;;) {
      const answer = await ask();
      if (answer === null || answer.kind === 'decided') return answer;
      yield;
      if (answer.kind === 'lost') {
        for (let loss = await store.watch(tenantId); loss !== null; loss = await store.watch(tenantId)) {
          yield;
          const read = { cut: cut(), open: open().filter(({ isKept, expiresMs }) => isKept && expiresMs > nowMs) };
          const holds = read.open.map(toOpenHold);
          yield;
          await store.restore(tenantId, read.cut, holds, loss);
          yield;
          // A run that ended between reading and restoring has come back to life: it ends again.
          for (const row of read.open) if (row.isOver) await store.release(tenantId, row.runId);
        }
      } else {
        const read = { cut: cut(), used: new Map(answer.keys.map((key) => [key, sum(key)])) };
        yield;
        await store.set(tenantId, read.cut, read.used);
      }
      yield;
    }
  }
  const toOpenHold = ({ runId, expiresMs, keys, amount }: Row): OpenHold => ({
    runId, expiresMs, reserves: [...keys].map((key) => (key === RUNS_KEY ? { key, metric: 'runs' as const, amount: 1 } : { key, metric: 'cost' as const, amount })), spent: { cost: spentOf(runId) },
  });

  async function* begin({ run: number, amount, customer, life: lifeMs }: Step & { kind: 'begin' }): AsyncGenerator<void, void> {
    const known = current.get(number);
    const isOpen = known !== undefined && !known.isOver && known.expiresMs > nowMs;
    const runId = isOpen ? known.runId : `run-${number}-${begun++}`;
    let untilMs = 0;
    let heldIn = -1;
    const answer = yield* decided(async () => {
      heldIn = lives;
      at(nowMs);
      untilMs = nowMs + lifeMs;
      // Who begins an open run again sends the same.
      const request = rows.has(runId) ? { ...rows.get(runId)!.request, nowMs } : requestAt(nowMs, untilMs, customer, amount, 1);
      const given = await store.begin(tenantId, { runId, expiresMs: untilMs }, request);
      expectSeen(given);
      if (given.kind === 'decided' && !given.again && given.decision.verdict !== 'deny' && !rows.has(runId)) {
        for (const { key } of given.decision.holds) {
          // At the least: a cut that was read may know of more than what was told.
          const total = sum(key, toldBatches()) + held(key) + (key === RUNS_KEY ? 1 : amount);
          if (total > limitOf(key)) expect({ key, total }).toEqual({ key, most: limitOf(key) });
        }
        const row: Row = { runId, customer, begunMs: nowMs, expiresMs: untilMs, amount, spent: 0, keys: new Set(given.decision.holds.map(({ key }) => key)), first: given, request, isKept: false, isOver: false };
        rows.set(runId, row);
      }
      return given;
    });
    const row = rows.get(runId);
    if (answer?.kind !== 'decided' || answer.decision.verdict === 'deny' || !row) return;
    if (answer.again && row.first.kind === 'decided' && lives === 0 && !row.isOver) expect(answer.decision).toEqual(row.first.decision);
    if (row.isOver && row.first !== answer && !answer.again) {
      // It was over by the time it was allowed once more: the row says so, and nothing is held.
      yield;
      await store.release(tenantId, runId);
    } else if (row.first === answer) {
      yield;
      // Its row is written only where the store that held it is still the store: else nobody was told that it may begin.
      if (heldIn === lives) {
        row.isKept = true;
        current.set(number, row);
      } else {
        row.isOver = true;
        await store.release(tenantId, runId);
      }
    }
  }
  async function* extend({ run: number, amount, life: lifeMs }: Step & { kind: 'extend' }): AsyncGenerator<void, void> {
    const row = current.get(number);
    if (!row || row.isOver) return;
    yield* decided(async () => {
      at(nowMs);
      const untilMs = Math.max(nowMs + lifeMs, row.expiresMs);
      // Its windows are all that its life touches.
      const given = row.isOver ? null : await store.extend(tenantId, { runId: row.runId, expiresMs: untilMs }, { ...requestAt(row.begunMs, untilMs, row.customer, amount, 0), nowMs });
      if (given?.kind === 'decided' && given.decision.verdict !== 'deny') {
        for (const day of daysOf(row.begunMs, untilMs)) for (const scope of [`c:${row.customer}`, 't:']) row.keys.add(keyOf(scope, day));
        row.amount += amount;
        row.expiresMs = untilMs;
      }
      return given;
    });
  }
  async function* finish({ run: number }: Step & { kind: 'finish' }): AsyncGenerator<void, void> {
    const row = current.get(number);
    if (!row) return;
    // What it spent is told first: between the two it would be neither held nor counted.
    await tellAll();
    yield;
    await tellAll();
    const wasOver = row.isOver;
    row.isOver = true;
    const isReleased = await store.release(tenantId, row.runId);
    if (wasOver && lives === 0) expect(isReleased).toBe(false);
  }
  async function* reseed({ customer }: Step & { kind: 'reseed' }): AsyncGenerator<void, void> {
    const keys = [keyOf(`c:${customer}`, Math.floor(nowMs / DAY_MS)), keyOf('t:', Math.floor(nowMs / DAY_MS))];
    const read = { cut: cut(), used: new Map(keys.map((key) => [key, sum(key)])) };
    yield;
    await store.set(tenantId, read.cut, read.used);
  }
  const spend = ({ run: number, tenths, slot: each }: Step & { kind: 'spend' }): void => {
    const row = current.get(number);
    if (!row) return;
    const amount = Math.min(Math.ceil((row.amount * tenths) / 10), row.amount - row.spent);
    if (amount <= 0) return;
    row.spent += amount;
    const occurredMs = Math.max(nowMs, row.begunMs);
    const keys = [keyOf(`c:${row.customer}`, Math.floor(occurredMs / DAY_MS)), keyOf('t:', Math.floor(occurredMs / DAY_MS))];
    if (row.isOver || row.expiresMs <= occurredMs) for (const key of keys) late.set(key, (late.get(key) ?? 0) + amount);
    ledger.push({ slot: each, batch: ledger.filter((batch) => batch.slot === each).length + 1, spends: [{ runId: row.runId, metric: 'cost', amount, keys }] });
  };
  const advance = async (task: AsyncGenerator<void, void>): Promise<void> => {
    if ((await task.next()).done) tasks.splice(tasks.indexOf(task), 1);
  };
  const finishAll = async (): Promise<void> => {
    while (tasks.length > 0) await advance(tasks[0]!);
  };
  const start = async (task: AsyncGenerator<void, void>): Promise<void> => {
    tasks.push(task);
    await advance(task);
  };
  /** Once nobody is under way and everything is told, the store says exactly what is true. */
  const settle = async (): Promise<void> => {
    await finishAll();
    await tellAll();
    at(latestMs);
    const keys = [...new Set([...ledger.flatMap(({ spends }) => spends.flatMap((each) => each.keys)), ...[...rows.values()].flatMap((row) => [...row.keys])])];
    if (keys.length === 0) return;
    const limits = keys.map((key): Limit => ({ id: key, metric: key === RUNS_KEY ? 'runs' : 'cost', mode: 'soft', reason: 'hard_cap_reached', limit: 0, windows: [{ key, endMs: null }] }));
    const request = { ...requestAt(latestMs, latestMs, 0, 0, 0), limits };
    const looking = decided(() => store.check(tenantId, request));
    let looked = await looking.next();
    while (!looked.done) looked = await looking.next();
    if (looked.value?.kind !== 'decided') throw new Error('A check was not decided.');
    expect(looked.value.seen.counters).toEqual(Object.fromEntries(keys.map((key) => [key, { used: sum(key), held: held(key) }])));
    expect((await store.holds(tenantId)).map(({ runId }) => runId).sort()).toEqual(open().map(({ runId }) => runId).sort());
  };

  for (const step of list) {
    if (step.kind === 'begin') await start(begin(step));
    else if (step.kind === 'extend') await start(extend(step));
    else if (step.kind === 'finish') await start(finish(step));
    else if (step.kind === 'reseed') await start(reseed(step));
    else if (step.kind === 'spend') spend(step);
    else if (step.kind === 'tell') await tellNext(step.slot);
    else if (step.kind === 'go' && tasks.length > 0) await advance(tasks[step.nth % tasks.length]!);
    else if (step.kind === 'repeat' && toldBatches().length > 0) {
      const again = toldBatches()[step.nth % toldBatches().length]!;
      await store.apply(tenantId, again.slot, again.batch, again.spends);
    } else if (step.kind === 'wait') {
      // The feed is faster than a hold's life.
      await tellAll();
      nowMs += step.ms;
      await store.expire(at(nowMs));
    } else if (step.kind === 'clockBack') nowMs -= step.ms;
    else if (step.kind === 'lose') {
      lives += 1;
      for (const row of open()) if (!row.isKept) row.isOver = true;
      await lose();
    } else if (step.kind === 'settle') await settle();
    expectNoneIsPassed();
  }
  await settle();
  nowMs = latestMs + LIFE_MS * RUNS;
  await store.expire(at(nowMs));
  // Crashed or not, nothing is held for ever.
  expect(await store.holds(tenantId)).toEqual([]);
  await settle();
}
