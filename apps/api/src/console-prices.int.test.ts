/** Prices and the quarantine in a real browser, wrong input first: a contract, its guard, four eyes, and a re-pricing from preview to done. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { advanceRepricing, healQuarantine, listDueRepricings } from '@outlay/ledger';
import { createKey, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, openChromium } from './testing/open-chromium';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let complaints: string[] = [];
let secret = '';

describe.skipIf(chromium === undefined)(`prices in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    // The worker's part, at once.
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false, onWork: (job, tenantId) => void work(job, tenantId).catch((error: unknown) => complaints.push(String(error))) });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    secret = (await createKey(tenancy, await owner.acting(), { name: 'walk', environment: 'production', abilities: ['ingest'] })).secret;
    browser = await openChromium(chromium!);
    page = await openPage(owner);
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

  async function work(job: string, tenantId: string): Promise<void> {
    const { writer, prices } = test.api.deps;
    const { book, mark, price } = await prices.of(tenantId);
    if (job === 'heal-quarantine') await healQuarantine({ db: test.db, book, mark, price }, tenantId);
    for (const run of await listDueRepricings(test.db)) await advanceRepricing({ db: test.db, writer, price }, run);
  }

  async function openPage(person: TestPerson): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(10_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: person.secret, url: test.url }]);
    return await context.newPage();
  }

  async function record(model: string): Promise<string | null> {
    const event = { id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: model, workflow: 'report', usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 } };
    const { text } = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) });
    return (JSON.parse(text) as { results: { cost_usd: string | null }[] }).results[0]!.cost_usd;
  }

  it('finds a model, refuses a price that is none, shows what a right one changes, and prices the next call by it', async () => {
    expect(await record('gpt-4o')).toBe('2.5');
    await page.goto('/prices');
    await page.getByLabel('Search models').fill('gpt-4o-2024-08-06');
    await page.getByTestId('model-row').filter({ hasText: 'openai' }).getByRole('button', { name: 'gpt-4o', exact: true }).click();
    await page.getByTestId('current-price').filter({ hasText: 'Standard' }).getByRole('button', { name: 'Negotiate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your price of gpt-4o' });
    await dialog.getByLabel('Price of Input', { exact: true }).fill('-1');
    await dialog.getByLabel('Where it is written').fill('Contract 7');
    await dialog.getByRole('button', { name: 'See what changes' }).click();
    await dialog.getByText('must be a decimal from 0').waitFor();
    await dialog.getByLabel('Price of Input', { exact: true }).fill('1.25');
    await dialog.getByRole('button', { name: 'Remove Output' }).click();
    await dialog.getByRole('button', { name: 'See what changes' }).click();
    await dialog.getByText('The price that holds also has output_text').waitFor();
    await dialog.getByRole('button', { name: 'Another rate' }).click();
    await dialog.getByLabel('Class of rate 5').fill('output_text');
    await dialog.getByLabel('Price of Output').fill('10');
    await dialog.getByRole('button', { name: 'See what changes' }).click();
    await dialog.getByText('$1.25 / 1M').waitFor();
    await dialog.getByRole('button', { name: 'Record the price' }).click();
    await page.getByTestId('current-price').filter({ hasText: 'Contract 7' }).waitFor();
    expect(await record('gpt-4o')).toBe('1.25');
  });

  it('holds back what is far away until the model is typed, and then until another member approves', async () => {
    await page.goto('/prices?provider=openai&model=gpt-4o');
    const propose = async (price: string) => {
      await page.getByTestId('current-price').filter({ hasText: 'Contract' }).getByRole('button', { name: 'Change' }).click();
      const dialog = page.getByRole('dialog', { name: 'Your price of gpt-4o' });
      await dialog.getByLabel('Price of Output').fill(price);
      await dialog.getByLabel('Where it is written').fill('Contract 8');
      await dialog.getByRole('button', { name: 'See what changes' }).click();
      await dialog.getByText('times up').waitFor();
      await dialog.getByRole('button', { name: 'Propose' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.goto('/prices');
    };
    await propose('400');
    await page.getByTestId('proposal').getByRole('button', { name: 'Approve' }).click();
    const approve = page.getByRole('dialog', { name: 'Approve the price of gpt-4o?' });
    await approve.getByLabel('The model\'s name').fill('gpt-4');
    await approve.getByRole('button', { name: 'Approve 40 times' }).click();
    await approve.getByText('Type the model').last().waitFor();
    await approve.getByLabel('The model\'s name').fill('gpt-4o');
    await approve.getByRole('button', { name: 'Approve 40 times' }).click();
    await page.getByTestId('proposal').waitFor({ state: 'hidden' });

    const colleague = await createColleague(tenancy, owner, 'finance');
    await page.goto('/prices?provider=openai&model=gpt-4o');
    await propose('10000');
    expect(await page.getByTestId('proposal').getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
    const theirs = await openPage(colleague);
    await theirs.goto('/prices');
    await theirs.getByTestId('proposal').getByRole('button', { name: 'Decline' }).click();
    await theirs.getByTestId('proposal').waitFor({ state: 'hidden' });
    await theirs.context().close();
  });

  it('previews a re-pricing of the past, does it, and says what it did', async () => {
    await page.goto('/quarantine');
    await page.getByText('Every call has a price').waitFor();
    await page.getByRole('button', { name: 'Re-price', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Re-price past calls' });
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await dialog.getByText('Say why').waitFor();
    await dialog.getByLabel('Why').fill('Contract 7 holds since ever');
    await dialog.getByLabel('Model').fill('gpt-4o');
    await dialog.getByRole('button', { name: 'Preview' }).click();
    const run = page.getByTestId('run').filter({ hasText: 'Contract 7 holds since ever' });
    // The price holds from now on: the first call keeps its own.
    await run.getByText('nothing to do').waitFor();
  });

  it('shows what has no price and why, and heals it as soon as there is one', async () => {
    expect(await record('gpt-99-mystery')).toBeNull();
    await page.goto('/quarantine');
    await page.getByTestId('quarantine-row').getByText('Model "gpt-99-mystery" of provider "openai" is not in the price book.').waitFor();
    await page.goto('/prices');
    await page.getByRole('button', { name: 'Add a price' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a price' });
    await dialog.getByLabel('Provider').fill('openai');
    await dialog.getByLabel('Model').fill('gpt-99-mystery');
    await dialog.getByLabel('Price of Input', { exact: true }).fill('2');
    await dialog.getByLabel('Price of Output').fill('8');
    await dialog.getByRole('radio', { name: 'Ever since' }).click();
    await dialog.getByLabel('Where it is written').fill('Preview program');
    await dialog.getByRole('button', { name: 'See what changes' }).click();
    await dialog.getByRole('button', { name: 'Record the price' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.goto('/quarantine');
    const run = page.getByTestId('run').filter({ hasText: 'by itself' });
    // Jobs of a busy machine take their time.
    await run.getByText('done').waitFor({ timeout: 30_000 });
    expect(await run.innerText()).toContain('+$2.00');
    await page.getByText('Every call has a price').waitFor();
  });
});
