import { Client, type ClientBase } from 'pg';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from './pools';
import { findRowSecurityFaults, listTenantTables } from './row-security';
import { createTestDatabase, plantRow, type TestDatabase } from './testing';

let test: TestDatabase;
let admin: Client;
let tables: string[];
const [mine, theirs] = [newId(), newId()];

beforeAll(async () => {
  test = await createTestDatabase();
  admin = new Client({ connectionString: test.adminUrl });
  await admin.connect();
  tables = await listTenantTables(admin);
  await admin.query('set session_replication_role = replica');
  for (const table of tables) for (const tenantId of [mine, theirs]) await plantRow(admin, table, tenantId);
});

afterAll(async () => {
  await admin.end();
  await test.close();
});

/** What the system role sees of due work, and one column that it must not see. */
const DUE_WORK: Record<string, { readonly sees: string; readonly hidden: string }> = {
  trial_balances: { sees: 'tenant_id, state, leased_until', hidden: 'failure' },
  demo_fills: { sees: 'tenant_id, state, leased_until', hidden: 'failure' },
  credit_lots: { sees: 'tenant_id, customer_id, id, expires_at, remaining', hidden: 'note' },
  cap_scopes: { sees: 'tenant_id, scope, filled_at', hidden: 'cut' },
  holds: { sees: 'tenant_id, run_id, expires_at, ended_at', hidden: 'answer' },
  provider_connections: { sees: 'tenant_id, id, next_sync_at, leased_until, removed_at, state', hidden: 'credentials' },
  deliveries: { sees: 'tenant_id, id, state, next_attempt_at, leased_until', hidden: 'payload' },
  digest_subscriptions: { sees: 'tenant_id, id, kind, last_sent_for, unsubscribed_at', hidden: 'email' },
  alerts: { sees: 'tenant_id, state, resolved_at', hidden: 'facts' },
};

/** Rows that the statement touches, or the refusal. */
async function touch(tx: ClientBase, sql: string, values: unknown[] = []): Promise<number | string> {
  await tx.query('savepoint before');
  try {
    const { rowCount } = await tx.query(sql, values);
    return rowCount ?? 0;
  } catch (error) {
    await tx.query('rollback to savepoint before');
    return (error as Error).message;
  }
}

/** The policy is asked before NOT NULL is, but after the partition is found. */
async function insertFor(tx: ClientBase, table: string, tenantId: string): Promise<number | string> {
  if (table === 'tenants') return await touch(tx, 'insert into tenants (id) values ($1)', [tenantId]);
  if (table === 'usage_events') return await touch(tx, 'insert into usage_events (tenant_id, id) values ($1, $2)', [tenantId, newId()]);
  return await touch(tx, `insert into ${table} (tenant_id) values ($1)`, [tenantId]);
}

const REFUSED = /^(permission denied for table|new row violates row-level security policy)/;

describe('row level security', () => {
  it('has no hole in the catalogue', async () => {
    expect(tables).toContain('usage_events');
    expect(await findRowSecurityFaults(test.db.system)).toEqual([]);
  });

  it('would name each kind of hole', async () => {
    const owner = createPool(test.url, 'outlay_owner', { max: 1, statementTimeoutMs: 0 });
    const tx = await owner.connect();
    try {
      await tx.query(`begin;
        create table open_rows (tenant_id uuid); grant select on open_rows to public;
        create function careless() returns int language sql security definer as 'select 1';
        grant select on usage_events_f0 to outlay_app;
        create policy everybody on members using (true);`);
      expect(await findRowSecurityFaults(tx)).toEqual([
        'function careless() runs as its owner for everybody',
        'function careless() runs as its owner without a fixed search_path',
        'partition usage_events_f0 has grants of its own, which bypass its parent\'s policies',
        'policy everybody of table members is for everybody',
        'table open_rows has grants to everybody',
        'table open_rows has no forced row level security',
        'table open_rows has no policy for outlay_app',
      ]);
    } finally {
      await tx.query('rollback');
      tx.release();
      await owner.end();
    }
  });

  it('shows the app every table of its own tenant, and of no other', async () => {
    for (const table of tables) {
      const column = table === 'tenants' ? 'id' : 'tenant_id';
      const { rows } = await test.db.withTenant(mine, (tx) => tx.query(`select ${column} as tenant from ${table}`));
      expect({ table, tenants: rows }).toEqual({ table, tenants: [{ tenant: mine }] });
      expect({ table, rows: (await test.db.app.query(`select 1 from ${table}`)).rowCount }).toEqual({ table, rows: 0 });
    }
  });

  it('lets the app write no row of another tenant', async () => {
    await test.db.withTenant(mine, async (tx) => {
      for (const table of tables) {
        const column = table === 'tenants' ? 'id' : 'tenant_id';
        expect({ table, insert: await insertFor(tx, table, newId()) }).toEqual({ table, insert: expect.stringMatching(REFUSED) as string });
        for (const sql of [`update ${table} set ${column} = ${column} where ${column} = $1`, `delete from ${table} where ${column} = $1`]) {
          const touched = await touch(tx, sql, [theirs]);
          if (touched !== 0) expect({ sql, touched }).toEqual({ sql, touched: expect.stringMatching(REFUSED) as string });
        }
        const moved = await touch(tx, `update ${table} set ${column} = $1`, [theirs]);
        expect({ table, moved }).toEqual({ table, moved: expect.stringMatching(REFUSED) as string });
      }
    });
  });

  it('shows the writer the tenants of its batch only, and lets it write for no other', async () => {
    const tx = await test.db.writer.connect();
    try {
      await tx.query('begin');
      await tx.query(`select set_config('app.tenant_ids', $1, true)`, [`{${mine}}`]);
      for (const table of tables) {
        const column = table === 'tenants' ? 'id' : 'tenant_id';
        const seen = await touch(tx, `select ${column} from ${table} where ${column} = $1`, [theirs]);
        if (seen !== 0) expect({ table, seen }).toEqual({ table, seen: expect.stringMatching(REFUSED) as string });
        expect({ table, insert: await insertFor(tx, table, theirs) }).toEqual({ table, insert: expect.stringMatching(REFUSED) as string });
      }
      expect(await touch(tx, 'select tenant_id from usage_events')).toBe(1);
    } finally {
      await tx.query('rollback');
      tx.release();
    }
  });

  it('shows the system role the list of tenants and no row of theirs', async () => {
    expect((await test.db.system.query('select id, name, time_zone from tenants')).rowCount).toBe(2);
    for (const table of tables.filter((name) => name !== 'tenants')) {
      // Of work that is due it sees that it is, and no more.
      const due = DUE_WORK[table];
      if (due) await expect(test.db.system.query(`select ${due.sees} from ${table}`), table).resolves.toMatchObject({ rowCount: 2 });
      await expect(test.db.system.query(`select ${due?.hidden ?? 'tenant_id'} from ${table}`), table).rejects.toThrow(/permission denied/);
    }
  });
});
