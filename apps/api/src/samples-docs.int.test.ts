/** Every sample of the docs that is no program with a client of its own (samples.int.test.ts has those): run, or held against what it names. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fake, startFakeOpenAI } from '@outlay/fakes';
import { cataloguePriceBook, priceJsonLineText } from '@outlay/pricing';
import { importBill } from '@outlay/providers';
import { newId } from '@outlay/kernel/ids';
import { createKey, type KeyAbility, revokeKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

const ROOT = join(import.meta.dirname, '../../..');
const SAMPLES = join(ROOT, 'apps/console/src/docs/samples');
const SDK = join(ROOT, 'packages/sdk');
const withoutCurl = spawnSync('curl', ['--version']).status === 0 ? null : 'there is no curl here';

let test: TestApi;
let openai: Fake;
let folder: string;
const keys: Record<string, string> = {};
let revoked: string;
let tenantId: string;

const read = (name: string): string => readFileSync(join(SAMPLES, `${name}.txt`), 'utf8').replaceAll('ORIGIN', test.url);

beforeAll(async () => {
  test = await startTestApi();
  openai = await startFakeOpenAI();
  folder = await mkdtemp(join(tmpdir(), 'outlay-docs-'));
  const { tenancy } = test.api.deps;
  const acting = await (await createOwner(tenancy)).acting();
  const keyOf = async (...abilities: KeyAbility[]) => await createKey(tenancy, acting, { name: abilities[0]!, environment: 'production', abilities });
  tenantId = acting.tenantId;
  keys['OUTLAY_API_KEY'] = (await keyOf('ingest', 'gate')).secret;
  for (const [name, ability] of [['OUTLAY_READ_KEY', 'read'], ['OUTLAY_ADMIN_KEY', 'admin']] as const) keys[name] = (await keyOf(ability)).secret;
  const gone = await keyOf('ingest');
  revoked = gone.secret;
  await revokeKey(tenancy, acting, gone.id);
});

afterAll(async () => {
  await openai?.close();
  await test?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder, ...keys, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: openai.baseURL, ...env },
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => { texts[name] += text; });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
}

const runShell = async (text: string): Promise<Ended> => await run('sh', ['-c', text]);

async function record(event: Record<string, unknown>): Promise<string> {
  const response = await fetch(`${test.url}/v1/usage`, { method: 'POST', headers: { authorization: `Bearer ${keys['OUTLAY_API_KEY']}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) });
  const { results } = (await response.json()) as { results: { id: string; verdict: string }[] };
  expect(results[0]?.verdict).toBe('accepted');
  return results[0]!.id;
}

async function readRows(filter: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${test.url}/v1/usage?${filter}`, { headers: { authorization: `Bearer ${keys['OUTLAY_READ_KEY']}` } });
  return ((await response.json()) as { data: Record<string, unknown>[] }).data;
}

/** A part of a program, in the program that its reader would have around it. */
async function runPart(before: string, part: string, name: string, env: Record<string, string> = {}): Promise<Ended> {
  const { outputFiles } = await build({
    stdin: { contents: `${before}\n${part}`, resolveDir: SDK, sourcefile: `${name}.mjs` }, alias: { '@outlay/sdk': join(SDK, 'src/index.ts') },
    bundle: true, write: false, platform: 'node', target: 'node20.19', format: 'esm', logLevel: 'silent',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
  });
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, outputFiles[0]!.contents);
  return await run(process.execPath, [file], env);
}

const SETUP = `
import { createOutlay } from '@outlay/sdk';
import OpenAI from 'openai';
const outlay = createOutlay({ apiKey: process.env.OUTLAY_API_KEY, baseUrl: process.env.OUTLAY_AT });
const openai = outlay.wrapOpenAI(new OpenAI());
process.once('beforeExit', () => outlay.shutdown());`;

const CALL = { provider: 'openai', api: 'chat', model_requested: 'gpt-4.1-mini', model_served: 'gpt-4.1-mini', usage: { prompt_tokens: 1_250, completion_tokens: 180, total_tokens: 1_430 } };

