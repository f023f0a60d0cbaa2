/**
 * `kill -9` with 200 open runs: no cap is passed, no hold is forgotten, none is immortal. With an external Postgres, where the sole lock's connection writes every decision, with the embedded
 * one, and on a Redis that forgets everything. And `outlay replay` decides all of it again.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { type Database, findEmbeddedPostgres, openDatabase, openRedis, provisionEmbedded } from '@outlay/platform';
import { createEmptyDatabase, startTestRedis, until, whyNoRedis } from '@outlay/platform/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, runCli, startCli, stopCli } from './testing/cli-process';
import { askUntilAnswered, BOUND, callWithin, createGateTeam, type GateTeam } from './testing/gate-load';

const OUTLAY_MASTER_KEY = randomBytes(32).toString('base64');
const RUNS = 200;
const CUSTOMER = 'acme';
const noRedis = whyNoRedis();

beforeAll(buildCli);

type Ask = (method: string, path: string, body?: unknown) => ReturnType<typeof askUntilAnswered>;

const begin = (runId: string, seconds = 600): Record<string, unknown> => ({ run_id: runId, customer_id: CUSTOMER, workflow: 'report', ...BOUND, expires_in_seconds: seconds });

async function stateOf(ask: Ask, team: GateTeam): Promise<{ used: string; held: string; limit: string }> {
  const { json } = await ask('POST', '/v1/check', { customer_id: CUSTOMER, estimate_usd: '0' });
  return (json['limits'] as { id: string; used: string; held: string; limit: string }[]).find(({ id }) => id === team.capId)!;
}

const nano = (usd: string): number => Math.round(Number(usd) * 1e9);

/** 200 runs are open; the process dies; what it held stands, and ends as each run does. */
async function proveKill(ask: Ask, team: GateTeam, db: Database, kill: () => Promise<void>): Promise<void> {
  const runs = Array.from({ length: RUNS }, () => newId());
  for (const [at, runId] of runs.entries()) expect((await ask('POST', '/v1/runs', begin(runId, at < 50 ? 10 : 600))).status).toBe(200);
  // The cap is full to the last hold.
  const denied = await ask('POST', '/v1/runs', begin(newId()));
  expect([denied.status, denied.json['reason']]).toEqual([402, 'hard_cap_reached']);
  const before = await stateOf(ask, team);
  // On a slow machine some of the fifty have ended before: an estimate stands in the place of their holds.
  const full = nano(before.used) + nano(before.held);
  await kill();
  // None is forgotten.
  const after = await stateOf(ask, team);
  expect(nano(after.used) + nano(after.held)).toBe(full);
  expect((await ask('POST', '/v1/runs', begin(newId()))).json['reason']).toBe('hard_cap_reached');
  // A run that asks again gets its first answer.
  expect((await ask('POST', '/v1/runs', begin(runs[60]!))).json).toMatchObject({ decision: 'allow', again: true });
  // Fifty were never heard of again: their holds end, and what they may have spent stays counted.
  await until('fifty holds to end', async () => {
    const { rows } = await db.withTenant(team.tenantId, (tx) => tx.query<{ n: number }>(`SELECT count(*)::int AS n FROM holds WHERE end_reason = 'expired'`));
    return rows[0]!.n === 50;
  }, 30_000);
  const expired = await stateOf(ask, team);
  expect(nano(expired.used) + nano(expired.held)).toBe(full);
  expect(nano(expired.used)).toBe(full / 4);
  // A hundred end with half of what they held, one of the silent ones after all.
  for (const runId of [runs[0]!, ...runs.slice(50, 150)]) {
    expect((await ask('POST', `/v1/runs/${runId}/finish`, { outcome: 'usable', calls: [callWithin(newId(), 0.5)] })).json).toMatchObject({ outcome: { verdict: 'accepted' }, results: [{ verdict: 'accepted' }] });
  }
  for (const runId of runs.slice(150)) await ask('DELETE', `/v1/runs/${runId}`);
  const settled = await stateOf(ask, team);
  expect(settled.held).toBe('0');
  const { rows } = await db.withTenant(team.tenantId, (tx) => tx.query<{ pico: string; open: number }>(
    'SELECT (SELECT coalesce(sum(ceiling_pico), 0)::text FROM usage_events) AS pico, (SELECT count(*)::int FROM holds WHERE ended_at IS NULL) AS open'));
  expect(rows[0]!.open).toBe(0);
  expect(nano(settled.used) * 1_000 - Number(rows[0]!.pico)).toBeGreaterThanOrEqual(0);
  expect(nano(settled.used) * 1_000 - Number(rows[0]!.pico)).toBeLessThan(RUNS * 1_000);
  // There is room again: nobody is blocked by what a crash left behind.
  expect((await ask('POST', '/v1/runs', begin(newId()))).status).toBe(200);
}

