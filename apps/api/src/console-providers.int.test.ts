/** Provider connections walked in a browser: the wizard with a wrong key first, syncs of a stand-in that is seen, fails and recovers; ledger beside bill; and a server that is gone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ADAPTERS, reconcileDays, type SyncAsk, syncConnection, syncDue } from '@outlay/providers';
import { billOpenAIUses, type OpenAIBillingFake, type OpenAIUse, startFakeOpenAIBilling } from '@outlay/fakes';
import { until } from '@outlay/platform/testing';
import type { Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const DAY_MS = 86_400_000;
const PROJECT_KEY = 'sk-proj-fake-0123456789';

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let fake: OpenAIBillingFake;
let complaints: string[] = [];
const working = new Set<Promise<void>>();

/** Yesterday and the day before, a key that nobody wrapped. */
function uses(): OpenAIUse[] {
  return [1, 2].map((days): OpenAIUse => ({ at: new Date(Date.now() - days * DAY_MS).toISOString(), model: 'gpt-4o-mini-2024-07-18', project: 'proj_a', apiKey: 'key_dark', requests: 10, input: 2_000_000, output: 500_000 }));
}

function syncs() {
  const { db, box, fetch, prices, activity } = test.api.deps;
  return {
    db, box, fetch, adapters: ADAPTERS, bookOf: async (tenantId: string) => (await prices.of(tenantId)).book, log: () => undefined, onPage: (tenantId: string) => activity.publish(tenantId, 1),
  };
}

/** What the worker does when a person asks. */
function work(ask: SyncAsk): void {
  const done = syncDue(syncs(), ask, (tenantId) => test.api.deps.activity.publish(tenantId, 1)).finally(() => working.delete(done));
  working.add(done);
}

