/** `outlay doctor --ledger` on books that somebody has falsified behind Outlay's back: the first bad row is named. */
import { randomBytes } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTenantRow } from './bench/bench-tenant';
import { buildCli, runCli, startCli, stopCli } from './testing/cli-process';

let database: TestDatabase;
let env: Record<string, string>;
let tenantId: string;
let eventId: string;

beforeAll(async () => {
  buildCli();
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
  const tenant = await createTenantRow(database.db);
  ({ tenantId } = tenant);
  const outlay = await startCli(env);
  const answer = await fetch(`${outlay.url}/v1/usage`, {
    method: 'POST', headers: { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: ['a', 'b', 'c'].map((key) => ({
      idempotency_key: key, occurred_at: new Date().toISOString(), run_id: 'r', workflow: 'w', customer_id: 'c', provider: 'openai', api: 'chat', model_requested: 'gpt-4o',
      model_served: 'gpt-4o', usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
    })) }),
  });
  const { results } = await answer.json() as { results: { id: string; verdict: string }[] };
  expect(results.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', 'accepted']);
  eventId = results.map(({ id }) => id).sort()[0]!;
  await stopCli(outlay);
});

afterAll(() => database.close());

/** As nobody can by way of Outlay: a superuser, with the ledger's triggers out of the way. */
async function falsify(sql: string): Promise<void> {
  const client = new Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query('set session_replication_role = replica');
  await client.query(sql);
  await client.end();
}

async function examine(): Promise<{ code: number | null; messages: string[] }> {
  const { code, stdout } = await runCli(['doctor', '--ledger', '--json'], env);
  return { code, messages: (JSON.parse(stdout) as { checks: { message: string }[] }).checks.map(({ message }) => message) };
}

describe('outlay doctor --ledger', { timeout: 120_000 }, () => {
  it('says so when the books are right', async () => {
    const { code, messages } = await examine();
    expect(code).toBe(0);
    expect(messages).toEqual([expect.stringContaining('the books are right: 1 team, 3 rows')]);
  });

  it.each([
    ['law 3 in a rollup', 'calls = calls + 1', 'usage_rollup', /breaks law 3 .*usage_rollup, .*\/ production \/ w \/ openai \/ gpt-4o: calls is 4, but its events sum to 3/],
    ['law 3 in a run', 'cost_pico = cost_pico - 1', 'runs', /breaks law 3 .*runs, run [0-9a-f-]{36}: cost is \$[\d.]+, but its events sum to \$[\d.]+/],
  ])('names what breaks %s', async (_what, change, table, sentence) => {
    await falsify(`update ${table} set ${change}`);
    const { code, messages } = await examine();
    await falsify(`update ${table} set ${change.includes('+') ? change.replace('+', '-') : change.replace('-', '+')}`);
    expect(code).toBe(1);
    expect(messages).toEqual([expect.stringMatching(sentence)]);
    expect(messages[0]).toContain(tenantId);
  });

  it.each([
    ['law 4', 'cost_pico = cost_pico + 1', 4],
    ['law 8', 'output_text = output_text + 1', 8],
  ])('names the first event that breaks %s', async (_what, change, law) => {
    await falsify(`update usage_events set ${change}`);
    const { code, messages } = await examine();
    await falsify(`update usage_events set ${change.replace('+', '-')}`);
    expect(code).toBe(1);
    expect(messages.filter((message) => message.includes(`law ${law}`))).toEqual([expect.stringContaining(`event ${eventId}: `)]);
    expect((await examine()).code).toBe(0);
  });
});
