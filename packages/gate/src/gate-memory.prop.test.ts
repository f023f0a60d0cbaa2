/**
 * A world of runs that begin, spend, finish, crash and are told twice, against what the ledger says. The same world is run against two wrong stores that others have
 * shipped: one that checks and then runs, one that seeds its counters by adding. Both must be caught.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BeginRequest, Limit, Metric } from './decide';
import { type Batch, createGateMemory, type GateMemory, type GateSnapshot, type Hold, type Spend } from './gate-memory';

const RUNS = 12;
const LIFE_MS = 100;
const DAY_MS = 250;
const RUNS_DONE = 2_000;

type Step =
  | { readonly kind: 'begin'; readonly run: number; readonly amount: number; readonly customer: number }
  /** Spends a part of what the run reserved, in tenths: never more, as a bounded hold promises. */
  | { readonly kind: 'spend'; readonly run: number; readonly tenths: number; readonly slot: number }
  | { readonly kind: 'finish'; readonly run: number }
  | { readonly kind: 'repeat'; readonly nth: number }
  | { readonly kind: 'wait'; readonly ms: number }
  /** The process dies with batches that it has not heard of; it reloads, and hears all of them again. */
  | { readonly kind: 'crash'; readonly deaf: number };

const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('begin' as const), run: fc.nat(RUNS - 1), amount: fc.integer({ min: 1, max: 60 }), customer: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('spend' as const), run: fc.nat(RUNS - 1), tenths: fc.integer({ min: 1, max: 10 }), slot: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const), run: fc.nat(RUNS - 1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), nth: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), deaf: fc.nat(3) }) },
), { maxLength: 80 });

const CUSTOMER_LIMIT = 100;
const TEAM_LIMIT = 150;
const OPEN_LIMIT = 5;

/** The windows that a life of a run touches. */
function windowsOf(scope: string, nowMs: number): Limit['windows'] {
  const first = Math.floor(nowMs / DAY_MS);
  const last = Math.floor((nowMs + LIFE_MS) / DAY_MS);
  return Array.from({ length: last - first + 1 }, (_, i) => ({ key: `${scope}/cost/${first + i}`, endMs: (first + i + 1) * DAY_MS }));
}

function limitsAt(customer: number, nowMs: number): Limit[] {
  return [
    { id: 'customer', metric: 'cost', mode: 'hard', reason: 'quota_exhausted', limit: CUSTOMER_LIMIT, windows: windowsOf(`c${customer}`, nowMs) },
    { id: 'team', metric: 'cost', mode: 'hard', reason: 'hard_cap_reached', limit: TEAM_LIMIT, windows: windowsOf('team', nowMs) },
    { id: 'open', metric: 'runs', mode: 'hard', reason: 'hard_cap_reached', limit: OPEN_LIMIT, windows: [{ key: 'team/runs', endMs: null }] },
  ];
}

const limitOf = (key: string): number => (key === 'team/runs' ? OPEN_LIMIT : key.startsWith('team') ? TEAM_LIMIT : CUSTOMER_LIMIT);

