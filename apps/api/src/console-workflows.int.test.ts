/** Workflows and runs in a real browser: set up before the first event, from a figure to the run behind it, and what is shown when it cannot be. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { changeRole, createKey, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
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

describe.skipIf(chromium === undefined)(`workflows in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false });
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

  async function openPage(person: TestPerson, viewport = { width: 1280, height: 900 }): Promise<Page> {
    const context = await browser.newContext({ viewport, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(20_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: person.secret, url: test.url }]);
    return await context.newPage();
  }

  async function record(events: readonly Record<string, unknown>[]): Promise<void> {
    const { text } = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
    expect((JSON.parse(text) as { results: { verdict: string }[] }).results.map(({ verdict }) => verdict)).toEqual(events.map(() => 'accepted'));
  }

  const at = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1_000).toISOString();
  const call = (run: string, secondsAgo: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    id: newId(), occurred_at: at(secondsAgo), run_id: run, workflow: 'pdf_question', customer_id: 'acme', request_id: `req-${run}-${secondsAgo}`, provider: 'openai', api: 'chat', model_requested: 'gpt-4o',
    latency_ms: 2_000, ttft_ms: 400, usage: { prompt_tokens: 100_000, completion_tokens: 0, total_tokens: 100_000 }, ...more,
  });
  const outcome = (run: string, secondsAgo: number, said: 'usable' | 'unusable'): Record<string, unknown> => ({
    id: newId(), kind: 'outcome', occurred_at: at(secondsAgo), run_id: run, workflow: 'pdf_question', customer_id: 'acme', outcome: said,
  });

  it('is set up before its first event, wrong values first', async () => {
    await page.goto('/workflows');
    await page.getByText('No workflow in this range').waitFor();
    await page.getByTestId('empty-state').getByRole('button', { name: 'Set up a workflow' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set up a workflow' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Name the workflow as its events do').waitFor();
    await dialog.getByLabel('Workflow', { exact: true }).fill('pdf_question');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Say what one usable outcome is').waitFor();
    await dialog.getByLabel('One usable outcome is').fill('answered question');
    await dialog.getByLabel('Target cost per usable outcome').fill('0,2');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Enter dollars as a decimal').waitFor();
    await dialog.getByLabel('Target cost per usable outcome').fill('0.2');
    await dialog.getByLabel('A run without outcome is given up after').fill('soon');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Between one minute and 90 days').waitFor();
    await dialog.getByLabel('A run without outcome is given up after').fill('2');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByTestId('workflow-row').filter({ hasText: 'pdf_question' });
    await row.filter({ hasText: 'answered question' }).waitFor();
    expect(await row.innerText()).toContain('Never seen');
  });

  it('shows what one answered question costs as soon as events come, and leads from the dearest run to its calls', async () => {
    // $0.25 a call: a run of one, and a run with a retry.
    await record([call('cheap', 60), outcome('cheap', 55, 'usable')]);
    await record([call('dear', 50, { status: 'failed', error_class: 'overloaded', usage: undefined }), call('dear', 40, { attempt: 2 }), call('dear', 20), outcome('dear', 10, 'usable'), call('lost', 9), outcome('lost', 5, 'unusable')]);
    const row = page.getByTestId('workflow-row').filter({ hasText: 'pdf_question' });
    await row.filter({ hasText: '$1.00' }).waitFor();
    await row.getByRole('link', { name: 'pdf_question' }).click();
    await page.getByTestId('unit-cost').filter({ hasText: '$0.5000 per answered question' }).waitFor();
    expect(await page.getByTestId('figure-per-usable').innerText()).toContain('above target of $0.2000');
    expect(await page.getByTestId('figure-usable').innerText()).toContain('2 of 3 outcomes');
    expect(await findFaults(page)).toEqual([]);
    await page.getByTestId('rank-max').click();
    await page.getByRole('heading', { name: 'Run dear' }).waitFor();
    const rows = page.getByTestId('waterfall').locator('tr[data-testid="waterfall-row"]');
    await rows.nth(3).waitFor();
    expect(await rows.count()).toBe(4);
    expect(await page.getByTestId('waterfall').innerText()).toContain('overloaded');
    expect(await page.getByTestId('waterfall').innerText()).toContain('retry 2');
    expect(await rows.nth(1).innerText()).toContain('takes 2.0 s, first token after 400 ms');
    expect(await findFaults(page)).toEqual([]);
  });

  it('goes through a run by keys, into the ledger and back', async () => {
    const links = page.getByTestId('waterfall').locator('tr [data-row]');
    await links.first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await links.nth(1).evaluate((link) => link === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const drawer = page.getByTestId('event-detail');
    await drawer.getByRole('link', { name: 'Open the run' }).click();
    await page.getByRole('heading', { name: 'Run dear' }).waitFor();
  });

  it('lists the runs of one outcome, the dearest first, in a link that can be sent', async () => {
    await page.goto('/workflows/pdf_question');
    await page.getByTestId('run-list').getByRole('row', { name: 'dear' }).waitFor();
    await page.getByRole('radio', { name: 'Dearest' }).click();
    await page.waitForURL(/order=dearest/);
    await page.getByTestId('run-list').locator('tr[data-testid="run-row"]').first().filter({ hasText: 'dear' }).waitFor();
    await page.getByRole('button', { name: /^unusable/i }).click();
    await page.waitForURL(/state=unusable/);
    await page.getByTestId('run-list').getByRole('row', { name: 'dear' }).waitFor({ state: 'detached' });
    expect(await page.getByTestId('run-list').locator('tr[data-testid="run-row"]').allInnerTexts()).toEqual([expect.stringContaining('lost')]);
    const link = await page.getByRole('link', { name: 'Runs as CSV' }).getAttribute('href');
    const own = openBrowser(test.url);
    own.cookie = owner.secret;
    const { status, text } = await own.request('GET', link!);
    expect(status).toBe(200);
    expect(text).toContain('pdf_question');
    for (const cost of ['0.25', '0.5']) expect(text).toContain(cost);
  });

  it('says at the form when the right to save was taken away meanwhile', async () => {
    const developer = await createColleague(tenancy, owner, 'developer');
    const theirs = await openPage(developer);
    await theirs.goto('/workflows/pdf_question');
    await theirs.getByRole('button', { name: 'Settings', exact: true }).click();
    const dialog = theirs.getByRole('dialog', { name: 'Settings of pdf_question' });
    await dialog.getByLabel('Usable means').fill('It was read.');
    await changeRole(tenancy, await owner.acting(), developer.userId, 'viewer');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByRole('alert').innerText()).toMatch(/role/i);
    // What was typed stays, and nothing was saved.
    expect(await dialog.getByLabel('Usable means').inputValue()).toBe('It was read.');
    await theirs.reload();
    await theirs.getByTestId('unit-cost').waitFor();
    expect(await theirs.getByRole('button', { name: 'Settings', exact: true }).count()).toBe(0);
    expect(await theirs.getByText('It was read.').count()).toBe(0);
    await theirs.context().close();
  });

  it('says that there is no such run, and shows it once it has come', async () => {
    // A sender's name may look like a path, or like a file.
    const name = 'order/4711.v2';
    await page.goto(`/runs/${encodeURIComponent(name)}`);
    await page.getByText('There is no such run').waitFor();
    await page.getByRole('link', { name: 'Look for it in the ledger' }).waitFor();
    await record([call(name, 3)]);
    await page.getByTestId('waterfall-row').first().waitFor();
    await page.getByText('none was stated').waitFor();
    await page.getByRole('heading', { name: `Run ${name}` }).waitFor();
  });

  it('tells a workflow that nobody knows from one without runs', async () => {
    await page.goto('/workflows/pdf_qestion');
    await page.getByText('No event names this workflow').waitFor();
    await page.getByTestId('empty-state').getByRole('link', { name: 'All workflows' }).click();
    await page.getByTestId('workflow-row').filter({ hasText: 'pdf_question' }).waitFor();
  });

  it('fits a phone', async () => {
    const phone = await openPage(owner, { width: 390, height: 844 });
    for (const path of ['/workflows', '/workflows/pdf_question', '/runs/dear']) {
      await phone.goto(path);
      await phone.locator('[data-testid="waterfall-row"]:visible, [data-testid="run-row"]:visible, ul[aria-label="Workflows"] li:visible').first().waitFor();
      expect(await findFaults(phone)).toEqual([]);
    }
    await phone.context().close();
  });

  it('says that the server does not answer, and offers to try again', async () => {
    await page.goto('/workflows');
    const link = page.getByTestId('workflow-row').getByRole('link', { name: 'pdf_question' });
    await link.waitFor();
    await test.api.close();
    await link.click();
    await page.getByTestId('error-state').first().waitFor();
    await page.getByTestId('error-state').first().getByRole('button', { name: 'Try again' }).waitFor();
    expect(await page.getByTestId('error-state').first().innerText()).toMatch(/did not answer|could not be loaded/);
    complaints.splice(0);
  });
});
