/** `npm run screens`: every page of the console, in two widths and both themes; and the pictures of the landing page. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium, type Login, signIn, waitUntilDrawn } from './console-browser';
import { type ConsolePage, listConsolePages } from './console-pages';

export interface ScreensOptions extends Login {
  /** Where the pictures go; emptied first. */
  readonly folder: string;
  /** Only pages whose address holds this. */
  readonly only?: string;
  readonly progress: (text: string) => void;
}

const WIDTHS = [1440, 390] as const;
const THEMES = ['light', 'dark'] as const;

export interface ScreensTaken {
  readonly pictures: number;
  /** Pages that scroll sideways or complain, each in a line. */
  readonly faults: readonly string[];
}

/** Errors: no Chromium, a refused sign-in, a page that is not drawn within half a minute. */
export async function takeScreens(options: ScreensOptions): Promise<ScreensTaken> {
  const browser = await launchChromium();
  try {
    if (options.only === undefined) await rm(options.folder, { recursive: true, force: true });
    await mkdir(options.folder, { recursive: true });
    const faults: string[] = [];
    let pictures = 0;
    for (const width of WIDTHS) {
      for (const theme of THEMES) {
        const contexts = { nobody: await openContext(browser, options, width, theme), member: await openContext(browser, options, width, theme) };
        await signIn(contexts.member, options);
        const pages = (await listConsolePages(contexts.member.request)).filter(({ path }) => path.includes(options.only ?? ''));
        for (const each of pages) {
          options.progress(`${theme} ${width}: ${each.path}`);
          faults.push(...await takeOne(contexts[each.who], each, join(options.folder, `${nameOf(each)}-${theme}-${width}.png`), `${theme} ${width}`));
          pictures++;
        }
        for (const context of Object.values(contexts)) await context.close();
      }
    }
    return { pictures, faults };
  } finally {
    await browser.close();
  }
}

async function takeOne(context: BrowserContext, { path }: ConsolePage, file: string, how: string): Promise<string[]> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${how} ${path}: ${error.message}`));
  try {
    await page.goto(path);
    await waitUntilDrawn(page);
    await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (beyond > 0) faults.push(`${how} ${path}: scrolls sideways by ${beyond} px`);
  } finally {
    await page.close();
  }
  return faults;
}

function nameOf({ path, who }: ConsolePage): string {
  const name = path.split('?')[0]!.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '').slice(0, 40) || 'overview';
  return `${name}${path.includes('?event=') ? '-drawer' : path.includes('?tab=') ? '-by-user' : ''}${who === 'nobody' ? '-public' : ''}`;
}

async function openContext(browser: Browser, { url }: Login, width: number, theme: 'light' | 'dark', deviceScaleFactor = 1): Promise<BrowserContext> {
  return await browser.newContext({ baseURL: url, viewport: { width, height: 900 }, colorScheme: theme, reducedMotion: 'reduce', deviceScaleFactor });
}

/** The landing page's pictures: what it shows, at twice the size, for screens that are sharp. */
const LANDING = [
  { name: 'overview', path: (): string => '/?range=30d' },
  { name: 'workflow', path: ({ workflow }: Subject): string => `/workflows/${workflow}?range=30d` },
  { name: 'customers', path: (): string => '/customers?range=30d' },
  { name: 'row', path: ({ event }: Subject): string => `/ledger?range=30d&event=${event}` },
] as const;
const LANDING_SIZE = { width: 1200, height: 750 };
const MOST_BYTES = 200_000;

interface Subject {
  readonly workflow: string;
  readonly event: string;
}

/** Writes NAME-light.webp and NAME-dark.webp. Errors: a picture that stays above 200 kB. */
export async function takeLandingPictures({ folder, progress, ...login }: ScreensOptions): Promise<number> {
  const browser = await launchChromium();
  let taken = 0;
  try {
    await mkdir(folder, { recursive: true });
    for (const theme of THEMES) {
      const context = await openContext(browser, login, LANDING_SIZE.width, theme, 2);
      await signIn(context, login);
      const drawer = (await listConsolePages(context.request)).find(({ path }) => path.includes('?event='));
      const subject = { workflow: 'pdf_question', event: drawer?.path.split('?event=')[1] ?? '' };
      for (const { name, path } of LANDING) {
        progress(`${theme}: ${name}`);
        const page = await context.newPage();
        await page.setViewportSize(LANDING_SIZE);
        await page.goto(path(subject));
        await waitUntilDrawn(page);
        await writeFile(join(folder, `${name}-${theme}.webp`), await captureWebp(page, name));
        await page.close();
        taken++;
      }
      await context.close();
    }
    return taken;
  } finally {
    await browser.close();
  }
}

/** As good as fits: playwright itself knows no webp. */
async function captureWebp(page: Page, name: string): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  for (const quality of [88, 78, 68, 55]) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
    const picture = Buffer.from(data, 'base64');
    if (picture.length <= MOST_BYTES) return picture;
  }
  throw new Error(`The picture ${name} is above ${MOST_BYTES / 1_000} kB.`);
}
