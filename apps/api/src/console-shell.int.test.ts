/** What stands around every page, in a real browser: keys, the command menu, notices, teams, the time range, the sign of a demo. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { createDemoTeam } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const RUN = newId();

let test: TestApi;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[] = [];

describe.skipIf(chromium === undefined)(`the shell of the console${chromium === undefined ? ' (no chromium on this machine)' : ''}`, { timeout: 60_000 }, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR });
    const tenancy = createTestTenancy(test.db);
    const owner = await createOwner(tenancy, { teamName: 'Northwind AI', name: 'Mara Lindqvist' });
    const api = openBrowser(test.url);
    api.cookie = owner.secret;
    for (let n = 1; n <= 12; n++) await api.trpc.auth.createTeam.mutate({ teamName: `Team ${String(n).padStart(2, '0')}`, timeZone: 'UTC' });
    await api.trpc.auth.switchTenant.mutate({ tenantId: owner.tenantId });
    await createColleague(tenancy, owner, 'viewer', { name: 'Vito Amsel' });
    const { secret } = await api.trpc.keys.create.mutate({ name: 'ci', environment: 'production', abilities: ['ingest'] });
    const event = { id: newId(), occurred_at: new Date().toISOString(), run_id: RUN, request_id: 'req_shell_1', customer_id: 'globex', workflow: 'pdf_question', provider: 'openai', model_requested: 'gpt-4.1-mini', quantities: { input_uncached: 900 } };
    const answer = await api.request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) });
    expect(answer.status).toBe(200);
    await tenancy.close();
    browser = await openChromium(chromium!);
    context = await openContext(owner.secret, 1280);
    page = await context.newPage();
    complaints = collectComplaints(page);
  });

  afterAll(async () => {
    await browser?.close();
    await test?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  async function openContext(secret: string, width: number): Promise<BrowserContext> {
    const opened = await browser.newContext({ viewport: { width, height: 860 }, baseURL: test.url, reducedMotion: 'reduce', colorScheme: 'light', hasTouch: width < 500 });
    await opened.addCookies([{ name: SESSION_COOKIE, value: secret, url: test.url, httpOnly: true, sameSite: 'Lax' }]);
    opened.setDefaultTimeout(20_000);
    return opened;
  }

  const heading = (name: string, on = page) => on.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
  const spanOf = () => new URL(page.url()).searchParams.get('from');

  it('leads a keyboard past the navigation first', async () => {
    await page.goto('/');
    await heading('Overview');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('counts what is new, and has told it once it was opened', async () => {
    await page.goto('/');
    await heading('Overview');
    const bell = page.getByTestId('notices-button').first();
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notices, 1 new');
    await bell.click();
    const tray = page.getByRole('dialog', { name: 'Notices' });
    await tray.getByText('Vito Amsel joined the team').waitFor();
    expect(await tray.getByTitle('New', { exact: true }).count()).toBe(1);
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notices');
    await tray.getByRole('link', { name: /Vito Amsel/ }).click();
    await page.waitForURL('**/settings/members');
    await tray.waitFor({ state: 'hidden' });
  });

  it('does by keys what the sheet says, each of them', { timeout: 90_000 }, async () => {
    await page.goto('/');
    await heading('Overview');
    await page.keyboard.press('?');
    const sheet = page.getByTestId('shortcut-sheet');
    await sheet.waitFor();
    const rows = await sheet.locator('section').evaluateAll((sections) => sections.flatMap((section) => [...section.querySelectorAll('dl > div')].map((row) => ({
      group: section.getAttribute('aria-label')!, label: row.querySelector('dt')!.textContent!, keys: [...row.querySelectorAll('kbd')].map((key) => key.textContent!),
    }))));
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });
    const closes = async (name: string) => {
      await page.getByRole('dialog', { name }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name }).waitFor({ state: 'hidden' });
    };
    const works: Record<string, (press: () => Promise<void>) => Promise<void>> = {
      'Search, jump to, act': async (press) => (await press(), await closes('Search or jump to')),
      'Show this list': async (press) => (await press(), await closes('Keyboard shortcuts')),
      'Open the notices': async (press) => (await press(), await closes('Notices')),
      'Switch between light and dark': async (press) => {
        expect(await theme()).toBe('light');
        await press();
        expect(await theme()).toBe('dark');
        await press();
        expect(await theme()).toBe('light');
      },
      'Search on this page': async (press) => (await press(), expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).type)).toBe('search')),
      Filter: async (press) => {
        await press();
        await page.getByRole('listbox').waitFor();
        await page.keyboard.press('Escape');
      },
      'Choose the time range': async (press) => (await press(), await closes('Time range')),
      'The range before': async (press) => {
        await press();
        await expect.poll(spanOf).not.toBeNull();
        const first = spanOf()!;
        await press();
        await expect.poll(spanOf).not.toBe(first);
        expect(spanOf()! < first).toBe(true);
      },
      'The range after': async (press) => {
        const before = spanOf()!;
        await press();
        await expect.poll(spanOf).not.toBe(before);
        expect(spanOf()! > before).toBe(true);
      },
    };
    expect(rows.filter(({ group }) => group !== 'Go to').map(({ label }) => label).sort()).toEqual(Object.keys(works).sort());
    const pressAll = async (keys: readonly string[]) => {
      for (const key of keys) await page.keyboard.press(key === 'Ctrl K' ? 'Control+k' : key.length === 1 ? key.toLowerCase() : key);
    };
    await page.goto('/ledger');
    await heading('Ledger');
    for (const { label, keys } of rows.filter(({ group }) => group !== 'Go to')) {
      await page.locator('#main').focus();
      await works[label]!(() => pressAll(keys));
    }
    for (const { label, keys } of rows.filter(({ group }) => group === 'Go to')) {
      await page.locator('#main').focus();
      await pressAll(keys);
      await heading(label);
    }
  });

  it('leaves the keys to who types', async () => {
    await page.goto('/ledger');
    const search = page.getByRole('searchbox').first();
    await search.pressSequentially('gd?[d');
    expect(await search.inputValue()).toBe('gd?[d');
    expect(await theme()).toBe('light');
    await heading('Ledger');
  });

  it('finds a run, a customer and an action without the mouse, and remembers where one went', async () => {
    await page.goto('/');
    await heading('Overview');
    const field = page.getByRole('combobox', { name: 'Search or jump to' });
    const chosen = () => page.getByRole('option', { selected: true });
    await page.keyboard.press('Control+k');
    await field.fill(RUN.slice(0, 20));
    await page.getByRole('group', { name: 'Runs' }).getByRole('option').waitFor();
    expect(await chosen().textContent()).toContain(RUN);
    expect(await field.getAttribute('aria-activedescendant')).toBe(await chosen().getAttribute('id'));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/runs/${RUN}`);
    await page.keyboard.press('Control+k');
    expect(await chosen().textContent()).toContain(RUN);
    await field.fill('glob');
    await page.getByRole('group', { name: 'Customers' }).getByRole('option', { name: /globex/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    while (!(await chosen().textContent())?.includes('globex')) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/customers/globex');
    await page.keyboard.press('Control+k');
    await field.fill('create api');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: /key/i }).waitFor();
  });

  it('takes a day of the calendar, says what it is compared with, and compares with nothing when asked', async () => {
    await page.goto('/');
    await heading('Overview');
    await page.keyboard.press('t');
    await page.getByRole('button', { name: /^Yesterday/ }).click();
    await expect.poll(spanOf).not.toBeNull();
    const yesterday = new URL(page.url()).searchParams;
    expect(Date.parse(yesterday.get('to')!) - Date.parse(yesterday.get('from')!)).toBe(86_400_000);
    await page.getByRole('button', { name: /^Compared: vs \d+ \w+/ }).click();
    await page.getByRole('menuitem', { name: /^Nothing/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('compare')).toBe('none');
  });

  it('finds one team among many and works in it', async () => {
    await page.goto('/ledger');
    await page.getByRole('button', { name: /Team: Northwind AI/ }).click();
    await page.getByRole('combobox', { name: 'Find a team' }).fill('07');
    expect(await page.getByRole('listbox', { name: 'Teams' }).getByRole('option').count()).toBe(2);
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await expect.poll(() => page.getByTestId('tenant-name').first().textContent()).toBe('Team 07');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or jump to' }).fill('switch northwind');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await expect.poll(() => page.getByTestId('tenant-name').first().textContent()).toBe('Northwind AI');
  });

  it('says on every page of a demo team that its figures are made up, on a phone too', async () => {
    await createDemoTeam(test.db, { teamName: 'Made up', name: 'Demo', email: 'demo@example.com', password: 'correct-horse-battery', timeZone: 'UTC', story: { seed: 1, endsAt: new Date(), events: 1_000 } });
    const demo = openBrowser(test.url);
    await demo.trpc.auth.signIn.mutate({ email: 'demo@example.com', password: 'correct-horse-battery' });
    const phone = await openContext(demo.cookie!, 390);
    const small = await phone.newPage();
    const smallComplaints = collectComplaints(small);
    for (const path of ['/', '/ledger', '/settings/team']) {
      await small.goto(path);
      await small.getByTestId('demo-banner').getByText('Demo data: made up.').waitFor();
      await small.getByRole('heading', { level: 1 }).waitFor();
      await small.mouse.wheel(0, 2_000);
      const box = await small.getByTestId('demo-banner').boundingBox();
      expect(box?.y).toBe(0);
      expect(await findFaults(small)).toEqual([]);
    }
    for (const name of [/^Notices/, 'Search or jump to', 'Open the menu']) {
      await small.getByRole('button', { name }).first().click();
      await small.getByRole('dialog').waitFor();
      // What keeps the focus inside of a dialog is no control, and hidden from readers.
      expect((await findFaults(small)).filter((fault) => !fault.includes('data-radix-focus-guard'))).toEqual([]);
      await small.keyboard.press('Escape');
      await small.getByRole('dialog').waitFor({ state: 'hidden' });
    }
    expect(smallComplaints).toEqual([]);
    await phone.close();
  });

  it('keeps pages and actions in the menu when the server is gone, and says that the ledger was not searched', async () => {
    await page.goto('/settings/team');
    await heading('Team');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search or jump to' });
    await field.fill('zz');
    await page.getByRole('option', { name: 'Find “zz” in the ledger' }).waitFor();
    await test.api.close();
    await field.fill('copy');
    await page.getByRole('alert').getByText('The ledger was not searched').waitFor();
    expect(await page.getByRole('option', { name: 'Copy the link to this page' }).count()).toBe(1);
    complaints.splice(0);
  });
});
