/**
 * Counters and holds of one process: what `decide` looks at, and what its answers change. No I/O, no clock. Spend comes from the ledger only, as the batches of
 * its writer slots: each is counted once, however often it is told.
 */
import { type BeginRequest, type Counter, decide, type Decision, type GateState, type Metric, type Permission } from './decide';
import type { RateState } from './rate-limit';

/** What a run was allowed to spend: a row of `holds`. What it reserved, by counter, stands in the answer, which a run that asks again gets again. */
export interface Hold {
  readonly runId: string;
  readonly expiresMs: number;
  readonly decision: Permission;
}

/** Spend of one ledger row. `keys`: the counters it counts in. */
export interface Spend {
  readonly runId: string | null;
  readonly metric: Metric;
  readonly amount: number;
  readonly keys: readonly string[];
}

export interface Batch {
  readonly slot: number;
  readonly batch: number;
  readonly spends: readonly Spend[];
}

/** What a process needs to go on after a loss: sums of the ledger at a cut, what open runs reserved, and what each has spent by then. */
export interface GateSnapshot {
  readonly cut: ReadonlyMap<number, number>;
  readonly used: ReadonlyMap<string, number>;
  readonly holds: readonly Hold[];
  readonly spentByRun: ReadonlyMap<string, Readonly<Partial<Record<Metric, number>>>>;
}

export interface GateMemory extends GateState {
  /** Decides, and holds what it allows. A run that is open already gets its first answer again. That a run which is over does not begin again is seen by the rows of `holds`. */
  begin(run: { readonly runId: string; readonly expiresMs: number }, request: BeginRequest): Decision;
  /** Counts a batch of the ledger; false for one that is counted already. */
  apply(batch: Batch): boolean;
  /** The run is over: what it still held is free. False when there is no such hold. */
  release(runId: string): boolean;
  /** Ends every hold whose time has come; answers their runs. */
  expire(nowMs: number): string[];
  /** Forgets everything and begins anew from the ledger and the rows of `holds`. Sets, never adds. */
  reload(snapshot: GateSnapshot): void;
  holds(): readonly Hold[];
}

interface OpenHold {
  readonly hold: Hold;
  readonly spent: Map<Metric, number>;
}

export function createGateMemory(): GateMemory {
  const used = new Map<string, number>();
  const held = new Map<string, number>();
  const rates = new Map<string, RateState>();
  const open = new Map<string, OpenHold>();
  const cut = new Map<number, number>();

  const add = (to: Map<string, number>, key: string, amount: number): void => {
    const sum = (to.get(key) ?? 0) + amount;
    if (sum === 0) to.delete(key);
    else to.set(key, sum);
  };
  /** Puts what a hold still reserves into its counters, or takes it out again. */
  const count = ({ hold, spent }: OpenHold, sign: 1 | -1): void => {
    for (const { key, metric, amount } of hold.decision.holds) add(held, key, sign * Math.max(amount - (spent.get(metric) ?? 0), 0));
  };
  const close = (runId: string): boolean => {
    const each = open.get(runId);
    if (each) count(each, -1);
    return open.delete(runId);
  };
  const hold = (each: OpenHold): void => {
    open.set(each.hold.runId, each);
    count(each, 1);
  };

  const state: GateState = {
    counter: (key): Counter => ({ used: used.get(key) ?? 0, held: held.get(key) ?? 0 }),
    rate: (key) => rates.get(key),
  };
  return {
    ...state,
    begin: ({ runId, expiresMs }, request) => {
      const known = open.get(runId);
      if (known) return known.hold.decision;
      const decision = decide(state, request);
      if (decision.verdict === 'deny') return decision;
      for (const { key, next } of decision.rates) rates.set(key, next);
      hold({ hold: { runId, expiresMs, decision }, spent: new Map() });
      return decision;
    },
    apply: ({ slot, batch, spends }) => {
      if (batch <= (cut.get(slot) ?? 0)) return false;
      cut.set(slot, batch);
      for (const { runId, metric, amount, keys } of spends) {
        for (const key of keys) add(used, key, amount);
        const each = runId === null ? undefined : open.get(runId);
        if (!each) continue;
        count(each, -1);
        each.spent.set(metric, (each.spent.get(metric) ?? 0) + amount);
        count(each, 1);
      }
      return true;
    },
    release: close,
    expire: (nowMs) => {
      const due = [...open.values()].filter(({ hold: { expiresMs } }) => expiresMs <= nowMs).map(({ hold: { runId } }) => runId);
      due.forEach(close);
      return due;
    },
    reload: (snapshot) => {
      for (const map of [used, held, rates, open, cut]) map.clear();
      for (const [slot, batch] of snapshot.cut) cut.set(slot, batch);
      for (const [key, amount] of snapshot.used) add(used, key, amount);
      for (const each of snapshot.holds) {
        const spent = Object.entries(snapshot.spentByRun.get(each.runId) ?? {}) as [Metric, number][];
        hold({ hold: each, spent: new Map(spent) });
      }
    },
    holds: () => [...open.values()].map((each) => each.hold),
  };
}
