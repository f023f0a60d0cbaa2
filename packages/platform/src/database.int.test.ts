import { newId } from '@outlay/kernel/ids';
import { Client, type PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './database';
import { createTenantFixture, createTestDatabase, type TestDatabase } from './testing';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(async () => {
  await test.close();
});

describe('roles', () => {
  it('works as app, writer and system: none of them superuser, owner, or past row level security', async () => {
    for (const [pool, role] of [[test.db.app, 'outlay_app'], [test.db.writer, 'outlay_writer'], [test.db.system, 'outlay_system']] as const) {
      const { rows } = await pool.query(`select current_user as role, session_user as login, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolinherit,
        (select count(*)::int from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace) as owned from pg_roles r where rolname = current_user`);
      expect(rows).toEqual([{ role, login: 'outlay_login', rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, rolcanlogin: false, rolinherit: false, owned: 0 }]);
    }
  });

  it('gives the login itself no right on any table', async () => {
    const { rows } = await test.db.system.query(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and has_table_privilege('outlay_login', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')`);
    expect(rows).toEqual([]);
  });

  it('refuses to open with a role that is the wrong one', async () => {
    const asOwner = new URL(test.adminUrl);
    await expect(openDatabase({ urls: { app: test.url, writer: test.url, system: `${asOwner.origin.replace('null', 'postgres:')}//nobody:x@${asOwner.host}/x` } }))
      .rejects.toThrow(/The database at .* cannot be reached/);
  });
});

describe('values', () => {
  it('reads int8 as bigint, numeric as string, timestamptz as Date, date as text', async () => {
    const { rows } = await test.db.app.query(`select 9223372036854775807::int8 as big, array[1, null, 3]::int8[] as bigs, 1.50::numeric as number,
      timestamptz '2026-11-21 07:00:00+02' as at, date '2026-11-21' as day`);
    expect(rows).toEqual([{ big: 9223372036854775807n, bigs: [1n, null, 3n], number: '1.50', at: new Date('2026-11-21T05:00:00Z'), day: '2026-11-21' }]);
  });
});

describe('withTenant', () => {
  it('shows a tenant its own rows only, and nobody any outside of it', async () => {
    const a = await createTenantFixture(test.db, { name: 'A' });
    const b = await createTenantFixture(test.db, { name: 'B' });
    const names = (tenantId: string): Promise<unknown> => test.db.withTenant(tenantId, async (tx) => (await tx.query('select name from tenants')).rows);
    expect(await names(a.tenantId)).toEqual([{ name: 'A' }]);
    expect(await names(b.tenantId)).toEqual([{ name: 'B' }]);
    expect((await test.db.app.query('select name from tenants')).rows).toEqual([]);
    expect(await test.db.withTenantPrisma(a.tenantId, (tx) => tx.tenant.findMany({ select: { name: true } }))).toEqual([{ name: 'A' }]);
    expect(await test.db.prisma.tenant.findMany()).toEqual([]);
  });

  it('as a snapshot sees one moment from its first statement to its last, and writes nothing', async () => {
    const { tenantId } = await createTenantFixture(test.db, { name: 'before' });
    const name = async (tx: PoolClient): Promise<unknown> => (await tx.query('select name from tenants')).rows[0];
    await test.db.withTenantSnapshot(tenantId, async (tx) => {
      expect(await name(tx)).toEqual({ name: 'before' });
      await test.db.withTenant(tenantId, (other) => other.query(`update tenants set name = 'after'`));
      expect(await name(tx)).toEqual({ name: 'before' });
    });
    expect(await test.db.withTenantSnapshot(tenantId, name)).toEqual({ name: 'after' });
    await expect(test.db.withTenantSnapshot(tenantId, (tx) => tx.query(`update tenants set name = 'x'`))).rejects.toThrow(/read-only transaction/);
  });

  it('refuses to write a row of another tenant', async () => {
    const a = await createTenantFixture(test.db);
    await expect(test.db.withTenant(a.tenantId, (tx) => tx.query('insert into tenants (id, name) values ($1, $2)', [newId(), 'other'])))
      .rejects.toThrow(/violates row-level security/);
  });

  it('rolls back and leaves no tenant behind when the work fails', async () => {
    const a = await createTenantFixture(test.db, { name: 'before' });
    await expect(test.db.withTenant(a.tenantId, async (tx) => {
      await tx.query('update tenants set name = $1', ['after']);
      throw new Error('no');
    })).rejects.toThrow('no');
    const { rows } = await test.db.withTenant(a.tenantId, (tx) => tx.query('select name from tenants'));
    expect(rows).toEqual([{ name: 'before' }]);
    const settings = await Promise.all(Array.from({ length: 20 }, () => test.db.app.query(`select current_setting('app.tenant_id', true) as id`)));
    expect(new Set(settings.map(({ rows: [row] }) => row.id || null))).toEqual(new Set([null]));
  });

  it('keeps tenants apart under many at once', async () => {
    const tenants = await Promise.all(Array.from({ length: 8 }, (_, n) => createTenantFixture(test.db, { name: `T${n}` })));
    const seen = await Promise.all(Array.from({ length: 200 }, async (_, n) => {
      const tenant = tenants[n % tenants.length]!;
      const names = n % 2 === 0
        ? await test.db.withTenantPrisma(tenant.tenantId, (tx) => tx.tenant.findMany({ select: { name: true } }))
        : (await test.db.withTenant(tenant.tenantId, (tx) => tx.query<{ name: string }>('select name from tenants'))).rows;
      return names.length === 1 && names[0]!.name === tenant.name;
    }));
    expect(seen.every(Boolean)).toBe(true);
  });

  it('survives a connection that breaks between two statements: the work fails, the process does not', async () => {
    const { tenantId } = await createTenantFixture(test.db, { name: 'cut off' });
    const admin = new Client({ connectionString: test.adminUrl });
    await admin.connect();
    const broken = test.db.withTenant(tenantId, async (tx) => {
      const { rows: [backend] } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      // Not `once`: it would listen to errors too, which is what is tested here.
      const ended = new Promise<void>((resolve) => {
        tx.on('end', resolve);
      });
      await admin.query('select pg_terminate_backend($1)', [backend!.pid]);
      await ended;
      return await tx.query('select 1');
    });
    await expect(broken).rejects.toThrow();
    await admin.end();
    expect(await test.db.withTenant(tenantId, async (tx) => (await tx.query('select name from tenants')).rows)).toEqual([{ name: 'cut off' }]);
  });

  it('refuses an id that is no uuid before it reaches the database', async () => {
    await expect(test.db.withTenant(`x'; drop table tenants`, () => Promise.resolve())).rejects.toThrow('The tenant id must be a uuid.');
  });
});

it('says which database does not answer, without its password', async () => {
  const failing = openDatabase({ url: 'postgres://me:topsecret@127.0.0.1:1/outlay' });
  await expect(failing).rejects.toThrow(/^The database at 127.0.0.1:1\/outlay cannot be reached: .*ECONNREFUSED/);
  await expect(failing).rejects.not.toThrow(/topsecret/);
});
