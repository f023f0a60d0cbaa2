/**
 * What changes is on the screen by word of it alone: every page that promises so is opened in a real browser whose clock for polling never strikes, the change is made elsewhere, and the page shows it.
 * How long each took is measured; two seconds are promised.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { evaluateAlerts, saveBudget } from '@outlay/insights';
import { ADAPTERS, reconcileDays, type SyncAsk, syncDue } from '@outlay/providers';
import { billOpenAIUses, type OpenAIBillingFake, type OpenAIUse, startFakeOpenAIBilling } from '@outlay/fakes';
import { auditedBy, createKey, type Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, openChromium } from './testing/open-chromium';
import { type Browser as Colleague, openBrowser, startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const DAY_MS = 86_400_000;
const PROMISED_MS = 2_000;

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let colleague: Colleague;
let fake: OpenAIBillingFake;
let key = '';
let complaints: string[] = [];
const working = new Set<Promise<unknown>>();
const tookMs: Record<string, number> = {};

/** Whatever looks again by itself does so after a second at the earliest: in this browser it never does. What the live connection needs is quicker. */
function stopPolling(): void {
  const { setInterval: every, setTimeout: after } = window;
  const isPoll = (ms: unknown, least: number): boolean => typeof ms === 'number' && ms >= least;
  window.setInterval = ((run: TimerHandler, ms?: number, ...rest: unknown[]) => (isPoll(ms, 900) ? 0 : every(run, ms, ...rest))) as typeof window.setInterval;
  window.setTimeout = ((run: TimerHandler, ms?: number, ...rest: unknown[]) => (isPoll(ms, 1_500) ? 0 : after(run, ms, ...rest))) as typeof window.setTimeout;
}

/** What the worker does when a person asks. */
function work(ask: SyncAsk): void {
  const { db, box, fetch, prices, activity } = test.api.deps;
  const tell = (tenantId: string): void => activity.publish(tenantId, 1);
  const done = syncDue({ db, box, fetch, adapters: ADAPTERS, bookOf: async (tenantId: string) => (await prices.of(tenantId)).book, log: () => undefined, onPage: tell }, ask, tell).finally(() => working.delete(done));
  working.add(done);
}

