/** Plans in a real browser: a draft with a mistake, mended, previewed, published and taken on by a customer; and what a viewer may not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

describe.skipIf(chromium === undefined)(`plans in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    secret = (await createKey(tenancy, await owner.acting(), { name: 'walk', environment: 'production', abilities: ['ingest', 'gate'] })).secret;
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

  async function openPage(person: TestPerson): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: person.secret, url: test.url }]);
    return await context.newPage();
  }

  async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const { text } = await openBrowser(test.url).request('POST', path, { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return JSON.parse(text) as Record<string, unknown>;
  }

  it('offers templates to a team that sells nothing yet, and makes a draft of one', async () => {
    await page.goto('/plans');
    await page.getByTestId('template').nth(4).waitFor();
    expect(await page.getByTestId('template').count()).toBe(5);
    await page.getByRole('button', { name: 'Start with Hybrid' }).click();
    const dialog = page.getByRole('dialog', { name: 'New plan' });
    await dialog.getByLabel('Name').fill('');
    await dialog.getByRole('button', { name: 'Create the draft' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Name').fill('Team plan');
    await dialog.getByRole('button', { name: 'Create the draft' }).click();
    await page.waitForURL(/\/plans\/team_plan/);
  });

  it('keeps a draft with mistakes, shows each where it stands, and publishes it only when it is mended', async () => {
    const form = page.getByRole('form', { name: 'Draft of the plan' });
    await form.getByLabel('Base fee').fill('-5');
    await form.getByLabel('Included').fill('many');
    await form.getByRole('button', { name: 'Save draft' }).click();
    await form.getByText('it must be a decimal number, zero or more, such as 0.002').first().waitFor();
    expect(await form.locator('[aria-invalid=true]').count()).toBe(2);
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true);
    await page.reload();
    expect(await form.getByLabel('Base fee').inputValue()).toBe('-5');
    await form.getByLabel('Base fee').fill('49');
    await form.getByLabel('Included').fill('100');
    await form.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('$49 a month').first().waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    const dialog = page.getByRole('dialog', { name: 'Publish Team plan' });
    await dialog.getByRole('radio', { name: 'From a day' }).click();
    await dialog.getByLabel('From', { exact: true }).fill('2020-01-01T00:00');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await dialog.getByText('It cannot hold from a time in the past').waitFor();
    await dialog.getByRole('radio', { name: 'From now' }).click();
    await dialog.getByLabel('Why').fill('First price');
    await dialog.getByRole('button', { name: 'Publish now' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByTestId('version-1').getByText('First price').waitFor();
  });

  it('is the default for whoever comes, and its draft is compared and previewed on what they used', async () => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Make it the default' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make it the default' }).click();
    await page.getByText('New customers come to this plan').waitFor();
    const at = new Date().toISOString();
    await post('/v1/usage', { events: ['acme', 'umbra'].flatMap((customer, n) => [
      { idempotency_key: `${customer}-c`, occurred_at: at, provider: 'openai', api: 'chat', model_requested: 'gpt-4o', workflow: 'report', customer_id: customer, run_id: customer, usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 } },
      { kind: 'outcome', idempotency_key: `${customer}-o`, occurred_at: at, workflow: 'report', customer_id: customer, run_id: customer, outcome: 'usable', units: 50 + n * 100 },
    ]) });
    await page.reload();
    await page.getByTestId('figures-1').getByText('2 customers').waitFor();
    await page.getByRole('tab', { name: 'Draft' }).click();
    await page.getByRole('form', { name: 'Draft of the plan' }).getByLabel('Included').fill('40');
    await page.getByRole('button', { name: 'Save draft' }).click();
    const diff = page.getByTestId('plan-diff');
    await diff.getByText('Action: included').waitFor();
    expect(await diff.innerText()).toMatch(/100 a month\s+40 a month/);
    await page.getByRole('button', { name: 'Preview in dollars' }).click();
    const row = page.getByTestId('preview-row').filter({ hasText: 'umbra' });
    await row.getByText('+$').first().waitFor();
    expect(await page.getByTestId('preview-customers').innerText()).toContain('2 pay more');
  });

  it('simulates another price at an address that a colleague opens, who may change nothing', async () => {
    await page.goto('/plans/team_plan/simulate');
    await page.getByLabel('Base fee a month', { exact: true }).fill('10');
    await page.waitForURL(/baseFee=10/);
    await page.getByTestId('preview-customers').getByText('2 pay less').waitFor();
    await page.getByLabel('Base fee a month', { exact: true }).fill('cheap');
    await page.getByText('A decimal, zero or more, such as 0.012.').waitFor();
    const theirs = await openPage(await createColleague(tenancy, owner, 'viewer'));
    await theirs.goto('/plans/team_plan/simulate?baseFee=10');
    await theirs.getByTestId('preview-customers').getByText('2 pay less').waitFor();
    await theirs.goto('/plans/team_plan?tab=draft');
    await theirs.getByRole('form', { name: 'Draft of the plan' }).waitFor();
    expect(await theirs.getByRole('button', { name: 'Save draft' }).count()).toBe(0);
    expect(await theirs.getByLabel('Base fee').isDisabled()).toBe(true);
    await theirs.context().close();
  });

  it('gives a customer credits and an override, seen before it is saved, and suspends it until it is resumed', async () => {
    await page.goto('/customers/acme');
    const card = page.getByTestId('customer-plan');
    await card.getByText('Team plan').first().waitFor();
    await page.getByRole('button', { name: 'Override' }).click();
    const dialog = page.getByRole('dialog', { name: 'Override for acme' });
    await dialog.getByLabel('Actions included').fill('none');
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Actions included').fill('500');
    await dialog.getByTestId('override-diff').getByText('100 becomes 500').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await card.getByText('with override').waitFor();
    await page.getByRole('button', { name: 'Give credits' }).click();
    const give = page.getByRole('dialog', { name: 'Give credits to acme' });
    await give.getByLabel('Credits').fill('0');
    await give.getByRole('button', { name: 'Give', exact: true }).click();
    await give.getByRole('alert').waitFor();
    await give.getByLabel('Credits').fill('250');
    await give.getByRole('button', { name: 'Give', exact: true }).click();
    await page.getByTestId('credit-row').getByText('Topped up').waitFor();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('Unpaid');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await card.getByText('none of its runs begins').waitFor();
    expect(await post('/v1/runs', { customer_id: 'acme', workflow: 'report', estimate_usd: '0.01' })).toMatchObject({ decision: 'deny', reason: 'customer_suspended' });
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    expect(await post('/v1/runs', { customer_id: 'acme', workflow: 'report', estimate_usd: '0.01' })).toMatchObject({ decision: 'allow' });
  });

  it('puts a customer into a segment and overrides the whole segment, seen plan by plan and in money before it is saved, until it is ended', async () => {
    await page.goto('/customers/acme');
    const card = page.getByTestId('customer-plan');
    await card.getByText('Team plan').first().waitFor();
    await page.getByRole('button', { name: 'Segment', exact: true }).click();
    const segment = page.getByRole('dialog', { name: 'Segment of acme' });
    await segment.getByLabel('Segment').fill('x'.repeat(300));
    await segment.getByRole('button', { name: 'Save' }).click();
    await segment.getByRole('alert').waitFor();
    await segment.getByLabel('Segment').fill('gold');
    await segment.getByRole('button', { name: 'Save' }).click();
    await card.getByText('segment gold').waitFor();
    await page.getByRole('button', { name: 'Override segment' }).click();
    const dialog = page.getByRole('dialog', { name: 'Override for segment gold' });
    // What the customer has agreed for itself is not the segment's.
    expect(await dialog.getByLabel('Actions included').inputValue()).toBe('100');
    await dialog.getByLabel('Base fee').fill('5');
    await dialog.getByTestId('plan-effect').filter({ hasText: 'Plan team_plan' }).getByText('becomes 5').waitFor();
    expect(await dialog.getByTestId('override-charge').innerText()).toMatch(/The last 30 days of 1 customer: .* would have been /);
    await dialog.getByLabel('Base fee').fill('free');
    await dialog.getByRole('alert').first().waitFor();
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Base fee').fill('5');
    await dialog.getByLabel('Why').fill('gold pays less');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await card.getByText('History').click();
    await card.getByText('Override of segment gold: gold pays less').waitFor();
    await card.getByText('$5').first().waitFor();
    await page.getByRole('button', { name: 'Override segment' }).click();
    await dialog.getByRole('button', { name: 'End the override' }).click();
    await card.getByText('Override ended of segment gold').waitFor();
  });
});
