/** The real server on a database of its own, and browsers that talk to it over HTTP: cookies, Origin and all. */
import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client';
import type { onRouteHookHandler } from 'fastify';
import { createGuardedFetch, createLog, createSecretBox, parseMasterKey, type SecretBox } from '@outlay/platform';
import { importCatalogue } from '@outlay/pricing';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { SESSION_COOKIE } from '../http/session-cookie';
import { startApi, type RunningApi, type StartApiOptions } from '../start';
import type { AppRouter } from '../trpc/router';

export interface TestApi extends TestDatabase {
  readonly api: RunningApi;
  readonly url: string;
  readonly databaseUrl: string;
  /** Every line that was logged. */
  readonly logged: string[];
  /** `/method path` of every route. */
  readonly routes: { method: string; url: string }[];
}

export async function startTestApi(options: Partial<StartApiOptions> = {}): Promise<TestApi> {
  const test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date() });
  const logged: string[] = [];
  const routes: TestApi['routes'] = [];
  const onRoute: onRouteHookHandler = ({ method, url }) => {
    for (const verb of [method].flat()) routes.push({ method: verb, url });
  };
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void logged.push(line) } });
  const api = await startApi({ db: test.db, log, mode: 'embedded', mailbox: true, port: 0, host: '127.0.0.1', onRoute, box: testBox(), fetch: createGuardedFetch({ allowLoopback: true }), ...options });
  return {
    ...test, api, url: api.url, databaseUrl: test.url, logged, routes,
    close: async () => {
      await api.close();
      await test.close();
    },
  };
}

function testBox(): SecretBox {
  return createSecretBox(parseMasterKey(Buffer.alloc(32, 7).toString('base64'), 'the test'));
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

/** One person's browser: keeps the session cookie, sends Origin. */
export interface Browser {
  readonly trpc: TRPCClient<AppRouter>;
  cookie: string | undefined;
  /** The last answer's headers. */
  readonly last: { headers: Headers };
  /** The server-sent events of a subscription, until it ends or is aborted. An answer that is no stream is one event `refused`. */
  stream(procedure: string, signal: AbortSignal): AsyncGenerator<StreamEvent, void>;
  request(method: string, path: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
}

export function openBrowser(url: string, headers: Record<string, string> = {}): Browser {
  const last = { headers: new Headers() };
  const browserFetch: typeof fetch = async (input, init) => {
    const sent = new Headers(init?.headers);
    for (const [name, value] of Object.entries({ origin: new URL(url).origin, ...headers })) if (!sent.has(name)) sent.set(name, value);
    if (browser.cookie !== undefined) sent.set('cookie', `${SESSION_COOKIE}=${browser.cookie}`);
    const response = await fetch(input, { ...init, headers: sent });
    last.headers = response.headers;
    const set = response.headers.getSetCookie().find((line) => line.startsWith(`${SESSION_COOKIE}=`));
    if (set !== undefined) browser.cookie = set.slice(SESSION_COOKIE.length + 1).split(';')[0] || undefined;
    return response;
  };
  const browser: Browser = {
    cookie: undefined,
    last,
    trpc: createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, fetch: browserFetch as never })] }),
    stream: (procedure, signal) => readEvents(browserFetch, `${url}/trpc/${procedure}`, signal),
    request: async (method, path, { headers: more = {}, body } = {}) => {
      const response = await browserFetch(`${url}${path}`, { method, headers: more, body, redirect: 'manual' });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
  return browser;
}

async function* readEvents(browserFetch: typeof fetch, url: string, signal: AbortSignal): AsyncGenerator<StreamEvent, void> {
  const response = await browserFetch(url, { signal, headers: { accept: 'text/event-stream' } });
  if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
    yield { event: 'refused', data: await response.json() };
    return;
  }
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => [line.split(': ', 1)[0]!, line.slice(line.indexOf(': ') + 2)]));
      text = text.slice(end + 2);
      yield { event: fields['event'] ?? 'message', data: fields['data'] === undefined || fields['data'] === '' ? undefined : JSON.parse(fields['data']) };
    }
  }
}
