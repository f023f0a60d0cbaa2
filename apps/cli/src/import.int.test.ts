/** `outlay import` as it is run: dry, for good, again, after a crash in the middle; beside a running Outlay's database. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTenantFixture, createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportReport } from './import/mapping-report';
import { buildCli, runCli, spawnCli } from './testing/cli-process';

let database: TestDatabase;
let folder: string;
let env: Record<string, string>;
let tenantId: string;

beforeAll(async () => {
  buildCli();
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'outlay-import-'));
  env = { DATABASE_URL: database.url, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
  ({ tenantId } = await createTenantFixture(database.db, { name: 'Acme' }));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.close();
});

function spendLog(n: number): Record<string, unknown> {
  const at = Date.parse('2026-10-05T08:00:00Z') + n * 1_000;
  return {
    request_id: `chatcmpl-${n}`, call_type: 'acompletion', spend: 0.0001, prompt_tokens: 1_000 + n, completion_tokens: 50, total_tokens: 1_050 + n, startTime: new Date(at).toISOString(),
    endTime: new Date(at + 900).toISOString(), model: 'gpt-5-mini', custom_llm_provider: 'openai', end_user: `customer-${n % 7}`, session_id: `s-${n >> 2}`, status: 'success', messages: [{ content: 'secret' }],
    shiny_new_field: n,
  };
}

async function write(name: string, rows: readonly Record<string, unknown>[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

async function importJson(args: readonly string[]): Promise<ImportReport> {
  const { code, stdout, stderr } = await runCli(['import', ...args, '--json'], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) as string });
  return JSON.parse(stdout) as ImportReport;
}

async function readLedger(): Promise<{ events: number; sources: string[]; cost: string }> {
  const { rows } = await database.db.withTenant(tenantId, (tx) => tx.query<{ events: number; sources: string[]; cost: string }>(
    `select count(*)::int as events, array_agg(distinct source) filter (where source is not null) as sources, coalesce(sum(cost_pico), 0)::text as cost from usage_events`));
  return rows[0]!;
}

async function proveBooks(): Promise<void> {
  const { stdout } = await runCli(['doctor', '--ledger', '--json'], env);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
}

describe('outlay import', () => {
  it('says first what would happen, then does it, once however often it is run', { timeout: 120_000 }, async () => {
    const rows = [...Array.from({ length: 2_500 }, (_, n) => spendLog(n)), { ...spendLog(9_000), request_id: null }, { ...spendLog(9_001), total_tokens: 7 }];
    const path = await write('spend.jsonl', rows);
    const dry = await importJson(['litellm', path, '--dry-run']);
    expect(dry).toMatchObject({ dryRun: true, rows: 2_502, recorded: 2_500, rejected: 2, duplicates: 0, statedCostUsd: '0.25' });
    expect(dry.fields).toContainEqual({ field: 'end_user', becomes: 'customer_id', rows: 2_502 });
    expect(dry.notUnderstood).toEqual([{ field: 'shiny_new_field', rows: 2_502 }]);
    expect(dry.leftOut).toContain('messages');
    expect(dry.reasons.filter(({ kind }) => kind === 'rejected').flatMap(({ examples }) => examples.map(({ row }) => row)).sort()).toEqual([2_501, 2_502]);
    expect(await readLedger()).toMatchObject({ events: 0 });

    const done = await importJson(['litellm', path]);
    expect({ ...done, dryRun: true, seconds: undefined }).toEqual({ ...dry, seconds: undefined });
    const ledger = await readLedger();
    expect(ledger).toMatchObject({ events: 2_500, sources: ['import'] });

    const again = await importJson(['litellm', path]);
    expect(again).toMatchObject({ recorded: 0, duplicates: 2_500, rejected: 2, costUsd: '0' });
    expect(await readLedger()).toEqual(ledger);

    const changed = await importJson(['litellm', await write('changed.jsonl', [{ ...spendLog(3), end_user: 'somebody else' }])]);
    expect(changed).toMatchObject({ recorded: 0, conflicts: 1 });
    expect(await readLedger()).toEqual(ledger);
    await proveBooks();
    expect(await readdir(folder)).toEqual(expect.not.arrayContaining([expect.stringContaining('outlay-import')]));
  });

  it('goes on after a kill -9, and ends with the same books', { timeout: 180_000 }, async () => {
    const { events: before } = await readLedger();
    const count = 60_000;
    const path = await write('long.jsonl', Array.from({ length: count }, (_, n) => spendLog(100_000 + n)));
    const first = spawnCli(['import', 'litellm', path], env);
    await until('some rows in the ledger and a checkpoint', async () => (await readLedger()).events > before && (await readdir(folder)).includes('long.jsonl.outlay-import.json'), 60_000);
    first.child.kill('SIGKILL');
    await first.ended;
    const between = (await readLedger()).events - before;
    expect(between).toBeGreaterThan(0);
    expect(between).toBeLessThan(count);

    const second = spawnCli(['import', 'litellm', path], env);
    const { code, stdout, stderr } = await second.ended;
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Going on after row') as string });
    expect(stdout).toMatch(/60,000 rows in /);
    expect((await readLedger()).events - before).toBe(count);
    await proveBooks();
  });

  it('wants to know the team where there are several, and names what it cannot read', { timeout: 60_000 }, async () => {
    const other = await createTenantFixture(database.db, { name: 'Other' });
    const path = await write('calls.csv', []);
    await writeFile(path, 'time,model,in,out,env\n2026-10-05 08:00:00,gpt-5-mini,100,20,Staging\nnever,gpt-5-mini,1,1,\n2026-10-05 08:00:01,nobody-knows,1,1,\n');
    expect(await runCli(['import', 'csv', path], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('several teams') as string });
    const map = ['occurred_at=time', 'model_requested=model', 'provider==openai', 'quantities.input_uncached=in', 'quantities.output_text=out', 'environment=env'].flatMap((text) => ['--map', text]);
    const report = await importJson(['csv', path, '--team', 'Other', ...map]);
    expect(report).toMatchObject({ rows: 3, recorded: 2, unpriced: 1, rejected: 1, notUnderstood: [] });
    const { rows } = await database.db.withTenant(other.tenantId, (tx) => tx.query(`select environment, model_requested, cost_basis from usage_events order by occurred_at`));
    expect(rows).toEqual([
      { environment: 'staging', model_requested: 'gpt-5-mini', cost_basis: 'priced' }, { environment: 'production', model_requested: 'nobody-knows', cost_basis: 'unpriced' },
    ]);
    const people = await runCli(['import', 'csv', path, '--team', 'Other', ...map, '--dry-run'], env);
    expect(people.stdout).toContain('Rejected:\n  1  Its occurred_at is no time.\n      row 2: Its occurred_at is no time.');
    expect(await runCli(['import', 'litellm', join(folder, 'nothing')], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read') as string });
  });
});
