/** `outlay archive` as it is run, beside a running Outlay: months go, the books stay right, months come back. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, runCli, startCli, stopCli } from './testing/cli-process';

let database: TestDatabase;
let admin: Client;
let folder: string;
let env: Record<string, string>;
let outlay: CliProcess;

beforeAll(async () => {
  buildCli();
  database = await createTestDatabase();
  admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  folder = await mkdtemp(join(tmpdir(), 'outlay-archive-'));
  env = { DATABASE_URL: database.url, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
  outlay = await startCli(env);
  expect(await runCli(['seed', '--events', '8000', '--until', '2026-08-31T12:00:00Z'], env)).toMatchObject({ code: 0 });
}, 180_000);

afterAll(async () => {
  await stopCli(outlay);
  await admin.end();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function digestEvents(): Promise<{ events: number; digest: string }> {
  const { rows } = await admin.query<{ events: number; digest: string }>(`select count(*)::int as events, md5(string_agg(to_jsonb(e)::text, ',' order by id)) as digest from usage_events e`);
  return rows[0]!;
}

async function proveBooks(own = env): Promise<{ ok: boolean; checks: { message: string }[] }> {
  return JSON.parse((await runCli(['doctor', '--ledger', '--json'], own)).stdout) as { ok: boolean; checks: { message: string }[] };
}

describe('outlay archive', () => {
  it('moves months into sealed files and back', { timeout: 240_000 }, async () => {
    const before = await digestEvents();
    expect(await runCli(['archive', '--before', '2026-09'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('--to') as string });
    const dry = await runCli(['archive', '--before', '2026-09', '--to', folder, '--dry-run'], env);
    expect(dry.stdout).toMatch(/2026-07 would be archived .*\n2026-08 would be archived /);
    expect(await digestEvents()).toEqual(before);

    const done = await runCli(['archive', '--before', '2026-10', '--to', folder], env);
    expect({ code: done.code, stderr: done.stderr }).toMatchObject({ code: 0 });
    expect(done.stdout).toMatch(/2026-07 is archived: [\d,]+ rows of 1 team .*manifest\.json\n2026-08 is archived: /);
    expect((await readdir(folder)).filter((month) => month >= '2026-07')).toEqual(['2026-07', '2026-08']);
    expect((await digestEvents()).events).toBeLessThan(before.events / 10);
    expect(await proveBooks()).toMatchObject({ ok: true });
    expect((await runCli(['archive', '--before', '2026-09', '--to', folder], env)).stdout).toContain('There is nothing to archive');

    // Prompts are nowhere to be found, and a compressed file is what it claims to be.
    const manifest = join(folder, '2026-07', 'manifest.json');
    const { teams } = JSON.parse(await readFile(manifest, 'utf8')) as { teams: { file: string; facts: { row_count: number } }[] };
    expect((await stat(join(folder, teams[0]!.file))).size).toBeLessThan(teams[0]!.facts.row_count * 1_000);

    await writeFile(`${manifest}.changed`, (await readFile(manifest, 'utf8')).replace('"row_count": ', '"row_count": 1'));
    expect(await runCli(['archive', '--restore', `${manifest}.changed`], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('was changed') as string });
    const otherKey = { ...env, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
    expect(await runCli(['archive', '--restore', manifest], otherKey)).toMatchObject({ code: 1, stderr: expect.stringContaining('another master key') as string });
    expect((await proveBooks()).ok).toBe(true);
    const { stdout } = await runCli(['doctor', '--ledger', '--json'], otherKey);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, checks: [{ message: expect.stringContaining('its seal does not fit') as string }] });

    // The seals follow the master key, and what somebody changed is not sealed over.
    const rotated = { ...env, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
    const both = { ...rotated, OUTLAY_MASTER_KEY_OLD: env['OUTLAY_MASTER_KEY']! };
    expect(await proveBooks(both)).toMatchObject({ ok: true });
    expect(await runCli(['rotate-keys'], both)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The archive of .*2026-07, 2026-08 is sealed under the master key: name its folder with --archive/) as string });
    const months = (await readdir(folder)).sort();
    const whole = await readFile(manifest, 'utf8');
    await writeFile(manifest, whole.replace('"row_count": ', '"row_count": 1'));
    const partly = await runCli(['rotate-keys', '--archive', folder, '--json'], both);
    expect({ code: partly.code, ...JSON.parse(partly.stdout) as object }).toMatchObject({ code: 1, ok: false, totals_sealed: 2, manifests_sealed: months.length - 1, problems: [expect.stringContaining(`${manifest} was changed`) as string] });
    await writeFile(manifest, whole);
    const complete = await runCli(['rotate-keys', '--archive', folder, '--json'], both);
    expect({ code: complete.code, ...JSON.parse(complete.stdout) as object }).toMatchObject({ code: 0, ok: true, totals_sealed: 0, manifests_sealed: 1, problems: [] });
    expect(await proveBooks(rotated)).toMatchObject({ ok: true });
    expect((await proveBooks()).ok).toBe(false);
    expect(await runCli(['archive', '--restore', manifest], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('another master key') as string });

    for (const month of months) expect(await runCli(['archive', '--restore', join(folder, month, 'manifest.json')], rotated)).toMatchObject({ code: 0 });
    expect(await digestEvents()).toEqual(before);
    expect(await proveBooks(rotated)).toMatchObject({ ok: true });
  });
});
