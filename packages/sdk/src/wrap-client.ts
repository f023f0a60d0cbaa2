/** A copy of an official client with another fetch. The original stays as it was; class, options and types are the same. */
import { refusedBy } from './alone.js';
import { OutlayError } from './errors.js';

interface ClientShape {
  readonly fetch?: typeof fetch;
  readonly baseURL?: string;
  readonly _options?: object;
  readonly withOptions?: (options: object) => unknown;
  /** AzureOpenAI: its own `withOptions` forgets these two. */
  readonly apiVersion?: string;
  readonly deploymentName?: string;
  /** Makes the error of an answer that is none. */
  makeStatusError?(status: number, error: object, message: string | undefined, headers: Headers): Error;
}

/** Wrapping twice must not record twice: the inner fetch is remembered, and taken. */
const innerFetch = new WeakMap<typeof fetch, typeof fetch>();

export function baseUrlOf(client: unknown): string | undefined {
  return (client as ClientShape).baseURL;
}

/** Throws `client_not_supported`. */
export function withFetch<T>(client: T, tap: (inner: typeof fetch) => typeof fetch): T {
  const shape = client as ClientShape;
  const present = shape.fetch ?? ((input: Parameters<typeof fetch>[0], init?: RequestInit) => fetch(input, init));
  const inner = innerFetch.get(present) ?? present;
  const tapped = tap(inner);
  innerFetch.set(tapped, inner);
  const changed = { fetch: tapped, ...(shape.apiVersion ? { apiVersion: shape.apiVersion, deployment: shape.deploymentName } : {}) };
  if (typeof shape.withOptions === 'function') return throwRefusals(shape.withOptions(changed) as T);
  if (shape._options && typeof client === 'object' && client !== null) {
    // Releases before `withOptions`.
    const constructor = client.constructor as new (options: object) => T;
    return throwRefusals(new constructor({ ...shape._options, ...changed }));
  }
  throw new OutlayError('client_not_supported');
}

/** A refusal of the gate comes out as what it is. A release without this method throws its own error, with the same status and code. */
function throwRefusals<T>(client: T): T {
  const shape = client as ClientShape;
  const { makeStatusError, withOptions } = shape;
  if (typeof makeStatusError === 'function') {
    shape.makeStatusError = (status, error, message, headers) => refusedBy(headers) ?? makeStatusError.call(shape, status, error, message, headers);
  }
  if (typeof withOptions === 'function') Object.assign(shape, { withOptions: (options: object) => throwRefusals(withOptions.call(shape, options)) });
  return client;
}
