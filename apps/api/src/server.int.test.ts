import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@outlay/platform/testing';
import { startApi } from './start';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

let test: TestApi;
let consoleDir: string;
let browser: Browser;

beforeAll(async () => {
  consoleDir = await mkdtemp(join(tmpdir(), 'outlay-console-'));
  await mkdir(join(consoleDir, 'assets'));
  await writeFile(join(consoleDir, 'index.html'), '<!doctype html><title>Outlay</title>');
  await writeFile(join(consoleDir, 'theme.js'), '1;');
  await writeFile(join(consoleDir, 'assets/index-abc123.js'), '2;');
  test = await startTestApi({ consoleDir });
  browser = openBrowser(test.url);
});

afterAll(async () => {
  await test.close();
  await rm(consoleDir, { recursive: true });
});

describe('a correlation id', () => {
  it('is in every answer: ours, or the caller\'s own when it is sane', async () => {
    for (const path of ['/', '/healthz', '/readyz', '/metrics', '/v1/nothing', '/trpc/auth.me', '/assets/index-abc123.js', '/nope.png']) {
      expect((await browser.request('GET', path)).headers.get('x-request-id'), path).toMatch(/^[0-9a-f-]{36}$/);
      expect((await browser.request('GET', path, { headers: { 'x-request-id': 'trace-12345' } })).headers.get('x-request-id'), path).toBe('trace-12345');
    }
    const { headers } = await browser.request('GET', '/healthz', { headers: { 'x-request-id': 'two words' } });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is in the answer to what is not even HTTP, or not a path', async () => {
    const { port } = new URL(test.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('NOT HTTP AT ALL\r\n\r\n'));
      socket.on('data', (chunk) => { text += chunk.toString(); });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}\r\n/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ error: { code: 'invalid_input', retryable: false } });
    const bad = await browser.request('GET', '/v1/%zz');
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.text).error).toMatchObject({ code: 'invalid_input', request_id: bad.headers.get('x-request-id') });
  });
});

describe('the public form', () => {
  it('is that of 404 too', async () => {
    for (const [method, path] of [['GET', '/v1/nothing'], ['POST', '/v1/nothing'], ['POST', '/'], ['DELETE', '/settings'], ['GET', '/missing.js']] as const) {
      const { status, text, headers } = await browser.request(method, path);
      expect([status, JSON.parse(text).error], path).toEqual([404, {
        code: 'not_found', message: `There is nothing at ${method} ${path}.`, retryable: false, request_id: headers.get('x-request-id'),
      }]);
    }
  });

  it('refuses a body that is too large before it reads it', async () => {
    const { status, text } = await browser.request('POST', '/trpc/auth.signIn', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'x'.repeat(300_000) }) });
    expect(status).toBe(413);
    expect(JSON.parse(text).error).toMatchObject({ code: 'body_too_large' });
  });
});

describe('pages', () => {
  it('are the console\'s, on every path of its own, asked again each time', async () => {
    for (const path of ['/', '/ledger?range=7d', '/settings/members', '/invite?token=abc']) {
      const { status, text, headers } = await browser.request('GET', path);
      expect([status, text, headers.get('cache-control')], path).toEqual([200, '<!doctype html><title>Outlay</title>', 'no-cache']);
    }
    expect((await browser.request('GET', '/theme.js')).headers.get('cache-control')).toBe('no-cache');
  });

  it('have assets that are kept for ever, and a missing one is a 404, not a page', async () => {
    const { headers } = await browser.request('GET', '/assets/index-abc123.js');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('content-type')).toContain('javascript');
    expect((await browser.request('GET', '/assets/old-chunk')).status).toBe(404);
    expect((await browser.request('GET', '/../start.ts')).text).not.toContain('import');
  });

  it('may load nothing but our own files and be framed by nobody', async () => {
    const { headers } = await browser.request('GET', '/');
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`script-src 'self';`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('strict-transport-security')).toBeNull();
  });
});

