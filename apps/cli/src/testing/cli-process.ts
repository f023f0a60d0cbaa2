/** The built program as real child processes, with an environment of their own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { until } from '@outlay/platform/testing';
import { systemPath } from '../env';
import { CLI_MAIN } from '../places';

export interface CliProcess {
  readonly child: ChildProcess;
  /** Everything it has printed so far, both streams. */
  text(): string;
  /** The first match; fails when it ends without, or after the deadline. */
  waitFor(pattern: RegExp, deadlineMs?: number): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** So that a test never runs what an older checkout built. Safe from several test files at once. */
export function buildCli(): void {
  const { status, stderr } = spawnSync(process.execPath, ['build.mjs'], { cwd: join(CLI_MAIN, '..', '..'), encoding: 'utf8' });
  if (status !== 0) throw new Error(`apps/cli cannot be built: ${stderr}`);
}

/** What a failed test left running ends with the test run. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export function spawnCli(args: readonly string[], env: Readonly<Record<string, string>> = {}, options: { cwd?: string; input?: string } = {}): CliProcess {
  const child = spawn(process.execPath, [CLI_MAIN, ...args], { env: { PATH: systemPath, ...env }, cwd: options.cwd, stdio: 'pipe' });
  alive.add(child);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (piece: string) => { texts[name] += piece; });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...texts }));
  });
  let over = false;
  void ended.then(() => {
    over = true;
    alive.delete(child);
  });
  const text = (): string => texts.stdout + texts.stderr;
  return {
    child, text, ended,
    waitFor: (pattern, deadlineMs = 60_000) => until(`${String(pattern)} of outlay ${args.join(' ')}`, () => {
      const match = pattern.exec(text());
      if (match === null && over) throw new Error(`outlay ${args.join(' ')} ended without ${String(pattern)}:\n${text()}`);
      return match;
    }, deadlineMs),
  };
}

/** Runs to its end. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}, options: { cwd?: string; input?: string } = {}): Promise<Ended> {
  return spawnCli(args, env, options).ended;
}

/** `outlay start` on a free port, ready. */
export async function startCli(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<CliProcess & { readonly url: string }> {
  const process = spawnCli(['start', ...args], { PORT: '0', ...env });
  const [, url] = await process.waitFor(/^ {2}(?:api, console|worker) .*?(http:\/\/localhost:\d+)/m);
  await until(`${url} to be ready`, () => fetch(`${url!}/readyz`).then((answer) => answer.ok, () => false), 30_000);
  return { ...process, url: url! };
}

export async function stopCli(process: CliProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  process.child.kill(signal);
  return await process.ended;
}

/** Does a process with this number live? */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
