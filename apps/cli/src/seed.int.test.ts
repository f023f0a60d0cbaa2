/** `outlay seed` as a newcomer runs it beside a running Outlay, smaller: the books are right, the login works, and nothing of it is left. */
import { randomBytes } from 'node:crypto';
import { listTenantTables } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, runCli, startCli, stopCli } from './testing/cli-process';

let database: TestDatabase;
let admin: Client;
let env: Record<string, string>;
let other: string;
let outlay: CliProcess & { readonly url: string };
const SEED = ['seed', '--events', '6000', '--until', '2026-11-20T12:00:00Z'];

beforeAll(async () => {
  buildCli();
  database = await createTestDatabase();
  admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  env = { DATABASE_URL: database.url, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
  ({ tenantId: other } = await createTenantFixture(database.db));
  outlay = await startCli(env);
});

afterAll(async () => {
  await stopCli(outlay);
  await admin.end();
  await database.close();
});

async function countEvents(): Promise<number> {
  const { rows } = await admin.query<{ n: number }>('select count(*)::int as n from usage_events');
  return rows[0]!.n;
}

/** What the history says, without the ids of the team and of rows made by the moment. */
async function digestEvents(): Promise<unknown> {
  const { rows } = await admin.query(`select md5(string_agg(concat_ws('|', id, encode(input_hash, 'hex'), cost_pico, occurred_at), ',' order by id)) as digest from usage_events`);
  return rows[0];
}

/** The pages of a newcomer: what providers say, what the rules saw by the end of the story, and who is told. */
async function tellPages(): Promise<unknown> {
  const { rows } = await admin.query(`select
    (select json_agg(json_build_array(provider, state) order by provider) from provider_connections) as connections,
    (select count(*)::int from reconciliations) as days, (select count(*)::int from reconciliations where billed_pico > ledger_pico) as dearer,
    (select json_agg(distinct kind) from alerts where fired_at <= '2026-11-20T12:00:00Z' and tenant_id <> $1) as alerts, (select count(*)::int from budgets) as budgets,
    (select json_agg(settings order by name) from channels where tenant_id <> $1) as channels, (select json_agg(json_build_array(email, kind)) from digest_subscriptions) as digests`, [other]);
  return rows[0];
}

describe('outlay seed', () => {
  it('tells the same story for the same seed, in books that are right, to somebody who can sign in', { timeout: 240_000 }, async () => {
    const first = await runCli(SEED, env);
    expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/Eight weeks of made-up history: [\d,]+ events in [\d.]+ s \([\d,]+ a second\), [1-9]\d* without a price\./);
    expect(await countEvents()).toBeGreaterThan(5_500);

    const pages = await tellPages();
    expect(pages).toMatchObject({
      connections: [['import', 'healthy'], ['openai', 'paused']], alerts: expect.arrayContaining(['budget', 'unpriced']) as string[], budgets: 2,
      channels: [{ to: 'owners' }, { to: ['on-call@outlay.example'] }], digests: [['demo@outlay.example', 'weekly']],
    });
    expect((pages as { days: number }).days).toBeGreaterThan(40);
    expect((pages as { dearer: number }).dearer).toBeGreaterThan(0);

    const proof = await runCli(['doctor', '--ledger', '--json'], env);
    expect(JSON.parse(proof.stdout)).toMatchObject({ ok: true });

    const [, password] = /password +(\S+)/.exec(first.stdout)!;
    const signIn = await fetch(`${outlay.url}/trpc/auth.signIn`, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: outlay.url }, body: JSON.stringify({ email: 'demo@outlay.example', password }),
    });
    expect(signIn.status).toBe(200);

    const again = await runCli(SEED, env);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('There is a demo team already.') as string });

    const digest = await digestEvents();
    expect(await runCli(['seed', '--remove'], env)).toMatchObject({ code: 0, stdout: expect.stringMatching(/is gone: [\d,]+ events/) as string });
    for (const table of await listTenantTables(admin)) {
      const { rows } = await admin.query<{ n: number }>(`select count(*)::int as n from ${table} where ${table === 'tenants' ? 'id' : 'tenant_id'} <> $1`, [other]);
      expect({ table, rows: rows[0]!.n }).toEqual({ table, rows: 0 });
    }
    expect((await admin.query('select 1 from users')).rowCount).toBe(0);
    expect(await runCli(['seed', '--remove'], env)).toMatchObject({ code: 0, stdout: 'There is no demo team.\n' });

    expect(await runCli(SEED, env)).toMatchObject({ code: 0 });
    expect(await digestEvents()).toEqual(digest);
    expect(await tellPages()).toEqual(pages);
  });
});
