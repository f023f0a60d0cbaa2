/**
 * The product's main job in one go, in a real browser, on the settings as they come: sign up a team, connect a provider, make a plan and a cap, let the product run away, get the letter about it
 * within two minutes of the first bad call, read why, and lower the cap from there. Then the same where the spend is only on the provider's side. Pictures go to `.screens`.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { until } from '@outlay/platform/testing';
import { type OpenAIBillingFake, startFakeOpenAIBilling } from '@outlay/fakes';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromiumPath, launchChromium } from './bench/console-browser';
import { CONSOLE_DIR, SCREENS_DIR } from './places';
import { buildCli, type CliProcess, startCli, stopCli } from './testing/cli-process';

const missing = findChromiumPath() === undefined ? 'no chromium on this machine' : undefined;
const PASSWORD = 'correct horse battery';

describe.skipIf(missing !== undefined)(`the main job${missing === undefined ? '' : ` (${missing})`}`, () => {
  let folder: string;
  let outlay: CliProcess & { readonly url: string };
  let fake: OpenAIBillingFake;
  let browser: Browser;
  let page: Page;
  let secret = '';

  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    buildCli();
    folder = await mkdtemp(join(tmpdir(), 'outlay-main-job-'));
    await mkdir(SCREENS_DIR, { recursive: true });
    fake = await startFakeOpenAIBilling({ uses: [], costs: [] });
    outlay = await startCli({ OUTLAY_DATA_DIR: join(folder, 'data') });
    browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL: outlay.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    if (outlay) await stopCli(outlay);
    await fake?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function picture(name: string): Promise<void> {
    await page.screenshot({ path: join(SCREENS_DIR, `main-job-${name}.png`) });
  }

  async function post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${outlay.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  const begin = async (): Promise<number> => (await post('/v1/runs', { run_id: newId(), customer_id: 'umbra', workflow: 'report', models: ['gpt-4o'], estimate_usd: '0.10' })).status;

  /** The letter about an incident stands in the mailbox; answers its link to the alert. */
  async function letterAbout(pattern: RegExp, withinMs: number): Promise<string> {
    let link: string | null = null;
    await page.goto('/dev/mailbox');
    await until(`a letter about ${String(pattern)}`, async () => {
      await page.reload();
      const letter = page.getByTestId('letter').filter({ hasText: pattern }).first();
      if (!(await letter.waitFor({ timeout: 2_000 }).then(() => true, () => false))) return false;
      await letter.click();
      link = await page.frameLocator('iframe').getByRole('link', { name: 'Open the alert' }).getAttribute('href');
      return link !== null;
    }, withinMs);
    return link!;
  }

  it('signs up, connects a provider, makes a plan and a cap', { timeout: 240_000 }, async () => {
    await page.goto('/sign-up');
    await page.getByLabel('Team name').fill('Northwind AI');
    await page.getByLabel('Your name').fill('Mara Lindqvist');
    await page.getByLabel('E-mail').fill('mara@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create team' }).click();
    await page.waitForURL('**/start');
    await page.getByLabel('Environment').fill('production');
    await page.getByRole('button', { name: 'Create key' }).click();
    secret = (await page.getByTestId('api-key-secret').textContent()) ?? '';

    await page.goto('/providers');
    await page.getByRole('button', { name: 'Connect a provider' }).click();
    await page.getByRole('dialog', { name: 'Connect a provider' }).getByRole('button', { name: /^OpenAI/ }).click();
    const connect = page.getByRole('dialog', { name: 'Connect OpenAI' });
    await connect.getByText('Another address').click();
    await connect.getByLabel('Base URL').fill(fake.baseURL);
    await connect.getByLabel('Admin key').fill(fake.adminKey);
    await connect.getByRole('button', { name: 'Test' }).click();
    await connect.getByTestId('finding').getByText('Costs can be read.').waitFor();
    await connect.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByTestId('connection').getByText('Healthy').waitFor({ timeout: 60_000 });
    await picture('connected');

    await page.goto('/plans');
    await page.getByRole('button', { name: 'Start with Hybrid' }).click();
    const plan = page.getByRole('dialog', { name: 'New plan' });
    await plan.getByRole('button', { name: 'Create the draft' }).click();
    await page.waitForURL(/\/plans\/hybrid/);
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog', { name: 'Publish Hybrid' }).getByRole('button', { name: 'Publish now' }).click();
    await page.getByRole('dialog', { name: 'Publish Hybrid' }).waitFor({ state: 'hidden' });

    await page.goto('/caps');
    await page.getByRole('button', { name: 'Add a cap' }).click();
    const cap = page.getByRole('dialog', { name: 'Add a cap' });
    await cap.getByLabel('At most').fill('40.00');
    await cap.getByRole('radio', { name: /^Hard/ }).check();
    await cap.getByLabel('Name').fill('Each customer a day');
    await cap.getByRole('button', { name: 'Add the cap' }).click();
    await page.getByTestId('cap-row').getByText('Each customer a day').waitFor();
    expect(await begin()).toBe(200);
  });

  it('sends the letter within two minutes of the first bad call, explains it, and lowers the cap from there', { timeout: 300_000 }, async () => {
    const startedMs = Date.now();
    // A loop that sends the same million tokens again and again: $2.50 each, through the ledger and not the gate.
    for (let n = 0; n < 8; n++) {
      const { status } = await post('/v1/usage', { events: [{ id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', customer_id: 'umbra', workflow: 'report', run_id: newId(), usage: { prompt_tokens: 1_000_000, completion_tokens: 1, total_tokens: 1_000_001 } }] });
      expect(status).toBe(200);
    }
    const link = await letterAbout(/spent|spike/i, 150_000);
    const tookMs = Date.now() - startedMs;
    expect(tookMs).toBeLessThan(120_000);
    await picture('letter');

    await page.goto(link);
    await page.getByTestId('bridge').waitFor();
    await page.getByTestId('alert-top').getByText('umbra').first().waitFor();
    await picture('alert');
    await page.getByRole('button', { name: /^Lower the cap/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Lower the cap' });
    await dialog.getByLabel('At most a day, in dollars').fill('15.00');
    await dialog.getByRole('button', { name: 'Lower the cap' }).click();
    await page.getByTestId('standing-action').getByText('$15.00 a day').waitFor();
    await picture('lowered');
    expect(await begin()).toBe(402);
  });
});

describe('the main job for a key that is never routed through Outlay', () => {
  it('tells of its spike within five minutes of its bucket, by letter, with what was done with it', { timeout: 420_000 }, async () => {
    buildCli();
    const folder = await mkdtemp(join(tmpdir(), 'outlay-polled-'));
    const fake = await startFakeOpenAIBilling({ uses: [], costs: [] });
    const outlay = await startCli({ OUTLAY_DATA_DIR: join(folder, 'data') });
    try {
      let cookie = '';
      const call = async <T>(procedure: string, input?: unknown, method: 'GET' | 'POST' = 'POST'): Promise<T> => {
        const query = method === 'GET' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
        const answer = await fetch(`${outlay.url}/trpc/${procedure}${query}`, { method, headers: { origin: outlay.url, cookie, 'content-type': 'application/json' }, ...(method === 'POST' ? { body: JSON.stringify(input ?? {}) } : {}) });
        cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
        const text = await answer.text();
        expect([procedure, answer.status, answer.ok ? '' : text]).toEqual([procedure, 200, '']);
        return (JSON.parse(text) as { result: { data: T } }).result.data;
      };
      await call('auth.signUp', { teamName: 'Northwind AI', name: 'Mara', email: 'mara@example.com', password: PASSWORD, timeZone: 'UTC' });
      await call('providers.connect', { provider: 'openai', settings: { baseUrl: fake.baseURL }, credentials: fake.adminKey });
      await until('the first sync', async () => (await call<{ state: string }[]>('providers.list', undefined, 'GET'))[0]?.state === 'healthy', 60_000);
      const bucketMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
      fake.uses.push({ at: new Date(bucketMs).toISOString(), model: 'gpt-4o-2024-08-06', project: 'proj_dark', apiKey: 'key_dark', requests: 40, input: 16_000_000, output: 10_000 });
      const startedMs = Date.now();
      const isAbout = ({ subject, text }: { subject: string; text: string }): boolean => /key_dark|openai/i.test(`${subject} ${text}`) && text.includes('/alerts/');
      await until('a letter about it', async () => (await call<{ subject: string; text: string }[]>('mailbox.list', undefined, 'GET')).some(isAbout), 300_000);
      expect(Date.now() - startedMs).toBeLessThan(300_000);
    } finally {
      await stopCli(outlay);
      await fake.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
