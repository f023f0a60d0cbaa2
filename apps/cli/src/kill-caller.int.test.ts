/**
 * The whole path of a paid app under `kill -9`: its own process, Outlay's and Postgres in turn, twice. Held against the provider's stand-in, which knows what it
 * served: every answer stands in the ledger, none twice; a call that a killed caller never heard of again is there as unknown.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startFakeOpenAI } from '@outlay/fakes';
import { findImbalances } from '@outlay/ledger';
import { type Database, findEmbeddedPostgres, openDatabase, provisionEmbedded } from '@outlay/platform';
import { until } from '@outlay/platform/testing';
import { createOutlay } from '@outlay/sdk';
import { beforeAll, expect, it } from 'vitest';
import { createTenantRow } from './bench/bench-tenant';
import { systemPath } from './env';
import { buildCli, type CliProcess, spawnCli, startCli, stopCli } from './testing/cli-process';

const ROUNDS = 2;

beforeAll(buildCli);

interface Caller {
  readonly child: ChildProcess;
  /** Whole runs that it has finished so far. */
  runs(): number;
}

/** A small app: runs of two calls each, one of them streamed, then an outcome. It says each run that is over. */
function startCaller(home: string, { url, apiKey, fakeUrl }: { url: string; apiKey: string; fakeUrl: string }): Caller {
  const program = `
    import OpenAI from ${JSON.stringify(import.meta.resolve('openai'))};
    import { createOutlay } from './sdk.mjs';
    const outlay = createOutlay({ apiKey: ${JSON.stringify(apiKey)}, baseUrl: ${JSON.stringify(url)}, onWarning: () => {}, delivery: { spoolDir: './spool', flushIntervalMs: 20, baseDelayMs: 50, maxDelayMs: 400 } });
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: ${JSON.stringify(fakeUrl)}, maxRetries: 0 }));
    const ask = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Which clause says when it ends?' }] };
    async function work() {
      for (let n = 0; ; n++) {
        await outlay.run({ workflow: 'pdf_question', customerId: 'customer-' + (n % 7), action: async () => {
          await client.chat.completions.create(ask);
          for await (const _piece of await client.chat.completions.create({ ...ask, stream: true }));
        } });
        console.log('run');
      }
    }
    await Promise.all([work(), work(), work()]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: home, env: { PATH: systemPath }, stdio: ['ignore', 'pipe', 'inherit'] });
  let runs = 0;
  child.stdout.on('data', (data: Buffer) => { runs += data.toString().split('\n').length - 1; });
  return { child, runs: () => runs };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

it('caller, Outlay and Postgres killed in turn lose nothing and double nothing', { timeout: 120_000 }, async () => {
  const home = await mkdtemp(join(tmpdir(), 'outlay-caller-'));
  const dataDir = join(home, 'data');
  await build({ entryPoints: [fileURLToPath(import.meta.resolve('@outlay/sdk'))], bundle: true, outfile: join(home, 'sdk.mjs'), format: 'esm', platform: 'neutral', target: 'es2022', logLevel: 'error' });
  const fake = await startFakeOpenAI({ latency: { firstMs: 15, perTokenMs: 0.2 } });
  const first = await startCli({ OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
  const { url } = first;
  let outlay: CliProcess = first;
  let caller: Caller | undefined;
  let db: Database | undefined;
  const isReady = (): Promise<boolean> => fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) }).then((answer) => answer.ok, () => false);
  const open = async (): Promise<Database> => await openDatabase({ url: await provisionEmbedded((await findEmbeddedPostgres(dataDir))!) });
  try {
    db = await open();
    const { tenantId, apiKey } = await createTenantRow(db);
    await db.close();
    const begin = (): Caller => startCaller(home, { url, apiKey, fakeUrl: fake.baseURL });
    caller = begin();
    let callerKills = 0;
    const more = async (): Promise<void> => {
      const goal = caller!.runs() + 15;
      await until('more runs', () => caller!.runs() >= goal, 20_000);
    };
    for (let round = 0; round < ROUNDS; round++) {
      await more();
      await kill(caller.child);
      callerKills += 1;
      caller = begin();

      await more();
      await stopCli(outlay, 'SIGKILL');
      // The app works on while there is nobody to tell.
      await more();
      outlay = spawnCli(['start'], { OUTLAY_DATA_DIR: dataDir, PORT: new URL(url).port, LOG_LEVEL: 'warn' });
      await until('Outlay to be back', isReady, 30_000);

      await more();
      process.kill(Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
      await more();
      await until('Postgres to be back', isReady, 30_000);
    }
    await kill(caller.child);
    callerKills += 1;

    // Whoever comes next with the same key sends what is left.
    const next = createOutlay({ apiKey, baseUrl: url, onWarning: () => undefined, delivery: { spoolDir: join(home, 'spool') } });
    expect(await next.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
    expect(next.stats()).toMatchObject({ dropped: 0 });
    await next.shutdown();

    db = await open();
    const { calls, outcomes, imbalances } = await db.withTenantSnapshot(tenantId, async (tx) => ({
      calls: (await tx.query<{ status: string; served: string | null; run: string }>('select status, provider_request_id as served, run_id::text as run from usage_events where kind = \'usage\'')).rows,
      outcomes: (await tx.query<{ run: string }>('select run_id::text as run from usage_events where kind = \'outcome\'')).rows,
      imbalances: await findImbalances(tx),
    }));
    const served = fake.served.map(({ requestId }) => requestId);
    const inLedger = calls.flatMap(({ served: id }) => (id === null ? [] : [id]));
    expect(new Set(inLedger).size).toBe(inLedger.length);
    expect(inLedger.filter((id) => !served.includes(id))).toEqual([]);
    // Three calls are under way at most when a caller dies: those are there without their answer.
    const unheard = calls.filter(({ status }) => status === 'unknown');
    expect(served.filter((id) => !inLedger.includes(id)).length).toBeLessThanOrEqual(unheard.length);
    expect(unheard.length).toBeLessThanOrEqual(3 * callerKills);
    expect(calls.length).toBe(inLedger.length + unheard.length);
    expect(inLedger.length).toBeGreaterThan(150);
    // Every run that was not cut off has its outcome, once.
    const ended = outcomes.map(({ run }) => run);
    expect(new Set(ended).size).toBe(ended.length);
    expect(new Set(calls.map(({ run }) => run)).size - ended.length).toBeLessThanOrEqual(3 * callerKills);
    expect(imbalances).toEqual([]);
  } finally {
    caller?.child.kill('SIGKILL');
    await db?.close();
    await stopCli(outlay);
    await fake.close();
    await rm(home, { recursive: true, force: true });
  }
});
