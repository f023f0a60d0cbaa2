/**
 * The surrounding run, carried by AsyncLocalStorage where the runtime has it. Obtained without an import, so that the
 * package loads on edges without Node modules: there a run's context is passed by hand (`wrapOpenAI(client, { run })`).
 */
import type { RunGate } from './admit.js';
import type { DailyCostWatch } from './caps.js';
import type { AsyncStorage, AttemptKind, OutlayWarning, RunContext, UsageTags } from './types.js';

/** One execution of `action`. */
export interface AttemptState {
  readonly number: number;
  readonly kind: AttemptKind;
  readonly model: string | undefined;
  /** Requests that earlier attempts of the run used up: the first call of this attempt has the number after it. */
  readonly base: number;
  /** Highest number of a request so far. */
  highest: number;
  /** Stops this attempt's calls: the caller's own signal, and the attempt's time. */
  readonly signal: AbortSignal;
  /** Calls opened or recorded in this attempt. */
  calls: number;
  modelTaken: boolean;
}

export interface RunState {
  readonly runId: string;
  readonly activePriceId: string | undefined;
  readonly maxContextTokens: number | undefined;
  /** Of each call, as the caller stated it. */
  readonly maxOutputTokens: number | undefined;
  /** True once the caller's own count was enforced for the attempt: then no estimate warns. */
  readonly sizeKnown: boolean;
  readonly watch: DailyCostWatch | undefined;
  /** A call was made whose input nobody could count: the cap on it was not checked. */
  sizeMissed: boolean;
  /** Calls of all attempts. */
  calls: number;
  /** Beyond those that the hold was made for. */
  callsGranted: number;
  readonly warn: (warning: OutlayWarning) => void;
  /** Undefined until the run has begun. */
  gate: RunGate | undefined;
  /** The run asks for more itself while an answer streams: what it held at first does not limit its calls. */
  readonly growing?: boolean;
  /** Set where one call is the whole run. */
  readonly alone?: { readonly units: number | string | undefined };
}

/** The most that a call of the run may write: what was held, and what the caller said. */
export function mostOutputOf(run: RunState | undefined): number | undefined {
  if (run?.growing) return undefined;
  const most = Math.min(run?.gate?.hold?.maxOutputTokens ?? Infinity, run?.maxOutputTokens ?? Infinity);
  return most === Infinity ? undefined : most;
}

/** What a call made here belongs to. */
export interface Scope {
  readonly tags: UsageTags;
  readonly run?: RunState;
  readonly attempt?: AttemptState;
}

export interface ScopeStore {
  readonly current: () => Scope | undefined;
  readonly within: <R>(scope: Scope, fn: () => R) => R;
  /** For background work, which belongs to no run, whoever set it off. */
  readonly outside: <R>(fn: () => R) => R;
  /** False where no AsyncLocalStorage was found. */
  readonly available: boolean;
}

interface Runtime {
  readonly AsyncLocalStorage?: new () => AsyncStorage<unknown>;
  readonly process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage?: new () => AsyncStorage<unknown> } | undefined };
}

/** Node, Deno, Bun and workerd answer `process.getBuiltinModule`; some edges have the class as a global. */
function findAsyncLocalStorage(): (new () => AsyncStorage<unknown>) | undefined {
  const runtime = globalThis as unknown as Runtime;
  try {
    return runtime.process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage ?? runtime.AsyncLocalStorage;
  } catch {
    return runtime.AsyncLocalStorage;
  }
}

export function createScopeStore(given: (new () => AsyncStorage<unknown>) | undefined): ScopeStore {
  const found = given ?? findAsyncLocalStorage();
  if (!found) return { current: () => undefined, within: (_scope, fn) => fn(), outside: (fn) => fn(), available: false };
  const storage = new found() as AsyncStorage<Scope | undefined>;
  return { current: () => storage.getStore(), within: (scope, fn) => storage.run(scope, fn), outside: (fn) => storage.run(undefined, fn), available: true };
}

const scopesByContext = new WeakMap<RunContext, Scope>();

export function bindContext(context: RunContext, scope: Scope): RunContext {
  scopesByContext.set(context, scope);
  return context;
}

/** The scope behind the object that `action` got. */
export function scopeOf(context: RunContext | undefined): Scope | undefined {
  return context && scopesByContext.get(context);
}

/** Labels of both; those of `own` win. Free tags are merged one by one. */
export function mergeTags(outer: UsageTags | undefined, own: UsageTags): UsageTags {
  if (!outer) return own;
  const merged: Record<string, unknown> = { ...outer };
  for (const [name, value] of Object.entries(own)) if (value !== undefined) merged[name] = value;
  if (outer.tags && own.tags) merged['tags'] = { ...outer.tags, ...own.tags };
  return merged as UsageTags;
}
