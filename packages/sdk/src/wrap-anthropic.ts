import { ANTHROPIC_FREE, ANTHROPIC_ROUTES } from './anthropic-routes.js';
import type { Core } from './core.js';
import { tapFetch } from './fetch-tap.js';
import type { WrapOptions } from './types.js';
import { withFetch } from './wrap-client.js';

/** A client like the one given that records every Messages request, streams and beta included. */
export function wrapAnthropic<T>(core: Core, client: T, options: WrapOptions = {}): T {
  const provider = options.provider ?? 'anthropic';
  return withFetch(client, (inner) => tapFetch({ core, provider, routes: ANTHROPIC_ROUTES, free: ANTHROPIC_FREE, fetch: inner, options, requestIdHeader: 'request-id' }));
}
