/**
 * What remembers counters and holds: one process's memory, or Redis. Both run the one rule of `decide.ts`, and one suite holds both to it. Counters are a projection of
 * the ledger: each carries the cut at which it was set, and counts every later batch of a slot once. A counter that nobody has set yet is `missing`: nothing is decided
 * until the caller has read it from the ledger. What the store answers as `missing` or `lost` it watches from then on, so that a batch which is told between the caller's
 * reading and its `set` or `restore` is not forgotten: read only after such an answer. Counters of the metric `runs` are never missing: they begin at 0.
 *
 * Whoever ends a run applies its batch and its `setUsed` first and then releases: between the two, what it used would be neither held nor counted.
 */
import type { BeginRequest, Counter, Decision, Metric } from './decide';
import type { RateState } from './rate-limit';

/** Last batch that is counted, by writer slot. */
export type SlotCut = ReadonlyMap<number, number>;

/** What a begin or extension looked at: enough to decide the same again with `decide`. */
export interface SeenState {
  readonly counters: Readonly<Record<string, Counter>>;
  readonly rates: Readonly<Record<string, RateState>>;
}

/**
 * `again`: the run was open already, and who asked for the same gets its first decision (where its policy looks at other counters by now: what it would get now, its own hold set aside). `missing`: read these counters, `set` them, ask again. `lost`: the store does not know the team's open holds
 * (first use, flushed or restarted Redis): read them, `restore`, ask again.
 */
export type Begun =
  | { readonly kind: 'decided'; readonly decision: Decision; readonly seen: SeenState; readonly again: boolean }
  | { readonly kind: 'missing'; readonly keys: readonly string[] }
  | { readonly kind: 'lost' };

/** Of holds that are due, so many are answered at once. */
export const DUE_AT_ONCE = 500;

/** What an open run reserved, by counter, and until when. */
export interface OpenHold {
  readonly runId: string;
  readonly expiresMs: number;
  readonly reserves: readonly { readonly key: string; readonly metric: Metric; readonly amount: number }[];
  /** What its calls have cost since it began, by metric: what remains reserved is max(0, amount - spent). */
  readonly spent: Readonly<Partial<Record<Metric, number>>>;
}

/** One ledger row's effect. `keys`: counters it counts in, whether anybody has set them or not. */
export interface Spend {
  readonly runId: string | null;
  readonly metric: Metric;
  readonly amount: number;
  readonly keys: readonly string[];
}

export interface GateStore {
  /**
   * Decides, and holds what it allows, in one step. `usedOnly` keys of the request's limits (prepaid credit) are set by `setUsed`, not by batches. An answer that is `missing` has
   * changed nothing. Errors: `unavailable` when the store cannot be reached.
   */
  begin(tenantId: string, run: { readonly runId: string; readonly expiresMs: number }, request: BeginRequest): Promise<Begun>;
  /** More for an open run: decided as a begin of the difference; null when there is no such open run. An allowed extension raises what it reserves and moves its expiry. */
  extend(tenantId: string, run: { readonly runId: string; readonly expiresMs: number }, request: BeginRequest): Promise<Begun | null>;
  /** Looks, and changes nothing. */
  check(tenantId: string, request: BeginRequest): Promise<Begun>;
  /** Counts a team's part of a writer batch, once by slot and counter, and lowers the holds of its runs. Batches of a slot come in order. */
  apply(tenantId: string, slot: number, batch: number, spends: readonly Spend[]): Promise<void>;
  /** Sets counters from the ledger, with the cut of the sums; open holds that reserve in them are counted. A counter that is newer already stays. */
  set(tenantId: string, cut: SlotCut, used: ReadonlyMap<string, number>): Promise<void>;
  /**
   * How far a team is fed: last counted batch by slot, and up to which recording time whoever feeds it has looked; null when nobody has. A process that begins to feed a team reads the
   * ledger from there on, so that what a dead process had committed and not yet told is not lost.
   */
  fedTo(tenantId: string): Promise<{ readonly cut: SlotCut; readonly attendedMs: number | null }>;
  /** Everything recorded before this moment has been applied to these teams. Never goes back. */
  attend(tenantIds: readonly string[], atMs: number): Promise<void>;
  /** Sets counters that no batch changes (prepaid credit: used is minus the balance). */
  setUsed(tenantId: string, used: ReadonlyMap<string, number>): Promise<void>;
  /** The run is over: what it still held is free. False when there is no such hold. */
  release(tenantId: string, runId: string): Promise<boolean>;
  /** Ends every hold whose time has come; answers them. */
  expire(nowMs: number): Promise<readonly { readonly tenantId: string; readonly runId: string }[]>;
  /** Null when the team is restored; else the number of its loss. From this answer on the store watches the team: read cut and rows after it, then `restore`. */
  watch(tenantId: string): Promise<number | null>;
  /**
   * After a loss: the holds that are open by the rows of `holds`, each with what it has spent at the cut. Known ones stay as they are. `loss` is what `watch` answered before the rows were
   * read: false when the team was lost once more since, so that batches may be missing in them (watch, read, call again); a team that somebody else has restored meanwhile stays as it
   * is. Without `loss`: adds holds whose rows came late, and is false only where nobody watches.
   */
  restore(tenantId: string, cut: SlotCut, holds: readonly OpenHold[], loss?: number | null): Promise<boolean>;
  /** False after a loss, until `restore` ran for the team: then nothing is decided. */
  isRestored(tenantId: string): Promise<boolean>;
  /** Open holds, of a time of which many may begin and end meanwhile; `dueMs`: only those that expire by then, at most `DUE_AT_ONCE`. */
  holds(tenantId: string, dueMs?: number): Promise<readonly OpenHold[]>;
  find(tenantId: string, runId: string): Promise<OpenHold | null>;
  close(): Promise<void>;
}
