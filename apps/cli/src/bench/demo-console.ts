/** An Outlay of its own with the demo team in it, for who looks at the console from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemPath } from '../env';
import type { Login } from './console-browser';

export interface DemoConsole extends Login {
  close(): Promise<void>;
}

/** A busy machine seeds slowly. */
const START_MS = 600_000;

/** Takes half a minute: a database is made and filled. */
export async function startDemoConsole(mainFile: string, progress: (text: string) => void, events?: number): Promise<DemoConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'outlay-console-'));
  const env = { PATH: systemPath, OUTLAY_DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'error' };
  const started: ChildProcess[] = [];
  const start = (args: readonly string[], errors: 'ignore' | 'inherit'): ChildProcess => {
    const child = spawn(process.execPath, ['--max-semi-space-size=64', mainFile, ...args], { env, stdio: ['ignore', 'pipe', errors] });
    started.push(child);
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    progress('filling a database of its own with the demo');
    const seed = start(['seed', ...(events === undefined ? [] : ['--events', String(events)])], 'ignore');
    const ended = once(seed, 'exit');
    const [, email, password] = await readUntil(seed, /e-mail +(\S+)\s+password +(\S+)/);
    // One process at a time has the folder.
    await ended;
    progress('starting Outlay on it');
    const url = (await readUntil(start(['start', '--port', '0'], 'inherit'), /Outlay runs: (\S+)/))[1]!;
    return { url, email: email!, password: password!, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a program prints, until it says this. */
async function readUntil(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  return await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Nothing like ${String(pattern)} within ${START_MS / 1_000} s:\n${text}`)), START_MS);
    child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const match = pattern.exec(text);
      if (!match) return;
      clearTimeout(late);
      resolve(match);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`It ended with code ${code}:\n${text}`));
    });
  });
}
