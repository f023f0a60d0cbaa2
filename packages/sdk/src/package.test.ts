/** The package as users get it: built, packed, linted, installed into an empty folder, run by plain Node. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeLedger, startFakeLedger } from './testing/fake-ledger.js';

const sdk = new URL('..', import.meta.url).pathname;
const root = new URL('../../..', import.meta.url).pathname;
const tsc = join(root, 'node_modules/.bin/tsc');

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly ms: number;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const startedMs = Date.now();
  return new Promise((resolve) => {
    execFile(command, args, { cwd, timeout: 60_000, env: { ...process.env, TMPDIR: temporary } }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output: stdout + stderr, ms: Date.now() - startedMs });
    });
  });
}

/** The bootstrap's pinned pnpm where it has been brought, else the one on the path. */
function pnpm(args: readonly string[], cwd: string): Promise<Ended> {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };
  const pinned = join(root, `.tools/${packageManager.replace('@', '-')}/node_modules/pnpm/bin/pnpm.cjs`);
  return existsSync(pinned) ? run(process.execPath, [pinned, ...args], cwd) : run('pnpm', args, cwd);
}

let home = '';
/** Where the packed package keeps its spool. */
let temporary = tmpdir();
let tarball = '';
let ledger: FakeLedger;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'outlay-sdk-'));
  temporary = join(home, 'tmp');
  await mkdir(temporary);
  ledger = await startFakeLedger();
  await rm(join(sdk, 'dist'), { recursive: true, force: true });
  expect(await run(tsc, ['-p', 'tsconfig.build.json'], sdk)).toMatchObject({ code: 0, output: '' });
  expect(await pnpm(['pack', '--pack-destination', home], sdk)).toMatchObject({ code: 0 });
  tarball = join(home, (await readdir(home)).find((name) => name.endsWith('.tgz'))!);
  await writeFile(join(home, 'package.json'), '{"private":true,"type":"module"}');
  // Offline: a package without dependencies needs no registry.
  expect(await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], home)).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await ledger.close();
  await rm(home, { recursive: true, force: true });
});

async function runScript(name: string, code: string): Promise<Ended> {
  await writeFile(join(home, name), code);
  return run(process.execPath, [name], home);
}

