/** Demo teams through the real job: filled, taken up again after a crash, stopped and erased in the middle. Nothing twice, nothing left. */
import { newId } from '@outlay/kernel/ids';
import { proveLedger } from '@outlay/ledger';
import { fillDemoTeam, newStory } from '@outlay/ledger/demo';
import { createLog, listTenantTables } from '@outlay/platform';
import { createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { importCatalogue, openPriceBooks, type PriceBooks } from '@outlay/pricing';
import { claimDemoFill, openDemoTeam, readDemoFill, readIdentity, refillDemoTeam, removeDemoTeam, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, testOrigin, type TestPerson } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tendDemoTeams } from './tend-demo-teams';

const log = createLog({ level: 'silent' });
const END_MS = Math.floor(Date.now() / 900_000) * 900_000;
const EVENTS = 12_000;
let test: TestDatabase;
let prices: PriceBooks;
let tenancy: Tenancy;

beforeAll(async () => {
  test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date() });
  prices = await openPriceBooks(test.db, { warn: () => {} });
  tenancy = createTestTenancy(test.db);
});

afterAll(async () => {
  prices.close();
  await tenancy.close();
  await test.close();
});

async function openDemo(person: TestPerson, events = EVENTS): Promise<string> {
  const { tenantId } = await openDemoTeam(tenancy, await person.identity(), { teamName: 'Demo', timeZone: 'Europe/Berlin', story: newStory(END_MS, { events }) }, testOrigin());
  return tenantId;
}

const tend = (tenantId?: string): Promise<void> => tendDemoTeams({ db: test.db, log, prices }, tenantId);
const remove = async (person: TestPerson, tenantId: string): Promise<string | null> => await removeDemoTeam(tenancy, await person.identity(), tenantId);

async function query<T extends object>(tenantId: string, sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return await test.db.withTenant(tenantId, async (tx) => (await tx.query<T>(sql, [...values])).rows);
}

/** The history without what another team and another moment change. */
async function digest(tenantId: string): Promise<{ rows: number; digest: string }> {
  const [found] = await query<{ rows: number; digest: string }>(tenantId,
    `select count(*)::int as rows, md5(string_agg(concat_ws('|', id, encode(input_hash, 'hex'), cost_pico, occurred_at), ',' order by id)) as digest from usage_events`);
  return found!;
}

/** As the team itself, which sees its own rows of every table. */
async function expectNothingOf(tenantId: string): Promise<void> {
  for (const table of await listTenantTables(test.db.system)) {
    expect({ table, rows: (await query<{ n: number }>(tenantId, `select count(*)::int as n from ${table}`))[0]!.n }).toEqual({ table, rows: 0 });
  }
}

async function expectRightBooks(tenantId: string): Promise<void> {
  const { versionById } = await prices.of(tenantId);
  expect((await proveLedger(test.db, tenantId, { versionById: (id) => versionById(tenantId, id) })).faults).toEqual([]);
}

