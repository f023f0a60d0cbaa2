import type { Outlay } from './client.js';
import { coreOf } from './core.js';
import { tapFetch } from './fetch-tap.js';
import { OPENAI_FREE, OPENAI_ROUTES, providerOfHost } from './openai-routes.js';
import type { WrapOptions } from './types.js';
import { baseUrlOf, withFetch } from './wrap-client.js';

/**
 * A client like the one given that records every request for chat completions, responses, embeddings, pictures and transcripts, streams included. Hosts
 * that speak OpenAI's protocol are told apart by their base URL, or by `provider`. Throws `client_not_supported`.
 */
export function wrapOpenAI<T>(outlay: Outlay, client: T, options: WrapOptions = {}): T {
  const core = coreOf(outlay);
  const provider = options.provider ?? providerOfHost(baseUrlOf(client));
  return withFetch(client, (inner) => tapFetch({ core, provider, routes: OPENAI_ROUTES, free: OPENAI_FREE, fetch: inner, options, requestIdHeader: 'x-request-id' }));
}