/** What each sample is held to. */
const CHECKS: Record<string, () => Promise<void>> = {
  'send-usage': async () => {
    const { stdout, stderr } = await runShell(read('send-usage'));
    expect(stderr).toBe('');
    // The answer that the docs print beside it, but for its ids.
    const [real, printed] = [stdout, read('usage-answer')].map((text) => JSON.parse(text) as { results: { id: string; cost_usd: string }[]; request_id: string });
    expect({ ...real, request_id: '', results: real!.results.map((result) => ({ ...result, id: '' })) }).toEqual({ ...printed, request_id: '', results: printed!.results.map((result) => ({ ...result, id: '' })) });
  },
  'usage-answer': async () => {
    expect(Object.keys(JSON.parse(read('usage-answer')) as object)).toEqual(['results', 'request_id']);
    await Promise.resolve();
  },
  outcome: async () => {
    expect(JSON.parse((await runShell(read('outcome'))).stdout)).toMatchObject({ results: [{ verdict: 'accepted' }] });
  },
  correct: async () => {
    const id = await record({ ...CALL, idempotency_key: 'to-correct', occurred_at: new Date().toISOString() });
    const { stdout } = await runShell(read('correct').replace('01983f4e-7a1b-7c3d-8e4f-1234567890ab', id));
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ verdict: 'accepted', revision: 1 }] });
  },
  replay: async () => {
    await record({ ...CALL, idempotency_key: 'of-october', occurred_at: '2026-10-31T12:00:00Z' });
    const { code, stdout, stderr } = await runShell(read('replay'));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'the same to the last byte\n', stderr: '' });
    expect(readFileSync(join(folder, 'october.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1);
  },
  error: async () => {
    const response = await fetch(`${test.url}/v1/usage`, { method: 'POST', headers: { authorization: `Bearer ${revoked}`, 'content-type': 'application/json' }, body: '{"events":[]}' });
    const [real, printed] = [(await response.json()) as { error: Record<string, unknown> }, JSON.parse(read('error')) as { error: Record<string, unknown> }];
    expect({ ...real.error, request_id: '' }).toEqual({ ...printed.error, request_id: '' });
  },
  run: async () => {
    const around = `${SETUP}
      const question = 'What does an outcome cost?';
      const retrieve = async () => ['one', 'two'];
      const build = () => [{ role: 'user', content: question }];`;
    expect(await runPart(around, read('run'), 'run', { OUTLAY_AT: test.url })).toMatchObject({ code: 0, stderr: '' });
    const rows = await readRows('workflow=pdf_question&user_id=u_318');
    expect(rows.filter(({ kind }) => kind === 'outcome')).toMatchObject([{ outcome: 'usable' }]);
    expect(rows.filter(({ provider, cost_basis: basis }) => provider === 'openai' && basis === 'priced')).toHaveLength(1);
  },
  'with-usage': async () => {
    const around = `${SETUP}
      const ticket = { customerId: 'globex' };
      const agent = { answer: () => openai.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] }) };`;
    expect(await runPart(around, read('with-usage'), 'with-usage', { OUTLAY_AT: test.url })).toMatchObject({ code: 0, stderr: '' });
    expect(await readRows('workflow=support_ticket&kind=usage')).toMatchObject([{ customer_id: 'globex', feature: 'auto_reply', cost_basis: 'priced' }]);
  },
  gate: async () => {
    await test.db.withTenant(tenantId, (tx) => tx.query(
      `INSERT INTO caps (tenant_id, id, name, scope, subject, metric, window_kind, mode, limit_amount, source, created_by) VALUES ($1, $2, 'Nothing today', 'customer', 'stopped', 'cost', 'day', 'hard', 0, 'person', 'ada')`, [tenantId, newId()]));
    test.api.deps.policies.forget(tenantId);
    const asking = `
      for (const customer of ['welcome', 'stopped']) {
        const response = await answerQuestion(customer, 'When does the notice period end?');
        console.log(response.status, Object.keys(await response.json()).join());
      }
      await aiUsage.shutdown();`;
    const ended = await runPart('', `${read('gate')}\n${asking}`, 'gate');
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '200 answer\n402 code,message,next_step,upgrade,request_id,retry_after_seconds\n' });
    expect(await readRows('customer_id=welcome&kind=outcome')).toMatchObject([{ outcome: 'usable' }]);
    expect(await readRows('customer_id=stopped')).toEqual([]);
  },
  'react-route': async () => {
    const program = read('react-route').replace("import { sessionOf } from './session';", "const sessionOf = async (request) => (request.headers.get('cookie') ? { customerId: 'initech', userId: 'u_1' } : null);")
      .replace('apiKey: process.env.OPENAI_API_KEY,', 'apiKey: process.env.OPENAI_API_KEY, baseURL: process.env.OPENAI_BASE_URL,');
    const asking = `
      const ask = (headers) => POST(new Request('http://app/api/chat', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"messages":[{"role":"user","content":"Hello"}]}' }));
      const stranger = await ask({});
      const answer = await ask({ cookie: 'me' });
      const usage = await GET(new Request('http://app/api/usage', { headers: { authorization: 'Bearer ' + await tokenFor('initech') } }));
      console.log(stranger.status, answer.status, (await answer.text()).includes('event: end'), usage.status, (await usage.json()).customer_id);
      await aiUsage.shutdown();`;
    expect(await runPart('', `${program}\n${asking}`, 'react-route')).toMatchObject({ code: 0, stderr: '', stdout: '401 200 true 200 initech\n' });
    expect(await readRows('customer_id=initech&kind=outcome')).toMatchObject([{ workflow: 'support_chat', outcome: 'usable' }]);
  },
  'react-panel': async () => {
    const drawn = await build({
      stdin: { contents: `${read('react-panel')}\nimport { renderToString } from 'react-dom/server';\nconsole.log(renderToString(<Chat customerId="acme" token="t" />));`, resolveDir: SDK, loader: 'tsx' },
      alias: { '@outlay/sdk/react': join(SDK, 'src/react/index.ts') }, bundle: true, write: false, platform: 'node', target: 'node20.19', format: 'cjs', jsx: 'automatic', logLevel: 'silent',
    });
    await writeFile(join(folder, 'react-panel.cjs'), drawn.outputFiles[0]!.contents);
    const { code, stdout } = await run(process.execPath, [join(folder, 'react-panel.cjs')]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/aria-busy="true".*<form>.*aria-label="Message"/)]);
  },
  'sdk-down': async () => {
    const spool = { SPOOL_DIR: join(folder, 'spool') };
    let isUp = false;
    // One address, first dead and then alive: what waits belongs to the Outlay that it was meant for.
    const door = createServer((socket) => {
      socket.on('error', () => {});
      if (!isUp) return socket.destroy();
      const inside = connect(Number(new URL(test.url).port), '127.0.0.1');
      inside.on('error', () => socket.destroy());
      return socket.pipe(inside).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(door, 'listening');
    const program = readFileSync(join(SAMPLES, 'sdk-down.txt'), 'utf8').replace('ORIGIN', `http://127.0.0.1:${(door.address() as AddressInfo).port}`);
    try {
      const down = await runPart('', program, 'sdk-down', spool);
      expect([down.code, down.stdout]).toEqual([0, '1 events wait for the next process\n']);
      expect(await readRows('workflow=support_agent')).toHaveLength(0);
      isUp = true;
      const up = await runPart('', program, 'sdk-up', spool);
      expect([up.code, up.stdout]).toEqual([0, '0 events wait for the next process\n']);
      expect(await readRows('workflow=support_agent')).toHaveLength(2);
    } finally {
      door.close();
    }
  },
  price: async () => {
    const text = read('price');
    // What `outlay price` does with each line that it reads.
    const answer = priceJsonLineText(await cataloguePriceBook(), /echo '(.+)' /.exec(text)![1]!, 1, Date.now())!;
    expect(JSON.parse(answer)).toMatchObject({ cost_usd: '0.000788' });
    checkCommands(text);
  },
  'self-host': async () => await checkCommandsOf('self-host'),
  compose: async () => await checkCommandsOf('compose'),
  doctor: async () => await checkCommandsOf('doctor'),
  preflight: async () => await checkCommandsOf('preflight'),
  backup: async () => await checkCommandsOf('backup'),
  'simple-bill': async () => {
    const by = { tenantId, actorId: null, actor: 'docs', requestId: 'docs' };
    expect(await importBill(test.db, by, { name: 'A file', text: read('simple-bill') })).toMatchObject({ rows: 3, skipped: 0, totalPico: 27_260_000_000_000n });
  },
};

async function checkCommandsOf(name: string): Promise<void> {
  checkCommands(read(name));
  await Promise.resolve();
}

/** What cannot be run here (it installs, or needs Docker) names scripts, commands, options, files and services that exist. */
function checkCommands(text: string): void {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const compose = readFileSync(join(ROOT, 'docker/compose.yml'), 'utf8');
  let checked = 0;
  for (const [, script = 'start', command, option] of text.matchAll(/npm (?:run (?:--silent |-s )?)?(start|outlay)(?: -- (\w[\w-]*)(?: --([a-z-]+))?)?/g)) {
    checked++;
    expect(Object.keys(scripts)).toContain(script);
    if (command === undefined) continue;
    const source = readFileSync(join(ROOT, `apps/cli/src/commands/${command}.ts`), 'utf8');
    expect(source).toContain(`program.command('${command}')`);
    if (option !== undefined) expect(source).toContain(`--${option}`);
  }
  for (const [path] of text.matchAll(/\bdocker\/[\w.]+/g)) {
    checked++;
    expect([path, path === 'docker/.env' || existsSync(join(ROOT, path))]).toEqual([path, true]);
  }
  for (const [, service] of text.matchAll(/ exec (?:-T )?(\w+) /g)) expect(compose).toMatch(new RegExp(`^  ${service}:`, 'm'));
  expect(checked).toBeGreaterThan(0);
}

describe('the samples of the docs', () => {
  it('are all held to something', () => {
    const names = readdirSync(SAMPLES).map((file) => file.replace('.txt', ''));
    expect(names.filter((name) => !name.startsWith('wrap-')).sort()).toEqual(Object.keys(CHECKS).sort());
    // Those with clients run in samples.int.test.ts.
    expect(names.filter((name) => name.startsWith('wrap-')).sort()).toEqual(['wrap-ai-sdk', 'wrap-anthropic', 'wrap-google', 'wrap-openai']);
  });

  it.skipIf(withoutCurl).each(Object.entries(CHECKS))(`%s${withoutCurl === null ? '' : `: ${withoutCurl}`}`, async (_name, check) => await check());
});