describe('the packed package', () => {
  it('passes publint and attw', async () => {
    expect(await pnpm(['run', '--silent', 'lint:package', tarball], sdk)).toMatchObject({ code: 0 });
    expect(await pnpm(['run', '--silent', 'lint:types', tarball], sdk)).toMatchObject({ code: 0 });
  });

  it('has built files, README and licence, no sources, no tests, no dependencies', async () => {
    const { output } = await run('tar', ['tzf', tarball], home);
    const files = output.trim().split('\n').map((file) => file.replace('package/', ''));
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']));
    expect(files.filter((file) => !/^(dist\/((chat|react)\/)?[\w-]+\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(file) || /test/.test(file))).toEqual([]);
    const { output: manifest } = await run('tar', ['xzOf', tarball, 'package/package.json'], home);
    expect(JSON.parse(manifest)).toMatchObject({ name: '@outlay/sdk', sideEffects: false, exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './react': { types: './dist/react/index.d.ts', default: './dist/react/index.js' } } });
    // Only who imports the React entry needs React.
    expect(JSON.parse(manifest)).toMatchObject({ peerDependencies: { react: '>=18' }, peerDependenciesMeta: { react: { optional: true } } });
    expect(JSON.parse(manifest)).not.toHaveProperty('dependencies');
  });

  it('is imported by plain Node, and what was recorded is delivered when the process has nothing else to do', async () => {
    const ended = await runScript(
      'records.js',
      `import { createOutlay } from '@outlay/sdk';
       const aiUsage = createOutlay({ apiKey: 'ol_test_key', baseUrl: '${ledger.url}', models: ['m'], delivery: { flushIntervalMs: 60000 } });
       console.log(await aiUsage.run({ customerId: 'c', workflow: 'w', action: async ({ model, record }) => { record({ provider: 'openai', usage: {} }); return model; } }));`,
    );
    expect(ended).toMatchObject({ code: 0, output: 'm\n' });
    expect(ledger.recorded()).toMatchObject([{ workflow: 'w', provider: 'openai' }, { kind: 'outcome', outcome: 'usable' }]);
  });

  it('lets a process end in time when the ledger is dead, and says what was not sent', async () => {
    const ended = await runScript(
      'dead.js',
      `import { createOutlay } from '@outlay/sdk';
       const aiUsage = createOutlay({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1' });
       aiUsage.track({ provider: 'openai' });
       await aiUsage.shutdown({ timeoutMs: 300 });`,
    );
    expect(ended.code).toBe(0);
    expect(ended.ms).toBeLessThan(5_000);
    expect(ended.output).toContain('[outlay] events_unsent: 1 events were not delivered');
    const silent = await runScript('dead-exit.js', "import { createOutlay } from '@outlay/sdk'; createOutlay({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1' }).track({ provider: 'openai' });");
    expect(silent.code).toBe(0);
    expect(silent.ms).toBeLessThan(10_000);
    expect(silent.output).toContain('[outlay] delivery_failing');
    expect(silent.output).toContain('[outlay] events_unsent');
  });

  it('does not hold a process longer than its last flush when the ledger hangs', async () => {
    ledger.answer = () => 'hang';
    const ended = await runScript('hangs.js', `import { createOutlay } from '@outlay/sdk'; createOutlay({ apiKey: 'k', baseUrl: '${ledger.url}', delivery: { flushIntervalMs: 60000 } }).track({ provider: 'openai' });`);
    ledger.answer = () => undefined;
    expect(ended.code).toBe(0);
    expect(ended.ms).toBeLessThan(8_000);
    expect(ended.output).toContain('[outlay] events_unsent: 1 events');
  });

  it('says what process.exit() lost; many clients and many runs on one signal trip no leak warning', async () => {
    const ended = await runScript(
      'leaves.js',
      `import { createOutlay } from '@outlay/sdk';
       const { signal } = new AbortController();
       const clients = Array.from({ length: 30 }, () => createOutlay({ apiKey: 'k', baseUrl: '${ledger.url}' }));
       await Promise.all(clients.map((client) => client.run({ workflow: 'w', signal, action: () => new Promise((end) => setImmediate(end)) })));
       await Promise.all(clients.map((client) => client.shutdown()));
       const last = createOutlay({ apiKey: 'k', baseUrl: '${ledger.url}' });
       last.track({ provider: 'openai' });
       process.exit(3);`,
    );
    expect(ended.code).toBe(3);
    expect(ended.output).not.toContain('Warning');
    const spool = (await readdir(temporary)).find((name) => name.startsWith('outlay-spool'))!;
    expect(ended.output).toBe(`[outlay] events_unsent: 1 events were not delivered before the process ended. They wait in ${join(temporary, spool)} for the next one.\n`);
    const next = await runScript('next.js', `import { createOutlay } from '@outlay/sdk'; const next = createOutlay({ apiKey: 'k', baseUrl: '${ledger.url}' }); console.log(await next.flush(), next.stats().adopted);`);
    expect(next).toMatchObject({ code: 0, output: '{ delivered: true, pending: 0 } 1\n' });
  });

  it('bundles for an edge without Node, and only what is imported', async () => {
    const bundle = async (code: string): Promise<{ text: string; imports: unknown[] }> => {
      const { outputFiles, metafile } = await build({
        stdin: { contents: code, resolveDir: home },
        bundle: true, write: false, logLevel: 'error', minify: true, metafile: true, format: 'esm', platform: 'neutral', conditions: ['worker', 'browser'], target: 'es2022',
      });
      return { text: outputFiles[0]!.text, imports: Object.values(metafile.outputs).flatMap((output) => output.imports) };
    };
    const whole = await bundle("import * as sdk from '@outlay/sdk'; console.log(sdk);");
    expect(whole.imports).toEqual([]);
    expect(whole.text).toContain('message_start');
    const openai = await bundle("import { wrapOpenAI } from '@outlay/sdk'; console.log(wrapOpenAI);");
    expect(openai.text).toContain('stream_options');
    expect(openai.text).not.toContain('message_start');
    expect(openai.text).not.toContain('/v1/usage');
    expect(openai.text.length).toBeLessThan(whole.text.length / 2);
    expect((await bundle("import '@outlay/sdk'; import { createOutlay } from '@outlay/sdk';")).text.trim()).toBe('');
  });

  it('has a React entry that is small, for clients only, and asks for nothing but React', async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: "export * from '@outlay/sdk/react';", resolveDir: home }, bundle: true, write: false, logLevel: 'error', minify: true, metafile: true, format: 'esm', platform: 'browser', target: 'es2022',
      external: ['react', 'react/jsx-runtime'],
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect([...new Set(imports)].sort()).toEqual(['react', 'react/jsx-runtime']);
    const text = outputFiles[0]!.text;
    expect(gzipSync(text).length).toBeLessThan(8_000);
    // Nothing that knows a key, a price or the ledger comes along.
    expect(text).not.toMatch(/\/v1\/|apiKey|process\.|node:/);
    expect(await readFile(join(home, 'node_modules/@outlay/sdk/dist/react/index.js'), 'utf8')).toMatch(/^'use client';/);
    const meter = await build({ stdin: { contents: "export { UsageMeter } from '@outlay/sdk/react';", resolveDir: home }, bundle: true, write: false, logLevel: 'silent', minify: true, format: 'esm', external: ['react', 'react/jsx-runtime'] });
    expect(meter.outputFiles[0]!.text).not.toContain('text/event-stream');
  });

  it('can be required from CommonJS too', async () => {
    const ended = await runScript('old.cjs', "const { createOutlay } = require('@outlay/sdk'); console.log(typeof createOutlay);");
    expect(ended.code).toBe(0);
    expect(ended.output).toContain('function');
  });

  it('types the developer contract, with web types and with Node\'s alone', async () => {
    await mkdir(join(home, 'node_modules/@types'), { recursive: true });
    for (const name of ['openai', '@types/node', 'undici-types']) await symlink(join(root, 'node_modules', name), join(home, 'node_modules', name));
    await writeFile(
      join(home, 'contract.ts'),
      `import OpenAI from 'openai';
       import { createOutlay, OutlayDenied, OutlayError, type OutlayWarning, wrapOpenAI } from '@outlay/sdk';
       const aiUsage = createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:4400', models: ['gpt-5-mini'] });
       const openai: OpenAI = aiUsage.wrapOpenAI(new OpenAI());
       wrapOpenAI(aiUsage, openai, { customerId: 'c' }) satisfies OpenAI;
       declare const customerId: string; declare const userId: string; declare const planSnapshot: { plan: string };
       declare function streamAnswer(input: { model: string }): AsyncGenerator<string>;
       const stream = await aiUsage.run({
         customerId, userId, workflow: 'pdf_question', feature: 'rag', environment: 'production', entitlement: planSnapshot,
         caps: { maxContextTokens: 12000, softDailyCost: 4.00 },
         action: async ({ model }) => { return streamAnswer({ model }) },
       });
       for await (const word of stream) word.toUpperCase();
       const chat = await aiUsage.run({ workflow: 'w', action: ({ model, signal }) => openai.chat.completions.create({ model, messages: [] }, { signal }) });
       chat.choices[0]?.message.content satisfies string | null | undefined;
       const judged = await aiUsage.run({ workflow: 'w', usable: (value) => value.length > 0, action: () => ['a'] });
       judged satisfies string[];
       export const onWarning = (warning: OutlayWarning): string => warning.code satisfies string;
       export const code = (error: OutlayError): string => error.code;
       const registered = createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:4400', providers: { openai: new OpenAI() }, gate: { timeoutMs: 500 }, onGateUnavailable: 'degrade' });
       wrapOpenAI(registered, openai);
       const said = await registered.run({
         workflow: 'w', tools: ['search'], maxOutputTokens: 400, caps: { hardDailyCost: '20.00' },
         action: ({ model, providers, refusedTools }) => providers.openai.chat.completions.create({ model, messages: [], tools: refusedTools.includes('search') ? [] : [] }),
       });
       said.choices[0]?.message.content satisfies string | null | undefined;
       export const refuse = (error: unknown): Response | undefined => error instanceof OutlayDenied ? Response.json(error, { status: error.status }) : undefined;
       export const end = (error: OutlayDenied): string | null | undefined => error.limits[0]?.windowEnd;`,
    );
    for (const [name, compilerOptions] of Object.entries({
      web: { lib: ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'], types: [], skipLibCheck: true },
      node: { lib: ['ES2022'], types: ['node'], skipLibCheck: true },
    })) {
      const config = { files: ['contract.ts'], compilerOptions: { strict: true, noEmit: true, target: 'ES2022', module: 'NodeNext', ...compilerOptions } };
      await writeFile(join(home, `tsconfig.${name}.json`), JSON.stringify(config));
      expect(await run(tsc, ['-p', `tsconfig.${name}.json`], home), name).toMatchObject({ code: 0, output: '' });
    }
    await writeFile(
      join(home, 'mistakes.ts'),
      `import { createOutlay } from '@outlay/sdk';
       const aiUsage = createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:4400' });
       void aiUsage.run({ action: () => 1 });
       void aiUsage.run({ workflow: 'w', caps: { maxTokens: 1 }, action: () => 1 });
       void aiUsage.run({ workflow: 'w', action: ({ record }) => record({ kind: 'ocr' }) });
       void createOutlay({ apiKey: 'k', baseUrl: 'u', providers: { openai: 1 } }).run({ workflow: 'w', action: ({ providers }) => providers.anthropic });`,
    );
    const mistakes = await run(tsc, ['--strict', '--noEmit', '--module', 'NodeNext', '--target', 'ES2022', '--skipLibCheck', '--ignoreConfig', 'mistakes.ts'], home);
    expect(mistakes.output.match(/mistakes\.ts\((\d+)/g)).toEqual(['mistakes.ts(3', 'mistakes.ts(4', 'mistakes.ts(5', 'mistakes.ts(6']);
  });
});
