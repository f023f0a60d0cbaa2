/** Overview in a real browser, on the demo's story: what leaks and why, the way to the rows, files that sum to the screen, and a database that does not answer. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addRational, formatPico, parseDecimal, toPico, ZERO } from '@outlay/kernel';
import { fillDemoTeam } from '@outlay/ledger/demo';
import { until } from '@outlay/platform/testing';
import { createDemoTeam } from '@outlay/tenancy';
import { Client } from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const PERSON = { email: 'demo@example.com', password: 'correct-horse-battery' };

let test: TestApi;
let browser: Browser;
let page: Page;
let complaints: string[] = [];

/** Rows of cells; a cell in quotes may hold commas, quotes and line breaks. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  return rows;
}

describe.skipIf(chromium === undefined)(`Overview in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR });
    const { tenantId } = await createDemoTeam(test.db, { ...PERSON, teamName: 'Made up', name: 'Demo', timeZone: 'Europe/Berlin', story: { seed: 3, endsAt: new Date(), events: 20_000 } });
    await fillDemoTeam({ db: test.db, prices: test.api.deps.prices }, tenantId);
    browser = await openChromium(chromium!);
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL: test.url, acceptDownloads: true, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    await context.request.post('/trpc/auth.signIn', { headers: { origin: test.url, 'content-type': 'application/json' }, data: PERSON });
    page = await context.newPage();
    complaints = collectComplaints(page);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await test?.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  const tile = (id: string) => page.getByTestId(`stat-${id}`);

  /** The cost column of a file, summed without rounding. */
  async function sumFile(link: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 25_000 }), link()]);
    const [head, ...rows] = parseCsv((await readFile(await download.path(), 'utf8')).replace(/^\uFEFF/, '')).filter((row) => row.length > 2);
    const column = head!.indexOf('cost_usd');
    expect(column).toBeGreaterThan(-1);
    return formatPico(toPico(rows.reduce((sum, row) => addRational(sum, parseDecimal(row[column] || '0')!), ZERO)));
  }

  it('names what leaks and why, and leads to the rows behind it', { timeout: 60_000 }, async () => {
    await page.goto('/');
    const row = page.getByTestId('workflow-row').filter({ hasText: 'ticket_reply' });
    await row.getByText('leaking').waitFor();
    for (const id of ['cost', 'cost-per-usable', 'retry-share', 'fallback-share', 'failed-runs', 'unusable-share', 'unpriced', 'untagged']) expect(await tile(id).innerText()).toMatch(/\d/);
    expect(await findFaults(page)).toEqual([]);
    const why = row.getByRole('link', { name: /went into retries of the same model/ });
    const spent = /\((\$[\d.,]+) of/.exec(await why.innerText())![1]!;
    await why.click();
    await page.waitForURL(/\/ledger\?/);
    const { from, to, ...asked } = Object.fromEntries(new URL(page.url()).searchParams);
    expect(asked).toEqual({ workflow: 'ticket_reply', attemptKind: 'retry' });
    // The sum of the rows is the sum in the sentence.
    await page.getByText(spent).first().waitFor();
    expect(Date.parse(to!) - Date.parse(from!)).toBeGreaterThan(29 * 86_400_000);
    await page.goBack();
    await page.getByRole('link', { name: 'Show unusable outcomes in the ledger' }).click();
    await page.waitForURL(/outcome=unusable/);
    await page.goBack();
    await row.waitFor();
  });

  it('shows the rules as the server applies them', async () => {
    await page.getByRole('button', { name: 'How it is decided' }).click();
    const rules = page.getByRole('dialog', { name: 'How states and decisions are made' });
    await rules.getByText('35% or more of the spend went into retries of the same model').waitFor();
    await page.keyboard.press('Escape');
    await rules.waitFor({ state: 'detached' });
  });

  it('tells the trend by customer, and the arrow keys read it out', async () => {
    await page.getByRole('radio', { name: 'Customer' }).click();
    await page.waitForURL(/by=customer/);
    await page.getByRole('list', { name: 'Series' }).getByText('umbra-analytics').waitFor();
    await page.getByRole('group', { name: /Columns of the chart/ }).focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.locator('figure [aria-live]').getByText(/^\d+ \w+: \$[\d.,]+, .*umbra-analytics \$/).waitFor();
    await page.getByRole('button', { name: /^umbra-analytics/ }).click();
    await page.waitForURL(/customerId=umbra-analytics/);
    await page.goto('/');
  });

  it('compares with the period before, or with nothing', async () => {
    await tile('cost').getByTitle('Against the period before').waitFor();
    await page.goto('/?compare=none');
    await tile('cost').waitFor();
    expect(await page.getByTitle('Against the period before').count()).toBe(0);
  });

  it('gives files whose sums are the figure on the screen, to the last digit', { timeout: 60_000 }, async () => {
    await page.goto('/?range=7d&workflow=pdf_question');
    await page.getByTestId('workflow-row').waitFor();
    await tile('cost').locator('[tabindex="0"]').focus();
    const exact = (await page.getByRole('tooltip').innerText()).replace(/^\$| exactly.*$/gs, '').replace(/,/g, '');
    expect(exact).toMatch(/^\d+\.\d{6,12}$/);
    expect(await sumFile(() => page.getByTestId('export-csv').click())).toBe(exact);
    expect(await sumFile(() => page.getByRole('link', { name: 'Download the table as CSV' }).click())).toBe(exact);
  });

  it('says that the database did not answer, with the correlation id, and shows the figures once it does', async () => {
    const admin = new Client({ connectionString: test.adminUrl });
    await admin.connect();
    try {
      await admin.query('BEGIN; LOCK TABLE usage_rollup_day IN ACCESS EXCLUSIVE MODE');
      await page.goto('/?range=90d');
      // Whoever waits for the table is cancelled, as the statement timeout would after a minute.
      await until('the error on the page', async () => {
        // In one transaction the view shows one moment, until it is told to look again.
        await admin.query(`SELECT pg_stat_clear_snapshot()`);
        await admin.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active' AND datname = current_database()`);
        return await page.getByText('The figures could not be read').isVisible();
      }, 25_000);
      expect(await page.getByTestId('error-state').innerText()).toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|req_/);
      await admin.query('ROLLBACK');
    } finally {
      await admin.end();
    }
    await page.getByRole('button', { name: /again|retry/i }).click();
    await tile('cost').waitFor();
  });
});
