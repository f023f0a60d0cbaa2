import { ANTHROPIC_FREE, ANTHROPIC_ROUTES } from './anthropic-routes.js';
import type { Outlay } from './client.js';
import { coreOf } from './core.js';
import { tapFetch } from './fetch-tap.js';
import type { WrapOptions } from './types.js';
import { withFetch } from './wrap-client.js';

/** A client like the one given that records every Messages request, streams and beta included. Throws `client_not_supported`. */
export function wrapAnthropic<T>(outlay: Outlay, client: T, options: WrapOptions = {}): T {
  const core = coreOf(outlay);
  const provider = options.provider ?? 'anthropic';
  return withFetch(client, (inner) => tapFetch({ core, provider, routes: ANTHROPIC_ROUTES, free: ANTHROPIC_FREE, fetch: inner, options, requestIdHeader: 'request-id' }));
}