describe.skipIf(chromium === undefined)(`providers in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false, onSync: work });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    fake = await startFakeOpenAIBilling({ uses: uses(), costs: billOpenAIUses(uses()), projectKey: PROJECT_KEY });
    browser = await openChromium(chromium!);
    page = await openPage(1440);
    complaints = collectComplaints(page);
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all(working);
    await tenancy?.close();
    await test?.close();
    await fake?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  async function openPage(width: number): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 1000 }, baseURL: test.url, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: owner.secret, url: test.url }]);
    return await context.newPage();
  }

  const row = () => page.getByTestId('connection');

  /** What the worker's next round does, without waiting for the pause of a failing connection. */
  async function syncAgain(): Promise<void> {
    const { tenantId } = await owner.acting();
    const [connection] = (await test.db.withTenant(tenantId, (tx) => tx.query<{ id: string }>('SELECT id FROM provider_connections'))).rows;
    await syncConnection(syncs(), tenantId, connection!.id, { cause: 'person' });
    test.api.deps.activity.publish(tenantId, 1);
  }

  it('says what is wrong with a key before anything is stored, and connects with the right one', async () => {
    await page.goto('/providers');
    await page.getByText('No provider is connected').waitFor();
    await page.getByRole('button', { name: 'Connect a provider' }).click();
    await page.getByRole('dialog', { name: 'Connect a provider' }).getByRole('button', { name: /^OpenAI/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Connect OpenAI' });
    await dialog.getByText('Open Settings, Organization, Admin keys.').waitFor();
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('Enter the key.').waitFor();

    await dialog.getByLabel('Admin key').fill(PROJECT_KEY);
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    const findings = dialog.getByTestId('finding');
    await findings.filter({ hasText: 'This is a project key' }).getByText('Create an admin key').waitFor();
    await dialog.getByText('Another address').click();
    await dialog.getByLabel('Base URL').fill(fake.baseURL);
    await dialog.getByRole('button', { name: 'Test' }).click();
    await findings.getByText('insufficient permissions').first().waitFor();
    expect(fake.requests.length).toBeGreaterThan(0);
    expect((await test.db.withTenant((await owner.acting()).tenantId, (tx) => tx.query('SELECT 1 FROM provider_connections'))).rowCount).toBe(0);

    await dialog.getByLabel('Admin key').fill(fake.adminKey);
    await dialog.getByLabel('Name').fill('Production');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await findings.getByText('Costs can be read.').waitFor();
    expect(await findings.evaluateAll((all) => all.map((each) => each.getAttribute('data-ok')))).toEqual(['true', 'true', 'true']);
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await row().getByText('Healthy').waitFor();
    await row().getByText('key …6789').waitFor();
    expect(await page.content()).not.toContain(fake.adminKey);
    await page.getByTestId('compared-row').filter({ hasText: 'OpenAI' }).getByText('not recorded').waitFor();
  });

  it('tells in words that the provider fails, that it asks to wait, and that it is well again: without a reload', async () => {
    fake.fail({ kind: 500 });
    await syncAgain();
    await row().getByText('Failing').waitFor();
    await row().getByTestId('connection-error').getByText('has an error of its own (500)').waitFor();
    fake.fail({ kind: 429, retryAfter: '120' });
    await syncAgain();
    await row().getByTestId('connection-error').getByText('asks to wait: too many requests. Failed 2 times in a row.').waitFor();
    await row().getByText(/in (1 min|2 min|\d+ s)/).waitFor();
    const before = fake.requests.length;
    // A person's click is heard again ten seconds after the last one.
    await until('the click is heard', async () => {
      await row().getByRole('button', { name: 'Sync Production now' }).click();
      await Promise.all(working);
      return fake.requests.length > before;
    }, 20_000);
    await row().getByText('Healthy').waitFor();
    await row().getByTestId('connection-error').waitFor({ state: 'hidden' });
  });

  it('keeps a history of syncs, changes a name without the key, pauses and resumes', async () => {
    await row().getByRole('link', { name: 'Production' }).click();
    await page.getByRole('heading', { name: 'Production', level: 1 }).waitFor();
    const failed = page.getByTestId('sync-row').filter({ hasText: 'Failed' });
    await failed.first().getByText('asks to wait').waitFor();
    expect(await failed.count()).toBe(2);
    await page.getByTestId('usage-row').first().waitFor();
    await page.getByRole('radio', { name: 'Keys' }).click();
    await page.getByTestId('usage-row').getByText('key_dark', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('by')).toBe('key');
    await page.getByTestId('usage-day').first().waitFor();
    const more = async (item: string): Promise<void> => {
      await page.getByRole('button', { name: /^More about/ }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await more('Change name, key or address');
    const dialog = page.getByRole('dialog', { name: 'Change Production' });
    await dialog.getByText('the key that ends in 6789 stays').waitFor();
    await dialog.getByLabel('Name').fill('Main account');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Main account', level: 1 }).waitFor();
    await more('Pause');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Sync Main account now' }).waitFor();
  });

  it('names what is billed and recorded by nobody, and opens its day', async () => {
    const { tenantId } = await owner.acting();
    await reconcileDays({ db: test.api.deps.db, bookOf: syncs().bookOf }, tenantId);
    await page.goto('/reconciliation');
    await page.getByTestId('dark-spend').getByText('key_dark', { exact: true }).waitFor();
    await page.getByTestId('cause').getByText('Missing requests').waitFor();
    await page.getByRole('radio', { name: 'Keys' }).click();
    await page.getByTestId('reconciled-row').getByText('key_dark', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('by')).toBe('key');
    await page.getByTestId('day-row').first().getByRole('button').click();
    await page.getByTestId('reconciled-day').getByText('0 recorded, 10 counted by the provider').waitFor();
    await page.reload();
    await page.getByTestId('reconciled-day').waitFor();
    await page.keyboard.press('Escape');
  });

  it('is whole on a phone', async () => {
    const phone = await openPage(390);
    for (const [path, seen] of [['/providers', 'connection'], ['/reconciliation', 'dark-spend'], ['/preflight', 'empty-state'], ['/jobs', 'empty-state']] as const) {
      await phone.goto(path);
      await phone.getByTestId(seen).first().waitFor();
      expect([path, await findFaults(phone)]).toEqual([path, []]);
    }
    await phone.goto('/providers');
    await phone.getByRole('link', { name: 'Main account' }).first().click();
    await phone.getByTestId('usage-row').first().waitFor();
    expect(await findFaults(phone)).toEqual([]);
    await phone.goto('/providers?connect=google');
    const dialog = phone.getByRole('dialog', { name: 'Connect Google' });
    await dialog.getByText('roles/bigquery.jobUser').waitFor();
    expect(await dialog.evaluate((element) => element.scrollWidth <= innerWidth)).toBe(true);
    await phone.context().close();
  });

  it('removes the connection, whose bill stays', async () => {
    await page.goto('/providers');
    await page.getByRole('button', { name: 'More about Main account' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog', { name: 'Remove Main account?' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No provider is connected').waitFor();
    await page.getByTestId('compared-row').filter({ hasText: 'OpenAI' }).waitFor();
  });

  it('says so when the server is gone', async () => {
    await Promise.all(working);
    await test.api.close();
    await page.getByRole('radio', { name: '90d' }).click();
    await page.getByText('The comparison could not be read').waitFor({ timeout: 30_000 });
    complaints.splice(0);
  });
});
