/** Syncs against a stand-in of OpenAI on real Postgres: what is read twice counts once, what is restated holds, what is gone is nothing, and nothing is lost, whoever dies when. */
import { formatPico, PICO_PER_USD } from '@outlay/kernel';
import { billOpenAIUses, type OpenAIBillingFake, type OpenAIBillingOptions, type OpenAIUse, startFakeOpenAIBilling } from '@outlay/fakes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from './adapter';
import { ADAPTERS } from './adapters';
import type { By } from './change-connection';
import { listConnections, listSyncs } from './list-connections';
import { listDueConnections } from './store';
import { openTestSyncs, type TestSyncs } from './testing-sync';

const START = Date.parse('2026-11-21T12:00:30Z');
const DAY_MS = 86_400_000;
let nowMs = START;
let syncs: TestSyncs;
const fakes: OpenAIBillingFake[] = [];

beforeAll(async () => {
  syncs = await openTestSyncs(() => nowMs);
});

afterAll(async () => {
  await syncs.close();
  await Promise.all(fakes.map((fake) => fake.close()));
});

const use = (at: string, more: Partial<OpenAIUse> = {}): OpenAIUse => ({ at, model: 'gpt-5-mini-2025-08-07', project: 'proj_a', apiKey: 'key_1', input: 8_000_000, cached: 2_000_000, output: 500_000, requests: 10, ...more });
const USES = [use('2026-10-25T03:00:00Z'), use('2026-11-18T09:15:00Z'), use('2026-11-20T23:59:59Z', { project: 'proj_b', apiKey: 'key_2' }), use('2026-11-21T11:58:10Z'), use('2026-11-21T11:59:10Z', { batch: true })];

interface World {
  readonly fake: OpenAIBillingFake;
  readonly by: By;
  readonly id: string;
}

async function open(options: OpenAIBillingOptions = {}): Promise<World> {
  nowMs = START;
  const fake = await startFakeOpenAIBilling({ uses: USES, costs: billOpenAIUses(USES), now: () => nowMs, ...options });
  fakes.push(fake);
  const by = await syncs.createTeam();
  return { fake, by, id: await syncs.connect(by, { settings: { baseUrl: fake.baseURL }, credentials: fake.adminKey }) };
}

async function total(by: By): Promise<string> {
  return formatPico((await syncs.billed(by)).reduce((sum, { amountPico }) => sum + amountPico, 0n));
}

/** What the stand-in would bill for all it holds within reach of the first sync. */
function expected({ fake }: World): string {
  return formatPico(fake.costs.reduce((sum, { usd }) => sum + BigInt(Math.round(Number(usd) * 1e9)) * (PICO_PER_USD / 1_000_000_000n), 0n));
}

async function tokens(by: By, width: '1m' | '1h'): Promise<number> {
  return (await syncs.used(by, width)).reduce((sum, { quantities }) => sum + Object.values(quantities).reduce((all, count) => all + count, 0), 0);
}

const connection = async ({ by }: World) => (await listConnections(syncs.db, by.tenantId, nowMs))[0]!;
const release = (by: By, id: string): Promise<unknown> => syncs.db.withTenant(by.tenantId, (tx) => tx.query(`UPDATE provider_connections SET leased_until = now() - interval '1 second', next_sync_at = now() - interval '1 second' WHERE id = $1`, [id]));

