/** Caps, holds and decisions in a real browser, with a product that meets them over HTTP: a cap stops it, the console says why, raising it lets it go on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createKey, type Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import pg from 'pg';
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

describe.skipIf(chromium === undefined)(`caps in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    secret = (await createKey(tenancy, await owner.acting(), { name: 'walk', environment: 'production', abilities: ['ingest', 'gate'] })).secret;
    browser = await openChromium(chromium!);
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: owner.secret, url: test.url }]);
    page = await context.newPage();
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

  async function begin(runId: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const body = { run_id: runId, customer_id: 'acme', workflow: 'report', models: ['gpt-4o'], estimate_usd: '0.40' };
    const { status, text } = await openBrowser(test.url).request('POST', '/v1/runs', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return { status, body: JSON.parse(text) as Record<string, unknown> };
  }

  it('adds a cap that is soft unless its author says otherwise, and says what is wrong with it at its field', async () => {
    await page.goto('/caps');
    await page.getByText('No cap yet').waitFor();
    await page.getByRole('button', { name: 'Add a cap' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a cap' });
    expect(await dialog.getByRole('radio', { name: /^Soft/ }).isChecked()).toBe(true);
    await dialog.getByLabel('At most').fill('a lot');
    await dialog.getByRole('button', { name: 'Add the cap' }).click();
    await dialog.getByText('Dollars as a decimal, such as 4.00.').waitFor();
    await dialog.getByLabel('At most').fill('1.00');
    await dialog.getByLabel('Only this one').fill('acme');
    await dialog.getByRole('radio', { name: /^Hard/ }).check();
    await dialog.getByText('Customers are stopped by it').waitFor();
    await dialog.getByRole('button', { name: 'Add the cap' }).click();
    await page.getByTestId('cap-row').getByText('$1.00 a day for customer acme').waitFor();
  });

  it('stops the product, shows why and what was decided, and lets it go on when the cap is raised', async () => {
    expect((await begin('one')).body['decision']).toBe('allow');
    expect((await begin('two')).body['decision']).toBe('allow');
    const stopped = await begin('three');
    expect([stopped.status, stopped.body['reason']]).toEqual([402, 'hard_cap_reached']);

    await page.goto(`/gate/decisions?requestId=${String(stopped.body['request_id'])}`);
    await page.getByTestId('decision-row').getByRole('button').click();
    const drawer = page.getByTestId('decision');
    await drawer.getByText(String(stopped.body['message'])).waitFor();
    await drawer.getByText('stopped it').waitFor();
    await drawer.getByText('the same, by rule').waitFor();
    await page.keyboard.press('Escape');

    await page.goto('/caps');
    await page.getByRole('button', { name: 'More about $1.00 a day for customer acme' }).click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change $1.00 a day for customer acme' });
    await dialog.getByLabel('At most').fill('2.00');
    await dialog.getByLabel('Name').fill('Two dollars');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByTestId('cap-row').getByText('Two dollars').waitFor();
    expect((await begin('three')).body['decision']).toBe('allow');
  });

  it('lists what open runs hold, and releases one that hangs', async () => {
    await page.goto('/gate?customerId=acme');
    await page.getByText('3 open holds').waitFor();
    await page.getByRole('button', { name: 'Release the hold of run two' }).click();
    await page.getByRole('dialog', { name: 'Release this hold?' }).getByRole('button', { name: 'Release' }).click();
    await page.getByText('2 open holds').waitFor();
    expect(await page.getByTestId('hold-row').filter({ hasText: 'two' }).count()).toBe(0);
  });

  it('shows what came without a begin, and of a cap on each customer who is nearest to it, with a link', async () => {
    await page.goto('/caps');
    await page.getByRole('button', { name: 'Add a cap' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a cap' });
    await dialog.getByLabel('At most').fill('4.00');
    await dialog.getByLabel('Name').fill('Four each');
    await dialog.getByRole('button', { name: 'Add the cap' }).click();
    await page.getByTestId('cap-row').getByText('Four each').waitFor();
    // The run "one" began; what has no run did not.
    const event = (customer: string, usd: string, more: object = {}) => ({
      idempotency_key: `${customer} ${usd}`, occurred_at: new Date().toISOString(), customer_id: customer, workflow: 'report', provider: 'openai', model_requested: 'gpt-4o',
      extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: usd }], quantities: {}, ...more,
    });
    const events = [event('acme', '0.30', { run_id: 'one' }), event('acme', '0.25'), event('zeta', '3.50')];
    const { status } = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
    expect(status).toBe(200);
    await page.reload();
    await page.getByTestId('cap-row').filter({ hasText: 'Two dollars' }).getByText('$0.25 of it came without a begin').waitFor();
    const nearest = page.getByRole('list', { name: 'Who is nearest to Four each' });
    await nearest.waitFor();
    expect(await nearest.getByRole('listitem').allInnerTexts()).toEqual([expect.stringMatching(/zeta\s*\$3\.50, 87\.5%|zeta\s*\$3\.50, 88%/), expect.stringMatching(/acme\s*\$0\.55/)]);
    await nearest.getByRole('link', { name: 'zeta' }).click();
    await page.waitForURL(/\/customers\/zeta/);
    await page.goto('/customers/acme');
    await page.getByTestId('limit').filter({ hasText: 'Two dollars' }).getByText('$0.25 of it came without a begin').waitFor();
    await page.goto('/caps');
    await page.getByRole('button', { name: 'More about Four each' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog', { name: 'Remove Four each?' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByTestId('cap-row').filter({ hasText: 'Four each' }).waitFor({ state: 'hidden' });
  });

  it('switches a cap off and on, removes it, and changes the risk block with the limits of its fields', async () => {
    await page.goto('/caps');
    const more = async (item: string): Promise<void> => {
      await page.getByRole('button', { name: 'More about Two dollars' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await more('Switch off');
    await page.getByTestId('cap-row').getByText('off', { exact: true }).waitFor();
    await more('Switch on');
    await page.getByTestId('cap-row').getByText('off', { exact: true }).waitFor({ state: 'hidden' });
    await more('Remove');
    await page.getByRole('dialog', { name: 'Remove Two dollars?' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No cap yet').waitFor();
    await page.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Risk block' });
    await dialog.getByLabel('Times the daily mean').fill('0.5');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('A decimal between 1 and 10,000').waitFor();
    await dialog.getByLabel('Times the daily mean').fill('10');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByTestId('risk-words').getByText('10 times').waitFor();
  });

  it('says what failed with an id to quote, recovers when asked to, and says when nothing answers', async () => {
    const owning = new pg.Client({ connectionString: test.databaseUrl });
    await owning.connect();
    await owning.query('SET ROLE outlay_owner');
    await owning.query('ALTER TABLE caps RENAME TO caps_away');
    await page.goto('/caps');
    const failed = page.getByTestId('error-state').first();
    await failed.waitFor({ timeout: 20_000 });
    expect(await failed.innerText()).toMatch(/The caps could not be read[\s\S]*Correlation id/);
    expect(await failed.innerText()).not.toContain('does not exist');
    await owning.query('ALTER TABLE caps_away RENAME TO caps');
    await owning.end();
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No cap yet').waitFor();
    await page.goto('/gate/decisions');
    await page.getByTestId('decision-row').first().waitFor();
    await test.api.close();
    await page.getByLabel('Verdict').selectOption('deny');
    await page.getByText('The decisions could not be read').waitFor({ timeout: 20_000 });
    // What the browser itself logs of answers that were meant to fail.
    complaints.length = 0;
  });
});
