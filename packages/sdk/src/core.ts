/** What runs, taps and tracking share: where events go, who is warned, what is still open. */
import type { DailyCostWatch } from './caps.js';
import { createScopeStore, mergeTags, type Scope, type ScopeStore } from './context.js';
import { createDelivery, type Delivery } from './delivery.js';
import { invalidOption } from './errors.js';
import type { Entry } from './event-queue.js';
import type { WireEvent } from './events.js';
import { createGate, type Gate } from './gate.js';
import { type ExitClient, holdForExit, letGo } from './exit.js';
import { finishAll } from './finish.js';
import { newId } from './ids.js';
import { openSpool } from './open-spool.js';
import { createSettler, type Settler } from './settle.js';
import type { OutlayOptions, OutlayWarning, Providers, RunContext, UsageTags, Verdict } from './types.js';

export interface Core {
  readonly scopes: ScopeStore;
  readonly delivery: Delivery;
  /** Undefined: not used, by option. */
  readonly gate: Gate | undefined;
  readonly settler: Settler | undefined;
  /** The registered clients, wrapped, their calls part of the context's run. */
  provide: (context: RunContext | undefined) => Providers;
  readonly models: readonly string[];
  readonly options: OutlayOptions;
  /** Labels of every event, from `createOutlay`. */
  readonly defaults: UsageTags;
  readonly warn: (warning: OutlayWarning, also?: (warning: OutlayWarning) => void) => void;
  /** Once per code and subject in this client's life. */
  readonly warnOnce: (subject: string, warning: OutlayWarning) => void;
  /** Work that goes on after the caller has its value; `flush` waits for it. */
  readonly settleLater: (work: Promise<void>) => void;
  readonly settled: () => Promise<void>;
  /** Something is open that must not be lost when the process ends. */
  readonly hold: () => void;
  /** Calls without an end yet, each by the function that closes it with what is known so far. */
  readonly openCalls: Set<() => void>;
  /** Aborts when the client ends: nobody reads on for its sake any more. */
  readonly ended: AbortController;
  /** Origins that do not know `stream_options`. */
  readonly hostsWithoutUsage: Set<string>;
  readonly counts: { openRuns: number; begun: number; denied: number; ungated: number; runsWithoutUsage: number; warnings: number; callbackErrors: number; invalid: number };
}

/** A process must end, also when the ledger is down. */
const EXIT_FLUSH_MS = 3_000;
/** The same warning in a loop would bury the caller's log. */
const CONSOLE_QUIET_MS = 60_000;
/** Subjects remembered by `warnOnce`: enough for every workflow of a product, bounded for the one that names them by user. */
const SUBJECTS_MAX = 1_000;

