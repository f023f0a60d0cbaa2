/** The programs of the start page and of the guide, run as they are printed there, against stand-ins of the providers. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fake, startFakeAnthropic, startFakeGoogle, startFakeOpenAI } from '@outlay/fakes';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

const ROOT = join(import.meta.dirname, '../../..');
const SDK = join(ROOT, 'packages/sdk');

let test: TestApi;
let secret: string;
let folder: string;
let fakes: Record<'openai' | 'anthropic' | 'google', Fake>;

beforeAll(async () => {
  test = await startTestApi();
  const acting = await (await createOwner(test.api.deps.tenancy)).acting();
  secret = (await createKey(test.api.deps.tenancy, acting, { name: 'samples', environment: 'production', abilities: ['ingest', 'gate', 'read'] })).secret;
  folder = await mkdtemp(join(tmpdir(), 'outlay-samples-'));
  const [openai, anthropic, google] = await Promise.all([startFakeOpenAI(), startFakeAnthropic(), startFakeGoogle()]);
  fakes = { openai, anthropic, google };
});

afterAll(async () => {
  await Promise.all(Object.values(fakes ?? {}).map((fake) => fake.close()));
  await test?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function readSample(page: 'start' | 'docs', name: string): Promise<string> {
  const text = await readFile(join(ROOT, `apps/console/src/${page}/samples/${name}.txt`), 'utf8');
  return text.replaceAll('ORIGIN', test.url).replaceAll('SECRET', secret);
}

/** Where the official clients look when nothing is said in code, as in the samples. */
function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '', TMPDIR: folder, OUTLAY_API_KEY: secret,
    OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: fakes.openai.baseURL, ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: fakes.anthropic.baseURL,
    GEMINI_API_KEY: 'test', GOOGLE_GEMINI_BASE_URL: fakes.google.baseURL,
  };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => { texts[name] += text; });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
}

/** The text becomes one file with the packages that the reader would install; not a letter of it is changed. */
async function runProgram(text: string, name: string): Promise<Ended> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: SDK, sourcefile: `${name}.mjs` }, alias: { '@outlay/sdk': join(SDK, 'src/index.ts') },
    bundle: true, write: false, platform: 'node', target: 'node20.19', format: 'esm', logLevel: 'silent',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
  });
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, outputFiles[0]!.contents);
  return await run(process.execPath, [file]);
}

interface Row {
  readonly [name: string]: unknown;
}

async function readRows(filter: string): Promise<readonly Row[]> {
  const response = await fetch(`${test.url}/v1/usage?${filter}`, { headers: { authorization: `Bearer ${secret}` } });
  return ((await response.json()) as { data: Row[] }).data;
}

/** What the stand-in billed stands in the ledger, in one call more than before. */
async function expectOneMore(text: string, name: string, provider: keyof typeof fakes): Promise<{ row: Row; ended: Ended }> {
  const before = await readRows('kind=usage');
  fakes[provider].reset();
  const ended = await runProgram(text, name);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const rows = await readRows('kind=usage');
  expect(rows).toHaveLength(before.length + 1);
  const row = rows.find(({ id }) => !before.some((each) => each['id'] === id))!;
  expect(row).toMatchObject({ provider, status: 'succeeded', cost_basis: 'priced', source: 'sdk' });
  expect(Number(row['cost_usd'])).toBe(Number(fakes[provider].totalServedUsd()));
  expect(Number(row['cost_usd'])).toBeGreaterThan(0);
  return { row, ended };
}

const CLIENTS = [['openai', 'openai'], ['anthropic', 'anthropic'], ['google', 'google'], ['ai-sdk', 'openai']] as const;

describe('as printed', () => {
  it.each(CLIENTS)('the start page\'s program with %s records its call and its outcome', async (name, provider) => {
    const { row } = await expectOneMore(await readSample('start', name), `start-${name}`, provider);
    expect(row).toMatchObject({ workflow: 'first_event', customer_id: 'acme' });
    expect(await readRows(`run_id=${String(row['run_id'])}&kind=outcome`)).toMatchObject([{ outcome: 'usable' }]);
  });

  it.each(CLIENTS)('the guide\'s program with %s answers, and records its call', async (name, provider) => {
    const { row, ended } = await expectOneMore(await readSample('docs', `wrap-${name}`), `guide-${name}`, provider);
    // The one with OpenAI shows that a call needs no label.
    expect(row['workflow'] ?? null).toBe(name === 'openai' ? null : 'support_agent');
    expect(ended.stdout.trim()).not.toBe('');
    expect(row['feature'] ?? null).toBe(name === 'ai-sdk' ? 'chat' : null);
  });

  it('the start page\'s plain fetch is accepted and priced, with no package at all', async () => {
    const before = (await readRows('kind=usage')).length;
    const file = join(folder, 'fetch.mjs');
    await writeFile(file, await readSample('start', 'fetch'));
    expect(await run(process.execPath, [file])).toMatchObject({ code: 0, stderr: '', stdout: 'accepted 0.000788\n' });
    expect(await readRows('kind=usage')).toHaveLength(before + 1);
    await writeFile(file, (await readSample('start', 'fetch')).replace(secret, 'ol_production_wrong'));
    expect(await run(process.execPath, [file])).toMatchObject({ code: 1, stderr: expect.stringContaining('This API key is not known.') as string });
  });

  const withoutCurl = spawnSync('curl', ['--version']).status === 0 ? null : 'there is no curl here';
  it.skipIf(withoutCurl)(`the start page's curl is accepted and priced${withoutCurl === null ? '' : `: ${withoutCurl}`}`, async () => {
    const before = (await readRows('kind=usage')).length;
    const ended = await run('sh', ['-c', await readSample('start', 'curl')]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ results: [{ verdict: 'accepted', cost_usd: '0.000788' }] });
    expect(await readRows('kind=usage')).toHaveLength(before + 1);
  });
});
