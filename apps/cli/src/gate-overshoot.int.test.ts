/**
 * OVERSHOOT: a hard cap is never passed, to the last pico-dollar. Two api processes on one Redis, a thousand begins on one customer, mixed with finishes, extensions, expiries, late and double
 * finishes, calls that are sent to one process and finished at the other, and a `kill -9` of one of them.
 */
import { randomBytes } from 'node:crypto';
import { newId } from '@outlay/kernel/ids';
import { openDatabase } from '@outlay/platform';
import { createEmptyDatabase, startTestRedis, until, whyNoRedis } from '@outlay/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, spawnCli, startCli, stopCli } from './testing/cli-process';
import { askUntilAnswered, BOUND, callWithin, createGateTeam, type GateTeam } from './testing/gate-load';

const SEED = 20_261_121;
const noRedis = whyNoRedis();
const OUTLAY_MASTER_KEY = randomBytes(32).toString('base64');
const BEGINS = 1_000;
const AT_ONCE = 24;
const CAP_USD = '0.1';
const CAP_PICO = 100_000_000_000n;
const CUSTOMER = 'acme';

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let redis: Awaited<ReturnType<typeof startTestRedis>>;
let db: Awaited<ReturnType<typeof openDatabase>>;
let processes: CliProcess[] = [];

beforeAll(async () => {
  buildCli();
  database = await createEmptyDatabase();
  if (noRedis === undefined) redis = await startTestRedis();
}, 120_000);

afterAll(async () => {
  await Promise.all(processes.map((process) => stopCli(process)));
  await db?.close();
  await redis?.close();
  await database?.close();
}, 60_000);

function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What caps count of the customer, at this moment. */
async function ceilingOf(team: GateTeam): Promise<bigint> {
  const { rows } = await db.withTenant(team.tenantId, (tx) => tx.query<{ pico: string }>(`SELECT coalesce(sum(ceiling_pico), 0)::text AS pico FROM usage_events WHERE customer_id = $1`, [CUSTOMER]));
  return BigInt(rows[0]!.pico);
}

