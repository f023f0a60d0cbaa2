/** The snippets of the landing page in a real Next.js app, built for production, in a real browser, against the real gate. */
import { type Fake, startFakeOpenAI } from '@outlay/fakes';
import type { PlanDefinitionInput } from '@outlay/plans';
import { until } from '@outlay/platform/testing';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectComplaints, findChromium, openChromium } from './testing/open-chromium';
import { sellPlan } from './testing/sell-plan';
import { type NextApp, startNextApp } from './testing/start-next-app';
import { startTestApi, type TestApi } from './testing/test-api';

const executablePath = findChromium();
/** Four answers a month. */
const PLAN: Partial<PlanDefinitionInput> = {
  allowances: [{ id: 'answers', unit: 'answer', included: '4', window: 'month', exhausted: { mode: 'hard' } }],
  gates: { export: false },
};

let test: TestApi;
let openai: Fake;
let key: string;
let app: NextApp;
let browser: Browser;
let words = 'Forty two, as everybody knows by now.';

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  const acting = await owner.acting();
  key = (await createKey(test.api.deps.tenancy, acting, { name: 'app', environment: 'production', abilities: ['ingest', 'gate', 'read'] })).secret;
  await sellPlan(test, acting, PLAN);
  openai = await startFakeOpenAI({ scenario: () => ({ text: words, chunks: words.length > 100 ? 100 : 8, chunkDelayMs: 20 }) });
  app = await startNextApp({ OUTLAY_API_KEY: key, OUTLAY_URL: test.url, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: openai.baseURL });
  if (executablePath !== undefined) browser = await openChromium(executablePath);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await app?.close();
  await openai?.close();
  await test?.close();
});

const post = (path: string, body: unknown, customer: string | undefined): Promise<Response> =>
  fetch(`${app.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...(customer === undefined ? {} : { cookie: `customer=${customer}` }) }, body: JSON.stringify(body) });

async function rowsOf(customerId: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${test.url}/v1/usage?customer_id=${customerId}`, { headers: { authorization: `Bearer ${key}` } });
  return ((await response.json()) as { data: Record<string, unknown>[] }).data;
}

describe('a Next.js app', () => {
  it('runs the landing page\'s aiUsage.run in a route: one call, one outcome, its snapshot', async () => {
    const response = await post('/api/answer', { question: 'What is the answer?' }, 'umbrella');
    expect(await response.json()).toEqual({ text: 'Forty two, as everybody knows by now.' });
    const rows = await rowsOf('umbrella');
    expect(rows.map((row) => [row['kind'], row['workflow'], row['feature'], row['outcome'] ?? null]).sort()).toEqual([['outcome', 'pdf_question', 'rag', 'usable'], ['usage', 'pdf_question', 'rag', null]]);
    expect(new Set(rows.map((row) => row['active_price_id']))).toEqual(new Set(['price_free_1']));
  });

  it('answers 403 when the browser names another customer, and 401 to a stranger', async () => {
    const message = { messages: [{ role: 'user', content: 'Hello' }] };
    expect((await post('/api/chat', { ...message, customerId: 'globex' }, 'acme')).status).toBe(403);
    expect((await post('/api/chat', message, undefined)).status).toBe(401);
  });

  it('stops the provider when the browser leaves', async () => {
    const before = words;
    words = 'word '.repeat(1_000);
    const left = new AbortController();
    const response = await fetch(`${app.url}/api/chat`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: 'customer=hooli' }, body: '{"messages":[{"role":"user","content":"Hello"}]}', signal: left.signal });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.read();
    left.abort();
    await until('the provider is stopped', () => openai.served.at(-1)?.aborted === true);
    await until('the run is over', async () => (await rowsOf('hooli')).some((row) => row['kind'] === 'outcome'));
    words = before;
  });

  it.skipIf(executablePath === undefined)('lets a customer chat until the plan ends, shows what is left, and says why it stopped', { timeout: 60_000 }, async () => {
    const context = await browser.newContext();
    await context.addCookies([{ name: 'customer', value: 'acme', url: app.url }]);
    const page = await context.newPage();
    const complaints = collectComplaints(page);
    await page.goto(app.url);

    await page.getByTestId('gates').getByText('No export in this plan').waitFor();
    await page.getByTestId('meter').getByText('0 of 4 used').waitFor();

    const panel = page.getByTestId('panel');
    await panel.getByPlaceholder('Ask anything...').fill('What is the answer?');
    await panel.getByRole('button', { name: 'Send' }).click();
    await panel.getByText('Forty two, as everybody knows by now.').waitFor();

    for (const used of [2, 3, 4]) {
      await ask(page);
      await page.getByTestId('meter').getByText(`${used} of 4 used`).waitFor();
    }
    expect(await page.getByRole('meter').getAttribute('aria-valuetext')).toMatch(/^4 of 4 used, None left until /);
    await ask(page);
    const prompt = page.getByTestId('quick').getByRole('alert');
    await prompt.waitFor();
    expect(await prompt.getAttribute('data-reason')).toBe('quota_exhausted');
    expect(await prompt.textContent()).toMatch(/All 4 answers are used\. More from \d{4}-\d\d-01 on\..*Upgrade/);
    expect(complaints).toEqual([]);

    const rows = await rowsOf('acme');
    expect(rows.filter((row) => row['kind'] === 'outcome')).toHaveLength(4);
    expect(openai.served.filter(({ api, aborted }) => api === 'chat' && !aborted)).toHaveLength(5);
    // No key and no cost reached the browser: neither in the page nor in what its scripts hold.
    const scripts = await page.evaluate(async () => Promise.all([...document.scripts].map(async ({ src, textContent }) => (src ? (await fetch(src)).text() : (textContent ?? '')))));
    expect([await page.content(), ...scripts].filter((text) => text.includes(key) || text.includes('sk-test'))).toEqual([]);
    await context.close();
  });
});

async function ask(page: Page): Promise<void> {
  const button = page.getByTestId('quick').getByRole('button', { name: 'Ask' });
  await button.click();
  await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>('[data-testid=quick] button:last-of-type')!.disabled);
}
