/** `outlay erase-tenant` as it is run; that nothing else is touched is proved where the erasure lives. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, runCli } from './testing/cli-process';

let database: TestDatabase;
let env: Record<string, string>;
let tenantId: string;

beforeAll(async () => {
  buildCli();
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url };
  ({ tenantId } = await createTenantFixture(database.db, { name: 'Gone Ltd' }));
  await createTenantFixture(database.db, { name: 'Stays Ltd' });
});

afterAll(() => database.close());

async function passGrace(): Promise<void> {
  const admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(`update tenant_erasures set erase_after = now() - interval '1 second' where erased_at is null`);
  await admin.end();
}

describe('outlay erase-tenant', () => {
  it('wants the exact name, waits, can be taken back, and erases when the time has come', { timeout: 60_000 }, async () => {
    expect(await runCli(['erase-tenant', tenantId], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('--confirm') as string });
    expect(await runCli(['erase-tenant', tenantId, '--confirm', 'gone'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('has another name') as string });
    expect(await runCli(['erase-tenant', tenantId, '--confirm', 'Gone Ltd', '--grace-days', '0'], env)).toMatchObject({ code: 1 });
    const confirmed = ['erase-tenant', tenantId, '--confirm', 'Gone Ltd'];
    expect((await runCli(confirmed, env)).stdout).toContain('The team "Gone Ltd" will be erased after ');
    expect((await runCli(['erase-tenant', tenantId, '--cancel'], env)).stdout).toContain('the team stays');
    expect((await runCli(['erase-tenant', tenantId, '--cancel'], env)).stdout).toContain('no open request');

    expect((await runCli([...confirmed, '--grace-days', '1'], env)).stdout).toContain('will be erased after');
    expect((await runCli(['erase-tenant'], env)).stdout).toMatch(new RegExp(`^${tenantId} {2}"Gone Ltd" {2}will be erased after .*\n$`));
    await passGrace();
    expect((await runCli(confirmed, env)).stdout).toContain('The team "Gone Ltd" is erased');
    expect((await runCli(['erase-tenant'], env)).stdout).toContain('was erased at ');
    expect((await database.db.system.query('select name from tenants')).rows).toEqual([{ name: 'Stays Ltd' }]);
    expect(await runCli(confirmed, env)).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no team') as string });
  });

  it('names the archived files that no database can erase', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outlay-erase-'));
    const own = { ...env, OUTLAY_MASTER_KEY: randomBytes(32).toString('base64') };
    try {
      const seeded = await runCli(['seed', '--events', '2500', '--until', '2026-08-31T12:00:00Z'], own);
      expect({ code: seeded.code, stderr: seeded.stderr }).toMatchObject({ code: 0 });
      const [, id] = /team +Demo \(made-up data\), (\S+)/.exec(seeded.stdout)!;
      expect(await runCli(['archive', '--before', '2026-09', '--to', folder], own)).toMatchObject({ code: 0 });
      const confirmed = ['erase-tenant', id!, '--confirm', 'Demo (made-up data)'];
      expect((await runCli([...confirmed, '--grace-days', '1'], own)).stdout).toContain('will be erased after');
      await passGrace();
      const erased = await runCli(confirmed, own);
      expect(erased).toMatchObject({ code: 0, stdout: expect.stringContaining('Its archived months lie in files that no database can erase.') as string });
      const [, list] = erased.stdout.split('wherever you keep the archive:\n');
      const files = list!.trim().split('\n');
      // Story days reach from the sixth of July to the end of August.
      expect(files.map((file) => file.split('/')[0])).toEqual(['2026-07', '2026-08']);
      for (const file of files) expect([file, file.includes(id!), existsSync(join(folder, file))]).toEqual([file, true, true]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
