/** `outlay preflight` beside a running Outlay, as an operator runs it: its exit code, its JSON, its table. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCli, type CliProcess, runCli, startCli, stopCli } from './testing/cli-process';

let parent: string;
let running: CliProcess | undefined;

beforeAll(async () => {
  await buildCli();
  parent = await mkdtemp(join(tmpdir(), 'outlay-preflight-'));
}, 120_000);

afterAll(async () => {
  if (running) await stopCli(running, 'SIGTERM');
  await rm(parent, { recursive: true, force: true });
});

interface Told {
  readonly ok: boolean;
  readonly checks: readonly { readonly id: string; readonly group: string; readonly ok: boolean | null; readonly nextStep: string | null }[];
}

it('passes every case over HTTP, and says what a fresh installation lacks', { timeout: 180_000 }, async () => {
  const env = { OUTLAY_DATA_DIR: join(parent, 'data'), LOG_LEVEL: 'warn' };
  const outlay = await startCli(env);
  running = outlay;
  const { code, stdout } = await runCli(['preflight', '--json', '--url', outlay.url], env);
  const { ok, checks } = JSON.parse(stdout) as Told;
  expect([code, ok]).toEqual([1, false]);
  expect(checks.length).toBeGreaterThanOrEqual(42);
  const failed = checks.filter((check) => check.ok === false).map(({ id }) => id);
  expect(failed.filter((id) => /^(running|access|ledger|gate|operation)\./.test(id))).toEqual([]);
  expect(failed).toEqual(['installation.public_url', 'installation.tls', 'installation.mail', 'installation.mail_server', 'installation.mail_sender', 'team.exists']);
  const table = await runCli(['preflight', '--url', outlay.url], env);
  expect(table).toMatchObject({ code: 1, stdout: expect.stringContaining('Not yet: see what failed.') as string });
  expect(await runCli(['preflight', '--team', '01983f4e-7a1b-7c3d-8e4f-1234567890ab', '--url', outlay.url], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no team 01983f4e') as string });
});
