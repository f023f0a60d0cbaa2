/** The public types of the SDK. Words are those of the ledger: run, call, attempt, outcome, usable, snapshot. */
import type { GatePolicy, GateSettings, HoldState, LimitState, RunDecision } from './gate-types.js';

/** Labels of a call. All are optional: a call without customer or workflow is recorded and listed as untagged. */
export interface UsageTags {
  /** Who pays: your own id of the customer. */
  readonly customerId?: string;
  /** The end user, your own id. */
  readonly userId?: string;
  /** What produces an outcome: `pdf_question`. */
  readonly workflow?: string;
  readonly feature?: string;
  /** Must be the API key's environment; absent, it is the key's. */
  readonly environment?: string;
  /** Up to 32 free labels. Never put prompt or completion text here. */
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
  /** Your correlation id, at most 128 characters. */
  readonly requestId?: string;
  readonly promptVersion?: string;
  readonly policyVersion?: string;
  readonly appVersion?: string;
}

/** Limits of the caller, beside those of plan and console: the strictest wins. Kept in the run's snapshot. A key that is not listed here is an error. */
export interface Caps {
  /** Enforced before the call when the input size is known (`inputTokens`), else estimated: then it can only warn. */
  readonly maxContextTokens?: number;
  /** US dollars. Warns when today's cost of the customer has reached it. */
  readonly softDailyCost?: number | string;
  /** US dollars. Denies a run with which today's cost of the customer could pass it. */
  readonly hardDailyCost?: number | string;
  /** US dollars. Denies a run that could cost more. */
  readonly maxRunCost?: number | string;
}

/** Cost that is not a model's: retrieval, tools, OCR. */
export interface ExtraCost {
  /** `retrieval`, `web_search`, `ocr`, ... */
  readonly kind: string;
  readonly quantity: number | string;
  /** `query`, `page`, `second`, ... */
  readonly unit: string;
  /** US dollars for the whole quantity. Absent: the price book's price of the kind, else the event is unpriced. */
  readonly cost?: number | string;
}

/** A model call that was made without a wrapped client. */
export interface ModelUsage {
  /** Catalogue id: `openai`, `anthropic`, `google`, ... */
  readonly provider: string;
  /** Flavour of the API: `chat`, `responses`, `embeddings`; absent: the provider's default. */
  readonly api?: string;
  /** The model asked for; absent: the attempt's model. */
  readonly model?: string;
  readonly modelServed?: string;
  /** The provider's own usage object, exactly as it came. */
  readonly usage?: object;
  /** Disjoint token classes, when there is no usage object. */
  readonly quantities?: Readonly<Record<string, number>>;
  /** The numbers are counted by you, not by the provider. */
  readonly estimated?: boolean;
  readonly status?: CallStatus;
  readonly errorClass?: string;
  readonly serviceTierRequested?: string;
  readonly serviceTierServed?: string;
  readonly region?: string;
  readonly providerAccount?: string;
  readonly providerRequestId?: string;
  readonly latencyMs?: number;
  readonly ttftMs?: number;
  readonly extras?: readonly ExtraCost[];
  /** US dollars, the provider's own figure. */
  readonly providerCost?: number | string;
}

export type CallStatus = 'succeeded' | 'failed' | 'aborted' | 'unknown';
export type AttemptKind = 'first' | 'retry' | 'fallback';

/** One event for `track()`. Inside a run or `withUsage` it joins it; its own fields win. */
export interface TrackInput extends UsageTags, Partial<Omit<ModelUsage, 'model'>> {
  /** A UUIDv7 of your own, or `idempotencyKey`; absent: one is made. */
  readonly id?: string;
  readonly idempotencyKey?: string;
  readonly kind?: 'usage' | 'outcome';
  readonly occurredAt?: Date | string;
  readonly runId?: string;
  readonly attempt?: number;
  readonly attemptKind?: AttemptKind;
  readonly model?: string;
  readonly outcome?: 'usable' | 'unusable';
  readonly units?: number | string;
  readonly snapshot?: object;
  readonly activePriceId?: string;
}

