/** `outlay demo`: the product's own proof, as a newcomer runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@outlay/platform/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_MAIN } from './places';
import { buildCli, runCli, spawnCli, stopCli } from './testing/cli-process';

let TMPDIR: string;

beforeAll(() => {
  buildCli();
  expect(spawnSync(process.execPath, ['build.mjs'], { cwd: join(DEMO_MAIN, '..', '..') }).status).toBe(0);
});

beforeEach(async () => {
  TMPDIR = await mkdtemp(join(tmpdir(), 'outlay-demo-test-'));
});

afterEach(() => rm(TMPDIR, { recursive: true, force: true }));

describe('outlay demo', { timeout: 120_000 }, () => {
  it('ends with two equal totals, and leaves nothing behind', async () => {
    const ended = await runCli(['demo', '--requests', '60', '--speed', 'max', '--seed', '5'], { TMPDIR });
    expect(ended.stdout).toContain('60 runs of three workflows, production and staging, seed 5');
    expect(ended.stdout).toMatch(/^total .*\$(\d+\.\d{12}) +\$\1 +0$/m);
    expect(ended.stdout).toContain('Equal to the last digit.');
    expect(ended.code).toBe(0);
    expect(await readdir(TMPDIR)).toEqual([]);
  });

  it('with --keep stays open with a team to sign in as, until Ctrl-C', async () => {
    const demo = spawnCli(['demo', '--requests', '5', '--speed', 'max', '--keep'], { TMPDIR });
    const [, url] = await demo.waitFor(/^ {2}open +(http:\/\/localhost:\d+)$/m);
    const [, password] = await demo.waitFor(/^ {2}password +(\S+)$/m);
    const answer = await fetch(`${url!}/trpc/auth.signIn`, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: url! }, body: JSON.stringify({ email: 'demo@outlay.example', password }),
    });
    expect(answer.status).toBe(200);
    expect(await stopCli(demo, 'SIGINT')).toMatchObject({ code: 0 });
    expect(await readdir(TMPDIR)).toEqual([]);
  });

  it('ends early on Ctrl-C, with its table', async () => {
    const demo = spawnCli(['demo', '--requests', '400', '--speed', '1'], { TMPDIR });
    await demo.waitFor(/400 runs of three workflows/);
    await until('some calls', () => /[1-9]\d* calls/.test(demo.text()), 30_000);
    const { stdout } = await stopCli(demo, 'SIGINT');
    expect(stdout).toContain('served by the fakes');
    expect(await readdir(TMPDIR)).toEqual([]);
  });

  it('with --chat serves a page whose plan ends after six answers, and says why', async () => {
    const demo = spawnCli(['demo', '--chat', '0'], { TMPDIR });
    const [, chat] = await demo.waitFor(/^The chat is at (http:\/\/localhost:\d+)/m);
    expect(await (await fetch(chat!)).text()).toContain('<script type="module" src="/page.js">');
    const ask = (): Promise<Response> => fetch(`${chat}/api/chat`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"messages":[{"role":"user","content":"What does the notice period say?"}]}' });
    const answers = await Promise.all(Array.from({ length: 6 }, async () => (await ask()).text()));
    for (const answer of answers) expect(answer).toContain('"how":"completed"');
    const seventh = await ask();
    expect([seventh.status, await seventh.json()]).toMatchObject([402, { decision: 'deny', reason: 'quota_exhausted', upgrade: true, usage: { allowances: [{ used: 6, included: 6, state: 'used_up' }] } }]);
    expect(await stopCli(demo, 'SIGINT')).toMatchObject({ code: 0 });
    expect(await readdir(TMPDIR)).toEqual([]);
  });

  it('uses the Outlay that it is given, and says when that does not answer', async () => {
    const ended = await runCli(['demo', '--requests', '5'], { TMPDIR, OUTLAY_URL: 'http://127.0.0.1:9', OUTLAY_API_KEY: 'ol_production_x' });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('Outlay does not answer at http://127.0.0.1:9.') as string });
    expect(ended.stdout).not.toContain('private Outlay');
    expect((await runCli(['demo', '--help'])).stdout).toMatch(/--trace <file>[\s\S]*--keep/);
  });
});
