/** The pages that need no session, in a real browser: landing, templates and docs, and what they say when something is missing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectComplaints, findChromium, findFaults, openChromium } from './testing/open-chromium';
import { startTestApi, type TestApi } from './testing/test-api';

const CONSOLE_DIR = join(import.meta.dirname, '../../console/dist');
const chromium = findChromium();

describe.skipIf(chromium === undefined)(`the public pages${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  let test: TestApi;
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR });
    browser = await openChromium(chromium!);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, baseURL: test.url, reducedMotion: 'reduce', colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    context.on('request', (request) => asked.push(request.url()));
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

  it('shows a newcomer at the front door what this is, with a picture of itself in the theme that is on', async () => {
    await page.goto('/');
    await page.waitForURL('**/welcome');
    await page.getByRole('heading', { level: 1, name: 'Know what every outcome of your AI product costs.' }).waitFor();
    const picture = page.getByRole('img', { name: /^Overview:/ });
    const isDrawn = () => picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth > 1_000));
    expect(await picture.getAttribute('src')).toBe('/pictures/overview-light.webp');
    expect(await isDrawn()).toBe(true);
    await page.getByRole('button', { name: 'Switch to dark' }).click();
    expect(await picture.getAttribute('src')).toBe('/pictures/overview-dark.webp');
    expect(await isDrawn()).toBe(true);
    await page.getByRole('button', { name: 'Switch to light' }).click();
    expect(await findFaults(page)).toEqual([]);
  });

  it('leads on to the team, the docs and the small print', async () => {
    await page.getByRole('main').getByRole('link', { name: 'Create a team' }).click();
    await page.waitForURL('**/sign-up');
    await page.goto('/welcome');
    await page.getByRole('link', { name: 'Privacy' }).click();
    await page.getByRole('heading', { level: 1, name: 'Privacy' }).waitFor();
    await page.getByText('This is a template').waitFor();
    expect(await page.locator('mark').count()).toBeGreaterThan(3);
    await page.getByRole('link', { name: 'Terms' }).click();
    await page.getByRole('heading', { level: 1, name: 'Terms of use' }).waitFor();
    expect(await findFaults(page)).toEqual([]);
  });

  it('lets anybody read the docs, search them, and follow a link to a heading', async () => {
    await page.getByRole('navigation', { name: 'Site' }).getByRole('link', { name: 'Docs' }).click();
    await page.getByRole('heading', { level: 2, name: 'The first event' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search the docs' }).fill('loses power');
    await page.getByRole('link', { name: /SDK › When Outlay is down/ }).click();
    await page.waitForURL('**/docs/sdk#when-outlay-is-down');
    const heading = page.getByRole('heading', { level: 3, name: /^When Outlay is down/ });
    await heading.waitFor();
    await expect.poll(() => heading.evaluate((element) => element.getBoundingClientRect().top), { timeout: 10_000 }).toBeLessThan(200);
    await page.getByRole('searchbox', { name: 'Search the docs' }).fill('zebra crossing');
    await page.getByText('Nothing in the docs has “zebra crossing”.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('navigation', { name: 'Previous and next guide' }).getByRole('link', { name: /Next/ }).click();
    await page.waitForURL('**/docs/react');
    // A new page begins at its top, and a reload of a deep link ends at its heading.
    await page.goto('/docs/handoff#keys-and-rotation');
    await page.getByTestId('settings-outlay').getByText('OUTLAY_PUBLIC_URL').first().waitFor();
    await expect.poll(() => page.locator('#keys-and-rotation').evaluate((element) => element.getBoundingClientRect().top), { timeout: 10_000 }).toBeLessThan(200);
  });

  it('prints every setting of the environment', async () => {
    const { describeEnv } = (await import(/* @vite-ignore */ new URL('../../console/describe-env.ts', import.meta.url).href)) as { describeEnv(): Promise<{ program: string; settings: { name: string }[] }[]> };
    for (const { program, settings } of await describeEnv()) {
      expect(await page.getByTestId(`settings-${program}`).locator('dt code').allTextContents()).toEqual(settings.map(({ name }) => name));
    }
  });

  it('draws the API from the server’s own description, operation by operation', async () => {
    await page.goto('/docs/api');
    const { paths } = (await (await fetch(`${test.url}/v1/openapi.json`)).json()) as { paths: Record<string, Record<string, { operationId: string }>> };
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    await page.getByTestId(`operation-${ids[0]}`).waitFor();
    expect(await page.locator('[data-testid^="operation-"]').count()).toBe(ids.length);
    expect(await page.getByTestId('operation-recordUsage').getByText('idempotency_key').count()).toBeGreaterThan(0);
    await page.goto('/docs/api#sums-over-a-span');
    await expect.poll(() => page.locator('#sums-over-a-span').evaluate((element) => element.getBoundingClientRect().top).catch(() => Infinity), { timeout: 10_000 }).toBeLessThan(200);
    expect(await findFaults(page)).toEqual([]);
  });

  it('says so when a guide does not exist, and asks nobody else for anything', async () => {
    await page.goto('/docs/of-nothing');
    await page.getByRole('heading', { name: 'There is no such guide' }).waitFor();
    await page.getByRole('link', { name: 'To the first guide' }).click();
    await page.getByRole('heading', { level: 2, name: 'The first event' }).waitFor();
    expect([...new Set(asked.map((url) => new URL(url).origin))]).toEqual([new URL(test.url).origin]);
  });

  it('names the cause and offers another try when the server has gone', async () => {
    await page.goto('/docs/glossary');
    await page.getByRole('heading', { level: 2, name: 'Glossary' }).waitFor();
    await test.api.close();
    await page.getByRole('navigation', { name: 'Guides' }).getByRole('link', { name: 'Security' }).click();
    await page.getByTestId('error-state').waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    // What the browser says about a file that it cannot load is the failure that we made.
    complaints.splice(0);
  });
});
