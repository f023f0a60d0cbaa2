/** `outlay rotate-keys` as it is run: killed in the middle it goes on, secrets open all the while, and in the end nothing opens with the old key. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveChannel } from '@outlay/insights';
import { createSecretBox, type Database, findEmbeddedPostgres, loadMasterKey, openDatabase, parseMasterKey, provisionEmbedded, renewMasterKey, type SecretBox } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { auditedBy, deriveTeamToken, openTeamSecret, readTeamKeyId, sealTeamSecret } from '@outlay/tenancy';
import { createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, runCli, spawnCli, startCli, stopCli } from './testing/cli-process';

const ROW = ['channels', 'a', 'secret'];
const newKey = (): string => randomBytes(32).toString('base64');
const boxOf = (own: string, ...older: string[]): SecretBox => createSecretBox({ ...parseMasterKey(own, 'test'), older: older.map((text) => parseMasterKey(text, 'test')) });

interface SealedTeam {
  readonly tenantId: string;
  readonly secret: string;
  readonly sealed: string;
}

async function createSealedTeam(db: Database, box: SecretBox, secret: string): Promise<SealedTeam> {
  const { tenantId } = await createTenantFixture(db);
  return { tenantId, secret, sealed: await db.withTenant(tenantId, (tx) => sealTeamSecret(tx, box, tenantId, ROW, secret)) };
}

async function openEach(db: Database, box: SecretBox, teams: readonly SealedTeam[]): Promise<string[]> {
  return await Promise.all(teams.map(({ tenantId, sealed }) => db.withTenant(tenantId, (tx) => openTeamSecret(tx, box, tenantId, ROW, sealed)).catch(() => 'closed')));
}

beforeAll(() => buildCli());

describe('with OUTLAY_MASTER_KEY', () => {
  let database: TestDatabase;
  let admin: Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new Client({ connectionString: database.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await database.close();
  });

  it('goes on where it was killed', { timeout: 120_000 }, async () => {
    const { db } = database;
    const [old, own, lost] = [newKey(), newKey(), newKey()];
    const env = { DATABASE_URL: database.url, OUTLAY_MASTER_KEY: own };
    const both = { ...env, OUTLAY_MASTER_KEY_OLD: old };
    const teams: SealedTeam[] = [];
    for (let n = 0; n < 8; n++) teams.push(await createSealedTeam(db, boxOf(old), `secret ${n}`));
    teams.sort((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
    await createTenantFixture(db, { name: 'Without secrets' });
    const secrets = teams.map(({ secret }) => secret);
    const tokenOf = async (box: SecretBox): Promise<string> => await db.withTenant(teams[0]!.tenantId, (tx) => deriveTeamToken(tx, box, teams[0]!.tenantId, 'digest 1'));
    const token = await tokenOf(boxOf(old));
    const keyIds = async (): Promise<(string | null)[]> => await Promise.all(teams.map(({ tenantId }) => db.withTenant(tenantId, (tx) => readTeamKeyId(tx, tenantId))));

    // Somebody holds the fifth team's key: the rotation waits there, and is killed.
    await admin.query('begin');
    await admin.query('select from tenant_keys where tenant_id = $1 for update', [teams[4]!.tenantId]);
    const killed = spawnCli(['rotate-keys'], both);
    const [oldId, ownId] = [boxOf(old).keyId, boxOf(own).keyId];
    await until('the rotation to wait for the fifth team', async () => (await keyIds()).filter((id) => id === ownId).length === 4, 30_000);
    await until('it to be blocked', async () => (await admin.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount === 1, 30_000);
    killed.child.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    await admin.query('rollback');
    expect(await keyIds()).toEqual([...Array<string>(4).fill(ownId), ...Array<string>(4).fill(oldId)]);
    // A process that was started with both keys, as the help says, opens every one in between.
    expect(await openEach(db, boxOf(own, old), teams)).toEqual(secrets);
    expect(await runCli(['doctor', '--json'], both).then(({ stdout }) => JSON.parse(stdout) as unknown)).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining({ name: 'master key', status: 'warn' })]) as unknown });
    const early = await runCli(['rotate-keys', '--json'], env);
    expect(early).toMatchObject({ code: 1 });
    expect(JSON.parse(early.stdout)).toMatchObject({ ok: false, rewrapped: 0, already: 4, problems: Array.from({ length: 4 }, () => expect.stringContaining(`wrapped by master key ${oldId}`) as string) });

    const done = await runCli(['rotate-keys', '--json'], both);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(done.stdout)).toEqual({ ok: true, master_key: ownId, teams: 8, rewrapped: 4, already: 4, totals_sealed: 0, manifests_sealed: 0, problems: [], next_step: expect.stringContaining('Take OUTLAY_MASTER_KEY_OLD away') as string });
    expect(await openEach(db, boxOf(own), teams)).toEqual(secrets);
    expect(await openEach(db, boxOf(old), teams)).toEqual(teams.map(() => 'closed'));
    expect(await tokenOf(boxOf(own))).toBe(token);
    const again = await runCli(['rotate-keys'], env);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('There was nothing to do.') as string });
    const { rows } = await admin.query<{ n: number }>(`select count(*)::int as n from audit_log where action = 'master_key.rotated' group by tenant_id`);
    expect(rows).toEqual(teams.map(() => ({ n: 1 })));

    // One whose key nobody has is named, and keeps no other from being done.
    const orphan = await createSealedTeam(db, boxOf(lost), 'gone');
    const next = newKey();
    const partly = await runCli(['rotate-keys'], { ...env, OUTLAY_MASTER_KEY: next, OUTLAY_MASTER_KEY_OLD: own });
    expect(partly).toMatchObject({ code: 1, stdout: expect.stringContaining(`Team ${orphan.tenantId}: This tenant's key was wrapped by master key ${boxOf(lost).keyId}`) as string });
    expect(await openEach(db, boxOf(next), teams)).toEqual(secrets);
    for (const { stdout, stderr } of [done, early, again, partly]) for (const key of [old, own, lost, next]) expect(stdout + stderr).not.toContain(key);
  });

  it('is not noticed by what runs with both keys', { timeout: 180_000 }, async () => {
    const [old, own] = [newKey(), newKey()];
    const arrived: string[] = [];
    const receiver = createServer((request, response) => {
      arrived.push(request.url!);
      response.end();
    });
    await new Promise<void>((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
    const fresh = await createTestDatabase();
    const tenancy = createTestTenancy(fresh.db);
    try {
      const owner = await createOwner(tenancy);
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
      const { channel } = await saveChannel(fresh.db, boxOf(old), auditedBy(await owner.acting()), { kind: 'webhook', url });
      const tell = async (outlay: CliProcess & { readonly url: string }): Promise<string> => {
        const headers = { 'content-type': 'application/json', cookie: `outlay_session=${owner.secret}`, origin: outlay.url };
        return await (await fetch(`${outlay.url}/trpc/channels.test`, { method: 'POST', headers, body: JSON.stringify({ id: channel.id }) })).text();
      };
      const both = { DATABASE_URL: fresh.url, OUTLAY_MASTER_KEY: own, OUTLAY_MASTER_KEY_OLD: old, LOG_LEVEL: 'silent' };
      let outlay = await startCli(both);
      expect(await tell(outlay)).toContain('"ok":true');
      expect(await runCli(['rotate-keys'], both)).toMatchObject({ code: 0 });
      expect(await tell(outlay)).toContain('"ok":true');
      await stopCli(outlay);
      outlay = await startCli({ ...both, OUTLAY_MASTER_KEY_OLD: '' });
      expect(await tell(outlay)).toContain('"ok":true');
      await stopCli(outlay);
      outlay = await startCli({ ...both, OUTLAY_MASTER_KEY: old, OUTLAY_MASTER_KEY_OLD: '' });
      expect(await tell(outlay)).toContain('INTERNAL_SERVER_ERROR');
      await stopCli(outlay);
      expect(arrived).toEqual(['/hook', '/hook', '/hook']);
    } finally {
      await tenancy.close();
      await fresh.close();
      receiver.close();
    }
  });

  it('refuses what is no key, before anything is changed', { timeout: 60_000 }, async () => {
    const env = { DATABASE_URL: database.url, OUTLAY_MASTER_KEY: newKey() };
    expect(await runCli(['rotate-keys'], { ...env, OUTLAY_MASTER_KEY_OLD: 'short' })).toMatchObject({ code: 1, stderr: 'OUTLAY_MASTER_KEY_OLD must be 32 bytes as base64 or hex. Make one with: openssl rand -base64 32\n' });
    expect(await runCli(['rotate-keys', '--archive', '/nowhere'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('/nowhere cannot be read') as string });
  });
});

describe('with the key in the data folder', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'outlay-rotate-')), 'data');
  });
  afterAll(() => rm(join(dataDir, '..'), { recursive: true, force: true }));

  /** As a process beside the running Outlay. */
  async function withDatabase<T>(run: (db: Database) => Promise<T>): Promise<T> {
    const db = await openDatabase({ url: await provisionEmbedded((await findEmbeddedPostgres(dataDir))!) });
    return await run(db).finally(() => db.close());
  }

  it('makes a new one while Outlay is stopped, goes on after a kill, and deletes the old one', { timeout: 180_000 }, async () => {
    const env = { OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
    expect(await runCli(['rotate-keys'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no data in') as string });
    expect(existsSync(dataDir)).toBe(false);
    let outlay = await startCli(env);
    const old = await loadMasterKey({ dataDir });
    const team = await withDatabase((db) => createSealedTeam(db, createSecretBox(old), 'a secret'));
    expect(await runCli(['rotate-keys'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('would not hear of its new key. Stop it') as string });
    await stopCli(outlay);

    const killed = spawnCli(['rotate-keys'], env);
    await until('its database to start', () => existsSync(join(dataDir, 'postgres', 'postmaster.pid')), 60_000);
    killed.child.kill('SIGKILL');
    await killed.ended;
    // Killed between the new key and the first team, which is too short a moment to hit from outside.
    if ((await loadMasterKey({ dataDir })).keyId === old.keyId) await renewMasterKey(dataDir);
    outlay = await startCli(env);
    const between = await loadMasterKey({ dataDir });
    expect(between.older).toEqual([old]);
    expect(await withDatabase((db) => openEach(db, createSecretBox(between), [team]))).toEqual(['a secret']);
    await stopCli(outlay);

    const done = await runCli(['rotate-keys', '--json'], env);
    expect(done).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout)).toMatchObject({ ok: true, teams: 1, problems: [], next_step: expect.stringContaining('Start Outlay again.') as string });
    expect(existsSync(join(dataDir, 'master.key.old'))).toBe(false);
    const own = await loadMasterKey({ dataDir });
    expect(own).toEqual({ ...between, older: [] });
    expect(done.stdout + done.stderr + killed.text()).not.toContain((await readFile(join(dataDir, 'master.key'), 'utf8')).trim());
    outlay = await startCli(env);
    expect(await withDatabase((db) => openEach(db, createSecretBox(own), [team]))).toEqual(['a secret']);
    expect(await withDatabase((db) => openEach(db, createSecretBox(old), [team]))).toEqual(['closed']);
    await stopCli(outlay);
  });
});
