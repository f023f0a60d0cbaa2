import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@outlay/kernel/ids';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { acceptInvitation, peekInvitation } from './accept-invitation';
import { changeRole, leaveTeam, listMembers, removeMember } from './change-members';
import { inviteMember, revokeInvitation } from './invite-member';
import { listAudit } from './list-audit';
import { readIdentity } from './sessions';
import { createColleague, createOwner, createTestTenancy, readLetterToken, TEST_PASSWORD, testEmail, testOrigin, type TestPerson } from './testing';
import type { Tenancy } from './tenancy';
import { updateTeam } from './update-team';

let test: TestDatabase;
let tenancy: Tenancy;
const clock = { ms: 0 };

beforeAll(async () => {
  test = await createTestDatabase();
  tenancy = createTestTenancy(test.db, { now: () => Date.now() + clock.ms });
});

afterAll(async () => {
  await tenancy.close();
  await test.close();
});

async function rolesOf(person: TestPerson): Promise<Record<string, string>> {
  const { members } = await listMembers(tenancy, await person.acting());
  return Object.fromEntries(members.map(({ email, role }) => [email, role]));
}

describe('an invitation', () => {
  it('goes by mail, shows the team, and makes a new person a member', async () => {
    const owner = await createOwner(tenancy, { teamName: 'Acme', name: 'Olga' });
    const email = testEmail();
    const { id } = await inviteMember(tenancy, await owner.acting(), { email, role: 'finance' });
    const letter = await test.db.prisma.letter.findFirstOrThrow({ where: { recipient: email } });
    expect(letter).toMatchObject({ subject: 'Olga invited you to Acme on Outlay', attempts: 0, sentAt: null });
    const token = await readLetterToken(test.db, email);
    expect(letter.text).toContain(`https://outlay.example.com/invite?token=${token}`);
    const { rows: [stored] } = await test.db.withTenant(owner.tenantId, (tx) => tx.query('select * from invitations'));
    expect(stored.token_hash).toBe(sha256(token));
    expect(await peekInvitation(tenancy, token, testOrigin())).toEqual({ teamName: 'Acme', email, role: 'finance', hasAccount: false });
    expect((await listMembers(tenancy, await owner.acting())).invitations).toMatchObject([{ id, email, role: 'finance', invitedBy: 'Olga' }]);

    for (const incomplete of [{ token }, { token, password: TEST_PASSWORD }]) {
      await expect(acceptInvitation(tenancy, incomplete, null, testOrigin())).rejects.toMatchObject({ code: 'invalid_input' });
    }
    const { session } = await acceptInvitation(tenancy, { token, name: 'Fin', password: TEST_PASSWORD }, null, testOrigin());
    expect(await readIdentity(tenancy, session!.secret, testOrigin())).toMatchObject({ user: { email, name: 'Fin' }, active: { tenantId: owner.tenantId, role: 'finance' } });
    expect((await listMembers(tenancy, await owner.acting())).invitations).toEqual([]);
    const audited = await listAudit(tenancy, await owner.acting(), {});
    expect(audited.rows.map(({ action, actor }) => [action, actor.name])).toEqual([['member.joined', 'Fin'], ['member.invited', 'Olga'], ['team.created', 'Olga']]);
  });

  it('is good once, also for two who use it at the same moment', async () => {
    const owner = await createOwner(tenancy);
    const email = testEmail();
    await inviteMember(tenancy, await owner.acting(), { email, role: 'viewer' });
    const token = await readLetterToken(test.db, email);
    const results = await Promise.allSettled(['Vera', 'Eve'].map((name) => acceptInvitation(tenancy, { token, name, password: TEST_PASSWORD }, null, testOrigin())));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'link_expired' } });
    await expect(peekInvitation(tenancy, token, testOrigin())).rejects.toMatchObject({ code: 'link_expired' });
    expect(Object.keys(await rolesOf(owner))).toHaveLength(2);
  });

  it('lets an existing account in by its password, or by being signed in; not by the link alone', async () => {
    const owner = await createOwner(tenancy, { teamName: 'Acme' });
    const guest = await createOwner(tenancy, { teamName: 'Guests' });
    await inviteMember(tenancy, await owner.acting(), { email: guest.email, role: 'developer' });
    const token = await readLetterToken(test.db, guest.email);
    expect(await peekInvitation(tenancy, token, testOrigin())).toMatchObject({ hasAccount: true });
    await expect(acceptInvitation(tenancy, { token, name: 'Thief', password: 'a new password' }, null, testOrigin())).rejects.toMatchObject({ code: 'wrong_credentials' });
    // Somebody else is signed in in this browser: the invitation is not theirs.
    await expect(acceptInvitation(tenancy, { token }, await owner.identity(), testOrigin())).rejects.toMatchObject({ code: 'invalid_input', field: 'password' });
    const { session } = await acceptInvitation(tenancy, { token }, await guest.identity(), testOrigin());
    expect(session).toBeNull();
    expect((await guest.identity()).active).toMatchObject({ name: 'Acme', role: 'developer' });
    expect((await guest.identity()).memberships).toHaveLength(2);

    const second = await createOwner(tenancy);
    await inviteMember(tenancy, await second.acting(), { email: guest.email, role: 'viewer' });
    const again = await acceptInvitation(tenancy, { token: await readLetterToken(test.db, guest.email), password: TEST_PASSWORD }, null, testOrigin());
    expect(await readIdentity(tenancy, again.session!.secret, testOrigin())).toMatchObject({ user: { email: guest.email }, active: { tenantId: second.tenantId, role: 'viewer' } });
  });

  it('ends after 7 days, when revoked, when replaced, and when its inviter loses the right', async () => {
    const owner = await createOwner(tenancy);
    const admin = await createColleague(tenancy, owner, 'admin');
    const invite = async (by: TestPerson, email: string): Promise<{ id: string; token: string }> => {
      const { id } = await inviteMember(tenancy, await by.acting(), { email, role: 'viewer' });
      return { id, token: await readLetterToken(test.db, email) };
    };
    const expectEnded = (token: string): Promise<void> => expect(peekInvitation(tenancy, token, testOrigin())).rejects.toMatchObject({ code: 'link_expired' });

    const revoked = await invite(owner, testEmail());
    await revokeInvitation(tenancy, await owner.acting(), revoked.id);
    await expectEnded(revoked.token);
    await expect(revokeInvitation(tenancy, await owner.acting(), revoked.id)).rejects.toMatchObject({ code: 'not_found' });

    const email = testEmail();
    const replaced = await invite(owner, email);
    const current = await invite(owner, email);
    await expectEnded(replaced.token);
    expect(await peekInvitation(tenancy, current.token, testOrigin())).toMatchObject({ email });

    const ofAdmin = await invite(admin, testEmail());
    await changeRole(tenancy, await owner.acting(), admin.userId, 'viewer');
    await expectEnded(ofAdmin.token);

    clock.ms += 7 * 86_400_000 + 1;
    await expectEnded(current.token);
    await expect(acceptInvitation(tenancy, { token: current.token, name: 'Late', password: TEST_PASSWORD }, null, testOrigin())).rejects.toMatchObject({ code: 'link_expired' });
    expect((await listMembers(tenancy, await owner.acting())).invitations).toEqual([]);
    clock.ms = 0;
  });

  it('is refused for a member, for roles without the right, and for an owner invited by an admin', async () => {
    const owner = await createOwner(tenancy);
    const admin = await createColleague(tenancy, owner, 'admin');
    const developer = await createColleague(tenancy, owner, 'developer');
    await expect(inviteMember(tenancy, await owner.acting(), { email: admin.email, role: 'viewer' })).rejects.toMatchObject({ code: 'already_exists', field: 'email' });
    await expect(inviteMember(tenancy, await developer.acting(), { email: testEmail(), role: 'viewer' })).rejects.toMatchObject({ code: 'role_missing' });
    await expect(inviteMember(tenancy, await admin.acting(), { email: testEmail(), role: 'owner' })).rejects.toMatchObject({ code: 'role_missing', field: 'role' });
    expect((await listMembers(tenancy, await developer.acting())).invitations).toEqual([]);
  });

  it('is decided by the role of this moment, not by the one of the request', async () => {
    const owner = await createOwner(tenancy);
    const admin = await createColleague(tenancy, owner, 'admin');
    const stale = await admin.acting();
    await changeRole(tenancy, await owner.acting(), admin.userId, 'viewer');
    await expect(inviteMember(tenancy, stale, { email: testEmail(), role: 'viewer' })).rejects.toMatchObject({ code: 'role_missing' });
    await expect(changeRole(tenancy, stale, owner.userId, 'viewer')).rejects.toMatchObject({ code: 'role_missing' });
    await expect(removeMember(tenancy, stale, owner.userId)).rejects.toMatchObject({ code: 'role_missing' });
  });
});

