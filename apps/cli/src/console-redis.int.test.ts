/** The console where api, another api and the worker are processes of their own on Redis: sign in, a figure that arrives through the other api, demo data through the worker. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { openDatabase } from '@outlay/platform';
import { createEmptyDatabase, startTestRedis, type TestRedis, until, whyNoRedis } from '@outlay/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromiumPath, launchChromium } from './bench/console-browser';
import { CONSOLE_DIR } from './places';
import { buildCli, type CliProcess, startCli, stopCli } from './testing/cli-process';

const missing = whyNoRedis() ?? (findChromiumPath() === undefined ? 'no chromium on this machine' : undefined);
const PERSON = { teamName: 'Acme', name: 'Ada', email: 'ada@example.com', password: 'correct horse battery', timeZone: 'UTC' };

describe.skipIf(missing !== undefined)(`the console on Redis${missing === undefined ? '' : ` (${missing})`}`, () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let redis: TestRedis;
  let api: CliProcess & { readonly url: string };
  let other: CliProcess & { readonly url: string };
  let worker: CliProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    buildCli();
    database = await createEmptyDatabase();
    redis = await startTestRedis();
    const env = { DATABASE_URL: database.adminUrl, REDIS_URL: redis.url, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64'), LOG_LEVEL: 'warn' };
    [api, worker] = await Promise.all([startCli(env, ['--only', 'api']), startCli(env, ['--only', 'worker'])]);
    other = await startCli(env, ['--only', 'api']);
    browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, baseURL: api.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(20_000);
    page = await context.newPage();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await Promise.all([api, other, worker].map((process) => process && stopCli(process)));
    await redis?.close();
    await database?.close();
  }, 60_000);

  const call = async <T>(procedure: string, data: unknown): Promise<T> => {
    const answer = await page.request.post(`/trpc/${procedure}`, { headers: { origin: api.url }, data: data ?? {} });
    expect([procedure, answer.status(), answer.ok() ? '' : await answer.text()]).toEqual([procedure, 200, '']);
    return ((await answer.json()) as { result: { data: T } }).result.data;
  };

  it('signs in, and shows what another api took a moment ago', { timeout: 90_000 }, async () => {
    await call('auth.signUp', PERSON);
    const { secret } = await call<{ secret: string }>('keys.create', { name: 'app', environment: 'production', abilities: ['ingest'] });
    await call('auth.signOut', undefined);
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No events yet').waitFor();
    await page.getByText('Live', { exact: true }).filter({ visible: true }).first().waitFor();

    const event = { id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', workflow: 'contract_review', usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 } };
    const taken = await fetch(`${other.url}/v1/usage`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) });
    expect(await taken.json()).toMatchObject({ results: [{ verdict: 'accepted', cost_usd: '2.5' }] });
    await page.getByText('contract_review').filter({ visible: true }).first().waitFor();
  });

  it('fills and removes a demo team through the worker', { timeout: 120_000 }, async () => {
    await page.goto('/new-team');
    await page.getByRole('button', { name: 'Look around with demo data' }).click();
    await page.getByTestId('demo-progress').filter({ hasText: /^Filling: [1-9]\d? %$/ }).waitFor({ timeout: 60_000 });
    await page.getByTestId('remove-demo').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove demo data' }).click();
    await page.getByText('contract_review').filter({ visible: true }).first().waitFor();
    const db = await openDatabase({ url: database.url });
    try {
      await until('the demo team is gone', async () => (await db.system.query('select 1 from tenants where demo')).rowCount === 0, 60_000);
    } finally {
      await db.close();
    }
    expect([api, other, worker].map((process) => process.child.exitCode)).toEqual([null, null, null]);
  });
});