describe('kill -9 with 200 open runs', { timeout: 240_000 }, () => {
  it('on a Postgres of the operator\'s: the lock goes with the process, and the next one knows every hold', async () => {
    const database = await createEmptyDatabase();
    const env = { DATABASE_URL: database.adminUrl, OUTLAY_MASTER_KEY, LOG_LEVEL: 'warn' };
    let outlay: CliProcess & { url: string } = await startCli(env);
    const db = await openDatabase({ url: database.adminUrl });
    try {
      // Room for exactly 200 holds.
      const probe = await createGateTeam(db, CUSTOMER, '1');
      const bound = (await askUntilAnswered(() => [outlay.url], probe.apiKey, 'POST', '/v1/check', begin(newId()))).json['hold'] as { cost_usd: string };
      const team = await createGateTeam(db, CUSTOMER, String((nano(bound.cost_usd) * RUNS) / 1e9));
      const ask: Ask = (method, path, body) => askUntilAnswered(() => [outlay.url], team.apiKey, method, path, body);
      await proveKill(ask, team, db, async () => {
        await stopCli(outlay, 'SIGKILL');
        outlay = await startCli(env);
      });
      // Losing every connection, the lock's among them, costs no hold either: the process decides again once it has both.
      const held = await stateOf(ask, team);
      const admin = new Client({ connectionString: database.adminUrl });
      await admin.connect();
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
      await admin.end();
      await outlay.waitFor(/The connection that makes this process the only one was lost/);
      expect(await stateOf(ask, team)).toMatchObject({ used: held.used, held: held.held });
      const replayed = await runCli(['replay', '--all'], { DATABASE_URL: database.adminUrl, OUTLAY_MASTER_KEY });
      expect(replayed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^20\d decisions were decided again: 20\d the same, 0 not\.\n$/) as string });
    } finally {
      await stopCli(outlay);
      await db.close();
      await database.close();
    }
  });

  it('on the embedded Postgres', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'outlay-gate-'));
    const env = { OUTLAY_DATA_DIR: join(parent, 'data'), LOG_LEVEL: 'warn' };
    let outlay: CliProcess & { url: string } = await startCli(env);
    const open = async (): Promise<Database> => await openDatabase({ url: await provisionEmbedded((await findEmbeddedPostgres(env.OUTLAY_DATA_DIR))!) });
    let db = await open();
    try {
      const probe = await createGateTeam(db, CUSTOMER, '1');
      const bound = (await askUntilAnswered(() => [outlay.url], probe.apiKey, 'POST', '/v1/check', begin(newId()))).json['hold'] as { cost_usd: string };
      const team = await createGateTeam(db, CUSTOMER, String((nano(bound.cost_usd) * RUNS) / 1e9));
      const handle: Database = new Proxy(db, { get: (_target, name) => Reflect.get(db, name) as unknown });
      await proveKill((method, path, body) => askUntilAnswered(() => [outlay.url], team.apiKey, method, path, body), team, handle, async () => {
        await stopCli(outlay, 'SIGKILL');
        await db.close().catch(() => undefined);
        outlay = await startCli(env);
        db = await open();
      });
    } finally {
      await db.close().catch(() => undefined);
      await stopCli(outlay);
      await rm(parent, { recursive: true, force: true });
    }
  });

  it.skipIf(noRedis !== undefined)(`on a Redis that forgets everything at the same moment${noRedis === undefined ? '' : ` (${noRedis})`}`, async () => {
    const [database, redis] = [await createEmptyDatabase(), await startTestRedis()];
    const env = { DATABASE_URL: database.adminUrl, REDIS_URL: redis.url, OUTLAY_MASTER_KEY, LOG_LEVEL: 'warn' };
    const [first, second] = await Promise.all([startCli(env, ['--only', 'api']), startCli(env, ['--only', 'api'])]);
    const db = await openDatabase({ url: database.adminUrl });
    const direct = await openRedis(redis.url);
    try {
      const probe = await createGateTeam(db, CUSTOMER, '1');
      const bound = (await askUntilAnswered(() => [second.url], probe.apiKey, 'POST', '/v1/check', begin(newId()))).json['hold'] as { cost_usd: string };
      const team = await createGateTeam(db, CUSTOMER, String((nano(bound.cost_usd) * RUNS) / 1e9));
      await proveKill((method, path, body) => askUntilAnswered(() => [first.url, second.url], team.apiKey, method, path, body), team, db, async () => {
        // Rows are written behind Redis: both forgetting at once is what the bound on how far behind is for.
        await until('the rows to be written', async () => {
          const { rows } = await db.withTenant(team.tenantId, (tx) => tx.query<{ n: number }>('SELECT count(*)::int AS n FROM holds'));
          return rows[0]!.n === RUNS;
        });
        await stopCli(first, 'SIGKILL');
        await direct.flushall();
      });
    } finally {
      direct.disconnect();
      await Promise.all([first, second].map((process) => stopCli(process)));
      await db.close();
      await redis.close();
      await database.close();
    }
  });
});
