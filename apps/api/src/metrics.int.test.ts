import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '@outlay/kernel/ids';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(async () => {
  await test?.close();
});

it('measures what the dashboard shows, and names no team', async () => {
  const owner = await createOwner(test.api.deps.tenancy);
  const { secret } = await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'k', environment: 'production', abilities: ['ingest'] });
  await fetch(`${test.url}/v1/usage`, {
    method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [{ id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1 } }] }),
  });
  const body = await (await fetch(`${test.url}/metrics`)).text();
  const dashboard = await readFile(new URL('../../../docker/grafana/outlay.json', import.meta.url), 'utf8');
  // The jobs are the worker's to count.
  const names = [...new Set(dashboard.match(/\b(outlay|process)_[a-z_]+/g))].filter((name) => name !== 'outlay_jobs');
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(body).toMatch(new RegExp(`^${name}(\\{| )`, 'm'));
  expect(body).toContain('outlay_events_total{verdict="accepted"} 1');
  expect(body).not.toContain(owner.tenantId);
});