describe('behind TLS', () => {
  it('sends HSTS and a Secure cookie: by a trusted proxy\'s word, or by the public address', async () => {
    const proxied = await startTestApi({ trustProxy: true });
    const configured = await startTestApi({ publicUrl: 'https://outlay.example.com' });
    try {
      for (const [url, headers] of [[proxied.url, { 'x-forwarded-proto': 'https' }], [configured.url, {}]] as const) {
        const person = openBrowser(url, headers);
        await person.trpc.auth.signUp.mutate({ teamName: 'T', name: 'N', email: 'n@example.com', password: 'long enough', timeZone: 'UTC' });
        expect(person.last.headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
        expect(person.last.headers.getSetCookie()[0]).toContain('; Secure');
      }
      const plain = openBrowser(proxied.url);
      await plain.trpc.auth.me.query();
      expect(plain.last.headers.get('strict-transport-security')).toBeNull();
    } finally {
      await Promise.all([proxied.close(), configured.close()]);
    }
  });
});

describe('requests of other sites', () => {
  it('change nothing: sign-in, sign-up and whatever the cookie could do', async () => {
    const person = openBrowser(test.url);
    await person.trpc.auth.signUp.mutate({ teamName: 'T', name: 'N', email: 'victim@example.com', password: 'long enough', timeZone: 'UTC' });
    const post = (headers: Record<string, string>): ReturnType<Browser['request']> =>
      person.request('POST', '/trpc/sessions.revokeOthers', { headers: { 'content-type': 'application/json', ...headers } });
    const refused = await post({ origin: 'https://evil.example' });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text).error).toMatchObject({ code: 'origin_mismatch' });
    expect((await post({ origin: 'null' })).status).toBe(403);
    expect((await post({})).status).toBe(200);
    const stranger = openBrowser(test.url, { origin: 'https://evil.example' });
    const signIn = await stranger.request('POST', '/trpc/auth.signIn', {
      headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'victim@example.com', password: 'long enough' }),
    });
    expect([signIn.status, stranger.cookie]).toEqual([403, undefined]);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the mailbox', () => {
  it('is for this machine, embedded mode, without SMTP; elsewhere it does not exist', async () => {
    expect((await browser.request('GET', '/trpc/mailbox.list')).status).toBe(200);
    const rebound = await rawGet(test.url, '/trpc/mailbox.list', { host: 'evil.example' });
    expect(rebound).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawGet(test.url, '/trpc/mailbox.list', { host: 'localhost', 'x-forwarded-for': '203.0.113.1' })).toMatch(/^HTTP\/1\.1 404 /);
    const withSmtp = await startTestApi({ mailbox: false });
    try {
      expect((await openBrowser(withSmtp.url).request('GET', '/trpc/mailbox.list')).status).toBe(404);
      expect((await openBrowser(withSmtp.url).trpc.auth.me.query()).mailbox).toBe(false);
    } finally {
      await withSmtp.close();
    }
  });
});

describe('health', () => {
  it('says that it runs, that it can work, and measures without naming a tenant', async () => {
    expect(JSON.parse((await browser.request('GET', '/healthz')).text)).toEqual({ status: 'ok' });
    const { status, text } = await browser.request('GET', '/readyz');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ status: 'ready', checks: { database: true, draining: false } });
    await browser.trpc.auth.me.query();
    const metrics = (await browser.request('GET', '/metrics')).text;
    expect(metrics).toMatch(/outlay_http_request_seconds_count\{method="GET",route="\/trpc\/:path",status="200"\} \d+/);
    expect(metrics).not.toMatch(/tenant/i);
  });

  it('is not ready when the database is away', async () => {
    const { query } = test.db.app;
    const broken = Object.assign(test.db.app, { query: () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })) });
    try {
      expect(JSON.parse((await browser.request('GET', '/readyz')).text)).toMatchObject({ status: 'not_ready', checks: { database: false } });
      expect((await browser.request('GET', '/healthz')).status).toBe(200);
      const cookie = openBrowser(test.url);
      cookie.cookie = 'a'.repeat(40);
      const { status, text } = await cookie.request('GET', '/trpc/auth.me');
      expect([status, JSON.parse(text).error.data.outlay.code]).toEqual([503, 'unavailable']);
    } finally {
      Object.assign(broken, { query });
    }
  });
});

describe('the log', () => {
  it('has a line a request, without query strings and one-time tokens', async () => {
    await browser.request('GET', `/trpc/invitations.peek?input=${encodeURIComponent('{"token":"very-secret-token"}')}`);
    await browser.request('GET', '/invite?token=very-secret-token');
    await browser.request('GET', '/nothing.png?token=very-secret-token');
    expect(test.logged.filter((line) => line.includes('"invitations.peek"'))).toHaveLength(1);
    expect(test.logged.join('')).not.toContain('very-secret-token');
  });
});

describe('starting and stopping', () => {
  it('says in one sentence that the port is taken', async () => {
    const port = Number(new URL(test.url).port);
    const { db, log, mode, box, fetch } = test.api.deps;
    await expect(startApi({ db, log, mode, box, fetch, mailbox: false, port, host: '127.0.0.1' })).rejects.toThrow(`Port ${port} is taken by another process. Stop it, or choose another port with PORT=4401.`);
  });

  it('finishes what runs, ends streams, refuses what is new', async () => {
    const stopping = await startTestApi();
    const person = openBrowser(stopping.url);
    await person.trpc.auth.signUp.mutate({ teamName: 'T', name: 'N', email: 'n@example.com', password: 'long enough', timeZone: 'UTC' });
    const stream = person.stream('live.activity', new AbortController().signal);
    expect((await stream.next()).value).toMatchObject({ event: 'connected' });
    // 400 ms by design: it runs while the server is closed.
    const running = person.trpc.auth.requestPasswordReset.mutate({ email: 'n@example.com' });
    const { mailByIp } = stopping.api.deps.tenancy.limits;
    await until('the request to be at work', () => mailByIp.size > 0);
    const started = performance.now();
    const closed = stopping.api.close();
    expect(await running).toEqual({ ok: true });
    let event: { event: string } | undefined;
    for await (const next of stream) event = next;
    expect(event).toMatchObject({ event: 'return' });
    await closed;
    // By itself, not because it was cut off after 15 s.
    expect(performance.now() - started).toBeLessThan(5_000);
    await expect(person.trpc.auth.me.query()).rejects.toThrow();
    await stopping.close();
  });
});

function rawGet(url: string, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\n${lines}\r\n`));
    socket.on('data', (chunk) => { text += chunk.toString(); });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}