describe('a demo team', () => {
  it('is one a person, whoever clicks twice, and fills itself with books that are right', { timeout: 90_000 }, async () => {
    const person = await createOwner(tenancy);
    const [one, two] = await Promise.all([openDemo(person), openDemo(person)]);
    expect(one).toBe(two);
    expect((await person.identity()).active).toMatchObject({ tenantId: one, demo: true, role: 'owner' });
    await tend();
    expect(await readDemoFill(test.db, one)).toMatchObject({ state: 'done', failure: null, held: false });
    const { rows } = await digest(one);
    expect(rows).toBeGreaterThan(EVENTS * 0.95);
    expect((await readDemoFill(test.db, one))!.recorded).toBe(rows);
    await expectRightBooks(one);

    const settings = await query(one, 'select name, unit_name as unit, target_cost_pico::text as target from workflows order by name');
    expect(settings).toContainEqual({ name: 'pdf_question', unit: 'answered question', target: '30000000000' });
    expect(settings).toHaveLength(4);
    // One price changes within the eight weeks: the same call costs 15 % less from that day on.
    const sonnet = await query<{ from: Date; until: Date }>(one, `
      select min(occurred_at) as from, max(occurred_at) as until from usage_events
      where model_served like 'claude-sonnet-4-5%' and cost_basis = 'priced' and output_text > 0 group by price_version_id order by 1`);
    expect(sonnet).toHaveLength(2);
    expect(sonnet[0]!.until < sonnet[1]!.from).toBe(true);

    await tend(one);
    expect((await digest(one)).rows).toBe(rows);
  });

  it('that a crash cut off goes on where it stood: the same history as without the crash', { timeout: 90_000 }, async () => {
    const [person, other] = [await createOwner(tenancy), await createOwner(tenancy)];
    const whole = await openDemo(other);
    await tend(whole);
    const tenantId = await openDemo(person);
    // Somebody who is never heard of again holds the lease, and has written some of it, more than he said.
    const crash = new Error('crash');
    await expect(fillDemoTeam({ db: test.db, prices, leaseMs: 1_000, onProgress: (recorded) => { if (recorded > 0) throw crash; } }, tenantId)).rejects.toThrow('crash');
    expect(await readDemoFill(test.db, tenantId)).toMatchObject({ state: 'failed', failure: 'The history could not be written to its end.' });
    await refillDemoTeam(tenancy, await person.identity(), tenantId);
    expect(await claimDemoFill(test.db, tenantId, newId(), 500)).toMatchObject({ state: 'running' });
    const written = (await digest(tenantId)).rows;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(EVENTS * 0.9);
    await tend(tenantId);
    expect((await digest(tenantId)).rows).toBe(written);
    await until('the lease of the dead is over', async () => !(await readDemoFill(test.db, tenantId))!.held);
    await tend();
    expect(await readDemoFill(test.db, tenantId)).toMatchObject({ state: 'done' });
    expect(await digest(tenantId)).toEqual(await digest(whole));
    await expectRightBooks(tenantId);
  });

  it('is removed at once while it fills: the job stops, nothing is left, the person stands in their own team', { timeout: 90_000 }, async () => {
    const person = await createOwner(tenancy);
    const tenantId = await openDemo(person, 60_000);
    let erased: Promise<void> | undefined;
    const filled = await fillDemoTeam({
      db: test.db, prices, onProgress: async () => {
        expect(await remove(person, tenantId)).toBe(person.tenantId);
        erased = tend(tenantId);
      },
    }, tenantId);
    expect(filled).toMatchObject({ complete: false });
    await erased;
    expect(filled!.recorded).toBeLessThan(50_000);
    await expectNothingOf(tenantId);
    const identity = await readIdentity(tenancy, person.secret, testOrigin());
    expect(identity!.memberships.map((membership) => membership.tenantId)).toEqual([person.tenantId]);
    expect(identity!.active!.tenantId).toBe(person.tenantId);
    const { rows } = await test.db.system.query('select requested_by, erased_at is not null as erased from tenant_erasures where erased_tenant_id = $1', [tenantId]);
    expect(rows).toEqual([{ requested_by: `Olga Owner <${person.email}>`, erased: true }]);
    // Nothing is in the way of a new one.
    expect(await openDemo(person, 1_000)).not.toBe(tenantId);
  });

  it('leaves the account of a person who is in no other team', async () => {
    const person = await createOwner(tenancy);
    const tenantId = await openDemo(person, 1_000);
    await query(person.tenantId, 'delete from members');
    expect(await remove(person, tenantId)).toBeNull();
    await tend();
    await expectNothingOf(tenantId);
    expect((await readIdentity(tenancy, person.secret, testOrigin()))!.user.id).toBe(person.userId);
  });

  it('is removed by its owner only, and no team of real data is', async () => {
    const owner = await createOwner(tenancy);
    const colleague = await createColleague(tenancy, owner, 'admin');
    await expect(remove(owner, owner.tenantId)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('real data') as string });
    const tenantId = await openDemo(owner, 1_000);
    await expect(remove(colleague, tenantId)).rejects.toMatchObject({ code: 'not_found' });
    await query(tenantId, `insert into members (tenant_id, user_id, role) values ($1, $2, 'admin')`, [tenantId, colleague.userId]);
    await expect(remove(colleague, tenantId)).rejects.toMatchObject({ code: 'role_missing' });
    await query(tenantId, `update members set role = 'owner'`);
    await expect(remove(colleague, tenantId)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('Somebody else') as string });
    await expect(refillDemoTeam(tenancy, await owner.identity(), tenantId)).rejects.toMatchObject({ code: 'conflict' });
  });
});
