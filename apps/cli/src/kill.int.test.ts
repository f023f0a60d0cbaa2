/**
 * Law 1: an accepted event survives `kill -9` of any process, at any moment. Fifty kills under load at moments that a seed chooses, also
 * in the middle of starts and recoveries; then every acknowledged id is there, none twice, and the sums agree.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { findEmbeddedPostgres, openDatabase, provisionEmbedded } from '@outlay/platform';
import { createEmptyDatabase, until } from '@outlay/platform/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTenantRow } from './bench/bench-tenant';
import { buildCli, type CliProcess, spawnCli, startCli, stopCli } from './testing/cli-process';
import { proveAcknowledged } from './testing/prove-acknowledged';
import { sendUsage, type UsageLoad } from './testing/usage-load';

const SEED = 20_261_121;
const TIMEOUT_MS = 170_000;

beforeAll(buildCli);

/** Mulberry32: the same seed, the same moments. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function atMoment(ms: number): Promise<void> {
  const at = Date.now() + ms;
  await until('the moment', () => Date.now() >= at, ms + 10_000);
}

/** The postmaster and its children; null when it is gone or has none yet. */
function readFamily(pid: number): number[] | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? null : [pid, ...children.split(' ').map(Number)];
  } catch {
    return null;
  }
}

async function untilReady(url: string, process: CliProcess): Promise<void> {
  await until(`${url} to be ready`, async () => {
    if (process.child.exitCode !== null) throw new Error(`It ended by itself:\n${process.text().slice(-4_000)}`);
    return await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) }).then((answer) => answer.ok, () => false);
  }, 60_000);
}

/** Work must go on between kills, or nothing would be under way when they come. */
async function untilMore(load: UsageLoad, count: number): Promise<void> {
  const goal = load.acknowledged.size + count;
  await until('more acknowledged events', () => load.acknowledged.size >= goal || load.surprises.length > 0, 30_000);
}

function expectUnharmed(load: UsageLoad, proof: Awaited<ReturnType<typeof proveAcknowledged>>): void {
  expect(load.surprises).toEqual([]);
  expect(load.acceptedTwice).toEqual([]);
  expect(load.acknowledged.size).toBeGreaterThan(500);
  expect(proof.missing).toEqual([]);
  expect(proof.twice).toEqual([]);
  // All that was sent was acknowledged in the end, so nothing else may stand there.
  expect(proof.rows).toBe(load.acknowledged.size);
  expect(proof.imbalances).toEqual([]);
  // Without failed requests no kill would have hit anything.
  expect(load.retried).toBeGreaterThan(10);
}

describe(`law 1 (seed ${SEED})`, () => {
  it('holds for Outlay with its own Postgres: 30 kills of the process, the postmaster and its children', async () => {
    const random = createRandom(SEED);
    const parent = await mkdtemp(join(tmpdir(), 'outlay-kill-'));
    const dataDir = join(parent, 'data');
    const first = await startCli({ OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
    const { url } = first;
    let outlay: CliProcess = first;
    const begin = (): CliProcess => spawnCli(['start'], { OUTLAY_DATA_DIR: dataDir, PORT: new URL(url).port, LOG_LEVEL: 'warn' });
    const postmaster = async (): Promise<number> => Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '0'), 10);
    const withDatabase = async <T>(run: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> => {
      const db = await openDatabase({ url: await provisionEmbedded((await findEmbeddedPostgres(dataDir))!) });
      return await run(db).finally(() => db.close());
    };
    try {
      const { tenantId, apiKey } = await withDatabase(createTenantRow);
      const load = sendUsage(() => url, apiKey);
      for (let kill = 0; kill < 30; kill++) {
        await untilMore(load, 20);
        await atMoment(random() * 300);
        const target = random();
        if (target < 0.4) {
          await stopCli(outlay, 'SIGKILL');
          outlay = begin();
          if (random() < 0.3 && kill < 29) {
            // Again, in the middle of the start.
            kill += 1;
            await atMoment(random() * 1_200);
            await stopCli(outlay, 'SIGKILL');
            outlay = begin();
          }
        } else {
          // The one before may still be dying: its number stands in the file until the next one has begun.
          const family = await until('a living Postgres', async () => readFamily(await postmaster()));
          process.kill(target < 0.7 ? family[0]! : family[1 + Math.floor(random() * (family.length - 1))]!, 'SIGKILL');
        }
        await untilReady(url, outlay);
      }
      await load.stop();
      expectUnharmed(load, await withDatabase((db) => proveAcknowledged(db, tenantId, load.acknowledged)));
      expect(await stopCli(outlay)).toMatchObject({ code: 0 });
    } finally {
      await stopCli(outlay, 'SIGTERM');
      await rm(parent, { recursive: true, force: true });
    }
  }, TIMEOUT_MS);

  it('holds for api and worker as processes of their own: 20 kills of either', async () => {
    const random = createRandom(SEED + 1);
    const database = await createEmptyDatabase();
    const env = { DATABASE_URL: database.adminUrl, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64'), LOG_LEVEL: 'warn' };
    const begun = await startCli(env, ['--only', 'api']);
    const { url } = begun;
    let api: CliProcess = begun;
    let worker: CliProcess = await startCli(env, ['--only', 'worker']);
    const db = await openDatabase({ url: database.url });
    try {
      const { tenantId, apiKey } = await createTenantRow(db);
      const load = sendUsage(() => url, apiKey);
      for (let kill = 0; kill < 20; kill++) {
        await untilMore(load, 20);
        await atMoment(random() * 300);
        if (random() < 0.3) {
          await stopCli(worker, 'SIGKILL');
          worker = spawnCli(['start', '--only', 'worker'], { ...env, PORT: '0' });
        } else {
          await stopCli(api, 'SIGKILL');
          api = spawnCli(['start', '--only', 'api'], { ...env, PORT: new URL(url).port });
        }
        await untilReady(url, api);
      }
      await load.stop();
      expectUnharmed(load, await proveAcknowledged(db, tenantId, load.acknowledged));
      // The proof itself notices an event that is not there.
      const lost = newId();
      expect((await proveAcknowledged(db, tenantId, new Set([lost]))).missing).toEqual([lost]);
      await worker.waitFor(/The worker of Outlay runs\./);
      const ends = await Promise.all([stopCli(api), stopCli(worker)]);
      expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    } finally {
      await Promise.all([stopCli(api), stopCli(worker)]);
      await db.close();
      await database.close();
    }
  }, TIMEOUT_MS);
});