describe('a sync', () => {
  it('reads everything of the first days, prices it by the book, and says where it stands', async () => {
    const world = await open();
    expect((await connection(world)).state).toBe('waiting');
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ fault: null, rowsChanged: 2 + 5 + 12 });
    expect(await total(world.by)).toBe(expected(world));
    expect(await tokens(world.by, '1h')).toBe(5 * 8_500_000);
    expect(await tokens(world.by, '1m')).toBe(2 * 8_500_000);
    const minutes = await syncs.used(world.by, '1m');
    // 6M input at $0.25, 2M cached at $0.025, 0.5M output at $2; a batch at half of it.
    expect(minutes.map(({ pricedPico, dimensions }) => [dimensions['batch'], pricedPico && formatPico(pricedPico)])).toEqual([['false', '2.55'], ['true', '1.275']]);
    expect(minutes[0]).toMatchObject({ model: 'gpt-5-mini-2025-08-07', apiKey: 'key_1', project: 'proj_a', requests: 10, provisional: true, quantities: { input_uncached: 6_000_000, cache_read: 2_000_000, output_text: 500_000 } });
    expect((await syncs.used(world.by, '1h')).map(({ provisional }) => provisional)).toEqual([false, false, true, true, true]);
    expect(await connection(world)).toMatchObject({ state: 'healthy', lagMinutes: 0, lastError: null, failures: 0, progress: null, hint: '6789' });
    expect(JSON.stringify([await connection(world), await listSyncs(syncs.db, world.by.tenantId, world.id), syncs.logged])).not.toContain(world.fake.adminKey);
  });

  it('adds nothing when it reads the same again, and takes a bucket that grew and a day that was restated as revisions', async () => {
    const world = await open();
    await syncs.sync(world.by, world.id);
    const rows = [await syncs.count(world.by, 'provider_usage'), await syncs.count(world.by, 'provider_costs')];
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ fault: null, rowsChanged: 0 });
    world.fake.uses.push(use('2026-11-21T11:59:50Z', { batch: true }));
    world.fake.costs = [...billOpenAIUses(world.fake.uses), { day: '2026-11-20', lineItem: 'gpt-5-mini-2025-08-07, output', project: 'proj_b', apiKey: 'key_2', usd: '-0.25' }];
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ rowsChanged: 1 + 1 + 4 });
    expect(await total(world.by)).toBe(expected(world));
    expect(await tokens(world.by, '1h')).toBe(6 * 8_500_000);
    expect([await syncs.count(world.by, 'provider_usage'), await syncs.count(world.by, 'provider_costs')]).toEqual([rows[0]! + 2, rows[1]! + 4]);
  });

  it('goes on at its watermark, reads a trailing window again, and once a week as far back as the provider corrects', async () => {
    const world = await open();
    await syncs.sync(world.by, world.id);
    let seen = world.fake.requests.length;
    const asked = (path: string): string[] => world.fake.requests.slice(seen).filter((request) => request.path.endsWith(path)).map(({ query }) => new Date(Number(query.get('start_time')) * 1_000).toISOString());
    nowMs += 10 * 60_000;
    seen = world.fake.requests.length;
    await syncs.sync(world.by, world.id);
    expect([asked('usage/completions'), asked('costs')]).toEqual([['2026-11-21T11:40:00.000Z', '2026-11-17T12:00:00.000Z'], ['2026-11-17T00:00:00.000Z']]);
    // A correction of three weeks ago is out of the window, until the weekly look.
    world.fake.costs = world.fake.costs.map((cost) => (cost.day === '2026-10-25' ? { ...cost, usd: '0.5' } : cost));
    await syncs.sync(world.by, world.id);
    expect(await total(world.by)).not.toBe(expected(world));
    nowMs += 7 * DAY_MS;
    await syncs.sync(world.by, world.id);
    expect(await total(world.by)).toBe(expected(world));
  });

  it('takes back what is not said any more: a key moved to another project is not billed to both', async () => {
    const world = await open();
    await syncs.sync(world.by, world.id);
    world.fake.uses = world.fake.uses.map((each) => (each.project === 'proj_b' ? { ...each, project: 'proj_c' } : each));
    world.fake.costs = billOpenAIUses(world.fake.uses);
    await syncs.sync(world.by, world.id);
    expect(await total(world.by)).toBe(expected(world));
    expect(await tokens(world.by, '1h')).toBe(5 * 8_500_000);
    expect((await syncs.billed(world.by)).filter(({ project }) => project === 'proj_b').map(({ amountPico }) => amountPico)).toEqual([0n, 0n, 0n]);
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ rowsChanged: 0 });
  });

  it.each(['number', 'long'] as const)('reads amounts written as %s exactly', async (amounts) => {
    const tiny = { day: '2026-11-20', lineItem: 'gpt-5-mini-2025-08-07, tiny' };
    const world = await open({ amounts, costs: [{ ...tiny, usd: '0.000000123456' }, { ...tiny, lineItem: 'nothing', usd: '0' }, { ...tiny, lineItem: 'gpt-5-mini-2025-08-07, much', usd: '12.345678901234' }] });
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ fault: null });
    expect((await syncs.billed(world.by)).map(({ amountPico }) => amountPico).sort((a, b) => Number(a - b))).toEqual([0n, 123_456n, 12_345_678_901_234n]);
  });
});

