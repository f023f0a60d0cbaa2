import { refusedBy } from './alone.js';
import type { Outlay } from './client.js';
import { type Core, coreOf } from './core.js';
import { OutlayError } from './errors.js';
import { tapFetch, type TapSettings } from './fetch-tap.js';
import { GOOGLE_FREE, GOOGLE_ROUTES } from './google-routes.js';
import type { WrapOptions } from './types.js';

type Fetch = typeof fetch;

/** What `@google/genai` sends all its requests with. */
interface ApiClient {
  /** Earlier releases, up to 2.0 at least, know the first two only: there it is a fetch by itself. */
  apiCall(url: string, init: RequestInit, retryOptions?: unknown, timeout?: number, signal?: AbortSignal, fetchFn?: Fetch): Promise<Response>;
  processStreamResponse?(response: Response): AsyncGenerator<unknown>;
}

interface ClientShape {
  readonly apiClient?: Partial<ApiClient>;
  readonly models?: { readonly constructor: new (api: ApiClient) => unknown };
  readonly chats?: { readonly constructor: new (models: unknown, api: ApiClient) => unknown };
  readonly interactions?: unknown;
}

/** Wrapping twice must not record twice. */
const innerApis = new WeakMap<ApiClient, ApiClient>();

/**
 * A client like the one given (`GoogleGenAI`, Gemini API or Vertex AI) that records `models` and `chats`: content, streams,
 * embeddings, pictures. The original stays as it was. Throws `client_not_supported`.
 */
export function wrapGoogle<T>(outlay: Outlay, client: T, options: WrapOptions = {}): T {
  const core = coreOf(outlay);
  const shape = client as ClientShape;
  const given = shape.apiClient;
  if (typeof client !== 'object' || client === null || typeof given?.apiCall !== 'function' || !shape.models || !shape.chats) throw new OutlayError('client_not_supported');
  const api = tapApi(core, given as ApiClient, options);
  const models = new shape.models.constructor(api);
  const chats = new shape.chats.constructor(models, api);
  const own = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true, enumerable: true });
  return Object.create(client, {
    apiClient: own(api),
    models: own(models),
    chats: own(chats),
    // Another client of Google's own, with a fetch that cannot be watched without changing its timeouts.
    interactions: {
      configurable: true,
      get: () => {
        core.warnOnce('google interactions', { code: 'call_not_recorded', message: 'client.interactions is not recorded by the wrapper; use record() or track().' });
        return shape.interactions;
      },
    },
  }) as T;
}

function tapApi(core: Core, given: ApiClient, options: WrapOptions): ApiClient {
  const inner = innerApis.get(given) ?? given;
  const settings: Omit<TapSettings, 'fetch'> = {
    core, provider: options.provider ?? 'google', routes: GOOGLE_ROUTES, free: GOOGLE_FREE, options, requestIdHeader: 'x-goog-request-id', serviceTierHeader: 'x-gemini-service-tier',
  };
  const takesFetch = inner.apiCall.length >= 6;

  /** The client's own retries come one after another through the fetch of one call. */
  function tap(fetchFn: Fetch): Fetch {
    let sent = 0;
    return tapFetch({ ...settings, fetch: fetchFn, retries: () => sent++ });
  }

  const send: ApiClient['apiCall'] = (url, init, retryOptions, timeout, signal, fetchFn) => {
    if (takesFetch) return inner.apiCall(url, init, retryOptions, timeout, signal, tap(fetchFn ?? ((input, all) => fetch(input, all))));
    return tap((input, all) => inner.apiCall(String(input), all ?? {}))(url, init);
  };
  /** A refusal of the gate comes out as what it is, not as an answer of Google's. */
  const apiCall: ApiClient['apiCall'] = async (...request) => {
    const response = await send(...request);
    const refused = refusedBy(response.headers);
    if (refused) throw refused;
    return response;
  };

  /** A caller that leaves a stream is not told to the connection by Google's client: it only lets go of the reader. */
  async function* processStreamResponse(response: Response): AsyncGenerator<unknown> {
    try {
      yield* inner.processStreamResponse!(response);
    } finally {
      if (response.body && !response.body.locked) await response.body.cancel().catch(() => undefined);
    }
  }

  const api = Object.create(inner, { apiCall: { value: apiCall }, ...(inner.processStreamResponse ? { processStreamResponse: { value: processStreamResponse } } : {}) }) as ApiClient;
  innerApis.set(api, inner);
  return api;
}
