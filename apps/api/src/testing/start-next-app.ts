/** The Next.js app beside this file, built for production against the SDK as it would be installed, and served by Next's own server. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = new URL('../../../..', import.meta.url).pathname;
const APP = new URL('./next-app', import.meta.url).pathname;
/** Inside the checkout: Next finds what it imports by walking up to the one node_modules. Never committed, as every `dist`. */
const PLACE = new URL('../../dist', import.meta.url).pathname;
const NEXT = join(ROOT, 'node_modules/next/dist/bin/next');

export interface NextApp {
  readonly url: string;
  /** Everything that build and server wrote. */
  output(): string;
  close(): Promise<void>;
}

/** `env`: what the app reads. Rejects with the output of a build that fails. */
export async function startNextApp(env: Readonly<Record<string, string>>): Promise<NextApp> {
  await mkdir(PLACE, { recursive: true });
  const folder = await mkdtemp(join(PLACE, 'next-app-'));
  let output = '';
  let server: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    if (server && server.exitCode === null) {
      const ended = new Promise((resolve) => server!.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await cp(APP, folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"name":"next-app","private":true,"type":"module"}');
    await installSdk(join(folder, 'node_modules/@outlay/sdk'));
    const whole = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NEXT_IGNORE_INCORRECT_LOCKFILE: '1', APP_ROOT: ROOT, ...env } as NodeJS.ProcessEnv;
    output += await build(process.execPath, [NEXT, 'build'], { cwd: folder, env: whole });
    const port = await freePort();
    server = spawn(process.execPath, [NEXT, 'start', '--hostname', '127.0.0.1', '--port', String(port)], { cwd: folder, env: whole, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      const read = (data: Buffer): void => {
        output += data.toString();
        if (/Ready in/.test(output)) resolve();
      };
      server!.stdout!.on('data', read);
      server!.stderr!.on('data', read);
      server!.once('exit', () => reject(new Error(`next start ended:\n${output}`)));
    });
    return { url: `http://127.0.0.1:${port}`, output: () => output, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** As npm would: the published manifest, and the files that the package's own build makes. */
async function installSdk(folder: string): Promise<void> {
  const sdk = join(ROOT, 'packages/sdk');
  await mkdir(folder, { recursive: true });
  const { publishConfig, devDependencies: _dev, scripts: _scripts, ...manifest } = JSON.parse(await readFile(join(sdk, 'package.json'), 'utf8')) as { publishConfig: { exports: object }; devDependencies: unknown; scripts: unknown };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, exports: publishConfig.exports }));
  await build(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(sdk, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')], {});
}

/** Beside the server under test, which must go on meanwhile. Rejects with what was written when it fails. */
async function build(command: string, args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv }): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, maxBuffer: 16_000_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`));
      else resolve(stdout + stderr);
    });
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
