/** What a provider's raw usage becomes: disjoint token classes, other billable quantities, and what we did not understand. */
import type { Result, TokenQuantities } from '@outlay/kernel';

/** Stored beside `raw_usage`; raised whenever the same raw usage would give other quantities. */
export const NORMALISER_VERSION = 2;

export type JsonObject = { readonly [key: string]: unknown };

export type UsageFormat =
  | 'openai-chat' | 'openai-responses' | 'openai-embeddings' | 'openai-images' | 'openai-audio' | 'openai-speech'
  | 'anthropic-messages' | 'gemini-generate-content' | 'gemini-interactions' | 'bedrock-converse' | 'ai-sdk' | 'mistral-ocr';

/** A billable quantity without a token class: web searches, pages, seconds, images, retrieval. */
export interface UsageExtra {
  readonly kind: string;
  /** Decimal string, not negative. */
  readonly quantity: string;
  readonly unit: string;
  /** What it cost in dollars, when the sender knows; then no rate is needed. */
  readonly costUsd?: string;
}

export interface UnknownKey {
  /** Path inside the input: `usage.prompt_tokens_details.holographic_tokens`. */
  readonly key: string;
  /** The sum of the numbers found there. */
  readonly quantity: number;
  /** True when it holds a quantity: then the usage is not priced. */
  readonly billable: boolean;
}

/** What one model did in one response. Part 0 counts as the call. */
export interface UsagePart {
  /** The model that served it; null when neither body nor caller named one. */
  readonly model: string | null;
  readonly quantities: TokenQuantities;
  /** Input tokens of its largest request: what decides the context bracket. */
  readonly contextTokens: number;
  readonly extras: readonly UsageExtra[];
  /** Billable keys that we do not know: the part stays unpriced. */
  readonly unknown: readonly UnknownKey[];
  /** Why the numbers contradict each other, as a sentence; the part stays unpriced. */
  readonly problem: string | null;
}

export interface NormalisedUsage {
  readonly normaliserVersion: number;
  readonly format: UsageFormat;
  /** At least one. Quantities of all parts are disjoint. */
  readonly parts: readonly UsagePart[];
  /** The provider's own total of tokens (law 8): the sum over all classes, and over extras with unit `token`. */
  readonly total: number;
  /** Found in the body or in the usage itself; null where it says nothing. */
  readonly served: { readonly model: string | null; readonly tier: string | null; readonly region: string | null };
  /** Every key that we do not know, billable or not. */
  readonly unknownKeys: readonly UnknownKey[];
  /** The provider's own figure in dollars, where a format carries one. */
  readonly providerCostUsd: string | null;
}

export interface UsageError {
  /** Path of the field at fault. */
  readonly field: string;
  readonly reason: string;
}

export interface NormaliseContext {
  readonly provider: string;
  /** Path of the usage object in the input, for error messages: `usage`, `body.usageMetadata`. */
  readonly path: string;
  /** The model that the body, else the caller, names. */
  readonly model: string | null;
  readonly body: JsonObject | null;
}

export type Normaliser = (usage: JsonObject, context: NormaliseContext) => Result<NormalisedUsage, UsageError>;
