import { newId } from '@outlay/kernel/ids';
import { listTenantTables } from '@outlay/platform';
import { createTestDatabase, plantRow, type TestDatabase } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoTeam } from './create-demo-team';
import { askErasure, eraseDueTeams, eraseTeam } from './erase-team';
import { createKey } from './manage-keys';
import { readIdentity } from './sessions';
import { cancelErasure, findSeededTeams, findErasures } from './store-erasures';
import type { Tenancy } from './tenancy';
import { createColleague, createOwner, createTestTenancy, testEmail, testOrigin, type TestPerson } from './testing';

let test: TestDatabase;
let admin: Client;
let tenancy: Tenancy;

beforeAll(async () => {
  test = await createTestDatabase();
  tenancy = createTestTenancy(test.db);
  admin = new Client({ connectionString: test.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await tenancy.close();
  await test.close();
});

/** Time passes for an agreed erasure: nobody but a superuser can do this. */
async function passGrace(tenantId: string): Promise<void> {
  await admin.query(`update tenant_erasures set erase_after = now() - interval '1 second' where erased_tenant_id = $1`, [tenantId]);
}

/** A row in the ledger and in the projections of it, whatever they mean. */
async function plantFacts(tenantId: string): Promise<void> {
  await test.db.withTenant(tenantId, async (tx) => {
    await tx.query(
      `insert into usage_events (tenant_id, id, kind, subject, input_hash, occurred_at, recorded_at, writer_slot, batch, environment, source, status, cost_basis, cost_pico)
       values ($1, $2, 'usage', 'call', '\\x00', now(), now(), 0, 1, 'production', 'api', 'succeeded', 'priced', 1)`, [tenantId, newId()]);
    await tx.query(`insert into usage_rollup (tenant_id, slot, bucket, environment, workflow, provider, model, calls) values ($1, 0, now(), 'production', '', '', '', 1)`, [tenantId]);
    await tx.query(`insert into snapshots (tenant_id, hash, body) values ($1, '\\x00', '{}')`, [tenantId]);
  });
}

/** Every row of the team, in every table that has any. */
async function countRows(tenantId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await listTenantTables(admin)) {
    const { rows } = await admin.query<{ n: number }>(`select count(*)::int as n from ${table} where ${table === 'tenants' ? 'id' : 'tenant_id'} = $1`, [tenantId]);
    if (rows[0]!.n > 0) counts[table] = rows[0]!.n;
  }
  return counts;
}

async function createTeamWithFacts(teamName: string): Promise<TestPerson> {
  const owner = await createOwner(tenancy, { teamName });
  await createKey(tenancy, await owner.acting(), { name: 'ci', environment: 'production', abilities: ['ingest'] });
  await plantFacts(owner.tenantId);
  return owner;
}

describe('the erasure of a team', () => {
  it('waits out its grace, then takes every row of this team and of no other, and stays on record', async () => {
    const [gone, stays] = [await createTeamWithFacts('Gone Ltd'), await createTeamWithFacts('Stays Ltd')];
    const colleague = await createColleague(tenancy, gone, 'developer');
    const before = await countRows(stays.tenantId);
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['api_keys', 'audit_log', 'members', 'snapshots', 'tenants', 'usage_events', 'usage_rollup']));

    const due = await askErasure(test.db, { tenantId: gone.tenantId, name: 'Gone Ltd', by: 'test' });
    expect(Math.round((due.getTime() - Date.now()) / 86_400_000)).toBe(7);
    expect(await askErasure(test.db, { tenantId: gone.tenantId, name: 'Gone Ltd', by: 'somebody else', graceDays: 1 })).toEqual(due);
    await expect(eraseTeam(test.db, gone.tenantId)).rejects.toMatchObject({ code: 'conflict', message: `No erasure of the team ${gone.tenantId} is due.` });
    expect(await eraseDueTeams(test.db, () => {})).toEqual([]);
    expect(await countRows(gone.tenantId)).toMatchObject({ usage_events: 1, members: 2, api_keys: 1 });

    await passGrace(gone.tenantId);
    const erased = await eraseTeam(test.db, gone.tenantId, { keysGoneMs: 1 });
    expect(erased).toMatchObject({ usage_events: 1, usage_rollup: 1, snapshots: 1, members: 2, api_keys: 1, users: 2 });
    expect(await countRows(gone.tenantId)).toEqual({});
    expect(await countRows(stays.tenantId)).toEqual(before);
    expect(await readIdentity(tenancy, colleague.secret, testOrigin())).toBeNull();
    expect((await findErasures(test.db))[0]).toMatchObject({ tenantId: gone.tenantId, name: 'Gone Ltd', requestedBy: 'test', erasedAt: expect.any(Date) as Date, erasedRows: { usage_events: 1 } });
    await expect(eraseTeam(test.db, gone.tenantId)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('leaves no row in any table of a team', async () => {
    const [gone, stays] = [newId(), newId()];
    const tables = await listTenantTables(admin);
    await admin.query('set session_replication_role = replica');
    try {
      for (const tenantId of [gone, stays]) for (const table of tables) await plantRow(admin, table, tenantId);
    } finally {
      await admin.query('set session_replication_role = origin');
    }
    const all = Object.fromEntries(tables.map((table) => [table, 1]));
    expect(await countRows(gone)).toEqual(all);
    const { rows } = await admin.query<{ name: string }>('select name from tenants where id = $1', [gone]);
    await askErasure(test.db, { tenantId: gone, name: rows[0]!.name, by: 'test' });
    await passGrace(gone);
    const erased = await eraseTeam(test.db, gone, { keysGoneMs: 1 });
    expect(Object.keys(erased).filter((table) => erased[table] === 1).sort()).toEqual([...tables.filter((table) => table !== 'tenants'), 'users'].sort());
    expect(await countRows(gone)).toEqual({});
    expect(await countRows(stays)).toEqual(all);
  });

  it('keeps the account of a person who is in another team too', async () => {
    const [gone, other] = [await createTeamWithFacts('Closing'), await createOwner(tenancy)];
    await test.db.withTenant(other.tenantId, (tx) => tx.query(`insert into members (tenant_id, user_id, role) values ($1, $2, 'viewer')`, [other.tenantId, gone.userId]));
    await askErasure(test.db, { tenantId: gone.tenantId, name: 'Closing', by: 'test' });
    await passGrace(gone.tenantId);
    expect(await eraseTeam(test.db, gone.tenantId, { keysGoneMs: 1 })).toMatchObject({ users: 0 });
    expect(await readIdentity(tenancy, gone.secret, testOrigin())).toMatchObject({ user: { id: gone.userId } });
  });

  it('is refused under another name, without a grace period, and for a team that is not there', async () => {
    const { tenantId } = await createOwner(tenancy, { teamName: 'Acme' });
    await expect(askErasure(test.db, { tenantId, name: 'acme', by: 'test' })).rejects.toMatchObject({ code: 'invalid_input', message: `The team ${tenantId} has another name.` });
    await expect(askErasure(test.db, { tenantId, name: 'Acme', by: 'test', graceDays: 0 })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(askErasure(test.db, { tenantId: newId(), name: 'Acme', by: 'test' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(eraseTeam(test.db, tenantId)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('can be taken back until it happens', async () => {
    const { tenantId } = await createTeamWithFacts('Undecided');
    await askErasure(test.db, { tenantId, name: 'Undecided', by: 'test' });
    expect(await cancelErasure(test.db, tenantId)).toBe(true);
    expect(await cancelErasure(test.db, tenantId)).toBe(false);
    await passGrace(tenantId);
    await expect(eraseTeam(test.db, tenantId)).rejects.toMatchObject({ code: 'conflict' });
    expect(await countRows(tenantId)).toMatchObject({ usage_events: 1 });
  });

  it('of a demo team needs no grace; no team of people can be made a demo', async () => {
    const email = testEmail();
    const { tenantId } = await createDemoTeam(test.db, { teamName: 'Demo', name: 'Dora', email, password: 'correct horse', timeZone: 'UTC', story: { seed: 1, events: 1_000, endsAt: new Date() } });
    await plantFacts(tenantId);
    expect(await findSeededTeams(test.db)).toEqual([{ tenantId, name: 'Demo' }]);
    await askErasure(test.db, { tenantId, name: 'Demo', by: 'test', graceDays: 0 });
    expect(await eraseDueTeams(test.db, (_id, error) => { throw error; })).toEqual([tenantId]);
    expect(await countRows(tenantId)).toEqual({});
    // The e-mail is free again.
    await createDemoTeam(test.db, { teamName: 'Demo', name: 'Dora', email, password: 'correct horse', timeZone: 'UTC', story: { seed: 1, events: 1_000, endsAt: new Date() } });
    const { tenantId: real } = await createOwner(tenancy);
    await expect(test.db.withTenant(real, (tx) => tx.query('update tenants set demo = true'))).rejects.toThrow(/permission denied/);
  });
});

describe('nothing else deletes facts', () => {
  it.each(['outlay_app', 'outlay_writer', 'outlay_system'] as const)('%s may not', async (role) => {
    const { tenantId } = await createTeamWithFacts(`Safe from ${role}`);
    const client = await test.db.connectAs(role);
    try {
      await client.query(`set app.tenant_id = '${tenantId}'; set app.tenant_ids = '{${tenantId}}'; set app.erasing = '${tenantId}'`);
      for (const sql of ['delete from usage_events', 'update usage_events set cost_pico = 0', 'truncate usage_events', 'delete from tenants', 'delete from audit_log', 'delete from tenant_erasures']) {
        await expect(client.query(sql), sql).rejects.toThrow(/permission denied|append-only/);
      }
    } finally {
      await client.end();
    }
    expect(await countRows(tenantId)).toMatchObject({ usage_events: 1, audit_log: expect.any(Number) as number });
  });

  it('not even the eraser, outside of an erasure of that very team', async () => {
    const { tenantId } = await createTeamWithFacts('Safe from the eraser');
    await admin.query('begin; set local role outlay_eraser');
    expect((await admin.query('delete from usage_events')).rowCount).toBe(0);
    await admin.query(`set local app.erasing = '${newId()}'`);
    expect((await admin.query('delete from usage_events where tenant_id = $1', [tenantId])).rowCount).toBe(0);
    await admin.query('rollback');
    // The trigger stands behind the policies: a superuser meets it too.
    await expect(admin.query('delete from usage_events where tenant_id = $1', [tenantId])).rejects.toThrow(/append-only/);
    await expect(admin.query('truncate usage_events')).rejects.toThrow(/append-only/);
  });

  it('is callable by the system alone', async () => {
    for (const pool of [test.db.app, test.db.writer]) {
      for (const call of ['erase_tenant($1)', 'close_tenant($1)', 'cancel_tenant_erasure($1)', `request_tenant_erasure($1, 'x', 'x', interval '7 days')`]) {
        await expect(pool.query(`select ${call}`, [newId()]), call).rejects.toThrow(/permission denied/);
      }
    }
  });
});
