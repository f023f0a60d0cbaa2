/** Models and customers in a real browser: who stands out and why, what another model would cost, which price changed, and what is shown when the figures cannot be read. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { createKey, type Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const HOUR_MS = 3_600_000;

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let complaints: string[] = [];
let secret = '';

describe.skipIf(chromium === undefined)(`customers and models in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    secret = (await createKey(tenancy, await owner.acting(), { name: 'walk', environment: 'production', abilities: ['ingest'] })).secret;
    browser = await openChromium(chromium!);
    page = await openPage();
    complaints = collectComplaints(page);
  });

  afterAll(async () => {
    await browser?.close();
    await tenancy?.close();
    await test?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  async function openPage(viewport = { width: 1440, height: 900 }): Promise<Page> {
    const context = await browser.newContext({ viewport, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(10_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: owner.secret, url: test.url }]);
    return await context.newPage();
  }

  async function record(events: readonly Record<string, unknown>[]): Promise<void> {
    const { text } = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
    expect((JSON.parse(text) as { results: { verdict: string }[] }).results.map(({ verdict }) => verdict)).toEqual(events.map(() => 'accepted'));
  }

  const at = (hoursAgo: number): string => new Date(Date.now() - hoursAgo * HOUR_MS).toISOString();
  /** A run of one call, of so many million tokens at $2.50. */
  function run(customer: string, user: string, millions: number, workflow = 'pdf_question', hoursAgo = 30): Record<string, unknown>[] {
    const labels = { run_id: newId(), customer_id: customer, user_id: user, workflow };
    const tokens = millions * 1_000_000;
    return [
      { id: newId(), occurred_at: at(hoursAgo), ...labels, provider: 'openai', api: 'chat', model_requested: 'gpt-4o', latency_ms: 2_000, usage: { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens } },
      { id: newId(), kind: 'outcome', occurred_at: at(hoursAgo - 0.01), ...labels, outcome: 'usable' },
    ];
  }

  it('say what to send before there is anybody', async () => {
    await page.goto('/customers');
    await page.getByText('Send customer_id with your calls').waitFor();
    await page.getByRole('tab', { name: 'Users' }).click();
    await page.getByText('Send user_id with your calls').waitFor();
    await page.goto('/models');
    await page.getByText('No model was called here').waitFor();
  });

  it('name the customer who stands out, with the reason', async () => {
    await record([
      ...['acme', 'globex', 'hooli', 'initech', 'umbrella', 'vandelay'].flatMap((customer) => [...run(customer, `${customer}-1`, 1), ...run(customer, `${customer}-2`, 1)]),
      ...Array.from({ length: 8 }, () => run('whale', 'ahab', 12)).flat(), ...run('whale', 'ishmael', 24, 'report'),
    ]);
    await page.goto('/customers?range=7d');
    const outlier = page.getByTestId('outlier');
    await outlier.waitFor();
    const reason = await outlier.innerText();
    // 8 x $30 + $60 = $300 of the 6 days and the part of today that the range has; the others $5.
    expect(reason).toMatch(/whale\s+\$(4\d|50)\.\d\d a day, 60x the median customer.*; 80% of it in pdf_question\./s);
    expect(reason).toContain('$300.00');
    await page.getByText('How this is found').click();
    // The rule in words has the numbers of the rule.
    const { OUTLIER_RULE } = await import('@outlay/insights');
    const words = await page.locator('details').innerText();
    for (const text of [`${OUTLIER_RULE.distanceMin} robust`, `${OUTLIER_RULE.timesMin.cost} times (cost)`, 'twice (growth, cost per usable outcome)', `$${Number(OUTLIER_RULE.amountMinPico) / 1e12} or more`]) expect(words).toContain(text);
    expect([OUTLIER_RULE.timesMin.growth, OUTLIER_RULE.timesMin.costPerUsable, OUTLIER_RULE.customersMin, OUTLIER_RULE.outcomesMin]).toEqual([2, 2, 5, 5]);
  });

  it('are sorted, searched, and handed over as a file with the same sum', async () => {
    const first = page.getByTestId('spender-row').first();
    expect(await first.innerText()).toContain('whale');
    await page.getByRole('button', { name: 'Customer', exact: true }).click();
    await first.getByText('acme').waitFor();
    await page.getByLabel('Search customers').fill('OBE');
    await page.getByText('1 of 7 customers match').waitFor();
    expect(page.url()).toContain('search=OBE');
    await page.getByLabel('Search customers').fill('nobody-of-that-name');
    await page.getByText('No customer with "nobody-of-that-name" in the name').waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await page.goto('/customers?range=7d');
    await page.getByTestId('spender-row').first().waitFor();
    const href = await page.getByTestId('export-csv').getAttribute('href');
    const file = await (await page.request.get(href!)).text();
    const [header, ...lines] = file.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replace(/^\uFEFF/, '').trim().split(','));
    const cost = header!.findIndex((name) => name.replaceAll('"', '') === 'cost_usd');
    expect(lines.map((line) => Number(line[cost]!.replaceAll('"', ''))).reduce((sum, dollars) => sum + dollars, 0)).toBe(330);
  });

  it('lead to one customer\'s own page, and to the rows behind it', async () => {
    await page.getByTestId('outlier').getByRole('link', { name: 'whale' }).click();
    await page.getByRole('heading', { name: 'whale', level: 1 }).waitFor();
    expect(await page.getByTestId('outlier-reason').innerText()).toContain('60x the median customer');
    expect(await page.getByTestId('figure-cost').innerText()).toMatch(/\$300\.00[\s\S]*90\.9% of all cost, 7 customers/);
    await page.getByText('ahab').first().waitFor();
    await page.getByRole('link', { name: 'Rows' }).click();
    await page.getByRole('heading', { name: 'Ledger', level: 1 }).waitFor();
    expect(page.url()).toContain('customerId=whale');
    await page.goto('/customers/nobody?range=7d');
    await page.getByText('No call of this customer here').waitFor();
  });

  it('have users, each within its customer', async () => {
    await page.goto('/customers?tab=users&range=7d');
    await page.getByTestId('spender-row').filter({ hasText: 'ahab' }).getByText('$240.00').waitFor();
    expect(await page.getByTestId('outlier').first().innerText()).toMatch(/ahab of whale[\s\S]*the median user/);
    await page.goto('/customers?tab=users&range=7d&customerId=acme');
    await page.getByText('2 users').waitFor();
  });

  it('show which price changed, and what the same tokens would cost elsewhere', async () => {
    const own = openBrowser(test.url);
    own.cookie = owner.secret;
    const listed = (await own.trpc.prices.get.query({ provider: 'openai', model: 'gpt-4o' })).current.find(({ tier }) => tier === 'standard')!.rows[0]!;
    const rates = listed.rates.map((rate) => (rate.class === 'input_uncached' ? { ...rate, price: '2' } : rate));
    await own.trpc.prices.record.mutate({ provider: 'openai', model: 'gpt-4o', effectiveFrom: at(2), source: 'Contract 9', brackets: [{ contextFrom: 0, rates }] });
    await page.goto('/models?range=7d');
    const move = page.getByTestId('price-move');
    await move.waitFor();
    expect((await move.innerText()).replaceAll(/\s+/g, ' ')).toMatch(/gpt-4o negotiated openai, since .* Input \$2\.50 → \$2\.00 \/ 1M −20%/);
    const row = page.getByTestId('model-row').filter({ hasText: 'gpt-4o' });
    expect(await row.innerText()).toMatch(/\$330\.00[\s\S]*\$2\.50[\s\S]*21/);
    await row.getByRole('button', { name: 'gpt-4o' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Its price changed').waitFor();
    await drawer.getByRole('button', { name: 'Choose another model' }).click();
    await page.getByRole('combobox', { name: 'Search the price book' }).fill('no-such-model');
    await page.getByText('The price book has no such model').waitFor();
    await page.getByRole('combobox', { name: 'Search the price book' }).fill('openai gpt-4o-mini');
    await page.getByRole('option', { name: /^gpt-4o-mini openai/ }).click();
    // 132 million tokens: $264 at today's own price, $19.80 at the other's; the calls were recorded at $2.50.
    await drawer.getByTestId('what-if-verdict').waitFor();
    expect((await drawer.getByTestId('what-if-verdict').innerText()).replaceAll(/\s+/g, ' ')).toBe('At gpt-4o-mini these tokens cost $19.80: $244.20 less (92.5%) than at gpt-4o.');
    expect(await drawer.innerText()).toContain('The ledger recorded $330.00 for these calls, 25% more than gpt-4o at standard prices');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await page.goBack();
  });

  it('stand on a phone without scrolling sideways, every control with a name', async () => {
    const phone = await openPage({ width: 390, height: 844 });
    for (const path of ['/customers?range=7d', '/customers?tab=users&range=7d', '/customers/whale?range=7d', '/models?range=7d', '/models?range=7d&open=openai%2Fgpt-4o&versus=openai%2Fgpt-4o-mini']) {
      await phone.goto(path);
      await phone.getByText(path.includes('whale') ? 'Latest outcomes' : /whale|gpt-4o/).first().waitFor();
      // A dialog's guards at its ends take the focus for an instant and have nothing to say.
      expect([path, (await findFaults(phone)).filter((fault) => !fault.includes('radix-focus-guard'))]).toEqual([path, []]);
    }
    await phone.context().close();
  });

  it('say what failed, with an id to quote, and recover when asked to try again', async () => {
    const owning = new pg.Client({ connectionString: test.databaseUrl });
    await owning.connect();
    await owning.query('SET ROLE outlay_owner');
    await owning.query('ALTER TABLE customer_rollup_day RENAME TO customer_rollup_away');
    await page.goto('/customers?range=30d');
    const failed = page.getByTestId('error-state');
    await failed.waitFor({ timeout: 20_000 });
    expect(await failed.innerText()).toMatch(/The customers could not be read[\s\S]*Correlation id/);
    // The cause is hidden, its name too.
    expect(await failed.innerText()).not.toContain('rollup');
    await owning.query('ALTER TABLE customer_rollup_away RENAME TO customer_rollup_day');
    await owning.end();
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('spender-row').first().waitFor();
  });

  it('say that nothing answers when the server is gone', async () => {
    await page.goto('/models?range=7d');
    await page.getByTestId('model-row').first().waitFor();
    await test.api.close();
    await page.getByRole('radio', { name: '1h' }).click();
    const failed = page.getByTestId('error-state');
    await failed.waitFor({ timeout: 20_000 });
    expect(await failed.innerText()).toMatch(/The models could not be read[\s\S]*did not answer/);
    await failed.getByRole('button', { name: 'Try again' }).waitFor();
  });
});
