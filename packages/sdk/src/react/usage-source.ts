/** What `usageRoute` answers, fetched and kept fresh. Knows nothing of React. */
import { type ChatError, readError } from '../chat/chat-frames.js';
import { asObject, type Json, parseJson } from '../facts.js';

export interface UsageOptions {
  /** The URL of your `usageRoute`: `/api/usage`. */
  readonly api: string;
  /** From `outlay.createCustomerToken()`: the token, or a function that fetches one; it is asked again when the token has expired. */
  readonly token: string | (() => string | Promise<string>);
  /** Reads again so often while the page is seen; absent: when the page is seen again, and on `refresh()`. At least 1000. */
  readonly refreshMs?: number;
  readonly fetch?: typeof fetch;
}

export interface Loaded<T> {
  readonly value: T | null;
  readonly isLoading: boolean;
  readonly error: ChatError | null;
}

export interface UsageSource<T> {
  readonly getState: () => Loaded<T>;
  readonly getServerState: () => Loaded<T>;
  readonly subscribe: (listener: () => void) => () => void;
  readonly configure: (options: UsageOptions) => void;
  readonly refresh: () => Promise<void>;
  /** Begins to read, again every `refreshMs`; returns the end of it. */
  readonly start: (refreshMs: number | undefined) => () => void;
}

const REFRESH_MS_MIN = 1_000;

export function createUsageSource<T>(initial: UsageOptions, view: 'usage' | 'entitlements', read: (body: Json) => T): UsageSource<T> {
  let options = initial;
  let token: string | undefined;
  let reading: Promise<void> | undefined;
  const listeners = new Set<() => void>();
  const waiting: Loaded<T> = { value: null, isLoading: true, error: null };
  let state = waiting;

  function set(change: Partial<Loaded<T>>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  async function ask(): Promise<Response> {
    token ??= typeof options.token === 'function' ? await options.token() : options.token;
    const url = `${options.api}${options.api.includes('?') ? '&' : '?'}view=${view}`;
    return (options.fetch ?? fetch)(url, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' }, cache: 'no-store' });
  }

  async function load(): Promise<void> {
    try {
      let response = await ask();
      if (response.status === 401 && typeof options.token === 'function') {
        token = undefined;
        response = await ask();
      }
      const body = parseJson(await response.text());
      if (response.ok && body) return set({ value: read(body), isLoading: false, error: null });
      // What was read before still says more than nothing.
      set({ isLoading: false, error: readError(asObject(body?.['error'])) ?? { code: 'unexpected_answer', message: `The usage route answered ${response.status}.`, retryable: response.status >= 500, requestId: null } });
    } catch {
      set({ isLoading: false, error: { code: 'connection_lost', message: 'The usage could not be read. Check the connection.', retryable: true, requestId: null } });
    }
  }

  const refresh = (): Promise<void> => (reading ??= load().finally(() => (reading = undefined)));

  return {
    getState: () => state,
    getServerState: () => waiting,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    configure(next) {
      const changed = next.api !== options.api || (typeof next.token === 'string' && next.token !== options.token);
      options = next;
      if (!changed) return;
      token = undefined;
      void refresh();
    },
    refresh,
    start(refreshMs) {
      void refresh();
      const onSeen = (): void => void (document.visibilityState === 'visible' && refresh());
      document.addEventListener('visibilitychange', onSeen);
      const timer = refreshMs === undefined ? undefined : setInterval(onSeen, Math.max(refreshMs, REFRESH_MS_MIN));
      return () => {
        document.removeEventListener('visibilitychange', onSeen);
        clearInterval(timer);
      };
    },
  };
}
