/** What a route decides, before anything is sent: a body or the frames of a stream, and what it bills. */
import type { Api, FakeError, FakeRequest, Steer } from './contract';
import type { JsonObject } from './json';
import type { PromptCache } from './prompt-cache';
import type { Random } from './random';

export interface Billing {
  readonly api: Api;
  readonly responseId: string | null;
  readonly modelRequested: string;
  readonly model: string;
  readonly tier: string;
  /** The final usage, in the provider's own shape. */
  readonly usage: JsonObject;
  readonly outputTokens: number;
  /** The usage of an answer that ended after so many output tokens. */
  readonly usageAt: (outputTokens: number) => JsonObject;
}

export interface Frame {
  readonly text: string;
  /** Output tokens generated once this frame is sent, reasoning included. */
  readonly outputTokens: number;
  /** A piece of content: these are delayed, counted and cut by `Steer`. */
  readonly content: boolean;
  /** Whether this frame tells the caller the final usage. */
  readonly usage: boolean;
}

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>>; readonly errorType: string | null; readonly billing: Billing | null }
  | { readonly kind: 'stream'; readonly frames: readonly Frame[]; readonly errorFrame: string; readonly billing: Billing }
  | { readonly kind: 'reset' };

export interface Exchange {
  readonly request: FakeRequest;
  readonly steer: Steer;
  readonly random: Random;
  readonly nowMs: number;
  readonly cache: PromptCache;
}

/** How one provider speaks. */
export interface Dialect {
  readonly baseUrlPath: string;
  readonly requestIdHeader: string;
  makeRequestId(random: Random): string;
  headers(nowMs: number, limit: LimitState | null): Record<string, string>;
  /** Null when the request may pass. */
  /** False where the wait after a 429 stands in the body only. */
  readonly retryHeaders?: false;
  authorise(request: FakeRequest, apiKey: string | undefined): FakeError | null;
  refuse(error: FakeError, requestId: string): { body: JsonObject; type: string };
  route(exchange: Exchange): Answer | FakeError;
}

export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

export function answerJson(body: unknown, billing: Billing | null): Answer {
  return { kind: 'json', status: 200, body, errorType: null, billing };
}
