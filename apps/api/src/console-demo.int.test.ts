/** Demo data in a real browser: one click, figures while it fills, a filling that breaks and goes on, and its removal. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fillDemoTeam } from '@outlay/ledger/demo';
import { until } from '@outlay/platform/testing';
import { eraseTeam, findRemovedDemoTeams, readDemoFill, type Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const EVENTS = 20_000;
const chromium = findChromium();

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let complaints: string[] = [];
/** What the job waits for after each word of progress. */
let onProgress: (recorded: number) => Promise<void> = () => Promise.resolve();

describe.skipIf(chromium === undefined)(`demo data in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false, demoEvents: EVENTS, onWork: (job, tenantId) => void (job === 'seed-demo' && work(tenantId).catch(() => undefined)) });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    browser = await openChromium(chromium!);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, baseURL: test.url, reducedMotion: 'reduce' });
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

  /** The worker's part, at once. */
  async function work(tenantId: string): Promise<void> {
    if ((await findRemovedDemoTeams(test.db)).includes(tenantId)) return void (await eraseTeam(test.db, tenantId));
    await fillDemoTeam({ db: test.db, prices: test.api.deps.prices, onProgress: (recorded) => onProgress(recorded) }, tenantId);
  }

  const countEvents = async (tenantId: string): Promise<number> =>
    (await test.db.withTenant(tenantId, (tx) => tx.query<{ n: number }>('select count(*)::int as n from usage_events'))).rows[0]!.n;
  const teamName = (): Promise<string> => page.getByTestId('tenant-name').first().innerText();
  const banner = () => page.getByTestId('demo-banner');

  it('is made by one click, and shows figures while it fills', { timeout: 90_000 }, async () => {
    let goOn = (): void => undefined;
    onProgress = (recorded) => (recorded === 0 ? Promise.resolve() : new Promise((resolve) => { goOn = resolve; }));
    await page.goto('/');
    await page.getByRole('button', { name: 'Look around with demo data' }).click();
    await banner().getByText('Demo data: made up.').waitFor();
    expect(await teamName()).toBe('Demo team');
    await page.getByTestId('demo-progress').filter({ hasText: /^Filling: [1-9]\d? %$/ }).waitFor();
    // The newest day came first.
    await page.getByRole('main').getByText('ticket_reply').filter({ visible: true }).first().waitFor();
    expect(await findFaults(page)).toEqual([]);
    // The job dies in the middle.
    onProgress = () => Promise.reject(new Error('no space left on device'));
    goOn();
    await page.getByTestId('demo-progress').filter({ hasText: /^Stopped at \d+ %$/ }).waitFor();
    const tenantId = (await owner.identity()).active!.tenantId;
    const before = await countEvents(tenantId);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(EVENTS * 0.9);

    onProgress = () => Promise.resolve();
    await banner().getByRole('button', { name: 'Fill again' }).click();
    await until('the history is told', async () => (await readDemoFill(test.db, tenantId))?.state === 'done', 30_000);
    expect(await countEvents(tenantId)).toBe((await readDemoFill(test.db, tenantId))!.recorded);
    await page.waitForFunction(() => document.querySelector('[data-testid="demo-progress"]')?.textContent === '');
  });

  it('is entered again, not made twice', async () => {
    const tenantId = (await owner.identity()).active!.tenantId;
    await page.goto('/new-team');
    await page.getByRole('button', { name: 'Look around with demo data' }).click();
    await banner().waitFor();
    expect((await owner.identity()).active!.tenantId).toBe(tenantId);
    expect((await owner.identity()).memberships).toHaveLength(2);
  });

  it('goes with one click and a confirmation, and leaves the person in their own team', { timeout: 60_000 }, async () => {
    const tenantId = (await owner.identity()).active!.tenantId;
    await page.getByTestId('remove-demo').click();
    const dialog = page.getByRole('dialog', { name: 'Remove the demo team?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await teamName()).toBe('Demo team');
    await page.getByTestId('remove-demo').click();
    await dialog.getByRole('button', { name: 'Remove demo data' }).click();
    await page.getByText('No events yet').waitFor();
    expect(await teamName()).toBe('Acme');
    expect(await banner().count()).toBe(0);
    await until('every row is gone', async () => (await readDemoFill(test.db, tenantId)) === null && (await countEvents(tenantId)) === 0, 25_000);
  });

  it('says so when Outlay does not answer', { timeout: 30_000 }, async () => {
    await page.goto('/start');
    await page.getByRole('button', { name: 'Look around with demo data' }).click();
    await page.getByTestId('remove-demo').click();
    const dialog = page.getByRole('dialog', { name: 'Remove the demo team?' });
    await test.api.close();
    await dialog.getByRole('button', { name: 'Remove demo data' }).click();
    await dialog.getByText('Outlay did not answer.').waitFor();
    await dialog.getByRole('button', { name: 'Remove demo data' }).isEnabled();
  });
});