export function createCore(options: OutlayOptions): Core {
  const counts = { openRuns: 0, begun: 0, denied: 0, ungated: 0, runsWithoutUsage: 0, warnings: 0, callbackErrors: 0, invalid: 0 };
  const later = new Set<Promise<void>>();
  const subjects = new Set<string>();
  const consoleWarn = createConsoleWarn();

  /** A caller's callback that throws, or rejects, must not break a delivery or a model call, nor end the process. */
  function call<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
    const failed = (): void => void (counts.callbackErrors += 1);
    try {
      const answer = callback?.(value);
      if (isThenable(answer)) answer.then(undefined, failed);
    } catch {
      failed();
    }
  }

  function warn(warning: OutlayWarning, also?: (warning: OutlayWarning) => void): void {
    counts.warnings += 1;
    call(also, warning);
    call(options.onWarning ?? consoleWarn, warning);
  }

  function warnOnce(subject: string, warning: OutlayWarning): void {
    const key = `${warning.code} ${subject}`;
    if (subjects.has(key) || subjects.size >= SUBJECTS_MAX) return;
    subjects.add(key);
    warn(warning);
  }

  function onVerdict(verdict: Verdict, entry: Entry): void {
    settler?.onVerdict(verdict, entry);
    if (options.onVerdict) return call(options.onVerdict, verdict);
    if (verdict.verdict !== 'rejected' && verdict.verdict !== 'conflict') return;
    const why = verdict.message ?? verdict.reason ?? verdict.verdict;
    warn({ code: 'event_rejected', message: `The ledger answered "${verdict.verdict}" to event ${verdict.id}: ${why}`, eventId: verdict.id, runId: verdict.runId });
  }

  const url = `${options.baseUrl.replace(/\/+$/, '')}/v1/usage`;
  const send = options.fetch ?? ((input, init) => fetch(input, init));

  function settleLater(work: Promise<void>): void {
    const settling = work.catch(() => undefined).then(() => void later.delete(settling));
    later.add(settling);
  }

  const gate = options.gate === false ? undefined : createGate({ baseUrl: options.baseUrl, apiKey: options.apiKey, fetch: send }, options.gate ?? {});
  const settler = gate && createSettler(gate, settleLater);
  const scopes = createScopeStore(options.AsyncLocalStorage);
  const openCalls = new Set<() => void>();
  const exit: ExitClient = { flush: () => finishAll(core, EXIT_FLUSH_MS), warnUnsent };
  const hold = (): void => holdForExit(exit);
  const release = (): void => {
    if (openCalls.size === 0) letGo(exit);
  };
  const spool = openSpool(options.delivery ?? {}, url, options.apiKey, newId().slice(-8), warn);
  const delivery = createDelivery({ url, apiKey: options.apiKey, fetch: send }, options.delivery ?? {}, spool, { onVerdict, warn, hold, release, outside: scopes.outside });

  function warnUnsent(): void {
    const pending = delivery.pending();
    if (pending > 0) warn({ code: 'events_unsent', message: `${pending} events were not delivered before the process ended.${delivery.spoolDir === undefined ? '' : ` They wait in ${delivery.spoolDir} for the next one.`}` });
    if (openCalls.size > 0) warn({ code: 'events_unsent', message: `${openCalls.size} calls had not ended when the process did.` });
  }

  const core: Core = {
    scopes,
    delivery,
    gate,
    settler,
    provide: () => ({}),
    hold,
    models: options.models ?? [],
    options,
    defaults: pickTags(options),
    warn,
    warnOnce,
    settleLater,
    settled: async () => {
      // What began before; on a busy server there is always something that began after.
      await Promise.all(later);
    },
    openCalls,
    ended: new AbortController(),
    hostsWithoutUsage: new Set(),
    counts,
  };
  return core;
}

const cores = new WeakMap<object, Core>();

/** For functions that take an `Outlay` instead of being its methods, so that bundles hold only what is imported. */
export function bindCore<O extends object>(outlay: O, core: Core): O {
  cores.set(outlay, core);
  return outlay;
}

/** Throws `invalid_option` when it was not made by `createOutlay`. */
export function coreOf(outlay: object): Core {
  const core = cores.get(outlay);
  if (!core) throw invalidOption('outlay', 'must be what createOutlay() returned.');
  return core;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Only labels: options hold more than belongs into an event. */
export function pickTags(from: UsageTags): UsageTags {
  const { customerId, userId, workflow, feature, environment, tags, requestId, promptVersion, policyVersion, appVersion } = from;
  return { customerId, userId, workflow, feature, environment, tags, requestId, promptVersion, policyVersion, appVersion };
}

/** The scope of a call made now: the surrounding run's labels win over those of `own`, both over the client's. */
export function scopeHere(core: Core, own: UsageTags, bound?: Scope): Scope {
  const around = bound ?? core.scopes.current();
  return withDefaults(core, { ...around, tags: mergeTags(own, around?.tags ?? {}) });
}

/** Labels of `createOutlay` come in last, when an event is made: a nearer wrapper must be able to say otherwise. */
export function withDefaults(core: Core, scope: Scope): Scope {
  return { ...scope, tags: mergeTags(core.defaults, scope.tags) };
}

export function sendFrom(core: Core, scope: Scope, event: WireEvent): void {
  const watch: DailyCostWatch | undefined = scope.run?.watch;
  core.delivery.enqueue(event, watch);
}

function createConsoleWarn(): (warning: OutlayWarning) => void {
  const lastMsByCode = new Map<string, number>();
  return (warning) => {
    const nowMs = Date.now();
    if (nowMs - (lastMsByCode.get(warning.code) ?? -Infinity) < CONSOLE_QUIET_MS) return;
    lastMsByCode.set(warning.code, nowMs);
    console.warn(`[outlay] ${warning.code}: ${warning.message}`);
  };
}