describe('a provider that fails', () => {
  it('asks to wait, with a time and without one', async () => {
    const world = await open();
    world.fake.fail({ kind: 429, retryAfter: '600' });
    expect((await syncs.sync(world.by, world.id))!.fault).toMatchObject({ kind: 'rate_limited', retryAfterMs: 600_000 });
    const shown = await connection(world);
    expect(shown).toMatchObject({ state: 'failing', failures: 1, lastError: expect.stringContaining('asks to wait') });
    expect(shown.nextSyncAt!.getTime() - Date.now()).toBeGreaterThan(590_000);
    expect(await listDueConnections(syncs.db)).not.toContainEqual({ tenantId: world.by.tenantId, id: world.id });
    world.fake.fail({ kind: 429 });
    expect((await syncs.sync(world.by, world.id))!.fault).toMatchObject({ kind: 'rate_limited', retryAfterMs: null });
    // The second failure in a row waits about twice thirty seconds.
    const wait = (await connection(world)).nextSyncAt!.getTime() - Date.now();
    expect([wait > 30_000, wait < 60_000]).toEqual([true, true]);
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ fault: null });
    expect(await connection(world)).toMatchObject({ state: 'healthy', failures: 0, lastError: null });
    expect(await total(world.by)).toBe(expected(world));
  });

  it.each([[503, 'has an error of its own (503)'], ['reset', 'did not answer'], ['half', 'broke off in the middle']] as const)('is told in words: %s', async (kind, words) => {
    const world = await open();
    world.fake.fail({ kind, path: 'costs' });
    expect((await syncs.sync(world.by, world.id))!.fault).toMatchObject({ kind: 'unavailable', words: expect.stringContaining(words) });
    // What was read before stands, and the next sync brings the rest.
    expect(await tokens(world.by, '1h')).toBe(5 * 8_500_000);
    await syncs.sync(world.by, world.id);
    expect(await total(world.by)).toBe(expected(world));
  });

  it('hands out the same page again and again: the stream stops, the others go on', async () => {
    const world = await open({ loops: true });
    const report = await syncs.sync(world.by, world.id);
    expect(report!.fault).toMatchObject({ kind: 'unexpected', words: expect.stringContaining('the same page again and again') });
    expect(world.fake.requests.length).toBeLessThan(20);
  });

  it('is refused: a project key stops the connection until somebody mends it', async () => {
    const world = await open({ adminKey: 'sk-admin-another-0123456789' });
    const id = await syncs.connect(world.by, { settings: { baseUrl: world.fake.baseURL }, credentials: 'sk-proj-fake-0123456789' });
    expect((await syncs.sync(world.by, id))!.fault).toMatchObject({ kind: 'credentials', words: expect.stringMatching(/need an admin key.*Missing scopes: api\.usage\.read/) });
    expect((await listConnections(syncs.db, world.by.tenantId, nowMs)).find((each) => each.id === id)).toMatchObject({ state: 'stopped' });
  });

  it('bills in another unit than it counts: the bill is not stored, usage goes on', async () => {
    const cents = billOpenAIUses(USES).map((cost) => ({ ...cost, usd: String(Number(cost.usd) * 100) }));
    const world = await open({ costs: cents });
    const report = await syncs.sync(world.by, world.id);
    expect(report!.fault).toMatchObject({ kind: 'units', words: expect.stringContaining('in another unit') });
    expect(await syncs.count(world.by, 'provider_costs')).toBe(0);
    expect(await tokens(world.by, '1h')).toBe(5 * 8_500_000);
    expect(await connection(world)).toMatchObject({ state: 'failing', lastError: expect.stringContaining('another unit') });
    world.fake.costs = billOpenAIUses(USES);
    await syncs.sync(world.by, world.id);
    expect([await total(world.by), (await connection(world)).state]).toEqual([expected(world), 'healthy']);
  });

  it('bills a hundredth: stopped too, for a day that is over', async () => {
    const world = await open({ uses: USES.map((each) => ({ ...each, input: 800_000_000, cached: 0 })), costs: [] });
    world.fake.costs = billOpenAIUses(world.fake.uses).map((cost) => ({ ...cost, usd: String(Number(cost.usd) / 100) }));
    expect((await syncs.sync(world.by, world.id))!.fault).toMatchObject({ kind: 'units', words: expect.stringContaining('more than 20 times what the provider bills') });
    expect(await syncs.count(world.by, 'provider_costs')).toBe(0);
  });
});