describe('members', () => {
  it('change roles, are removed, leave; all of it audited', async () => {
    const owner = await createOwner(tenancy);
    const dev = await createColleague(tenancy, owner, 'developer', { name: 'Dev' });
    const viewer = await createColleague(tenancy, owner, 'viewer');
    await changeRole(tenancy, await owner.acting(), dev.userId, 'admin');
    expect((await dev.acting()).role).toBe('admin');
    await changeRole(tenancy, await owner.acting(), dev.userId, 'admin');
    await removeMember(tenancy, await dev.acting(), viewer.userId);
    expect((await viewer.identity()).active).toBeNull();
    await leaveTeam(tenancy, await dev.acting());
    expect(await rolesOf(owner)).toEqual({ [owner.email]: 'owner' });
    const { rows } = await listAudit(tenancy, await owner.acting(), { action: 'member' });
    expect(rows.map(({ action, subjectId, before, after }) => ({ action, subjectId, before, after })).slice(0, 3)).toEqual([
      { action: 'member.left', subjectId: dev.userId, before: { role: 'admin' }, after: null },
      { action: 'member.removed', subjectId: viewer.userId, before: { role: 'viewer' }, after: null },
      { action: 'member.role_changed', subjectId: dev.userId, before: { role: 'developer' }, after: { role: 'admin' } },
    ]);
  });

  it('shows who is you and when others were last seen in this team', async () => {
    const owner = await createOwner(tenancy);
    const dev = await createColleague(tenancy, owner, 'developer');
    const { members } = await listMembers(tenancy, await dev.acting());
    expect(members.map(({ email, you }) => [email, you])).toEqual([[owner.email, false], [dev.email, true]]);
    expect(members.every(({ lastSeenAt }) => lastSeenAt instanceof Date)).toBe(true);
  });

  it('never lose their last owner', async () => {
    const owner = await createOwner(tenancy);
    const acting = await owner.acting();
    await expect(leaveTeam(tenancy, acting)).rejects.toMatchObject({ code: 'last_owner' });
    await expect(changeRole(tenancy, acting, owner.userId, 'admin')).rejects.toMatchObject({ code: 'last_owner' });
    await expect(removeMember(tenancy, acting, owner.userId)).rejects.toMatchObject({ code: 'last_owner' });
    await createColleague(tenancy, owner, 'owner');
    await leaveTeam(tenancy, acting);
    expect((await owner.identity()).active).toBeNull();
  });

  it('keep an owner when all owners leave, step down or remove each other at once', async () => {
    for (let round = 0; round < 12; round++) {
      const first = await createOwner(tenancy);
      const others = await Promise.all([1, 2].map(() => createColleague(tenancy, first, 'owner')));
      const owners = [first, ...others];
      const actings = await Promise.all(owners.map((owner) => owner.acting()));
      const results = await Promise.allSettled(actings.map((acting, n) => {
        const next = owners[(n + 1) % owners.length]!;
        if (round % 3 === 0) return leaveTeam(tenancy, acting);
        return round % 3 === 1 ? changeRole(tenancy, acting, acting.id, 'viewer') : removeMember(tenancy, acting, next.userId);
      }));
      const { rows } = await test.db.withTenant(first.tenantId, (tx) => tx.query(`select count(*)::int as owners from members where role = 'owner'`));
      expect(rows[0].owners).toBeGreaterThanOrEqual(1);
      const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
      // Losing a race is one of these refusals, never a deadlock or a lost lock.
      for (const code of refusals) expect(['last_owner', 'role_missing', 'not_found']).toContain(code);
      expect(results.length - refusals.length).toBe(3 - rows[0].owners);
    }
  });
});

