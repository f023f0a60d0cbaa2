/** The checklist before going live, against the real server: every case over HTTP passes on a healthy one, and each that should fail on a sick one does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isReady, runPreflight, type PreflightCheck } from '@outlay/insights';
import { createJobBoard, createJobs, JOBS, type Jobs } from '@outlay/platform';
import { until } from '@outlay/platform/testing';
import { createKey, eachTeam, TRIAL_TEAM } from '@outlay/tenancy';
import { createOwner, type TestPerson } from '@outlay/tenancy/testing';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

let test: TestApi;
let jobs: Jobs<typeof JOBS>;
let owner: TestPerson;
let browser: Browser;
let failing = true;

beforeAll(async () => {
  // The board needs the queues of the database that the server makes.
  let board: ReturnType<typeof createJobBoard> | undefined;
  test = await startTestApi({ board: { backend: 'postgres', list: async (tenantId) => await board!.list(tenantId), retry: async (...args) => await board!.retry(...args) } });
  jobs = await createJobs({ catalogue: JOBS, databaseUrl: test.databaseUrl });
  board = createJobBoard(jobs, JOBS);
  owner = await createOwner(test.api.deps.tenancy);
  await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'production', environment: 'production', abilities: ['ingest'] });
  browser = openBrowser(test.url);
  browser.cookie = owner.secret;
});

afterAll(async () => {
  await jobs?.close();
  await test?.close();
});

const OVER_HTTP = new Set(['Running instance', 'Access', 'Ledger', 'Gate']);
const overHttp = (checks: readonly PreflightCheck[]): PreflightCheck[] => checks.filter(({ group, id }) => OVER_HTTP.has(group) && id !== 'team.books');

async function teamNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of eachTeam(test.db)) names.push(name);
  return names;
}

describe('the checks before going live', () => {
  it('are at least 42, each with a name of its own, and those over HTTP pass on a healthy instance', async () => {
    const before = await teamNames();
    const { checks } = await browser.trpc.preflight.run.mutate();
    expect(checks.length).toBeGreaterThanOrEqual(42);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    const running = overHttp(checks);
    expect(running.length).toBeGreaterThanOrEqual(30);
    // This server has no console to serve.
    expect(running.filter(({ ok, id }) => !ok && id !== 'running.legal_pages').map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    for (const { ok, nextStep, message } of checks) {
      expect(message).toMatch(/\S/);
      expect(nextStep === null).toBe(ok === true);
    }
    expect(await teamNames()).toEqual(before);
  });

  it('see what a fresh team has not done yet', async () => {
    const { checks } = await browser.trpc.preflight.run.mutate();
    const failed = checks.filter(({ ok }) => ok === false).map(({ id }) => id);
    expect(failed).toEqual(expect.arrayContaining(['team.admins', 'team.production_key', 'money.default_plan', 'money.hard_cap', 'installation.public_url', 'installation.tls', 'installation.mail', 'operation.jobs_run']));
    expect(failed).not.toContain('money.risk_block');
    expect(isReady(checks)).toBe(false);
  });

  it('fail one by one when nothing answers, and leave nothing', async () => {
    const { tenancy } = test.api.deps;
    const surroundings = { ...test.api.deps.surroundings(), baseUrl: 'http://127.0.0.1:9' };
    const checks = await runPreflight({ tenancy, surroundings, teams: [] });
    expect(overHttp(checks).filter(({ ok }) => ok).map(({ id }) => id)).toEqual(['running.trial']);
    expect(checks.find(({ id }) => id === 'team.exists')).toMatchObject({ ok: false });
    expect(await teamNames()).not.toContain(TRIAL_TEAM);
  });

  it('find a proxy that says yes to everything', async () => {
    const yes = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json').end('{"results":[{"verdict":"accepted","cost_usd":"1"}],"decision":"allow"}');
    });
    await new Promise<void>((resolve) => yes.listen(0, '127.0.0.1', resolve));
    try {
      const surroundings = { ...test.api.deps.surroundings(), baseUrl: `http://127.0.0.1:${(yes.address() as AddressInfo).port}` };
      const passed = overHttp(await runPreflight({ tenancy: test.api.deps.tenancy, surroundings, teams: [] })).filter(({ ok }) => ok).map(({ id }) => id);
      expect(passed.filter((id) => !['running.ready', 'running.trial', 'ledger.accepted'].includes(id))).toEqual([]);
    } finally {
      yes.close();
    }
  });
});

describe('the board of jobs', () => {
  it('shows a failed job to its team alone, and lets it run again', async () => {
    const stranger = await createOwner(test.api.deps.tenancy);
    const strange = openBrowser(test.url);
    strange.cookie = stranger.secret;
    // A worker of its own, whose one kind fails until it is mended.
    const work = await createJobs({ catalogue: JOBS, databaseUrl: test.databaseUrl });
    const nothing = async (): Promise<void> => undefined;
    const handlers = Object.fromEntries(Object.keys(JOBS).map((name) => [name, nothing])) as unknown as Parameters<typeof work.startWorkers>[0];
    work.startWorkers({ ...handlers, 'reprice-rows': async () => {
      if (failing) throw new Error('the price book is away\nand a second line');
    } });
    try {
      await work.add('reprice-rows', { tenantId: owner.tenantId });
      const mine = async (who: Browser) => (await who.trpc.jobs.list.query()).queues.find(({ name }) => name === 'reprice-rows')!;
      await until('the job to fail', async () => (await mine(browser)).failures.length === 1);
      const { failures: [failure], failed } = await mine(browser);
      expect(failure).toMatchObject({ reason: 'the price book is away', attempts: 1, ofAll: false });
      expect(failed).toBe(1);
      expect((await mine(strange)).failures).toEqual([]);
      await expect(strange.trpc.jobs.retry.mutate({ queue: 'reprice-rows', id: failure!.id })).rejects.toThrow('There is no such failed job');
      failing = false;
      await browser.trpc.jobs.retry.mutate({ queue: 'reprice-rows', id: failure!.id });
      await until('the job to be done', async () => (await mine(browser)).lastDoneAt !== null);
      expect((await mine(browser)).failed).toBe(0);
      await expect(browser.trpc.jobs.retry.mutate({ queue: 'reprice-rows', id: failure!.id })).rejects.toThrow('There is no such failed job');
    } finally {
      await work.close();
    }
  });
});