describe('a worker that dies', () => {
  class Killed extends Error {}

  it('at every page boundary: the next goes on, nothing double, nothing lost', async () => {
    const world = await open({ bucketsMax: 100 });
    let killed = 0;
    for (let pagesToLive = 1; ; pagesToLive += 1) {
      let pages = 0;
      const dies = { onPage: (): void => { if (++pages === pagesToLive) throw new Killed(); } };
      const report = await syncs.sync(world.by, world.id, dies).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        return null;
      });
      if (report?.fault === null) break;
      killed += 1;
      // As the kill left it: leased, and its sync running.
      await release(world.by, world.id);
    }
    expect(killed).toBeGreaterThan(5);
    expect(await total(world.by)).toBe(expected(world));
    expect(await tokens(world.by, '1h')).toBe(5 * 8_500_000);
    expect(await syncs.count(world.by, 'provider_costs')).toBe(12);
    expect(await syncs.count(world.by, 'provider_usage')).toBe(2 + 5);
  });

  it('inside of a transaction: its page is not there, nor its watermark', async () => {
    const world = await open();
    let transactions = 0;
    for (let last = 3; last < 40; last += 3) {
      transactions = 0;
      // The connection of the n-th transaction is cut before its commit, as by kill -9.
      const db = { ...syncs.db, withTenant: async <T>(tenantId: string, run: Parameters<typeof syncs.db.withTenant<T>>[1]): Promise<T> => {
        if (++transactions > last) throw new Killed();
        return await syncs.db.withTenant(tenantId, async (tx) => {
          const result = await run(tx);
          if (transactions === last) await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
          return result;
        });
      } };
      const report = await syncs.sync(world.by, world.id, { db }).catch(() => null);
      if (report?.fault === null) break;
      await release(world.by, world.id);
    }
    expect(await syncs.sync(world.by, world.id)).toMatchObject({ fault: null });
    expect(await total(world.by)).toBe(expected(world));
    expect(await tokens(world.by, '1h')).toBe(5 * 8_500_000);
    expect([await syncs.count(world.by, 'provider_costs'), await syncs.count(world.by, 'provider_usage')]).toEqual([12, 7]);
    const states = (await listSyncs(syncs.db, world.by.tenantId, world.id)).map(({ state }) => state);
    expect([states[0], states.filter((state) => state === 'running')]).toEqual(['done', []]);
  });

  it('is told to stop: it gives the connection back behind its page', async () => {
    const world = await open();
    const stop = new AbortController();
    const report = await syncs.sync(world.by, world.id, { signal: stop.signal, onPage: () => stop.abort() });
    expect(report!.fault!.words).toContain('broken off');
    expect(await listDueConnections(syncs.db)).toContainEqual({ tenantId: world.by.tenantId, id: world.id });
    expect((await connection(world)).failures).toBe(0);
    await syncs.sync(world.by, world.id);
    expect(await total(world.by)).toBe(expected(world));
  });
});

describe('two workers', () => {
  it('at once: one has it', async () => {
    const world = await open();
    const reports = await Promise.all([1, 2, 3].map(() => syncs.sync(world.by, world.id)));
    expect(reports.filter((report) => report !== null)).toHaveLength(1);
    expect([await total(world.by), await syncs.count(world.by, 'provider_costs')]).toEqual([expected(world), 12]);
  });

  it('one behind the other: what was overtaken stores nothing more and decides nothing', async () => {
    const world = await open();
    let second: Promise<unknown> | null = null;
    const slow: Adapter = { ...ADAPTERS.openai!, pull: async function* (...asked) {
      for await (const page of ADAPTERS.openai!.pull(...asked)) {
        if (second === null) {
          await release(world.by, world.id);
          second = syncs.sync(world.by, world.id);
          await second;
          world.fake.costs = [];
        }
        yield page;
      }
    } };
    const first = await syncs.sync(world.by, world.id, { adapters: { openai: slow } });
    expect(first!.fault!.words).toContain('broken off');
    expect(first!.rowsChanged).toBe(0);
    expect(await connection(world)).toMatchObject({ state: 'healthy', lastError: null });
    expect((await syncs.billed(world.by)).length).toBe(12);
  });
});