export interface RetryPolicy {
  /** Requests a model at most, the wrapped client's own retries counted. Default 2. */
  readonly attemptsPerModel?: number;
  /** How often `action` runs at most, over all models. Default 6. */
  readonly maxAttempts?: number;
  /** Go on to the next of `models` when a model's attempts are used up. Default true. */
  readonly fallback?: boolean;
  /** First pause before a retry; doubles, with jitter. Default 500. A fallback does not pause. */
  readonly baseDelayMs?: number;
  /** Longest pause, also for the provider's Retry-After. Default 8000. */
  readonly maxDelayMs?: number;
  /** Try again when the result is not usable. Never for streams. Default false. */
  readonly retryUnusable?: boolean;
  /** Decides instead of the built-in rule (408, 409, 429, 5xx, lost connections and timeouts retry; 404 falls back). */
  readonly decide?: (error: unknown, at: { readonly model: string | undefined; readonly attempt: number }) => RetryDecision;
}

export type RetryDecision = 'retry' | 'fallback' | 'stop';

/** Clients of model providers by a name of your own, such as `openai`. */
export type Providers = Readonly<Record<string, unknown>>;

/** What `action` gets. */
export interface RunContext<P = Providers> {
  readonly runId: string;
  /** The model to call. Throws `no_model` when no models were named. */
  readonly model: string;
  /** 1 for the first execution of `action`. */
  readonly attempt: number;
  readonly attemptKind: AttemptKind;
  /** Aborts with `run({ signal })` and after `timeoutMs`. Wrapped clients follow it by themselves. */
  readonly signal: AbortSignal;
  /** Records what no wrapped client sees: non-model cost, or a model call made by other means. Never throws. */
  readonly record: (entry: ExtraCost | ModelUsage) => void;
  /** The clients of `createOutlay({ providers })`, wrapped, their calls part of this run. */
  readonly providers: P;
  readonly decision: RunDecision;
  /** Every limit that applies, as it stood when the run began. Empty when the run is not gated. */
  readonly limits: readonly LimitState[];
  /** What the gate reserved. Undefined when the run is not gated. */
  readonly hold: HoldState | undefined;
  /** Those of `tools` that the plan does not have: leave them out of your requests. */
  readonly refusedTools: readonly string[];
}

/** How a run came to its end. */
export interface RunEnd {
  readonly how: 'returned' | 'stream_completed' | 'stream_failed' | 'stream_cancelled';
  readonly error?: unknown;
}

/** What is known of a run before it begins. The more is stated, the less has to be held for it. */
export interface RunSize {
  /** Features and tools it needs: without the feature the plan denies the run; tools outside the plan come back as `refusedTools`. */
  readonly features?: readonly string[];
  readonly tools?: readonly string[];
  /** UTF-8 bytes of an input that is all text: a bound of its tokens, when `inputTokens` is not known. */
  readonly inputBytes?: number;
  /** Of each call. Wrapped clients send it where the call states none. */
  readonly maxOutputTokens?: number;
  /** Model calls at most, retries included. A wrapped call beyond them asks the gate for its share first. */
  readonly maxCalls?: number;
  /** Your own quantities that the plan may limit, whole numbers: `{ files: 3 }`. */
  readonly quantities?: Readonly<Record<string, number>>;
  /** US dollars, when you know it better than the workflow's history. */
  readonly estimatedCost?: number | string;
}

export type UsableAnswer = boolean | { readonly usable: boolean; readonly units?: number | string };

