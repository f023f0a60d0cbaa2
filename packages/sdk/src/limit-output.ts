/** The most a call may write: what its run holds is only as good as what the provider is really asked for. */
import { asObject, type Json } from './facts.js';

/** How an API states the most tokens of an answer. */
export interface OutputLimit {
  readonly stated: (request: Json) => number | undefined;
  /** Answers at once, each with that limit. */
  readonly copies?: (request: Json) => unknown;
  /** The request with another limit, the rest as it was. */
  readonly state: (request: Json, most: number, provider: string) => Json;
}

export interface LimitedRequest {
  readonly request: Json;
  /** What the caller had asked for, if that was more. */
  readonly lowered: number | undefined;
}

/** The tokens that the request may write in all, as far as it says. */
export function mostOutput(limit: OutputLimit | undefined, request: Json | undefined): number | undefined {
  const stated = request && limit?.stated(request);
  return stated === undefined ? undefined : stated * copiesOf(limit!, request!);
}

/** The request with at most `most` tokens of output; undefined when it has to be changed in nothing. */
export function limitOutput(limit: OutputLimit | undefined, request: Json | undefined, most: number | undefined, provider: string): LimitedRequest | undefined {
  if (!limit || !request || most === undefined) return undefined;
  const each = Math.max(1, Math.floor(most / copiesOf(limit, request)));
  const stated = limit.stated(request);
  if (stated !== undefined && stated <= each) return undefined;
  return { request: limit.state(request, each, provider), lowered: stated };
}

function copiesOf(limit: OutputLimit, request: Json): number {
  const copies = limit.copies?.(request);
  return typeof copies === 'number' && copies > 1 ? copies : 1;
}

function numberIn(request: Json | undefined, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = request?.[name];
    if (typeof value === 'number') return value;
  }
  return undefined;
}

/** Hosts that speak OpenAI's protocol know the older word; OpenAI's own newer models refuse it. */
const NEWER_WORD = new Set(['openai', 'azure']);

export const CHAT_OUTPUT: OutputLimit = {
  stated: (request) => numberIn(request, 'max_completion_tokens', 'max_tokens'),
  copies: (request) => request['n'],
  state: (request, most, provider) => {
    const given = ['max_completion_tokens', 'max_tokens'].filter((name) => typeof request[name] === 'number');
    const names = given.length > 0 ? given : [NEWER_WORD.has(provider) ? 'max_completion_tokens' : 'max_tokens'];
    return { ...request, ...Object.fromEntries(names.map((name) => [name, most])) };
  },
};

export const RESPONSES_OUTPUT: OutputLimit = {
  stated: (request) => numberIn(request, 'max_output_tokens'),
  state: (request, most) => ({ ...request, max_output_tokens: most }),
};

export const MESSAGES_OUTPUT: OutputLimit = {
  stated: (request) => numberIn(request, 'max_tokens'),
  state: (request, most) => ({ ...request, max_tokens: most }),
};

export const GEMINI_OUTPUT: OutputLimit = {
  stated: (request) => numberIn(asObject(request['generationConfig']), 'maxOutputTokens'),
  copies: (request) => asObject(request['generationConfig'])?.['candidateCount'],
  state: (request, most) => ({ ...request, generationConfig: { ...asObject(request['generationConfig']), maxOutputTokens: most } }),
};

/** The AI SDK's own call settings. */
export const AI_SDK_OUTPUT: OutputLimit = {
  stated: (request) => numberIn(request, 'maxOutputTokens'),
  state: (request, most) => ({ ...request, maxOutputTokens: most }),
};