describe(`OVERSHOOT (seed ${SEED})`, () => {
  it.skipIf(noRedis !== undefined)(`is 0 pico-dollars over ${BEGINS} begins on two processes, one of them killed${noRedis === undefined ? '' : ` (${noRedis})`}`, async () => {
    const random = createRandom(SEED);
    const env = { DATABASE_URL: database.adminUrl, REDIS_URL: redis.url, OUTLAY_MASTER_KEY, LOG_LEVEL: 'warn' };
    const [first, second] = await Promise.all([startCli(env, ['--only', 'api']), startCli(env, ['--only', 'api'])]);
    processes = [first, second];
    db = await openDatabase({ url: database.adminUrl });
    const team = await createGateTeam(db, CUSTOMER, CAP_USD);
    const urls = [first.url, second.url];
    const ask = (at: number, method: string, path: string, body?: unknown): ReturnType<typeof askUntilAnswered> => askUntilAnswered(() => [urls[at % 2]!, urls[(at + 1) % 2]!], team.apiKey, method, path, body);

    const late: string[] = [];
    const counts = { allowed: 0, denied: 0, again: 0, finished: 0, extended: 0, released: 0, abandoned: 0, crossed: 0, twice: 0 };
    let over = 0n;
    async function oneRun(n: number, roll: number, share: number): Promise<void> {
      const runId = newId();
      const begun = await ask(n, 'POST', '/v1/runs', { run_id: runId, customer_id: CUSTOMER, workflow: 'report', ...BOUND, expires_in_seconds: 10 });
      expect([200, 402]).toContain(begun.status);
      if (begun.json['again'] === true) counts.again += 1;
      if (begun.status === 402) {
        counts.denied += 1;
        return;
      }
      counts.allowed += 1;
      const finish = { outcome: 'usable', occurred_at: new Date().toISOString(), calls: [callWithin(newId(), share)] };
      if (roll < 0.55) {
        counts.finished += 1;
        expect((await ask(n + (roll < 0.25 ? 1 : 0), 'POST', `/v1/runs/${runId}/finish`, finish)).status).toBe(200);
        if (roll < 0.1) {
          counts.twice += 1;
          const again = await ask(n, 'POST', `/v1/runs/${runId}/finish`, finish);
          expect(again.json).toMatchObject({ outcome: { verdict: 'duplicate' } });
        }
      } else if (roll < 0.7) {
        const extended = await ask(n, 'POST', `/v1/runs/${runId}/extend`, { output_tokens: 200 });
        expect([200, 402, 409]).toContain(extended.status);
        const more = extended.status === 200 ? [callWithin(newId(), 0.3)] : [];
        counts.extended += extended.status === 200 ? 1 : 0;
        await ask(n, 'POST', `/v1/runs/${runId}/finish`, { ...finish, calls: [...finish.calls, ...more.map((call) => ({ ...call, usage: { prompt_tokens: 0, completion_tokens: 120, total_tokens: 120 } }))] });
      } else if (roll < 0.8) {
        // Calls reach one process, the end another.
        counts.crossed += 1;
        const sent = await ask(n, 'POST', '/v1/usage', { events: finish.calls.map((call) => ({ ...call, run_id: runId, customer_id: CUSTOMER, workflow: 'report' })) });
        expect(sent.status).toBe(200);
        await ask(n + 1, 'POST', `/v1/runs/${runId}/finish`, { ...finish, calls: [] });
      } else if (roll < 0.85) {
        counts.released += 1;
        await ask(n, 'DELETE', `/v1/runs/${runId}`);
      } else {
        counts.abandoned += 1;
        if (roll < 0.95) late.push(runId);
      }
      const ceiling = await ceilingOf(team);
      if (ceiling - CAP_PICO > over) over = ceiling - CAP_PICO;
    }

    let next = 0;
    let killed = false;
    const plan = Array.from({ length: BEGINS }, () => [random(), 0.3 + random() * 0.7] as const);
    const startedMs = Date.now();
    const sender = async (): Promise<void> => {
      while (next < BEGINS) {
        const n = next++;
        if (n === BEGINS / 2) {
          killed = true;
          first.child.kill('SIGKILL');
          void first.ended.then(() => {
            processes.push(spawnCli(['start', '--only', 'api'], { ...env, PORT: new URL(first.url).port }));
          });
        }
        await oneRun(n, ...plan[n]!);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    const begunMs = Date.now() - startedMs;
    expect(killed).toBe(true);

    // Every hold that nobody settled ends by itself, and what it may have spent stays counted.
    await until('every hold to end', async () => {
      const { rows } = await db.withTenant(team.tenantId, (tx) => tx.query<{ n: number }>('SELECT count(*)::int AS n FROM holds WHERE ended_at IS NULL'));
      return rows[0]!.n === 0;
    }, 40_000);
    expect(await ceilingOf(team)).toBeLessThanOrEqual(CAP_PICO);
    // Now the truth of some comes late, at its largest.
    for (const [n, runId] of late.entries()) {
      const answer = await ask(n, 'POST', `/v1/runs/${runId}/finish`, { outcome: 'unusable', occurred_at: new Date().toISOString(), calls: [callWithin(newId(), 1)] });
      expect(answer.json).toMatchObject({ outcome: { verdict: 'accepted' } });
      expect(await ceilingOf(team)).toBeLessThanOrEqual(CAP_PICO);
    }
    // What is left can still be spent, and no more of it.
    for (let n = 0; n < 400; n++) {
      const runId = newId();
      const begun = await ask(n, 'POST', '/v1/runs', { run_id: runId, customer_id: CUSTOMER, workflow: 'report', ...BOUND });
      if (begun.status === 402) break;
      await ask(n, 'POST', `/v1/runs/${runId}/finish`, { outcome: 'usable', calls: [callWithin(newId(), 1)] });
    }
    const total = await ceilingOf(team);
    expect({ over: String(over), passes: total > CAP_PICO }).toEqual({ over: '0', passes: false });

    // Nothing is held any more, and what both processes count is what the ledger has, rounded up to nano-dollars row by row.
    const seenBy = async (at: number): Promise<{ used: string; held: string }> => {
      const { json } = await ask(at, 'POST', '/v1/check', { customer_id: CUSTOMER, workflow: 'report', estimate_usd: '0' });
      return (json['limits'] as { id: string; used: string; held: string }[]).find(({ id }) => id === team.capId)!;
    };
    for (const at of urls.keys()) {
      // A hold whose process was killed before it wrote its row has no row that ends it: the store ends it, half a minute later.
      await until('nothing to be held', async () => (await seenBy(at)).held === '0', 60_000);
      // Estimates whose truth came in the very moment they were written are taken out within ten seconds: compared while nothing changes.
      const slack = await until('a moment without a change', async () => {
        const earlier = await ceilingOf(team);
        const { used } = await seenBy(at);
        return (await ceilingOf(team)) === earlier ? { pico: BigInt(Math.round(Number(used) * 1e9)) * 1_000n - earlier } : null;
      });
      expect({ less: slack.pico < 0n, more: slack.pico > 5_000_000n, pico: String(slack.pico) }).toEqual({ less: false, more: false, pico: String(slack.pico) });
    }
    expect(counts.allowed).toBeGreaterThan(100);
    expect(counts.denied).toBeGreaterThan(50);
    const { rows } = await db.withTenant(team.tenantId, (tx) => tx.query<{ n: number }>('SELECT count(*)::int AS n FROM decisions'));
    expect(rows[0]!.n).toBeGreaterThanOrEqual(BEGINS - AT_ONCE);
    process.stdout.write(`OVERSHOOT ${String(over)} pico-dollars: ${JSON.stringify(counts)}, late ${late.length}, begins in ${begunMs} ms, ledger ${String(total)} of ${String(CAP_PICO)}\n`);
  }, 300_000);
});