export interface RunOptions<T, P = Providers> extends UsageTags, RunSize {
  readonly workflow: string;
  readonly action: (context: RunContext<P>) => T | PromiseLike<T>;
  /** In order of preference; overrides those of `createOutlay`. Joined with the workflow's route of the console, which decides the order. */
  readonly models?: readonly string[];
  /** Your own id of the run, to join calls of other processes; absent: a UUIDv7. */
  readonly runId?: string;
  /** The customer's plan as you know it: JSON, at most 8 kB with `caps`. Its `active_price_id` or `priceId` becomes the run's price. */
  readonly entitlement?: unknown;
  readonly caps?: Caps;
  /** Size of the input in tokens when you know it; a function is asked before each attempt. */
  readonly inputTokens?: number | ((at: { readonly model: string | undefined }) => number | PromiseLike<number>);
  readonly retry?: RetryPolicy;
  readonly signal?: AbortSignal;
  /** For each attempt until `action` settles. A stream it returned may run longer. */
  readonly timeoutMs?: number;
  /** Says whether the result was of use; see README, "What counts as usable". */
  readonly usable?: (value: Awaited<T>, end: RunEnd) => UsableAnswer | PromiseLike<UsableAnswer>;
  /** Outcome units of a usable run; default 1. */
  readonly units?: number | string;
  readonly onWarning?: (warning: OutlayWarning) => void;
  /** When the gate cannot be asked. Default: as set for the workflow in the console, as far as this process has heard of it, else `allow`. */
  readonly onGateUnavailable?: GatePolicy;
}

export type VerdictKind = 'accepted' | 'duplicate' | 'conflict' | 'unpriced' | 'rejected';

/** What the ledger said about one event. Each event gets exactly one. */
export interface Verdict {
  readonly id: string | undefined;
  readonly kind: 'usage' | 'outcome';
  readonly runId: string | undefined;
  readonly verdict: VerdictKind;
  /** Decimal US dollars; null when unpriced. */
  readonly costUsd: string | null | undefined;
  readonly reason: string | undefined;
  readonly field: string | undefined;
  readonly message: string | undefined;
  /** Correlation id of the delivery. */
  readonly requestId: string | undefined;
}

export type WarningCode =
  | 'soft_cap_reached'
  | 'soft_cap_unchecked'
  | 'context_may_be_too_large'
  | 'context_too_large'
  | 'context_unchecked'
  | 'entitlement_omitted'
  | 'event_dropped'
  | 'event_rejected'
  | 'delivery_failing'
  | 'key_refused'
  | 'events_unsent'
  | 'spool_unavailable'
  | 'spool_left_behind'
  | 'no_async_context'
  | 'no_usage_recorded'
  | 'usable_failed'
  | 'invalid_record'
  | 'call_not_recorded'
  | 'gate_unavailable'
  | 'gate_off'
  | 'hold_not_extended'
  | 'output_limited'
  | 'usage_not_seen';

export interface OutlayWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly runId?: string;
  readonly customerId?: string;
  readonly workflow?: string;
  readonly eventId?: string;
  /** Decimal US dollars, for `soft_cap_reached`. */
  readonly todayUsd?: string;
  readonly limitUsd?: string;
  /** For `soft_cap_reached` of the gate: which limit, what was decided, and what to do. */
  readonly limit?: LimitState;
  readonly decision?: RunDecision;
  readonly nextStep?: string;
  readonly upgrade?: boolean;
  /** Correlation id of the decision. */
  readonly requestId?: string;
}

export interface DeliverySettings {
  /** How long the first event of a batch waits for others. Default 100. */
  readonly flushIntervalMs?: number;
  /** Default and most 1000. */
  readonly maxBatchEvents?: number;
  /** Events waiting in memory at most. Beyond it they wait on disk; without a disk the oldest are dropped, counted and reported. Default 50,000. */
  readonly maxQueueEvents?: number;
  /** Default 16 MB. */
  readonly maxQueueBytes?: number;
  /** Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** First pause after a failed delivery; doubles, with jitter. Default 250. */
  readonly baseDelayMs?: number;
  /** Longest pause between deliveries. Default 30,000. */
  readonly maxDelayMs?: number;
  /**
   * Node: the folder where events wait on disk until the ledger has them, for this process or the next one. Default: `outlay-spool-<uid>` in
   * the system's folder for temporary files. It must be this user's alone. False: memory only.
   */
  readonly spoolDir?: string | false;
  /** Default 256 MB. Beyond it what is new is dropped, counted and reported. */
  readonly maxSpoolBytes?: number;
  /** A process takes over what one with the same API key, or the same name, left behind. Name it to change keys without loss. */
  readonly spoolName?: string;
  /** Default true where CompressionStream exists. */
  readonly gzip?: boolean;
}

