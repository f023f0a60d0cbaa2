/** axe-core on every page of the console, in both themes, wide and narrow: no violation. A route that is not on the list of pages fails. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { createKey } from '@outlay/tenancy';
import { createOwner, TEST_PASSWORD } from '@outlay/tenancy/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, openChromium } from './testing/open-chromium';
import { startTestApi, type TestApi } from './testing/test-api';

const CONSOLE = join(import.meta.dirname, '../../console');
const CONSOLE_DIR = join(CONSOLE, 'dist');
const chromium = findChromium();
/** The rules of WCAG 2.2 A and AA, and what axe calls best practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What a page consists of depends on its width, its colours on the theme too: each width is checked whole once, the contrast in all four views. */
const VIEWS = [
  { width: 1440, theme: 'light', whole: true }, { width: 1440, theme: 'dark', whole: false }, { width: 390, theme: 'dark', whole: true }, { width: 390, theme: 'light', whole: false },
] as const;

interface ListedPage {
  readonly route: string;
  readonly path: string;
  readonly who: 'nobody' | 'member';
}

async function readPages(): Promise<ListedPage[]> {
  const pages = JSON.parse(await readFile(join(CONSOLE, 'page-list.json'), 'utf8')) as ListedPage[];
  const guides = [...(await readFile(join(CONSOLE, 'src/docs/guides.ts'), 'utf8')).matchAll(/\bslug: '([a-z-]+)'/g)].map((match) => match[1]!);
  return pages.flatMap((page) => (page.path.includes('{guide}') ? guides.map((guide) => ({ ...page, path: page.path.replace('{guide}', guide) })) : [page]));
}

const pages = await readPages();

it('lists every route of the router, and no other', async () => {
  const router = await readFile(join(CONSOLE, 'src/router.tsx'), 'utf8');
  const routes = [...router.matchAll(/createRoute\(\{[\s\S]*?\bpath: '([^']+)'[\s\S]*?\n\}\);/g)].filter(([text]) => text.includes('component:')).map((match) => match[1]!);
  expect(routes.length).toBeGreaterThan(20);
  expect([...new Set(pages.map(({ route }) => route))].sort(), 'add a new page to apps/console/page-list.json').toEqual([...new Set(routes)].sort());
});

describe.skipIf(chromium === undefined)(`every page is fine by axe${chromium === undefined ? ' (no chromium on this machine)' : ''}`, () => {
  let test: TestApi;
  let browser: Browser;
  let axe: string;
  let contexts: Record<ListedPage['who'], BrowserContext>;
  let subject: Record<string, string>;

  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    test = await startTestApi({ consoleDir: CONSOLE_DIR });
    const owner = await createOwner(test.api.deps.tenancy);
    const acting = await owner.acting();
    const { secret } = await createKey(test.api.deps.tenancy, acting, { name: 'axe', environment: 'production', abilities: ['ingest', 'read'] });
    subject = await recordHistory(test.url, secret);
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await openChromium(chromium!);
    const open = async (): Promise<BrowserContext> => await browser.newContext({ baseURL: test.url, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', colorScheme: 'light' });
    contexts = { nobody: await open(), member: await open() };
    const signedIn = await contexts.member.request.post('/trpc/auth.signIn', { headers: { origin: test.url, 'content-type': 'application/json' }, data: { email: owner.email, password: TEST_PASSWORD } });
    expect(signedIn.status()).toBe(200);
  });

  afterAll(async () => {
    await browser?.close();
    await test?.close();
  });

  it.each(pages)('$who: $path', async ({ path, who }) => {
    const page = await contexts[who].newPage();
    try {
      await page.goto(path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(subject[name]!)));
      await waitUntilDrawn(page);
      // An evaluation is not held by the content security policy, which a script element would be.
      await page.evaluate(axe);
      const faults: string[] = [];
      for (const { width, theme, whole } of VIEWS) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: theme });
        await page.locator(`html[data-theme=${theme}]`).waitFor({ state: 'attached' });
        // Colours on their way from one theme to the other belong to neither.
        await page.evaluate(async () => {
          // They begin with the frame that sees the new theme.
          for (let n = 0; n < 2; n++) {
            await new Promise((resolve) => {
              requestAnimationFrame(resolve);
            });
          }
          await Promise.allSettled(document.getAnimations().filter((animation) => animation instanceof CSSTransition).map(({ finished }) => finished));
        });
        faults.push(...(await findViolations(page, whole)).map((fault) => `${theme} ${width}: ${fault}`));
      }
      expect(faults).toEqual([]);
    } finally {
      await page.close();
    }
  });
});

async function waitUntilDrawn(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

async function findViolations(page: Page, whole: boolean): Promise<string[]> {
  const { violations } = await page.evaluate(async (only) => {
    const { axe: checker } = globalThis as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } };
    return await checker.run(document, { runOnly: only, resultTypes: ['violations'] });
  }, whole ? { type: 'tag', values: TAGS } : { type: 'rule', values: ['color-contrast', 'link-in-text-block'] });
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} (${failureSummary?.split('\n').slice(1, 3).join(' ').trim().slice(0, 220) ?? ''})`));
}

/** Three days of two workflows: retries, a fallback, failures, an unknown model, outcomes, an untagged call. Answers what addresses need. */
async function recordHistory(url: string, secret: string): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const events: Record<string, unknown>[] = [];
  for (let n = 0; n < 60; n++) {
    const occurredAt = (second: number): string => new Date(Date.now() - n * 4_300_000 - 60_000 + second * 1_000).toISOString();
    const labels = { run_id: `run-${n}`, customer_id: `customer-${n % 7}`, user_id: `user-${n % 11}`, workflow: n % 3 === 0 ? 'report_generation' : 'pdf_question', feature: 'rag' };
    const call = { ...labels, provider: 'openai', api: 'chat', latency_ms: 700 + n, usage: { prompt_tokens: 900 + n * 20, completion_tokens: 150, total_tokens: 1_050 + n * 20 } };
    const model = n % 17 === 0 ? 'a-model-nobody-knows' : 'gpt-4.1-mini';
    events.push({ ...call, idempotency_key: `call-${n}`, occurred_at: occurredAt(0), model_requested: model, model_served: model, status: n % 9 === 0 ? 'failed' : 'succeeded', ...(n % 9 === 0 ? { error_class: 'overloaded' } : {}) });
    if (n % 9 === 0) events.push({ ...call, idempotency_key: `retry-${n}`, occurred_at: occurredAt(2), attempt: 2, attempt_kind: n % 2 === 0 ? 'retry' : 'fallback', model_requested: 'gpt-4.1', model_served: 'gpt-4.1' });
    events.push({ kind: 'outcome', ...labels, occurred_at: occurredAt(5), outcome: n % 8 === 0 ? 'unusable' : 'usable' });
  }
  events.push({ idempotency_key: 'untagged', occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4.1-mini', model_served: 'gpt-4.1-mini', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
  const response = await fetch(`${url}/v1/usage`, { method: 'POST', headers, body: JSON.stringify({ events }) });
  const { results } = (await response.json()) as { results: { verdict: string }[] };
  expect(results.filter(({ verdict }) => verdict !== 'accepted' && verdict !== 'unpriced')).toEqual([]);
  const listed = await fetch(`${url}/v1/usage?workflow=pdf_question&kind=usage&customer_id=customer-1&cost_basis=priced&limit=1`, { headers });
  const row = ((await listed.json()) as { data: { id: string; run_id: string; customer_id: string; workflow: string }[] }).data[0]!;
  return { event: row.id, run: row.run_id, customer: row.customer_id, workflow: row.workflow };
}