/** Plays the world; throws where the store says something else than the facts. */
function play(list: readonly Step[], createStore: () => GateMemory): void {
  const store = createStore();
  let nowMs = 1_000;
  const heard: Batch[] = [];
  const rows: Hold[] = [];
  const ended = new Set<string>();
  const begun = new Map<number, { readonly runId: string; readonly customer: number; readonly reserved: number; spent: number }>();
  const last = new Map<number, number>();
  const reservedBy = ({ decision }: Hold): number => decision.holds.find(({ metric }) => metric === 'cost')?.amount ?? 0;

  const spentOf = (runId: string): Partial<Record<Metric, number>> => ({ cost: heard.flatMap(({ spends }) => spends).filter((spend) => spend.runId === runId).reduce((sum, { amount }) => sum + amount, 0) });
  const usedBy = (batches: readonly Batch[]): Map<string, number> => {
    const used = new Map<string, number>();
    for (const { amount, keys } of batches.flatMap(({ spends }) => spends)) for (const key of keys) used.set(key, (used.get(key) ?? 0) + amount);
    return used;
  };
  const snapshot = (batches: readonly Batch[]): GateSnapshot => {
    const cut = new Map<number, number>();
    for (const { slot, batch } of batches) cut.set(slot, Math.max(cut.get(slot) ?? 0, batch));
    const open = rows.filter(({ runId, expiresMs }) => !ended.has(runId) && expiresMs > nowMs);
    const counted = new Map(open.map(({ runId }) => [runId, { cost: batches.flatMap(({ spends }) => spends).filter((spend) => spend.runId === runId).reduce((sum, { amount }) => sum + amount, 0) }]));
    return { cut, used: usedBy(batches), holds: open, spentByRun: counted };
  };
  const check = (): void => {
    const used = usedBy(heard);
    const open = rows.filter(({ runId, expiresMs }) => !ended.has(runId) && expiresMs > nowMs);
    const held = new Map<string, number>();
    for (const each of open) for (const { key, metric, amount } of each.decision.holds) held.set(key, (held.get(key) ?? 0) + Math.max(amount - (spentOf(each.runId)[metric] ?? 0), 0));
    for (const key of new Set([...used.keys(), ...held.keys()])) {
      expect({ key, ...store.counter(key) }).toEqual({ key, used: used.get(key) ?? 0, held: held.get(key) ?? 0 });
      expect(store.counter(key).used + store.counter(key).held).toBeLessThanOrEqual(limitOf(key));
    }
  };

  for (const step of list) {
    if (step.kind === 'begin') {
      const known = begun.get(step.run);
      // A run that is over, or whose time is, does not begin again: its number goes on under another id.
      const isOpen = known !== undefined && !ended.has(known.runId) && rows.some(({ runId, expiresMs }) => runId === known.runId && expiresMs > nowMs);
      const runId = isOpen ? known.runId : `run-${step.run}-${rows.length}`;
      const customer = isOpen ? known.customer : step.customer;
      const request: BeginRequest = {
        nowMs, environmentMatches: true, suspended: false, route: [], sizes: [], missingFeatures: [], rates: [], limits: limitsAt(customer, nowMs),
        reservation: { amounts: { cost: step.amount, runs: 1 }, bounded: true, most: {} },
      };
      const decision = store.begin({ runId, expiresMs: nowMs + LIFE_MS }, request);
      if (decision.verdict !== 'deny' && !rows.some((hold) => hold.runId === runId)) {
        rows.push({ runId, expiresMs: nowMs + LIFE_MS, decision });
        begun.set(step.run, { runId, customer, reserved: step.amount, spent: 0 });
      }
    } else if (step.kind === 'spend') {
      const run = begun.get(step.run);
      const row = run && rows.find((hold) => hold.runId === run.runId);
      if (!run || !row || ended.has(run.runId) || row.expiresMs <= nowMs) continue;
      const amount = Math.min(Math.ceil((reservedBy(row) * step.tenths) / 10), reservedBy(row) - run.spent);
      if (amount <= 0) continue;
      run.spent += amount;
      const day = Math.floor(nowMs / DAY_MS);
      const spend: Spend = { runId: run.runId, metric: 'cost', amount, keys: [`c${run.customer}/cost/${day}`, `team/cost/${day}`] };
      const batch = { slot: step.slot, batch: (last.get(step.slot) ?? 0) + 1, spends: [spend] };
      last.set(step.slot, batch.batch);
      heard.push(batch);
      expect(store.apply(batch)).toBe(true);
    } else if (step.kind === 'finish') {
      const run = begun.get(step.run);
      if (!run) continue;
      ended.add(run.runId);
      store.release(run.runId);
    } else if (step.kind === 'repeat') {
      const again = heard[step.nth % Math.max(heard.length, 1)];
      if (again) expect(store.apply(again)).toBe(false);
    } else if (step.kind === 'wait') {
      nowMs += step.ms;
      store.expire(nowMs);
    } else {
      // The cut of the reload lies before the last batches; all are told again, the known ones too.
      store.reload(snapshot(heard.slice(0, Math.max(heard.length - step.deaf, 0))));
      for (const batch of heard) store.apply(batch);
    }
    check();
  }
  nowMs += LIFE_MS + 1;
  store.expire(nowMs);
  expect(store.holds()).toEqual([]);
  check();
}

it('never passes a hard limit, forgets no hold, keeps none for ever, counts each batch once', () => {
  fc.assert(fc.property(steps, (list) => play(list, createGateMemory)), { numRuns: RUNS_DONE });
});

it('catches a store that checks now and holds later', () => {
  // The hold appears with the next thing that happens: two begins at once both look at the counters of before.
  const createLate = (): GateMemory => {
    const store = createGateMemory();
    const peek = createGateMemory();
    return { ...store, begin: (run, request) => {
      const known = store.holds().some(({ runId }) => runId === run.runId);
      return known ? store.begin(run, request) : peek.begin(run, request);
    } };
  };
  expect(() => fc.assert(fc.property(steps, (list) => play(list, createLate)), { numRuns: RUNS_DONE })).toThrow();
});

it('catches a store that adds the ledger to its counters when it reloads', () => {
  const createAdding = (): GateMemory => {
    const store = createGateMemory();
    return { ...store, reload: (snapshot) => store.reload({ ...snapshot, used: new Map([...snapshot.used].map(([key, amount]) => [key, amount + store.counter(key).used])) }) };
  };
  expect(() => fc.assert(fc.property(steps, (list) => play(list, createAdding)), { numRuns: RUNS_DONE })).toThrow();
});
