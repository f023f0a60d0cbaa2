/** The ledger explorer in a real browser: filter, keep it as a view, come back, download what the screen says; rows by the thousand; corrections; a server that is gone. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatUsd, parseDecimal, toPico } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { cataloguePrices, importCatalogue } from '@outlay/pricing';
import { createKey, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './http/session-cookie';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();
const MINUTE_MS = 60_000;

/** A line of CSV; no cell of this ledger has a line's end inside. */
const cellsOf = (line: string): string[] => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');

let test: TestApi;
let tenancy: Tenancy;
let browser: Browser;
let owner: TestPerson;
let page: Page;
let complaints: string[] = [];
let secret = '';

describe.skipIf(chromium === undefined)(`the ledger explorer in a browser${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR, mailbox: false });
    tenancy = createTestTenancy(test.db);
    owner = await createOwner(tenancy);
    secret = (await createKey(tenancy, await owner.acting(), { name: 'walk', environment: 'production', abilities: ['ingest'] })).secret;
    await record(Array.from({ length: 620 }, (_, n) => call(n)));
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

  async function openPage(person: TestPerson, width = 1280): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, baseURL: test.url, reducedMotion: 'reduce', acceptDownloads: true });
    context.setDefaultTimeout(10_000);
    await context.addCookies([{ name: SESSION_COOKIE, value: person.secret, url: test.url }]);
    return await context.newPage();
  }

  /** One call a minute back in time; every tenth failed. */
  function call(n: number, change: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      id: newId(), occurred_at: new Date(Date.now() - (n + 5) * MINUTE_MS).toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', workflow: `flow-${n % 3}`, customer_id: 'acme',
      status: n % 10 === 0 ? 'failed' : 'succeeded', usage: { prompt_tokens: 1_000 + n, completion_tokens: 0, total_tokens: 1_000 + n }, ...change,
    };
  }

  async function record(events: readonly Record<string, unknown>[]): Promise<void> {
    const { text } = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
    expect((JSON.parse(text) as { results: { verdict: string }[] }).results.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'accepted' && verdict !== 'unpriced')).toEqual([]);
  }

  /** The cost column of a file, summed. */
  async function download(item: string): Promise<{ readonly rows: number; readonly usd: string; readonly filter: string }> {
    await page.getByTestId('export-menu').click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
    const [head, ...lines] = (await readFile(await file.path(), 'utf8')).replace('\uFEFF', '').trimEnd().split('\r\n').map(cellsOf);
    const cells = (name: string): string[] => lines.map((line) => line[head!.indexOf(name)] ?? '');
    return { rows: lines.length, usd: formatUsd(cells('cost_usd').reduce((sum, cost) => sum + toPico(parseDecimal(cost || '0')!), 0n)), filter: cells('export_filter')[0] ?? '' };
  }

  const rows = (): ReturnType<Page['getByTestId']> => page.getByTestId('ledger-row');

  it('filters, keeps the filters as a view, finds them after a reload, and downloads what the screen says', async () => {
    await page.goto('/ledger?range=24h');
    await page.getByTestId('ledger-total').getByText('620 calls').waitFor();
    await page.goto('/ledger?range=24h&status=failed&workflow=flow-0');
    const total = page.getByTestId('ledger-total');
    await total.getByText('21 calls').waitFor();
    await page.getByTestId('views-menu').click();
    await page.getByRole('menuitem', { name: 'Save as a new view' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save these filters as a view' });
    await dialog.getByRole('button', { name: 'Save the view' }).click();
    await dialog.getByText('Give the view a name.').waitFor();
    await dialog.getByLabel('Name').fill('Failures of flow 0');
    await dialog.getByRole('button', { name: 'Save the view' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.reload();
    await page.getByRole('button', { name: 'View: Failures of flow 0' }).waitFor();
    await page.goto('/ledger');
    // By the keyboard alone.
    await page.getByRole('button', { name: 'Views', exact: true }).press('Enter');
    await page.getByRole('menuitem', { name: 'Failures of flow 0' }).press('Enter');
    await page.waitForURL(/status=failed/);
    await total.getByText('21 calls').waitFor();
    const shown = await total.locator('[tabindex="0"]').innerText();
    const files = [await download('These rows as CSV'), await download('By workflow'), await download('By day')];
    expect(files.map(({ usd }) => usd)).toEqual([shown, shown, shown]);
    expect(files[0]!.rows).toBe(21);
    expect(files[1]!).toMatchObject({ rows: 1, filter: expect.stringMatching(/^from=.*&to=.*&status=failed&workflow=flow-0$/) });
    await page.goto('/ledger?range=24h&status=failed&workflow=flow-0');
    await total.getByText('21 calls').waitFor();
    await page.getByTestId('views-menu').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the view' }).click();
    await page.getByRole('button', { name: 'Views', exact: true }).waitFor();
  });

  it('holds only the rows in sight, reaches all of them by keys, and does not move what is read when events come in', async () => {
    await page.goto('/ledger?range=24h');
    await rows().first().waitFor();
    const scroller = page.getByTestId('ledger-scroller');
    await rows().first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => Number((document.activeElement as HTMLElement).dataset['index']))).toBe(99);
    const end = page.getByText('End of the range');
    const scrollDown = (): Promise<void> => scroller.evaluate((element) => { element.scrollTop = element.scrollHeight; });
    await expect.poll(async () => {
      await scrollDown();
      return await end.count();
    }, { timeout: 20_000 }).toBe(1);
    // The last page made the list longer than it was when we scrolled.
    await expect.poll(async () => {
      await scrollDown();
      return await rows().last().getAttribute('aria-rowindex');
    }).toBe('621');
    expect(await rows().count()).toBeLessThan(60);
    const place = (): Promise<string> => scroller.evaluate((element) => `${element.scrollTop} ${element.querySelector('[data-row]')?.getAttribute('data-event-id')}`);
    const before = await place();
    await record([0, 1, 2].map(() => call(-4, { workflow: 'brand-new' })));
    await page.getByRole('button', { name: '3 new events' }).waitFor();
    expect(await place()).toBe(before);
    await page.getByRole('button', { name: '3 new events' }).click();
    await rows().first().getByText('brand-new').waitFor();
    expect(await scroller.evaluate((element) => element.scrollTop)).toBe(0);
    await page.getByTestId('ledger-total').getByText('623 calls').waitFor();
    // At the top, and with nothing open, they come in by themselves.
    await record([call(-4, { workflow: 'even-newer' })]);
    await page.getByTestId('ledger-total').getByText('624 calls').waitFor();
  });

  it('corrects a call, first wrongly, then too late, then right', async () => {
    const id = newId();
    await record([call(-3, { id, workflow: 'to-correct' })]);
    await page.goto(`/ledger?workflow=to-correct&event=${id}`);
    await page.getByRole('button', { name: 'Correct…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Correct this call' });
    expect(await dialog.getByRole('button', { name: 'Correct', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Customer').fill('globex');
    await dialog.getByRole('button', { name: 'Correct', exact: true }).click();
    await dialog.getByText('Say why').waitFor();
    await dialog.getByLabel('Why').fill('Booked on the wrong customer');
    const colleague = openBrowser(test.url);
    colleague.cookie = (await createColleague(tenancy, owner, 'finance')).secret;
    await colleague.trpc.ledger.correct.mutate({ originalId: id, revision: 0, set: { feature: 'chat' }, reason: 'a colleague was faster' });
    await dialog.getByRole('button', { name: 'Correct', exact: true }).click();
    await dialog.getByText('Somebody corrected this row meanwhile.').waitFor();
    expect([await dialog.getByLabel('Customer').inputValue(), await dialog.getByLabel('Feature').inputValue()]).toEqual(['globex', 'chat']);
    await dialog.getByRole('button', { name: 'Correct', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('2 corrections').waitFor();
    await page.getByTestId('event-detail').getByRole('button', { name: 'globex', exact: true }).waitFor();
    await page.goto('/ledger?workflow=to-correct&customerId=globex');
    await page.getByTestId('ledger-total').getByText('1 call', { exact: true }).waitFor();
  });

  it('shows a viewer neither corrections nor the saving of views', async () => {
    const viewer = await openPage(await createColleague(tenancy, owner, 'viewer'));
    await viewer.goto('/ledger?range=24h');
    await viewer.getByTestId('ledger-row').first().click();
    await viewer.getByTestId('event-detail').waitFor();
    expect(await viewer.getByRole('button', { name: 'Correct…' }).count()).toBe(0);
    await viewer.keyboard.press('Escape');
    await viewer.getByTestId('views-menu').click();
    await viewer.getByText('Views of your team').waitFor();
    expect(await viewer.getByRole('menuitem', { name: 'Save as a new view' }).count()).toBe(0);
    await viewer.context().close();
  });

  it('prices an unknown model from where it waits', async () => {
    await record([call(-3, { model_requested: 'gpt-98-unheard' })]);
    await page.goto('/quarantine');
    await page.getByRole('button', { name: 'Price it (gpt-98-unheard)' }).click();
    const dialog = page.getByRole('dialog', { name: 'Price gpt-98-unheard' });
    expect([await dialog.getByLabel('Provider').inputValue(), await dialog.getByLabel('Model').inputValue()]).toEqual(['openai', 'gpt-98-unheard']);
    expect(await dialog.getByRole('radio', { name: 'Ever since' }).getAttribute('aria-checked')).toBe('true');
    await dialog.getByLabel('Price of Input', { exact: true }).fill('2');
    await dialog.getByLabel('Price of Output').fill('8');
    await dialog.getByLabel('Where it is written').fill('Preview program');
    await dialog.getByRole('button', { name: 'See what changes' }).click();
    await dialog.getByRole('button', { name: 'Record the price' }).click();
    await page.getByText('has a price by now').first().waitFor({ timeout: 35_000 });
  }, 60_000);

  it('says that there is one price list so far, and what a second one changes', async () => {
    await page.goto('/prices?changes=true');
    await page.getByText('Only one version so far').waitFor();
    const doubled = (await cataloguePrices(Date.now())).map((row) => (row.provider === 'openai' && row.model === 'gpt-4o' && row.tier === 'standard'
      ? { ...row, rates: row.rates.map((rate) => (rate.class === 'output_text' ? { ...rate, price: String(Number(rate.price) * 2) } : rate)) } : row));
    await importCatalogue(test.db, { now: new Date(), prices: doubled });
    await test.api.deps.prices.check();
    await page.reload();
    await page.getByText('1 price changed').waitFor();
    const difference = page.getByTestId('price-difference');
    expect(await difference.count()).toBe(1);
    expect(await difference.innerText()).toMatch(/gpt-4o[\s\S]*×2[\s\S]*\$10\.00[\s\S]*\$20\.00 \/ 1M[\s\S]*\+100%/);
    await difference.getByRole('button', { name: 'gpt-4o' }).click();
    await page.getByRole('button', { name: 'Re-price past calls' }).click();
    const dialog = page.getByRole('dialog', { name: 'Re-price past calls' });
    await dialog.getByText('under whatever name it was served').waitFor();
    await dialog.getByLabel('Why').fill('The list was wrong');
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await page.getByTestId('run').filter({ hasText: 'The list was wrong' }).getByText('gpt-4o').waitFor();
  });

  it('fits a phone', async () => {
    const phone = await openPage(owner, 390);
    const faults: Record<string, string[]> = {};
    for (const path of ['/ledger?range=24h', '/prices', '/prices?changes=true', '/quarantine']) {
      await phone.goto(path);
      await phone.getByRole('heading', { level: 1 }).first().waitFor();
      await expect.poll(() => phone.locator('[role="status"][aria-label^="Loading"]').count()).toBe(0);
      const found = await findFaults(phone);
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
    await phone.goto('/ledger?range=24h');
    await phone.getByTestId('ledger-row').first().waitFor();
    expect(await phone.getByTestId('ledger-row').count()).toBeLessThan(60);
    await phone.context().close();
  });

  it('says that the server is gone, and offers to try again', async () => {
    await page.goto('/ledger?range=24h');
    await rows().first().waitFor();
    await test.api.close();
    await page.getByRole('radio', { name: '30d' }).click();
    await page.getByText('The ledger could not be read').waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByText('The sum of these rows could not be read.').waitFor();
  });
});
