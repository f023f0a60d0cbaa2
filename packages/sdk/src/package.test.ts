/** The package as users get it: built, packed, linted, installed into an empty folder, run by plain Node. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    execFile(command, args, { cwd, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output: stdout + stderr, ms: Date.now() - startedMs });
    });
  });
}

/** The bootstrap's pinned pnpm where it has been brought, else the one on the path. */
function pnpm(args: readonly string[], cwd: string): Promise<Ended> {
  const pinned = join(root, '.tools/pnpm/node_modules/pnpm/bin/pnpm.cjs');
  return existsSync(pinned) ? run(process.execPath, [pinned, ...args], cwd) : run('pnpm', args, cwd);
}

let home = '';
let tarball = '';
let ledger: FakeLedger;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'outlay-sdk-'));
  ledger = await startFakeLedger();
  await rm(join(sdk, 'dist'), { recursive: true, force: true });
  expect(await run(tsc, ['-p', 'tsconfig.build.json'], sdk)).toMatchObject({ code: 0, output: '' });
  expect(await pnpm(['pack', '--pack-destination', home], sdk)).toMatchObject({ code: 0 });
  tarball = join(home, 'outlay-sdk-0.1.0.tgz');
  const installed = join(home, 'node_modules/@outlay/sdk');
  await mkdir(installed, { recursive: true });
  expect(await run('tar', ['xzf', tarball, '--strip-components=1', '-C', installed], home)).toMatchObject({ code: 0 });
  await writeFile(join(home, 'package.json'), '{"private":true,"type":"module"}');
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
    expect(files.filter((file) => !/^(dist\/[\w-]+\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(file) || /test/.test(file))).toEqual([]);
    const { output: manifest } = await run('tar', ['xzOf', tarball, 'package/package.json'], home);
    expect(JSON.parse(manifest)).toMatchObject({ name: '@outlay/sdk', sideEffects: false, exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } } });
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
       import { createOutlay, OutlayError, type OutlayWarning } from '@outlay/sdk';
       const aiUsage = createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:4400', models: ['gpt-5-mini'] });
       const openai: OpenAI = aiUsage.wrapOpenAI(new OpenAI());
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
       // @ts-expect-error a workflow is what a run is an execution of
       void aiUsage.run({ action: () => 1 });
       // @ts-expect-error a cap that nobody honours is a mistake
       void aiUsage.run({ workflow: 'w', caps: { maxTokens: 1 }, action: () => 1 });
       export const onWarning = (warning: OutlayWarning): string => warning.code satisfies string;
       export const code = (error: OutlayError): string => error.code;`,
    );
    for (const [name, compilerOptions] of Object.entries({
      web: { lib: ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'], types: [], skipLibCheck: true },
      node: { lib: ['ES2022'], types: ['node'], skipLibCheck: true },
    })) {
      const config = { files: ['contract.ts'], compilerOptions: { strict: true, noEmit: true, target: 'ES2022', module: 'NodeNext', ...compilerOptions } };
      await writeFile(join(home, `tsconfig.${name}.json`), JSON.stringify(config));
      expect(await run(tsc, ['-p', `tsconfig.${name}.json`], home), name).toMatchObject({ code: 0, output: '' });
    }
  });
});
