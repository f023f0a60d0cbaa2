/** A Chromium of the machine, and how to be signed in with it. */
import { spawnSync } from 'node:child_process';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Nothing but the console is talked to. Root needs --no-sandbox. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export interface Login {
  readonly url: string;
  readonly email: string;
  readonly password: string;
}

/** Undefined when the machine has none. */
export function findChromiumPath(): string | undefined {
  return spawnSync('sh', ['-c', NAMES.map((name) => `command -v ${name}`).join(' || ')], { encoding: 'utf8' }).stdout?.trim() || undefined;
}

/** Errors: one sentence when the machine has no Chromium. */
export async function launchChromium(): Promise<Browser> {
  const found = findChromiumPath();
  if (!found) throw new Error(`This needs a Chromium on the machine (one of ${NAMES.join(', ')}).`);
  return await chromium.launch({ executablePath: found, headless: true, args: ARGUMENTS });
}

/** A person who has signed in: whoever takes the state has a browser of its own with an empty cache, and asks no server to let them in again. */
export interface Session {
  readonly url: string;
  readonly state: Awaited<ReturnType<BrowserContext['storageState']>>;
}

export async function signIn(context: BrowserContext, { url, email, password }: Login): Promise<void> {
  const response = await context.request.post('/trpc/auth.signIn', { headers: { origin: url, 'content-type': 'application/json' }, data: { email, password } });
  if (!response.ok()) throw new Error(`Signing in as ${email} was refused: ${response.status()} ${await response.text()}`);
}

/** Until the page shows what it is about: a heading, and no skeleton left. Answers the milliseconds since the navigation began. */
export async function waitUntilDrawn(page: Page, timeoutMs = 30_000): Promise<number> {
  const drawnMs = await page.evaluate(async (deadlineMs) => {
    // A chart measures its place first, and draws a moment later.
    const isWaiting = (): boolean => document.querySelector('h1') === null || document.querySelector('.skeleton, [aria-busy="true"]') !== null
      || [...document.querySelectorAll('.recharts-responsive-container')].some((chart) => chart.querySelector('.recharts-bar-rectangle') === null);
    while (isWaiting()) {
      if (performance.now() > deadlineMs) return null;
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
    return performance.now();
  }, timeoutMs);
  if (drawnMs === null) throw new Error(`${page.url()} was not drawn within ${timeoutMs / 1_000} s.`);
  return drawnMs;
}
