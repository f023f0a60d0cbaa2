/** What a process leaves on disk, against the real ledger: delivered once, though the ledger may have taken it before. */
import { createOutlay, type Verdict } from '@outlay/sdk';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let key: string;
let spoolDir: string;

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  key = (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'app', environment: 'production', abilities: ['ingest', 'read'] })).secret;
  spoolDir = mkdtempSync(join(tmpdir(), 'outlay-spool-int-'));
});

afterAll(async () => {
  await test?.close();
  rmSync(spoolDir, { recursive: true, force: true });
});

async function rowsOf(customer: string): Promise<{ kind: string; cost_usd: string | null }[]> {
  const response = await fetch(`${test.url}/v1/usage?customer_id=${customer}`, { headers: { authorization: `Bearer ${key}` } });
  return ((await response.json()) as { data: { kind: string; cost_usd: string | null }[] }).data;
}

it('calls and outcomes that were taken before their answer was lost are duplicates, the rest is accepted', async () => {
  let lose: 'answer' | 'request' = 'answer';
  /** The network fails after the ledger has taken a batch, or before. */
  const flaky: typeof fetch = async (input, init) => {
    // Whether its caller still waits or not.
    if (lose === 'answer') await (await fetch(input, { ...init, signal: null })).text();
    throw new TypeError('fetch failed');
  };
  const first = createOutlay({ apiKey: key, baseUrl: test.url, models: ['gpt-4o'], fetch: flaky, onWarning: () => undefined, delivery: { spoolDir, flushIntervalMs: 600_000 } });
  const run = (customerId: string): Promise<void> =>
    first.run({ customerId, workflow: 'w', entitlement: { plan: 'pro' }, action: ({ record }) => record({ provider: 'openai', api: 'chat', usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 } }) });
  await run('taken');
  await first.flush({ timeoutMs: 200 });
  await expect.poll(async () => (await rowsOf('taken')).length, { timeout: 20_000 }).toBe(2);
  lose = 'request';
  await run('lost');
  await first.shutdown({ timeoutMs: 100 });
  expect(first.stats()).toMatchObject({ recorded: 4, pending: 4, dropped: 0 });
  expect(readdirSync(spoolDir).length).toBeGreaterThan(0);

  const verdicts: Verdict[] = [];
  const next = createOutlay({ apiKey: key, baseUrl: test.url, onVerdict: (verdict) => verdicts.push(verdict), delivery: { spoolDir } });
  expect(await next.flush()).toEqual({ delivered: true, pending: 0 });
  expect(verdicts.map(({ kind, verdict }) => [kind, verdict])).toEqual([['usage', 'duplicate'], ['outcome', 'duplicate'], ['usage', 'accepted'], ['outcome', 'accepted']]);
  expect(next.stats()).toMatchObject({ adopted: 4, dropped: 0 });
  expect(readdirSync(spoolDir)).toEqual([]);
  for (const customer of ['taken', 'lost']) {
    const data = await rowsOf(customer);
    expect(data.map(({ kind }) => kind).toSorted()).toEqual(['outcome', 'usage']);
    expect(data.find(({ kind }) => kind === 'usage')).toMatchObject({ cost_usd: '2.5' });
  }
  await next.shutdown();
});
