/** What every provider's adapter is: a test that says what is missing, and streams of pages. An adapter knows its provider's wire; it writes nothing and holds no secret longer than a call. */
import type { Rational, TokenClass } from '@outlay/kernel';
import type { GuardedFetch } from '@outlay/platform';

export const PROVIDERS = ['openai', 'anthropic', 'google', 'openrouter', 'import'] as const;
export type ProviderKind = (typeof PROVIDERS)[number];

export type BucketWidth = '1m' | '1h' | '1d';

/** As the provider names them; absent and null mean that it did not say. They are a row's key, so nothing that it may restate stands in them. */
export type Dimensions = Readonly<Record<string, string | null>>;

export interface UsageBucket {
  readonly width: BucketWidth;
  /** ISO, UTC. */
  readonly bucket: string;
  readonly dimensions: Dimensions;
  readonly model: string | null;
  /** The provider's id or label of the key. */
  readonly apiKey: string | null;
  readonly project: string | null;
  readonly requests: number;
  /** Disjoint token classes. */
  readonly tokens: Readonly<Partial<Record<TokenClass, number>>>;
  /** Images, seconds, searches, ... */
  readonly extras: Readonly<Record<string, number>>;
}

export interface CostRow {
  /** UTC, `2026-11-21`. */
  readonly day: string;
  readonly dimensions: Dimensions;
  readonly model: string | null;
  readonly apiKey: string | null;
  readonly project: string | null;
  readonly lineItem: string | null;
  /** US dollars, exact: never a float, never cents. */
  readonly amountUsd: Rational;
  readonly quantity: Rational | null;
}

export interface Page {
  readonly usage: readonly UsageBucket[];
  readonly costs: readonly CostRow[];
  /** Where the stream goes on after this page, stored with its rows. */
  readonly watermark: string;
  /** Until when the provider says its figures are final; null where it does not say. */
  readonly finalUntil: string | null;
  /** With this page the provider has said all it has of a span: what it said of it before, and says no more, is nothing now. Absent or null: more may follow. */
  readonly complete?: CompleteSpan | null;
}

export interface CompleteSpan {
  readonly of: 'costs' | BucketWidth;
  /** `[from, to)`, ISO; of costs its UTC days. */
  readonly from: string;
  readonly to: string;
  /** Only rows with these dimensions, where a stream asks several endpoints. */
  readonly dimensions?: Dimensions;
}

export interface AdapterContext {
  readonly settings: Readonly<Record<string, unknown>>;
  /** In the clear, for the length of the call. */
  readonly credentials: string;
  readonly fetch: GuardedFetch;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** One thing that was tried; of what failed it says what is missing and what to do. */
export interface TestFinding {
  readonly ok: boolean;
  readonly what: string;
  readonly message: string;
  readonly nextStep: string | null;
}

export interface Stream {
  /** `usage_1m`, `usage_1h`, `costs`: its watermark is stored under this name. */
  readonly id: string;
  /** How often it is asked, at most. */
  readonly everyMs: number;
  /** How long ago a provider still corrects: once a week the stream is read again from that far back. */
  readonly correctsWithinMs?: number;
}

export interface Adapter {
  readonly provider: ProviderKind;
  readonly streams: readonly Stream[];
  /** Never throws for what a person can mend: each is a finding. */
  test(context: AdapterContext): Promise<readonly TestFinding[]>;
  /**
   * Pages from the watermark on, with a trailing re-pull where the provider restates; null at the first sync. Errors: `SyncFault`, which says whether to try again and when.
   */
  pull(context: AdapterContext, streamId: string, watermark: string | null): AsyncIterable<Page>;
}

/** Why a sync could not go on. */
export class SyncFault extends Error {
  /** `units`, `not_found` and `unexpected` concern one stream; the others the whole connection. */
  readonly kind: 'credentials' | 'not_found' | 'rate_limited' | 'unavailable' | 'units' | 'unexpected';
  /** What the person who connected it reads; no secret, no body. */
  readonly words: string;
  readonly retryAfterMs: number | null;

  constructor(kind: SyncFault['kind'], words: string, retryAfterMs: number | null = null, cause?: unknown) {
    super(words, { cause });
    this.name = 'SyncFault';
    this.kind = kind;
    this.words = words;
    this.retryAfterMs = retryAfterMs;
  }
}
