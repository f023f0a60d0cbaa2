import { randomToken, sha256 } from '@outlay/kernel/ids';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inviteMember } from './invite-member';
import { eachTeam } from './store-teams';
import { sweepExpired } from './sweep-expired';
import type { Tenancy } from './tenancy';
import { createOwner, createTestTenancy, testEmail, type TestPerson } from './testing';

let test: TestDatabase;
let tenancy: Tenancy;

beforeAll(async () => {
  test = await createTestDatabase();
  tenancy = createTestTenancy(test.db);
});

afterAll(async () => {
  await tenancy?.close();
  await test?.close();
});

async function addReset(userId: string, expires: string, used: string | null = null): Promise<void> {
  await test.db.app.query(`insert into password_resets (token_hash, user_id, expires_at, used_at) values ($1, $2, now() + $3::interval, now() + $4::interval)`, [sha256(randomToken(9)), userId, expires, used]);
}

async function ageInvitation(owner: TestPerson, column: 'expires_at' | 'revoked_at' | 'accepted_at', age: string): Promise<void> {
  const { id } = await inviteMember(tenancy, await owner.acting(), { email: testEmail(), role: 'viewer' });
  await test.db.withTenant(owner.tenantId, (tx) => tx.query(`update invitations set ${column} = now() - $2::interval where id = $1`, [id, age]));
}

it('deletes what has long expired, of every team, and nothing that still says something', async () => {
  const [one, two] = [await createOwner(tenancy), await createOwner(tenancy)];
  const resets: [expires: string, used?: string][] = [['1 hour'], ['-1 day'], ['-8 days'], ['1 hour', '-8 days'], ['-8 days', '-6 days']];
  for (const reset of resets) await addReset(one.userId, ...reset);
  for (const owner of [one, two]) {
    await ageInvitation(owner, 'expires_at', '31 days');
    await ageInvitation(owner, 'expires_at', '29 days');
    await ageInvitation(owner, 'revoked_at', '31 days');
    await ageInvitation(owner, 'accepted_at', '1 day');
  }
  await test.db.app.query(`update sessions set expires_at = now() - interval '1 second' where user_id = $1`, [two.userId]);
  expect(await sweepExpired(test.db)).toEqual({ sessions: 1, resets: 2, invitations: 4 });
  expect(await sweepExpired(test.db)).toEqual({ sessions: 0, resets: 0, invitations: 0 });
  await expect(one.identity()).resolves.toMatchObject({ user: { email: one.email } });
});

it('walks every team once', async () => {
  const teams: string[] = [];
  for await (const { tenantId } of eachTeam(test.db)) teams.push(tenantId);
  const { rows } = await test.db.system.query<{ n: number }>('select count(*)::int as n from tenants');
  expect(new Set(teams).size).toBe(rows[0]!.n);
  expect(teams.length).toBe(rows[0]!.n);
});
