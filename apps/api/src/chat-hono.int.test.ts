/** The landing page's panel on a Hono server over Anthropic, with React 18 in StrictMode, against the real gate. */
import { type Fake, startFakeAnthropic } from '@outlay/fakes';
import { createOutlay, type Outlay } from '@outlay/sdk';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { until } from '@outlay/platform/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HonoChat, startHonoChat } from './testing/hono-chat';
import { collectComplaints, findChromium, openChromium } from './testing/open-chromium';
import { sellPlan } from './testing/sell-plan';
import { startTestApi, type TestApi } from './testing/test-api';

const executablePath = findChromium();

let test: TestApi;
let anthropic: Fake;
let outlay: Outlay;
let key: string;
let app: HonoChat;
let browser: Browser;
let words = 'A short answer.';

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  const acting = await owner.acting();
  key = (await createKey(test.api.deps.tenancy, acting, { name: 'app', environment: 'production', abilities: ['ingest', 'gate', 'read'] })).secret;
  // This plan sells tokens, so its customers see tokens.
  await sellPlan(test, acting, { allowances: [{ id: 'tokens', unit: 'token', measure: 'tokens', included: '1500', window: 'month', exhausted: { mode: 'hard' } }] });
  anthropic = await startFakeAnthropic({ scenario: () => ({ text: words, chunks: 100, chunkDelayMs: words.length > 100 ? 60 : 0 }) });
  outlay = createOutlay({ apiKey: key, baseUrl: test.url, delivery: { spoolDir: false } });
  app = await startHonoChat(outlay, anthropic.baseURL);
  if (executablePath !== undefined) browser = await openChromium(executablePath);
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
  await outlay?.shutdown();
  await anthropic?.close();
  await test?.close();
});

describe('a Hono server', () => {
  it.skipIf(executablePath === undefined)('streams with usage as it grows, cuts the answer where the plan ends, and stops when the reader leaves', { timeout: 60_000 }, async () => {
    const page = await (await browser.newContext()).newPage();
    const complaints = collectComplaints(page);
    await page.goto(app.url);
    expect(await page.getByTestId('version').textContent()).toMatch(/^18\./);

    await page.getByTestId('panel').getByPlaceholder('Ask anything...').fill('Hello');
    await page.getByTestId('panel').getByRole('button', { name: 'Send' }).click();
    await page.getByTestId('panel').getByText('A short answer.').waitFor();

    // The panel goes while its answer runs: the provider is stopped.
    words = 'word '.repeat(200);
    await page.getByTestId('panel').getByPlaceholder('Ask anything...').fill('More');
    await page.getByTestId('panel').getByRole('button', { name: 'Send' }).click();
    await page.getByTestId('panel').getByText('word word').waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await until('the provider is stopped', async () => anthropic.served.at(-1)?.aborted === true);

    // Usage moves while the answer comes, and the plan ends before it does.
    words = 'word '.repeat(2_000);
    const seen = new Set<string>();
    await page.getByRole('button', { name: 'Ask' }).click();
    const prompt = page.getByRole('alert');
    await until('the plan has ended the answer', async () => {
      seen.add((await page.getByRole('meter').getAttribute('aria-valuetext')) ?? '');
      return await prompt.isVisible();
    }, 20_000);
    expect(seen.size).toBeGreaterThan(2);
    expect(await prompt.getAttribute('data-reason')).toBe('quota_exhausted');
    expect((await page.getByTestId('answer').textContent())!.length).toBeGreaterThan(500);
    expect((await page.getByTestId('answer').textContent())!.length).toBeLessThan(words.length);

    // What came is in the ledger, and the plan is not passed by it.
    const told = await fetch(`${test.url}/v1/customers/globex/usage`, { headers: { authorization: `Bearer ${key}` } });
    const [tokens] = ((await told.json()) as { allowances: { used: string }[] }).allowances;
    expect(Number(tokens!.used)).toBeGreaterThan(1_300);
    expect(Number(tokens!.used)).toBeLessThanOrEqual(1_500);

    await page.getByRole('button', { name: 'Pretend' }).click();
    await page.getByTestId('wrong').getByText('customer_mismatch').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