/** The part of `AsyncLocalStorage` that the SDK uses. */
export interface AsyncStorage<T> {
  run<R>(store: T, fn: () => R): R;
  getStore(): T | undefined;
}

export interface OutlayOptions<P = Providers> extends UsageTags {
  /** `ol_<environment>_...`, with the abilities `ingest` and `gate`. */
  readonly apiKey: string;
  /** `http://localhost:4400` */
  readonly baseUrl: string;
  readonly models?: readonly string[];
  readonly retry?: RetryPolicy;
  readonly onVerdict?: (verdict: Verdict) => void;
  /** Default: `console.warn`, each code at most once a minute. */
  readonly onWarning?: (warning: OutlayWarning) => void;
  readonly delivery?: DeliverySettings;
  /** Official clients, registered once; `action` gets them wrapped, so that product code holds no provider key. */
  readonly providers?: P;
  /** False: runs are recorded only, plans and caps stop nothing. */
  readonly gate?: GateSettings | false;
  /** For all runs and calls; see `run`. */
  readonly onGateUnavailable?: GatePolicy;
  /** The fetch for deliveries to Outlay; default the global one. */
  readonly fetch?: typeof fetch;
  /** Pass the class from `node:async_hooks` on runtimes where the SDK cannot find it by itself. */
  readonly AsyncLocalStorage?: new () => AsyncStorage<unknown>;
}

export interface WrapOptions extends UsageTags {
  /** Catalogue id of the provider; default by the client's base URL. */
  readonly provider?: string;
  /** Your label of the provider key or project. */
  readonly providerAccount?: string;
  readonly region?: string;
  /** Binds the client to this run, where async context is not available. */
  readonly run?: RunContext;
  /** OpenAI chat streams: ask the provider for usage. Default true; false leaves aborted and finished streams estimated or unpriced. */
  readonly includeUsage?: boolean;
  /** When the caller leaves a stream early: `estimate` stops the provider, `drain` reads on for the exact usage (the rest is billed). */
  readonly onAbort?: 'estimate' | 'drain';
  /** False: the output of a call may pass what its run holds, because its reader counts it and asks for more in time. Default true. */
  readonly limitOutput?: boolean;
  /** A call outside a run is a run of its own: its outcome units, default 1. */
  readonly units?: number | string;
  readonly onGateUnavailable?: GatePolicy;
}

export interface FlushResult {
  /** True when everything recorded before the call has its verdict. */
  readonly delivered: boolean;
  readonly pending: number;
}

/** Counters since `createOutlay`. recorded = delivered + dropped + pending, where delivered is the sum of the verdicts. */
export interface OutlayStats {
  readonly recorded: number;
  /** Of these, taken over from a process that is gone. */
  readonly adopted: number;
  readonly pending: number;
  /** In memory. */
  readonly pendingBytes: number;
  /** On disk. 0 where there is none. */
  readonly spooledBytes: number;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  readonly dropped: number;
  /** Records that never became events: their warning is `invalid_record`. */
  readonly invalid: number;
  readonly batches: number;
  readonly failedDeliveries: number;
  readonly warnings: number;
  readonly callbackErrors: number;
  readonly openRuns: number;
  /** Runs that the gate let begin. */
  readonly begun: number;
  readonly denied: number;
  /** Runs that went on without it. */
  readonly ungated: number;
  readonly openCalls: number;
  readonly runsWithoutUsage: number;
  readonly lastError: string | undefined;
}
