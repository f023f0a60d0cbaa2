/** A copy of an official client with another fetch. The original stays as it was; class, options and types are the same. */
import { OutlayError } from './errors.js';

interface ClientShape {
  readonly fetch?: typeof fetch;
  readonly baseURL?: string;
  readonly _options?: object;
  readonly withOptions?: (options: object) => unknown;
  /** AzureOpenAI: its own `withOptions` forgets these two. */
  readonly apiVersion?: string;
  readonly deploymentName?: string;
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
  if (typeof shape.withOptions === 'function') return shape.withOptions(changed) as T;
  if (shape._options && typeof client === 'object' && client !== null) {
    // Releases before `withOptions`.
    const constructor = client.constructor as new (options: object) => T;
    return new constructor({ ...shape._options, ...changed });
  }
  throw new OutlayError('client_not_supported');
}