describe.skipIf(chromium === undefined)(`pages that follow by themselves${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    const uses = [1, 2].map((days): OpenAIUse => ({ at: new Date(Date.now() - days * DAY_MS).toISOString(), model: 'gpt-4o-mini-2024-07-18', project: 'proj_a', apiKey: 'key_dark', requests: 10, input: 2_000_000, output: 500_000 }));
    fake = await startFakeOpenAIBilling({ uses, costs: billOpenAIUses(uses) });
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false, onSync: work });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    key = (await createKey(tenancy, await owner.acting(), { name: 'live', environment: 'production', abilities: ['ingest'] })).secret;
    colleague = openBrowser(test.url);
    colleague.cookie = owner.secret;
    await record('report');
    browser = await openChromium(chromium!);
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    await context.addInitScript(stopPolling);
    await context.addCookies([{ name: SESSION_COOKIE, value: owner.secret, url: test.url }]);
    page = await context.newPage();
    complaints = collectComplaints(page);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await Promise.all(working);
    await tenancy?.close();
    await test?.close();
    await fake?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  /** $2.50 of a workflow. */
  async function record(workflow: string): Promise<void> {
    const event = { id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', workflow, customer_id: 'acme', usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 } };
    const answer = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) });
    expect(answer.status).toBe(200);
  }

  /** What the worker's round does, word of it included. */
  async function look(): Promise<void> {
    await evaluateAlerts({ db: test.db, onActivity: (tenantId) => test.api.deps.activity.publish(tenantId, 1) }, Date.now(), owner.tenantId);
  }

  async function open(path: string, shown: Locator): Promise<void> {
    await page.goto(path);
    await shown.waitFor();
    await page.getByTestId('freshness').getByText('Live', { exact: true }).waitFor();
  }

  /** Measured from the moment that the change was made. */
  async function shows(name: string, change: () => Promise<unknown>, shown: Locator): Promise<void> {
    expect(await shown.count()).toBe(0);
    await change();
    const since = performance.now();
    await shown.waitFor();
    tookMs[name] = Math.round(performance.now() - since);
  }

  it('Overview: a workflow that spent for the first time', async () => {
    await open('/', page.getByTestId('workflow-row').filter({ hasText: 'report' }));
    await shows('overview', () => record('overview-news'), page.getByTestId('workflow-row').filter({ hasText: 'overview-news' }));
  });

  it('Spend: the same there', async () => {
    await open('/spend', page.getByTestId('spend-row').filter({ hasText: 'report' }));
    await shows('spend', () => record('spend-news'), page.getByTestId('spend-row').filter({ hasText: 'spend-news' }));
  });

  it('Forecast: what the month has cost, and a budget that a colleague sets', async () => {
    await open('/forecast', page.getByLabel('Key figures').getByText('$7.50'));
    await shows('forecast', () => record('forecast-news'), page.getByLabel('Key figures').getByText('$10.00'));
    await shows('budget', () => colleague.trpc.budgets.save.mutate({ scope: 'tenant', monthUsd: '123' }), page.getByTestId('budget-row').getByText('$123.00'));
  });

  it('Rules and Channels: what a colleague adds', async () => {
    await open('/alerts/rules', page.getByTestId('rule-row').filter({ hasText: 'Spend spike' }));
    await shows('rules', () => colleague.trpc.alerts.saveRule.mutate({ kind: 'no_data', name: 'Silence', scope: 'tenant' }), page.getByTestId('rule-row').filter({ hasText: 'Silence' }));
    await open('/channels', page.getByTestId('channel-row').filter({ hasText: 'E-mail to the owners' }));
    await shows('channels', () => colleague.trpc.channels.save.mutate({ kind: 'email', name: 'Finance', to: ['finance@example.com'] }), page.getByTestId('channel-row').filter({ hasText: 'Finance' }));
  });

  it('Alerts: one that fires; and the bell says so on a page that has nothing to do with it', async () => {
    await open('/alerts', page.getByText('Nothing is wrong'));
    await shows('alerts', async () => {
      await saveBudget(test.db, auditedBy(await owner.acting()), { scope: 'customer', subject: 'acme', monthUsd: '20' });
      await look();
    }, page.getByTestId('alert-row').filter({ hasText: '50 %' }));
    await page.goto('/settings/team');
    await page.getByRole('button', { name: 'Notices, 1 new' }).waitFor();
    await shows('bell', async () => {
      await saveBudget(test.db, auditedBy(await owner.acting()), { scope: 'customer', subject: 'acme', monthUsd: '10' });
      await look();
    }, page.getByRole('button', { name: 'Notices, 2 new' }));
  });

  it('Providers: a connection that a colleague makes, and its sync to the end', async () => {
    await open('/providers', page.getByText('No provider is connected'));
    const connection = page.getByTestId('connection').filter({ hasText: 'Production' });
    await shows('providers', () => colleague.trpc.providers.connect.mutate({ provider: 'openai', name: 'Production', settings: { baseUrl: fake.baseURL }, credentials: fake.adminKey }), connection);
    await connection.getByText('Healthy').waitFor();
  });

  it('Reconciliation: days that were compared', async () => {
    await Promise.all(working);
    await open('/reconciliation', page.getByText('Nothing was compared in these days'));
    await shows('reconciliation', async () => {
      await reconcileDays({ db: test.db, bookOf: async (of) => (await test.api.deps.prices.of(of)).book }, owner.tenantId, null);
      test.api.deps.activity.publish(owner.tenantId, 1);
    }, page.getByTestId('day-row').first());
  });

  it('keeps the promise of two seconds: half of them in less, on a machine that does other things too', () => {
    const sorted = Object.values(tookMs).sort((a, b) => a - b);
    expect(sorted).toHaveLength(10);
    expect([tookMs, sorted[5]! < PROMISED_MS]).toEqual([tookMs, true]);
  });
});
