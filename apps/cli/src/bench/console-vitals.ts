/** Opens pages of the console as a first visit does, and reads what web-vitals says of each. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { type Session, waitUntilDrawn } from './console-browser';
import type { ConsolePage } from './console-pages';

export interface PageFigures {
  /** From the navigation until heading and data are drawn and the main thread answers. */
  readonly interactiveMs: number;
  readonly fcpMs: number;
  readonly lcpMs: number;
  /** Unitless. */
  readonly cls: number;
  /** Of the slowest of a few key presses and clicks; 16 where none took longer than a frame, which is not reported. */
  readonly inpMs: number;
  /** All scripts of the page, as they travelled. */
  readonly scriptBytes: number;
}

const FRAME_MS = 16;
const PAINT_MS = 5_000;

/** A script for before the page's own: registers with web-vitals and keeps the last value of each figure. */
export async function readVitalsScript(): Promise<string> {
  const require = createRequire(import.meta.url);
  const library = await readFile(require.resolve('web-vitals').replace(/[^/\\]+$/, 'web-vitals.iife.js'), 'utf8');
  return `${library};
    globalThis.vitals = {};
    for (const name of ['FCP', 'LCP', 'CLS', 'INP']) webVitals['on' + name]((metric) => { vitals[name] = metric.value; }, { reportAllChanges: true, durationThreshold: ${FRAME_MS} });`;
}

/** In a browser profile of its own: nothing is in the cache. Errors: a page that is not drawn, or breaks. */
export async function measurePage(browser: Browser, session: Session, page: ConsolePage, script: string): Promise<PageFigures> {
  const context = await browser.newContext({ baseURL: session.url, viewport: { width: 1440, height: 900 }, ...(page.who === 'member' ? { storageState: session.state } : {}) });
  try {
    await context.addInitScript(script);
    const tab = await context.newPage();
    const broken: string[] = [];
    tab.on('pageerror', (error) => broken.push(error.message));
    await tab.goto(page.path, { waitUntil: 'commit' });
    await tab.waitForLoadState('domcontentloaded');
    const interactiveMs = await waitUntilDrawn(tab);
    await waitUntilPainted(tab);
    await interact(tab);
    const figures = await tab.evaluate(() => {
      const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ name }) => new URL(name).pathname.endsWith('.js'));
      return { vitals: (globalThis as unknown as { vitals: Record<string, number> }).vitals, bytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) };
    });
    if (broken.length > 0) throw new Error(`${page.path} broke: ${broken.join('; ')}`);
    const { vitals, bytes } = figures;
    if (vitals['FCP'] === undefined || vitals['LCP'] === undefined) throw new Error(`${page.path} painted nothing that web-vitals saw.`);
    return { interactiveMs, fcpMs: vitals['FCP'], lcpMs: vitals['LCP'], cls: vitals['CLS'] ?? 0, inpMs: vitals['INP'] ?? FRAME_MS, scriptBytes: bytes };
  } finally {
    await context.close();
  }
}

/** Paints are told to observers later than they happen, and the largest one no more once somebody types. */
async function waitUntilPainted(tab: Page): Promise<void> {
  await tab.evaluate(async (deadlineMs) => {
    const { vitals } = globalThis as unknown as { vitals: Record<string, number> };
    const untilMs = performance.now() + deadlineMs;
    while ((vitals['FCP'] === undefined || vitals['LCP'] === undefined) && performance.now() < untilMs) {
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
  }, PAINT_MS);
}

/** What anybody does on any page: the keys that lead on, a click, and the command menu where there is one. */
async function interact(tab: Page): Promise<void> {
  for (const key of ['Tab', 'Tab', 'Control+k', 'Escape']) await tab.keyboard.press(key);
  await tab.locator('h1').first().click({ force: true });
  // Two frames: an interaction is reported with the paint that follows it.
  await tab.evaluate(async () => {
    for (let n = 0; n < 3; n++) {
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
  });
}
