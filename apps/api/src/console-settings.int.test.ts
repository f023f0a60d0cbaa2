/** The trial balance and the settings in a real browser: right books and falsified ones, environments, the export, the deletion of a team, and what fails. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { advanceBalance, listDueBalances } from '@outlay/ledger';
import { changeRole, createKey, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();

let test: TestApi;
let admin: pg.Client;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let complaints: string[] = [];
const eventIds = Array.from({ length: 6 }, () => newId());

describe.skipIf(chromium === undefined)(`trial balance and settings in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false, onWork: (job) => void (job === 'prove-ledger' && prove().catch((error: unknown) => complaints.push(String(error)))) });
    admin = new pg.Client({ connectionString: test.adminUrl });
    await admin.connect();
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy, { teamName: 'Harbour & Co', name: 'Ola Owner' });
    const { secret } = await createKey(tenancy, await owner.acting(), { name: 'api-server', environment: 'production', abilities: ['ingest'] });
    const events = eventIds.map((id, n) => ({
      id, occurred_at: new Date(Date.now() - n * 60_000).toISOString(), run_id: `run-${n % 2}`, customer_id: 'acme', workflow: 'report', provider: 'openai', api: 'chat', model_requested: 'gpt-4o',
      usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
    }));
    const sent = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
    expect(sent.text.match(/accepted/g)).toHaveLength(6);
    browser = await openChromium(chromium!);
    page = await openPage(owner);
    complaints = collectComplaints(page);
  });

  afterAll(async () => {
    await browser?.close();
    await tenancy?.close();
    await admin?.end();
    await test?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  /** The worker's part, at once. */
  async function prove(): Promise<void> {
    for (const due of await listDueBalances(test.db)) {
      const { versionById } = await test.api.deps.prices.of(due.tenantId);
      await advanceBalance({ db: test.db, versionById: (id) => versionById(due.tenantId, id), seal: null }, due);
    }
  }

  async function openPage(person: TestPerson, viewport = { width: 1280, height: 900 }): Promise<Page> {
    const context = await browser.newContext({ viewport, baseURL: test.url, reducedMotion: 'reduce', acceptDownloads: true });
    context.setDefaultTimeout(15_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: person.secret, url: test.url }]);
    return await context.newPage();
  }

  /** What no role of Outlay may do: a superuser past the append-only trigger. */
  async function tamper(sql: string, values: unknown[]): Promise<void> {
    await admin.query(`set session_replication_role = 'replica'`);
    expect((await admin.query(sql, values)).rowCount).toBe(1);
    await admin.query(`set session_replication_role = 'origin'`);
  }

  it('says what was never checked, checks it, and finds the books right', async () => {
    await page.goto('/balance');
    await page.getByText('The books were not checked yet').waitFor();
    await page.getByTestId('empty-state').getByRole('button', { name: 'Check now' }).click();
    await page.getByTestId('verdict').getByText('The books are right').waitFor();
    expect(await page.getByTestId('verdict').innerText()).toMatch(/6 rows.*asked for by Ola Owner/s);
    const states = await page.getByTestId('check').evaluateAll((items) => items.map((item) => item.getAttribute('data-state')));
    expect(states.filter((state) => state === 'passed')).toHaveLength(8);
    expect(await page.getByTestId('check').filter({ hasText: 'The past' }).innerText()).toContain('This is the first proof');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    expect((await readFile(await download.path(), 'utf8')).split('\r\n')).toHaveLength(13);
    expect(await findFaults(page)).toEqual([]);
  });

  it('names a falsified row and a falsified cell, and opens them in the ledger', async () => {
    await tamper('update usage_events set cost_pico = cost_pico + 1000000000000 where tenant_id = $1 and id = $2', [owner.tenantId, eventIds[3]]);
    await tamper(`update customer_rollup_day set calls = calls + 1 where tenant_id = $1 and customer_id = 'acme'`, [owner.tenantId]);
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByTestId('verdict').getByText('checks differ').waitFor();
    const prices = page.getByTestId('check').filter({ hasText: 'Every priced row' });
    expect(await prices.innerText()).toContain(`event ${eventIds[3]}: it costs $1.0035, but openai/gpt-4o`);
    expect(await page.getByTestId('check').filter({ hasText: 'What the last proof saw' }).innerText()).toContain('they cost $1.021, and cost $0.021 then');
    const day = page.getByTestId('check').filter({ hasText: 'Every day cell of a customer' });
    expect(await day.innerText()).toMatch(/customer_rollup_day, .*acme.*: cost is \$0.021, but its events sum to \$1.021|calls is 7, but its events sum to 6/);
    await day.getByRole('link', { name: 'Open the rows of the cell' }).click();
    await page.waitForURL(/\/ledger\?.*customerId=acme/);
    await page.goBack();
    await prices.getByRole('link', { name: 'Open the row' }).click();
    await page.waitForURL((url) => url.searchParams.get('event') === eventIds[3]);
    await page.getByTestId('event-detail').getByText('$1.0035').first().waitFor();
  });

  it('keeps the earlier proofs, in links that can be sent', async () => {
    await page.goto('/balance');
    await page.getByTestId('proof').nth(1).getByRole('link').click();
    await page.waitForURL(/\?proof=/);
    await page.getByTestId('verdict').getByText('The books are right').waitFor();
    expect(await page.getByTestId('verdict').innerText()).toContain('An earlier proof');
    expect(await page.getByTestId('proof').count()).toBe(2);
  });

  it('says that the proofs cannot be read, with the correlation id, and reads them once they can', async () => {
    await admin.query('alter table trial_balances rename to trial_balances_gone');
    try {
      await page.goto('/balance');
      const state = page.getByTestId('error-state');
      await state.getByText('The proofs could not be read').waitFor();
      expect(await state.innerText()).toMatch(/Correlation id\s+[0-9a-f-]{36}/);
    } finally {
      await admin.query('alter table trial_balances_gone rename to trial_balances');
    }
    await page.reload();
    await page.getByTestId('verdict').waitFor();
  });

  it('refuses a proof whose right was taken away meanwhile, and shows a viewer no button for it', async () => {
    const developer = await createColleague(tenancy, owner, 'developer');
    const theirs = await openPage(developer);
    await theirs.goto('/balance');
    await theirs.getByTestId('verdict').waitFor();
    await changeRole(tenancy, await owner.acting(), developer.userId, 'viewer');
    await theirs.getByRole('button', { name: 'Check now' }).click();
    await theirs.getByText('Your role does not allow this', { exact: false }).first().waitFor();
    await theirs.reload();
    await theirs.getByTestId('verdict').waitFor();
    expect(await theirs.getByRole('button', { name: 'Check now' }).count()).toBe(0);
    await theirs.goto('/settings/data');
    await theirs.getByText('Only owners can ask for it.', { exact: false }).waitFor();
    expect(await theirs.getByRole('button', { name: 'Delete the team' }).count()).toBe(0);
    expect(await theirs.getByRole('link', { name: 'Download the zip' }).count()).toBe(0);
    await theirs.context().close();
  });

  it('derives environments from events and keys, and begins a new one with a key', async () => {
    await page.goto('/settings/environments');
    const production = page.getByTestId('environment-row').filter({ hasText: 'production' });
    expect(await production.innerText()).toMatch(/\$0\.02\s+6\s.*api-server/s);
    await page.getByRole('button', { name: 'New environment' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create an API key' });
    await dialog.getByLabel('Name').fill('staging-server');
    await dialog.getByLabel('Environment').fill('Staging!');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('Use 1 to 32 lower-case letters', { exact: false }).waitFor();
    await dialog.getByLabel('Environment').fill('staging');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    const staging = page.getByTestId('environment-row').filter({ hasText: 'staging' });
    await staging.getByText('no event yet', { exact: true }).waitFor();
    expect(await findFaults(page)).toEqual([]);
    await production.getByRole('link', { name: 'Ledger' }).click();
    await page.waitForURL(/\/ledger\?.*environment=production/);
  });

  it('changes the late window, wrong input first, and shows before and after in the audit log', async () => {
    await page.goto('/settings/team');
    const days = page.getByLabel('Late window, in days');
    for (const [wrong, sentence] of [['36', 'At most 35 days.'], ['two', 'Enter whole days.']] as const) {
      await days.fill(wrong);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText(sentence).waitFor();
    }
    await days.fill('14');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Team saved').waitFor();
    await page.reload();
    expect(await days.inputValue()).toBe('14');
    await page.goto('/settings/audit?action=team');
    const entry = page.getByTestId('audit-row').filter({ hasText: 'changed the settings of the team' });
    await entry.getByRole('button').first().click();
    expect(await entry.getByRole('row', { name: 'late window days' }).innerText()).toMatch(/late window days\s+7\s+14/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
    const csv = await readFile(await download.path(), 'utf8');
    expect(csv).toContain('"{""lateWindowDays"":7}","{""lateWindowDays"":14}"');
    expect(csv).not.toContain('key.created');
  });

  it('downloads everything as one zip', async () => {
    await page.goto('/settings/data');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the zip' }).click()]);
    expect(download.suggestedFilename()).toMatch(/^outlay-harbour-co-\d{4}-\d\d-\d\d\.zip$/);
    const zip = await readFile(await download.path());
    expect(zip.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    for (const name of ['usage_events.csv', 'runs.csv', 'audit_log.csv', 'manifest.json']) expect(zip.includes(name)).toBe(true);
  });

  it('plans the deletion of the team under its exact name, tells everybody, and takes it back', async () => {
    await page.goto('/settings/data');
    await page.getByRole('button', { name: 'Delete the team' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Harbour & Co?' });
    await dialog.getByLabel('The name of the team').fill('harbour & co');
    await dialog.getByRole('button', { name: 'Delete in seven days' }).click();
    await dialog.getByText('This is not the name of the team.', { exact: false }).waitFor();
    await dialog.getByLabel('The name of the team').fill('Harbour & Co');
    await dialog.getByRole('button', { name: 'Delete in seven days' }).click();
    await page.getByTestId('open-erasure').waitFor();
    const viewer = await createColleague(tenancy, owner, 'viewer');
    const theirs = await openPage(viewer);
    await theirs.goto('/ledger');
    await theirs.getByTestId('erasure-banner').getByText('Ola Owner asked for it.').waitFor();
    await theirs.getByTestId('erasure-banner').getByRole('link', { name: 'Data' }).click();
    await theirs.getByTestId('open-erasure').waitFor();
    expect(await theirs.getByRole('button', { name: 'Keep the team' }).count()).toBe(0);
    expect(await findFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keep the team' }).click();
    await page.getByTestId('open-erasure').waitFor({ state: 'detached' });
    await page.getByTestId('erasure-banner').waitFor({ state: 'detached' });
    await theirs.reload();
    await theirs.getByRole('button', { name: 'Delete the team' }).waitFor({ state: 'detached' });
    expect(await theirs.getByTestId('erasure-banner').count()).toBe(0);
    await theirs.context().close();
  });

  it('fits a phone', async () => {
    const phone = await openPage(owner, { width: 390, height: 844 });
    for (const [path, shown] of [['/balance', 'verdict'], ['/settings/environments', 'environment-row'], ['/settings/audit', 'audit-row']] as const) {
      await phone.goto(path);
      await phone.getByTestId(shown).first().waitFor();
      expect([path, await findFaults(phone)]).toEqual([path, []]);
    }
    await phone.context().close();
  });

  it('says that the server does not answer', async () => {
    await page.goto('/balance');
    await page.getByTestId('verdict').waitFor();
    await test.api.close();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText(/did not answer|could not be reached/).first().waitFor();
    // What was read stays in sight.
    expect(await page.getByTestId('verdict').count()).toBe(1);
    complaints.splice(0);
  });
});
