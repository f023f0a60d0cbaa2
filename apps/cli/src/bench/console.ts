/** `npm run bench -- console`: every page of the console in Chromium, on the demo team and, if asked for, on a grown ledger. */
import { CONSOLE_DIR } from '../places';
import { startBenchCluster } from './bench-database';
import { launchChromium, type Login, type Session, signIn } from './console-browser';
import { type ConsolePage, listConsolePages } from './console-pages';
import { compressedBytes, listShellScripts } from './console-shell';
import { measurePage, type PageFigures, readVitalsScript } from './console-vitals';
import { growWhole, type DashboardOptions } from './dashboard';
import { startDemoConsole } from './demo-console';
import { type BenchReport, type Goal, SHELL_BYTES } from './goals';
import { startBenchServer } from './http-load';
import { median } from './rounds';

export interface ConsoleOptions extends Pick<DashboardOptions, 'migrationsDir' | 'mainFile' | 'price' | 'rounds' | 'progress'> {
  /** Rows of the grown ledger; undefined leaves it out. */
  readonly rows: number | undefined;
  /** Rows of the demo; the seed's own number when absent. */
  readonly demoEvents?: number;
  /** Only these pages, for a test. */
  readonly only?: readonly string[];
}

export async function benchConsole(options: ConsoleOptions): Promise<BenchReport> {
  const figures: Record<string, number> = {};
  const shell = compressedBytes(await listShellScripts(CONSOLE_DIR));
  figures['shell, kB gzip'] = shell.gzip / 1_000;
  const demo = await startDemoConsole(options.mainFile, options.progress, options.demoEvents);
  const goals: Goal[] = [{ id: 'C1', what: 'scripts of the shell, kB brotli', value: shell.brotli / 1_000, goal: SHELL_BYTES / 1_000, better: 'lower' }];
  try {
    goals.push(...goalsOf('demo', 1_000, ['C2', 'C3', 'C4', 'C5', 'C6'], await measurePages(options, demo, 'demo', figures)));
  } finally {
    await demo.close();
  }
  if (options.rows !== undefined) {
    const name = `${options.rows.toLocaleString('en-US')} rows`;
    goals.push(...goalsOf(name, 2_000, ['C7', 'C8', 'C9', 'C10', 'C11'], await measureGrown(options, options.rows, name, figures)));
  }
  return { bench: 'console', goals, figures };
}

/** The worst page of each figure counts: an average hides the page that somebody waits for. */
function goalsOf(where: string, interactiveMs: number, ids: readonly [string, string, string, string, string], pages: readonly PageFigures[]): Goal[] {
  const worst = (figure: keyof PageFigures): number => Math.max(...pages.map((page) => page[figure]));
  return [
    { id: ids[0], what: `slowest page until interactive, ${where}, ms`, value: worst('interactiveMs'), goal: interactiveMs, better: 'lower' },
    { id: ids[1], what: `its first paint, ${where}, ms`, value: worst('fcpMs'), goal: interactiveMs, better: 'lower' },
    { id: ids[2], what: `its largest paint (LCP), ${where}, ms`, value: worst('lcpMs'), goal: 2 * interactiveMs, better: 'lower' },
    { id: ids[3], what: `largest layout shift (CLS), ${where}`, value: worst('cls'), goal: 0.05, better: 'lower' },
    { id: ids[4], what: `slowest answer to a key or click (INP), ${where}, ms`, value: worst('inpMs'), goal: 200, better: 'lower' },
  ];
}

async function measurePages(options: ConsoleOptions, login: Login, where: string, figures: Record<string, number>): Promise<PageFigures[]> {
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({ baseURL: login.url });
    await signIn(context, login);
    const pages = choosePages(await listConsolePages(context.request), options.only);
    const session: Session = { url: login.url, state: await context.storageState() };
    await context.close();
    const script = await readVitalsScript();
    const measured: PageFigures[] = [];
    for (const page of pages) {
      options.progress(`${where}: ${page.path}`);
      const readings: PageFigures[] = [];
      // The first warms up the server's plans and the disk; each visit has an empty cache.
      for (let round = 0; round <= options.rounds; round++) readings.push(await measurePage(browser, session, page, script));
      const counted = readings.slice(1);
      const of = (figure: keyof PageFigures): number => median(counted.map((reading) => reading[figure]));
      const result = { interactiveMs: of('interactiveMs'), fcpMs: of('fcpMs'), lcpMs: of('lcpMs'), cls: of('cls'), inpMs: of('inpMs'), scriptBytes: of('scriptBytes') };
      measured.push(result);
      const name = `${where}, ${page.route}${page.path.includes('event=') ? ' with its drawer' : ''}${page.path.includes('tab=') ? ' by user' : ''}`;
      figures[`${name}: interactive ms`] = result.interactiveMs;
      figures[`${name}: LCP ms`] = result.lcpMs;
      figures[`${name}: CLS`] = result.cls;
      figures[`${name}: INP ms`] = result.inpMs;
      figures[`${name}: scripts kB`] = result.scriptBytes / 1_000;
    }
    return measured;
  } finally {
    await browser.close();
  }
}

/** Each address once, and one guide for all: they are drawn by the same page. */
function choosePages(pages: readonly ConsolePage[], only: readonly string[] | undefined): ConsolePage[] {
  const guide = pages.find(({ route }) => route === '/docs/$guide');
  return pages.filter((page) => (page.route !== '/docs/$guide' || page === guide) && (only === undefined || only.includes(page.path)));
}

async function measureGrown(options: ConsoleOptions, rows: number, name: string, figures: Record<string, number>): Promise<PageFigures[]> {
  const cluster = await startBenchCluster(options.migrationsDir);
  try {
    const bench = await cluster.create('bench_console');
    const server = await startBenchServer(options.mainFile, bench.url, cluster.folder);
    try {
      const login = { url: server.url, email: 'bench@outlay.example', password: 'a password for a bench' };
      await growWhole(options, { ...bench, tenantId: await signUp(login) }, rows, Date.now(), figures);
      return await measurePages(options, login, name, figures);
    } finally {
      await server.close();
    }
  } finally {
    await cluster.close();
  }
}

/** A team with somebody in it, made as a newcomer makes one. Answers its id. */
async function signUp({ url, email, password }: Login): Promise<string> {
  const headers = { origin: url, 'content-type': 'application/json' };
  const response = await fetch(`${url}/trpc/auth.signUp`, { method: 'POST', headers, body: JSON.stringify({ teamName: 'Bench', name: 'Bench', email, password, timeZone: 'UTC' }) });
  if (!response.ok) throw new Error(`Signing up was refused: ${response.status} ${await response.text()}`);
  const cookie = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]).join('; ');
  const me = (await (await fetch(`${url}/trpc/auth.me`, { headers: { cookie } })).json()) as { result: { data: { tenant: { id: string } } } };
  return me.result.data.tenant.id;
}
