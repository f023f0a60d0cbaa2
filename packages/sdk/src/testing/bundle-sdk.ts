/** The SDK as one file that a child process can import: what a crash leaves behind needs a process that can crash. */
import { build } from 'esbuild';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** Returns the file's path. */
export async function bundleSdk(dir: string): Promise<string> {
  const outfile = join(dir, 'sdk.mjs');
  await build({ entryPoints: [new URL('../index.ts', import.meta.url).pathname], bundle: true, outfile, format: 'esm', platform: 'neutral', target: 'es2022' });
  return outfile;
}

export interface Child {
  readonly process: ChildProcess;
  /** Whole lines of its standard output so far. */
  readonly lines: () => readonly string[];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly errors: string }>;
}

/** Runs `code`, which may import the SDK as `./sdk.mjs`. */
export function startChild(dir: string, code: string): Child {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  return {
    process: child,
    lines: () => output.split('\n').slice(0, -1),
    ended: new Promise((resolve) => child.on('close', (exitCode, signal) => resolve({ code: exitCode, signal, errors }))),
  };
}
