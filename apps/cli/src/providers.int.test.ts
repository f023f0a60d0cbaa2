/** A provider connection on the built program, with its settings as they come: connected through the console's procedures, seen live, killed in the middle of a sync, and kept to this machine. */
import { randomBytes } from 'node:crypto';
import { openDatabase } from '@outlay/platform';
import { createEmptyDatabase, until } from '@outlay/platform/testing';
import { billOpenAIUses, type OpenAIBillingFake, type OpenAIUse, startFakeOpenAIBilling } from '@outlay/fakes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCli, type CliProcess, startCli, stopCli } from './testing/cli-process';

const PERSON = { teamName: 'Acme', name: 'Ada', email: 'ada@example.com', password: 'correct horse battery', timeZone: 'UTC' };
const MINUTE_MS = 60_000;
const use = (agoMs: number, more: Partial<OpenAIUse> = {}): OpenAIUse => ({ at: new Date(Date.now() - agoMs).toISOString(), model: 'gpt-5-mini-2025-08-07', project: 'proj_a', apiKey: 'key_1', input: 1_000_000, output: 100_000, ...more });

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let fake: OpenAIBillingFake;
let outlay: CliProcess & { readonly url: string };
let env: Record<string, string>;
let cookie = '';

beforeAll(async () => {
  buildCli();
  database = await createEmptyDatabase();
  const uses = [use(3 * 86_400_000), use(90 * MINUTE_MS), use(5 * MINUTE_MS)];
  fake = await startFakeOpenAIBilling({ uses, costs: billOpenAIUses(uses) });
  env = { DATABASE_URL: database.adminUrl, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64'), LOG_LEVEL: 'warn' };
  outlay = await startCli(env);
}, 120_000);

afterAll(async () => {
  if (outlay) await stopCli(outlay);
  await fake?.close();
  await database?.close();
}, 60_000);

async function call<T>(procedure: string, input?: unknown, method: 'GET' | 'POST' = 'POST'): Promise<T> {
  const query = method === 'GET' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
  const answer = await fetch(`${outlay.url}/trpc/${procedure}${query}`, {
    method, headers: { origin: outlay.url, cookie, 'content-type': 'application/json' }, ...(method === 'POST' ? { body: JSON.stringify(input ?? {}) } : {}),
  });
  const set = answer.headers.getSetCookie()[0];
  if (set !== undefined) cookie = set.split(';')[0]!;
  const text = await answer.text();
  expect([procedure, answer.status, answer.ok ? '' : text]).toEqual([procedure, 200, '']);
  return (JSON.parse(text) as { result: { data: T } }).result.data;
}

interface Listed { readonly id: string; readonly state: string; readonly lastError: string | null; readonly progress: unknown }
const first = async (): Promise<Listed> => (await call<Listed[]>('providers.list', undefined, 'GET'))[0]!;
const syncs = (id: string) => call<{ id: string; state: string; pages: number; error: string | null }[]>('providers.syncs', { id }, 'GET');

async function bill(): Promise<{ billed: string; tokens: number }> {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const rows = await call<{ billed: { amountPico: string } | null; reported: { tokensTotal: number } | null }[]>('providers.compare', { from: day(Date.now() - 10 * 86_400_000), to: day(Date.now() + 86_400_000), groupBy: 'provider' }, 'GET');
  return { billed: rows[0]?.billed?.amountPico ?? '', tokens: rows[0]?.reported?.tokensTotal ?? 0 };
}

/** When something of the team was told to its screens. */
async function watchLive(signal: AbortSignal, onNews: () => void): Promise<void> {
  const answer = await fetch(`${outlay.url}/trpc/live.activity`, { headers: { cookie, accept: 'text/event-stream' }, signal });
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) if (Buffer.from(piece).toString().includes('"accepted"')) onNews();
}

it('is connected, synced at once and seen live; a kill -9 in the middle doubles nothing and loses nothing; from outside, this machine is closed', { timeout: 240_000 }, async () => {
  await call('auth.signUp', PERSON);
  const settings = { baseUrl: fake.baseURL };
  const { findings } = await call<{ findings: { ok: boolean }[] }>('providers.test', { provider: 'openai', settings, credentials: fake.adminKey });
  expect(findings.map(({ ok }) => ok)).toEqual([true, true, true]);
  const stop = new AbortController();
  let lastNewsMs = 0;
  const watching = watchLive(stop.signal, () => { lastNewsMs = Date.now(); }).catch(() => undefined);
  const { id, syncId } = await call<{ id: string; syncId: string }>('providers.connect', { provider: 'openai', settings, credentials: fake.adminKey });
  let doneMs = 0;
  await until('the first sync', async () => {
    const [newest] = await syncs(id);
    if (newest!.state === 'running') return false;
    doneMs = Date.now();
    return true;
  }, 60_000);
  expect((await syncs(id))[0]).toMatchObject({ id: syncId, state: 'done', error: null });
  expect((await first()).state).toBe('healthy');
  await until('the news of it', () => lastNewsMs > 0 && Math.abs(doneMs - lastNewsMs) < 2_000, 5_000);
  stop.abort();
  await watching;
  expect(await bill()).toEqual({ billed: '1350000000000', tokens: 3_300_000 });

  // Killed where it waits for the second endpoint of a sync that has something new.
  fake.uses.push(use(2 * MINUTE_MS, { apiKey: 'key_2' }));
  fake.costs = billOpenAIUses(fake.uses);
  const before = fake.requests.length;
  fake.fail({ kind: 'slow', path: 'usage/embeddings', delayMs: 60_000 });
  await until('the middle of a sync', async () => {
    // Asked again within seconds, the last one is answered.
    await call('providers.syncNow', { id });
    return fake.requests.slice(before).some(({ path }) => path.endsWith('embeddings'));
  }, 60_000);
  await stopCli(outlay, 'SIGKILL');
  const db = await openDatabase({ url: database.url });
  // Only the clock of the lease is turned on; its sync stays as the kill left it.
  const { rows } = await db.system.query<{ tenant_id: string }>('SELECT tenant_id FROM provider_connections');
  await db.withTenant(rows[0]!.tenant_id, (tx) => tx.query(`UPDATE provider_connections SET leased_until = now() - interval '1 second', next_sync_at = now() + interval '1 hour'`));
  outlay = await startCli(env);
  await until('the sync after the kill', async () => {
    await call('providers.syncNow', { id });
    return (await syncs(id))[0]!.state === 'done';
  }, 90_000);
  expect((await syncs(id)).map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
  expect(await bill()).toEqual({ billed: '1800000000000', tokens: 4_400_000 });
  const { rows: counts } = await db.withTenant(rows[0]!.tenant_id, (tx) => tx.query('SELECT count(*)::int AS rows, count(DISTINCT (width, bucket, key_hash))::int AS keys FROM provider_usage'));
  expect(counts[0]).toMatchObject({ rows: (counts[0] as { keys: number }).keys });
  expect(await (await fetch(`${outlay.url}/metrics`)).text()).toMatch(/outlay_provider_syncs\{provider="openai",result="done"\} [1-9]/);

  // Reached from outside, it does not let itself be sent to what listens on its own machine.
  await stopCli(outlay);
  outlay = await startCli({ ...env, OUTLAY_PUBLIC_URL: 'http://outlay.example' });
  await db.close();
  const answer = await fetch(`${outlay.url}/trpc/providers.test`, {
    method: 'POST', headers: { origin: 'http://outlay.example', cookie, 'content-type': 'application/json' }, body: JSON.stringify({ provider: 'openai', settings, credentials: fake.adminKey }),
  });
  expect(await answer.text()).toContain('inside of a private network');
});
