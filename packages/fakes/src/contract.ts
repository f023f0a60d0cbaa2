/** What all fakes share: how a request steers its answer, what is kept of each answer, and the shape of a running fake. */
import type { JsonObject } from './json';
import type { ServedFilter, ServedTotals } from './served-log';

export type Provider = 'openai' | 'anthropic' | 'google';
export type Api = 'chat' | 'responses' | 'embeddings' | 'images' | 'transcriptions' | 'messages' | 'generate' | 'embed';

/** One request as a scenario sees it. */
export interface FakeRequest {
  /** 1 for the first request this fake received, counted over all routes. */
  readonly number: number;
  readonly provider: Provider;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; null when there is none or it is not a JSON object. */
  readonly body: JsonObject | null;
  /** Header `x-fake-key`, by which repeated attempts of one call are recognised. */
  readonly key: string | null;
  /** 1 for the first request with this key; without a key, the official clients' own retry count plus 1. */
  readonly attempt: number;
}

/** An error answer. Type, code and message default to what the provider documents for the status. */
export interface FakeError {
  readonly status: number;
  readonly type?: string;
  readonly code?: string | null;
  readonly message?: string;
  /** Sent as `retry-after` (whole seconds, rounded up) and `retry-after-ms`. A 429 has one second when this is absent. */
  readonly retryAfterMs?: number;
}

/** How one answer shall be. Headers `x-fake-*` and the scenario give the same fields; the headers win. */
export interface Steer {
  /** Provider's own usage fields, merged over the computed usage. Unknown keys are kept, so that they can be tested. */
  readonly usage?: JsonObject;
  /** A status, a full error, or `reset`: the connection is cut without an answer. */
  readonly error?: number | FakeError | 'reset';
  /** The error is given to the first so many attempts (see `FakeRequest.attempt`); absent: to all. */
  readonly errorTimes?: number;
  /** Time before the first byte. */
  readonly delayMs?: number;
  /** In how many pieces the content of a stream is sent. */
  readonly chunks?: number;
  readonly chunkDelayMs?: number;
  /** The stream's connection is cut after so many pieces of content. */
  readonly breakAfterChunks?: number;
  /** The stream ends with the provider's error event after so many pieces of content. */
  readonly errorAfterChunks?: number;
  /** The words of the answer; by default prose of as many words as there are tokens. */
  readonly text?: string;
  /** The tools to call; `none` answers in words though tools were offered. By default an offered tool is called once a turn. */
  readonly toolCalls?: 'none' | readonly { readonly name: string; readonly arguments?: JsonObject }[];
  /** The service tier that really serves. */
  readonly tier?: string;
  /** The model that really serves, as it stands in the answer; free text, so that unknown models can be tested. */
  readonly model?: string;
  /** Kept in the log, so that a caller can sum what was served by its own label. */
  readonly label?: string;
}

export type Scenario = (request: FakeRequest) => Steer | undefined;

/** One answer as it was really given. While a stream runs its entry grows: `usage` is what was generated so far. */
export interface ServedAnswer {
  readonly number: number;
  readonly atMs: number;
  readonly provider: Provider;
  /** Null for what is not billed: lists of models, unknown routes. */
  readonly api: Api | null;
  readonly path: string;
  /** The provider's id of the request, as in the response header. */
  readonly requestId: string;
  /** The id in the body: `chatcmpl-...`, `resp_...`, `msg_...`. */
  readonly responseId: string | null;
  readonly modelRequested: string | null;
  readonly model: string | null;
  readonly tier: string | null;
  readonly status: number;
  readonly errorType: string | null;
  readonly stream: boolean;
  /** What was generated and is billed, in the provider's own shape; null when nothing is. */
  readonly usage: JsonObject | null;
  /** Whether the caller was sent the final usage. */
  readonly usageSent: boolean;
  /** The caller closed the connection before the answer was complete. */
  readonly aborted: boolean;
  /** The fake itself cut the stream or ended it with an error event. */
  readonly broken: boolean;
  readonly key: string | null;
  readonly attempt: number;
  readonly label: string | null;
  /** Pico-dollars by the fakes' own price sheet; null when the model or tier is not on it. */
  readonly costPico: bigint | null;
}

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

export interface Latency {
  /** Time to the first byte, uniformly between half and one and a half of this. */
  readonly firstMs: number;
  readonly perTokenMs: number;
}

export interface FakeOptions {
  /** 0 or absent: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** Same seed and same requests: same answers. Default 1. */
  readonly seed?: number;
  readonly scenario?: Scenario;
  /** Unix milliseconds; default the machine's clock. */
  readonly now?: () => number;
  readonly rateLimit?: RateLimit;
  readonly latency?: Latency;
  /** The only key that is accepted; absent: any but those that start with `sk-invalid`. */
  readonly apiKey?: string;
}

export interface Fake {
  readonly provider: Provider;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** What the provider's official client takes as `baseURL`. */
  readonly baseURL: string;
  /** Every answer in the order the requests came in; live. */
  readonly served: readonly ServedAnswer[];
  readonly totals: ServedTotals;
  /** Exact decimal of dollars of everything served, aborted and broken streams with what they had generated. */
  totalServedUsd(filter?: ServedFilter): string;
  /** Forgets what was served and every count of attempts; the next request is number 1 again. */
  reset(): void;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}
