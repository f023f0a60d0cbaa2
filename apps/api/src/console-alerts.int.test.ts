/** Alerts in a real browser: a rule is made, a channel tested, an alert appears by itself, its cause is read, something is done about it that stops the product, and taken back. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openAlert, readRules } from '@outlay/insights';
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
const usd = (amount: number): string => `${amount}000000000000`;

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let receiver: Server;
let answer = 200;
let complaints: string[] = [];
let secret = '';

describe.skipIf(chromium === undefined)(`alerts in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    secret = (await createKey(tenancy, await owner.acting(), { name: 'walk', environment: 'production', abilities: ['ingest', 'gate'] })).secret;
    receiver = createServer((request, response) => void request.resume().on('end', () => response.writeHead(answer).end())).listen(0, '127.0.0.1');
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
    receiver?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  /** As the watch does it: an alert with its cause, in one transaction, and word of it. */
  async function raise(): Promise<string> {
    const { tenantId } = await owner.acting();
    const explanation = {
      from: new Date(Date.now() - 1_800_000).toISOString(), to: new Date().toISOString(), basis: 'days', days: 7, fromPico: usd(2), toPico: usd(12), changePico: usd(10),
      parts: [{ cause: 'context_length', amountPico: usd(7), share: 0.7, words: 'Four times as many tokens a call' }, { cause: 'volume', amountPico: usd(3), share: 0.3, words: 'More calls' }],
      top: { customers: [{ name: 'acme', costPico: usd(12), changePico: usd(10) }], workflows: [], models: [], keys: [], runs: [] }, projectedPico: usd(96),
    };
    const alertId = await test.db.withTenant(tenantId, async (tx) => {
      const rule = (await readRules(tx)).find(({ name }) => name === 'Runaway customers')!;
      const raised = await openAlert(tx, rule, {
        subject: 'acme', windowKey: 'w1', thresholdKey: '', severity: 'critical', title: 'Customer acme spent $12.00 within an hour, usually $2.00', facts: { name: 'acme', origin: 'ledger' }, startedAtMs: Date.now() - 1_800_000,
      }, { tenantId, timeZone: 'UTC', nowMs: Date.now() });
      await tx.query('UPDATE alerts SET explanation = $2 WHERE id = $1', [raised.alertId, explanation]);
      return raised.alertId;
    });
    test.api.deps.activity.publish(tenantId, 1);
    return alertId;
  }

  async function begin(runId: string): Promise<number> {
    const body = { run_id: runId, customer_id: 'acme', workflow: 'report', models: ['gpt-4o'], estimate_usd: '0.40' };
    return (await openBrowser(test.url).request('POST', '/v1/runs', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })).status;
  }

  it('watches what every team should, and adds a rule with faults at their fields and a trial on the past', async () => {
    await page.goto('/alerts');
    await page.getByText('Nothing is wrong').waitFor();
    await page.getByRole('link', { name: 'See what is watched' }).click();
    await page.getByTestId('rule-row').filter({ hasText: 'Spend spike' }).waitFor();
    await page.getByRole('button', { name: 'Add a rule' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a rule' });
    await dialog.getByLabel('Name').fill('Runaway customers');
    await dialog.getByLabel('Watches').selectOption('customer');
    await dialog.getByLabel('More than, in dollars an hour').fill('a lot');
    await dialog.getByRole('button', { name: 'Add the rule' }).click();
    await dialog.getByText('Dollars as a decimal, such as 10.00.').waitFor();
    await dialog.getByLabel('More than, in dollars an hour').fill('10.00');
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText(/It would not have fired in the last \d+ days/).waitFor();
    await dialog.getByRole('button', { name: 'Add the rule' }).click();
    await page.getByTestId('rule-row').filter({ hasText: 'Runaway customers' }).getByText('Each customer: above $10 an hour').waitFor();
  });

  it('adds a webhook whose secret is shown once, and says what its test came to', async () => {
    await page.goto('/channels');
    await page.getByTestId('channel-row').filter({ hasText: 'E-mail to the owners' }).waitFor();
    await page.getByRole('button', { name: 'Add a channel' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a channel' });
    await dialog.getByRole('radio', { name: 'Webhook' }).check();
    await dialog.getByLabel('Address').fill('example.com');
    await dialog.getByRole('button', { name: 'Add the channel' }).click();
    await dialog.getByText('Paste the whole address, beginning with https://.').waitFor();
    await dialog.getByLabel('Address').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    await dialog.getByLabel('Name').fill('Pager');
    await dialog.getByRole('button', { name: 'Add the channel' }).click();
    const shown = page.getByRole('dialog', { name: 'The signing secret' });
    expect(await shown.getByTestId('api-key-secret').innerText()).toMatch(/^whsec_/);
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    const pager = page.getByTestId('channel-row').filter({ hasText: 'Pager' });
    await pager.getByRole('button', { name: 'Test Pager' }).click();
    await pager.getByText('took the message').waitFor();
    answer = 500;
    await pager.getByRole('button', { name: 'Test Pager' }).click();
    await pager.getByTestId('test-answer').getByText('500').waitFor();
    await page.getByTestId('delivery-row').getByText('failed').waitFor();
    expect(await page.getByTestId('delivery-row').count()).toBe(2);
  });

  it('shows an alert within two seconds of its making, and its cause as shares that sum to the whole', async () => {
    await page.goto('/alerts');
    await page.getByText('Nothing is wrong').waitFor();
    await page.getByTestId('freshness').getByText('Live', { exact: true }).waitFor();
    await raise();
    await page.getByTestId('alert-row').getByText('Customer acme spent $12.00').waitFor({ timeout: 2_000 });
    await page.getByTestId('alert-row').getByRole('link').click();
    const bridge = page.getByTestId('bridge');
    await bridge.getByText('Longer context').waitFor();
    const shares = (await bridge.innerText()).match(/\d+%/g)!.map((share) => Number.parseInt(share, 10));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(100);
    await page.getByText('$96.00').waitFor();
    await page.getByTestId('alert-top').getByRole('link', { name: 'acme' }).waitFor();
    await page.getByRole('button', { name: /^Notices, 1 new/ }).click();
    await page.getByTestId('notices').getByText('Customer acme spent $12.00').waitFor();
    await page.keyboard.press('Escape');
  });

  it('lowers the cap from the alert: the product is stopped, and goes on when it is taken back', async () => {
    expect(await begin('before')).toBe(200);
    await page.getByRole('button', { name: /^Lower the cap/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Lower the cap' });
    await dialog.getByRole('button', { name: 'Lower the cap' }).click();
    await dialog.getByText('Dollars as a decimal, such as 4.00.').waitFor();
    await dialog.getByLabel('At most a day, in dollars').fill('0.50');
    expect(await dialog.getByTestId('consequence').innerText()).toMatch(/A hard cap of \$0\.50 a day for customer acme, until/);
    await dialog.getByRole('button', { name: 'Lower the cap' }).click();
    const standing = page.getByTestId('standing-action');
    await standing.getByText('A hard cap of $0.50 a day').waitFor();
    expect(await begin('during')).toBe(402);
    await standing.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog', { name: 'Take this back?' }).getByRole('button', { name: 'Take it back' }).click();
    await standing.waitFor({ state: 'hidden' });
    await page.getByTestId('alert-history').getByText('taken back').waitFor();
    expect(await begin('after')).toBe(200);
  });

  it('mutes and acknowledges it, and finds it by its state in the URL', async () => {
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByRole('dialog', { name: 'Mute this alert' }).getByRole('button', { name: 'Mute' }).click();
    await page.getByText(/^muted until/).waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByTestId('alert-history').getByText(/^Acknowledged/).waitFor();
    await page.goto('/alerts?state=firing');
    await page.getByText('No alert matches').waitFor();
    await page.goto('/alerts?state=acknowledged&kind=spike');
    await page.getByTestId('alert-row').getByText('Customer acme spent $12.00').waitFor();
  });

  it('keeps a budget, and shows spend', async () => {
    await page.goto('/forecast');
    await page.getByRole('button', { name: 'Set a budget' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set a budget' });
    await dialog.getByLabel('A month, in dollars').fill('500');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByTestId('budget-row').getByText('$500.00').waitFor();
    await page.goto('/spend');
    await page.getByText('Nothing was spent in this range').waitFor();
  });

  it('says what failed with an id to quote, recovers when asked to, and says when nothing answers', async () => {
    const owning = new pg.Client({ connectionString: test.databaseUrl });
    await owning.connect();
    await owning.query('SET ROLE outlay_owner');
    await owning.query('ALTER TABLE alerts RENAME TO alerts_away');
    await page.goto('/alerts?state=all');
    const failed = page.getByTestId('error-state').first();
    await failed.waitFor({ timeout: 20_000 });
    expect(await failed.innerText()).toMatch(/The alerts could not be read[\s\S]*Correlation id/);
    expect(await failed.innerText()).not.toContain('relation "');
    await owning.query('ALTER TABLE alerts_away RENAME TO alerts');
    await owning.end();
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('alert-row').first().waitFor();
    await test.api.close();
    await page.getByLabel('Kind').selectOption('budget');
    await page.getByText('The alerts could not be read').waitFor({ timeout: 30_000 });
    // What the browser itself logs of answers that were meant to fail.
    complaints.length = 0;
  });
});