describe('the team', () => {
  it('is changed with what was before and after, and only by who may', async () => {
    const owner = await createOwner(tenancy, { teamName: 'Old name' });
    const finance = await createColleague(tenancy, owner, 'finance');
    expect(await updateTeam(tenancy, await owner.acting(), { name: 'New name', lateWindowDays: 7 })).toEqual({ name: 'New name', timeZone: 'UTC', lateWindowDays: 7 });
    await updateTeam(tenancy, await owner.acting(), { name: 'New name' });
    const { rows } = await listAudit(tenancy, await owner.acting(), { action: 'team.updated' });
    expect(rows).toMatchObject([{ before: { name: 'Old name' }, after: { name: 'New name' } }]);
    await expect(updateTeam(tenancy, await finance.acting(), { name: 'Mine' })).rejects.toMatchObject({ code: 'role_missing' });
  });
});

describe('the audit log', () => {
  it('is filtered by action, person, words and time, page by page, and is the team\'s own', async () => {
    const owner = await createOwner(tenancy, { name: 'Olga 100%' });
    const stranger = await createOwner(tenancy);
    const admin = await createColleague(tenancy, owner, 'admin');
    for (let n = 0; n < 5; n++) await updateTeam(tenancy, { ...(await owner.acting()), requestId: `request-${n}` }, { name: `Name ${n}` });
    const acting = await owner.acting();
    const actions = async (filter: Parameters<typeof listAudit>[2]): Promise<string[]> => (await listAudit(tenancy, acting, filter)).rows.map(({ action }) => action);
    expect(await actions({ action: 'team' })).toEqual([...Array.from({ length: 5 }, () => 'team.updated'), 'team.created']);
    expect(await actions({ actorId: admin.userId })).toEqual(['member.joined']);
    expect(await actions({ search: 'REQUEST-3' })).toEqual(['team.updated']);
    expect(await actions({ search: '100%' })).toHaveLength(7);
    expect(await actions({ search: '1_0%' })).toEqual([]);
    expect([await actions({ search: 'a\0' }), await actions({ action: '\0' })]).toEqual([[], []]);
    expect(await actions({ from: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await actions({ to: new Date(Date.now() - 600_000) })).toEqual([]);
    const pages: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await listAudit(tenancy, acting, { cursor, limit: 3 });
      pages.push(...page.rows.map(({ id }) => id));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    expect(pages).toHaveLength(8);
    expect(pages).toEqual([...new Set(pages)].sort().reverse());
    expect((await listAudit(tenancy, await stranger.acting(), {})).rows.map(({ action }) => action)).toEqual(['team.created']);
    const viewer = await createColleague(tenancy, owner, 'viewer');
    await expect(listAudit(tenancy, await viewer.acting(), {})).rejects.toMatchObject({ code: 'role_missing' });
  });

  it('cannot be changed by the app', async () => {
    const owner = await createOwner(tenancy);
    await expect(test.db.withTenant(owner.tenantId, (tx) => tx.query(`update audit_log set action = 'nothing.happened'`))).rejects.toThrow(/permission denied/);
    await expect(test.db.withTenant(owner.tenantId, (tx) => tx.query('delete from audit_log'))).rejects.toThrow(/permission denied/);
  });
});
