/** A newcomer in a real browser, wrong input first: from sign-up to the CSV, an invitation, and the way out again. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const PASSWORD = 'correct-horse-battery';

let test: TestApi;
let browser: Browser;
let owner: BrowserContext;
let page: Page;
let complaints: string[] = [];
let secret = '';

describe.skipIf(chromium === undefined)(`the console in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR });
    browser = await openChromium(chromium!);
    owner = await openContext(1280);
    page = await owner.newPage();
    complaints = collectComplaints(page);
  });

  afterAll(async () => {
    await browser?.close();
    await test?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  async function openContext(width: number): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, baseURL: test.url, acceptDownloads: true, reducedMotion: 'reduce', timezoneId: 'Europe/Berlin' });
    context.setDefaultTimeout(10_000);
    return context;
  }

  async function record(event: Record<string, unknown>): Promise<void> {
    const response = await fetch(`${test.url}/v1/usage`, {
      method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events: [{ occurred_at: new Date().toISOString(), customer_id: 'acme', workflow: 'first_event', ...event }] }),
    });
    const { results } = (await response.json()) as { results: { verdict: string }[] };
    expect(results.map(({ verdict }) => verdict)).toEqual(['accepted']);
  }

  const CALL = {
    idempotency_key: 'first', request_id: 'req_walk_1', run_id: 'walk-run', provider: 'openai', api: 'chat', model_requested: 'gpt-4.1-mini', model_served: 'gpt-4.1-mini-2025-04-14', latency_ms: 840,
    usage: { prompt_tokens: 1_250, completion_tokens: 180, total_tokens: 1_430 }, snapshot: { entitlement: { plan: 'pro' } },
  };

  it('sends who is not signed in to the sign-in page, and refuses a wrong password', async () => {
    await page.goto('/ledger?status=failed');
    await page.waitForURL(/\/sign-in\?next=/);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Enter your password.').waitFor();
    await page.getByLabel('E-mail').fill('nobody@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not-the-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('E-mail or password is wrong.').waitFor();
    expect(await findFaults(page)).toEqual([]);
  });

  it('signs up a team after naming what is wrong in each field', async () => {
    await page.getByRole('link', { name: 'Create a team' }).click();
    await page.getByLabel('E-mail').fill('mara at example');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create team' }).click();
    await page.getByText('Enter the name of the team.').waitFor();
    await page.getByText('Enter an e-mail address such as ana@example.com.').waitFor();
    await page.getByText('Use at least 10 characters.').waitFor();
    await page.getByLabel('Team name').fill('Northwind AI');
    await page.getByLabel('Your name').fill('Mara Lindqvist');
    await page.getByLabel('E-mail').fill('mara@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin');
    await page.getByRole('button', { name: 'Create team' }).click();
    await page.waitForURL('**/start');
    expect(await page.getByTestId('tenant-name').textContent()).toBe('Northwind AI');
  });

  it('says on an empty Overview what to do next', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('link', { name: 'Send the first event' }).click();
    await page.waitForURL('**/start');
  });

  it('creates a key, waits live, and greets the first event within a second', async () => {
    await page.getByLabel('Environment').fill('Production!');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Use 1 to 32 lower-case letters').waitFor();
    await page.getByLabel('Environment').fill('production');
    await page.getByRole('button', { name: 'Create key' }).click();
    secret = (await page.getByTestId('api-key-secret').textContent()) ?? '';
    expect(secret).toMatch(/^ol_production_/);
    await page.getByRole('tab', { name: 'curl' }).click();
    const snippet = (await page.getByTestId('snippet-curl').textContent()) ?? '';
    expect(snippet).toContain(secret);
    expect(snippet).toContain(`${test.url}/v1/usage`);
    await page.getByText('This page hears it the moment it is committed').waitFor();
    const sentMs = performance.now();
    await record(CALL);
    await page.getByTestId('first-event').waitFor();
    // The commit itself, the stream, the question and the drawing; a poll would take up to three seconds.
    expect(performance.now() - sentMs).toBeLessThan(2_500);
    expect(await page.getByTestId('first-event-cost').textContent()).toBe('$0.000788');
  });

  it('explains the cost line by line, with raw usage, run and snapshot', async () => {
    await record({ kind: 'outcome', run_id: 'walk-run', outcome: 'usable' });
    await page.getByRole('link', { name: 'See how it adds up' }).click();
    const drawer = page.getByRole('dialog');
    const lines = drawer.getByTestId('cost-lines');
    await lines.waitFor();
    const text = (await lines.textContent()) ?? '';
    expect(text).toContain('1,250 uncached input tokens × $0.40 per million$0.0005');
    expect(text).toContain('180 output tokens × $1.60 per million$0.000288');
    expect(text).toContain('Sum$0.000788');
    await drawer.getByText('Equals the stored cost, to the last digit').waitFor();
    await drawer.getByText('Outcome: usable').waitFor();
    for (const fact of ['"prompt_tokens": 1250', '"plan": "pro"', 'req_walk_1', 'walk-run']) expect(await drawer.textContent()).toContain(fact);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    expect(new URL(page.url()).searchParams.has('event')).toBe(false);
  });

  it('reads rows with the keyboard alone', async () => {
    const rows = page.locator('tr[data-row]');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await rows.nth(1).evaluate((row) => row === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    const second = new URL(page.url()).searchParams.get('event');
    await page.keyboard.press('k');
    await page.waitForFunction((id) => new URLSearchParams(location.search).get('event') !== id, second);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('finds a row by its correlation id from anywhere, and says when there is none', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('req_walk_1');
    await page.keyboard.press('Enter');
    await page.waitForURL(/search=req_walk_1/);
    await expect.poll(() => page.locator('tr[data-row]').count()).toBe(1);
    await page.getByLabel('Search by correlation id, run or event id').fill('req_of_nobody');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect.poll(() => page.locator('tr[data-row]').count()).toBe(2);
  });

  it('downloads the rows of the filter as CSV', async () => {
    await page.getByTestId('export-menu').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'These rows as CSV' }).click()]);
    expect(download.suggestedFilename()).toMatch(/^usage-.*\.csv$/);
    const csv = await readFile(await download.path(), 'utf8');
    expect(csv.split(/\r?\n/).filter((line) => line !== '')).toHaveLength(3);
    expect(csv).toContain('req_walk_1');
    expect(csv).toContain('0.000788');
  });

  it('shows the figures on Overview and moves them when an event arrives', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    const calls = page.getByTestId('stat-cost');
    await expect.poll(() => calls.textContent()).toContain('1 call');
    expect(await page.getByTestId('stat-cost-per-usable').textContent()).toContain('$0.00079');
    expect(await page.getByTestId('workflow-row').textContent()).toContain('first_event');
    expect(await page.getByTestId('freshness').textContent()).toContain('Live');
    await record({ ...CALL, idempotency_key: 'second', status: 'failed', error_class: 'timeout' });
    await expect.poll(() => calls.textContent(), { timeout: 2_500 }).toContain('2 calls');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-csv').click()]);
    expect((await readFile(await download.path(), 'utf8')).split(/\r?\n/).filter((line) => line !== '')).toHaveLength(4);
  });

  it('invites a person by mail, who joins with the rights of the role and no more', async () => {
    await page.goto('/settings/members');
    await page.getByRole('button', { name: 'Invite' }).first().click();
    await page.getByLabel('E-mail').fill('mara@example.com');
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('E-mail').fill('vito@example.com');
    await page.getByLabel('Role', { exact: true }).selectOption('viewer');
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByText('Invitation sent to vito@example.com').waitFor();

    const other = await openContext(390);
    const guest = await other.newPage();
    const guestComplaints = collectComplaints(guest);
    await guest.goto('/dev/mailbox');
    await guest.getByTestId('letter').first().click();
    await guest.getByTestId('letter-link').click();
    await guest.getByText('vito@example.com').waitFor();
    await guest.getByRole('button', { name: 'Join Northwind AI' }).click();
    await guest.getByText('Enter your name.').waitFor();
    await guest.getByLabel('Your name').fill('Vito Amsel');
    await guest.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await guest.getByRole('button', { name: 'Join Northwind AI' }).click();
    await guest.getByTestId('stat-cost').waitFor();
    await guest.goto('/settings/keys');
    await guest.getByText('Your role does not allow this.').waitFor();
    expect(guestComplaints).toEqual([]);
    await other.close();
  });

  it('has no page that scrolls sideways on a phone or a control without a name', async () => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, baseURL: test.url, storageState: await owner.storageState(), reducedMotion: 'reduce', hasTouch: true });
    const small = await phone.newPage();
    const smallComplaints = collectComplaints(small);
    const faults: Record<string, string[]> = {};
    const guides = ['first-event', 'runs', 'tags', 'corrections', 'prices', 'rest', 'roles', 'self-hosting'].map((guide) => `/docs/${guide}`);
    for (const path of ['/', '/ledger', '/start', '/settings/team', '/settings/members', '/settings/keys', '/settings/sessions', '/settings/audit', '/settings/versions', '/dev/mailbox', '/new-team', '/nowhere', ...guides]) {
      await small.goto(path);
      await small.getByRole('heading', { level: 1 }).first().waitFor();
      await expect.poll(() => small.locator('[role="status"][aria-label^="Loading"]').count()).toBe(0);
      const found = await findFaults(small);
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
    expect(smallComplaints).toEqual([]);
    await phone.close();
  });

  it('signs out, and the page before is closed', async () => {
    await page.getByRole('button', { name: 'Account of Mara Lindqvist' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto('/');
    await page.waitForURL('**/welcome');
  });
});
