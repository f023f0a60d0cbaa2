import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@outlay/kernel/ids';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { switchTenant } from './memberships';
import { requestPasswordReset, resetPassword } from './reset-password';
import { endSession, listSessions, openSession, readIdentity, revokeOtherSessions, revokeSession } from './sessions';
import { signIn } from './sign-in';
import { createTeam, signUpTeam } from './sign-up-team';
import { listAudit } from './list-audit';
import { createOwner, createTestTenancy, readLetterToken, TEST_PASSWORD, testEmail, testOrigin } from './testing';
import type { Tenancy } from './tenancy';

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

describe('signing up', () => {
  it('makes a person, a team and an owner, and signs them in', async () => {
    const origin = testOrigin('request-of-sign-up');
    const { tenantId, session } = await signUpTeam(tenancy, { teamName: 'Acme', name: 'Ana', email: 'ana@example.com', password: TEST_PASSWORD, timeZone: 'Europe/Berlin' }, origin);
    const identity = await readIdentity(tenancy, session.secret, origin);
    expect(identity).toMatchObject({ user: { email: 'ana@example.com', name: 'Ana' }, active: { tenantId, name: 'Acme', timeZone: 'Europe/Berlin', role: 'owner' }, renewed: null });
    expect(session.expiresAt.getTime() - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    const { rows: [stored] } = await test.db.app.query('select password_hash from users where email = $1', ['ana@example.com']);
    expect(stored.password_hash).toMatch(/^\$argon2id\$/);
    const { rows: audited } = await listAudit(tenancy, { ...identity!.user, tenantId, role: 'owner', requestId: '' }, {});
    expect(audited).toMatchObject([{ action: 'team.created', actor: { name: 'Ana', email: 'ana@example.com' }, subjectId: tenantId, requestId: 'request-of-sign-up' }]);
  });

  it('refuses an e-mail that has an account, and leaves no half team behind', async () => {
    const { email } = await createOwner(tenancy);
    const count = async (): Promise<unknown> => (await test.db.system.query('select count(*)::int as n from tenants')).rows;
    const before = await count();
    await expect(signUpTeam(tenancy, { teamName: 'Second', name: 'Eve', email, password: TEST_PASSWORD, timeZone: 'UTC' }, testOrigin()))
      .rejects.toMatchObject({ code: 'already_exists', field: 'email' });
    expect(await count()).toEqual(before);
  });

  it('lets one of two sign-ups with the same e-mail through', async () => {
    const email = testEmail();
    const results = await Promise.allSettled([1, 2].map((n) =>
      signUpTeam(tenancy, { teamName: `Team ${n}`, name: 'Eve', email, password: TEST_PASSWORD, timeZone: 'UTC' }, testOrigin())));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already_exists' } });
  });
});

describe('sessions', () => {
  it('signs in with the right password only, and says the same for a wrong e-mail', async () => {
    const { email } = await createOwner(tenancy);
    const session = await signIn(tenancy, { email, password: TEST_PASSWORD }, testOrigin());
    expect(await readIdentity(tenancy, session.secret, testOrigin())).toMatchObject({ user: { email } });
    await expect(signIn(tenancy, { email, password: 'wrong horse battery' }, testOrigin())).rejects.toMatchObject({ code: 'wrong_credentials' });
    await expect(signIn(tenancy, { email: testEmail(), password: TEST_PASSWORD }, testOrigin())).rejects.toMatchObject({ code: 'wrong_credentials' });
  });

  it('stores no session id, so that the table opens none', async () => {
    const { secret, email } = await createOwner(tenancy);
    const { rows } = await test.db.app.query('select s.* from sessions s join users u on u.id = s.user_id where u.email = $1', [email]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows[0].id).toBe(sha256(secret));
    expect(await readIdentity(tenancy, rows[0].id, testOrigin())).toBeNull();
  });

  it('slides: prolonged in its second half, over at its end', async () => {
    const owner = await createOwner(tenancy);
    const setExpiry = (days: number): Promise<unknown> =>
      test.db.app.query(`update sessions set expires_at = now() + make_interval(hours => $2) where id = $1`, [sha256(owner.secret), days * 24]);
    await setExpiry(16);
    expect((await owner.identity()).renewed).toBeNull();
    await setExpiry(14);
    const { renewed } = await owner.identity();
    expect(renewed?.secret).toBe(owner.secret);
    expect(renewed!.expiresAt.getTime() - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    await setExpiry(-1);
    expect(await readIdentity(tenancy, owner.secret, testOrigin())).toBeNull();
  });

  it('notes when and from where it was last seen', async () => {
    const owner = await createOwner(tenancy);
    const before = (await listSessions(tenancy, await owner.identity()))[0]!;
    clock.ms += 61_000;
    await readIdentity(tenancy, owner.secret, { ip: '192.0.2.7', userAgent: 'Firefox', requestId: 'x' });
    const [after] = await listSessions(tenancy, await owner.identity());
    expect(after).toMatchObject({ id: before.id, current: true, ip: '192.0.2.7', userAgent: 'Firefox', createdAt: before.createdAt });
    expect(after!.lastSeenAt.getTime() - before.lastSeenAt.getTime()).toBeGreaterThanOrEqual(60_000);
  });

  it('lists, revokes one, revokes the others, signs out; never a session of somebody else', async () => {
    const owner = await createOwner(tenancy);
    const stranger = await createOwner(tenancy);
    const [second, third, fourth] = await Promise.all([1, 2, 3].map(() => signIn(tenancy, { email: owner.email, password: TEST_PASSWORD }, testOrigin())));
    const identity = await owner.identity();
    expect((await listSessions(tenancy, identity)).filter(({ current }) => current)).toMatchObject([{ id: sha256(owner.secret) }]);
    await revokeSession(tenancy, identity, sha256(second!.secret), 'r1');
    expect(await readIdentity(tenancy, second!.secret, testOrigin())).toBeNull();
    await expect(revokeSession(tenancy, identity, sha256(second!.secret), 'r2')).rejects.toMatchObject({ code: 'not_found' });
    await expect(revokeSession(tenancy, identity, sha256(stranger.secret), 'r3')).rejects.toMatchObject({ code: 'not_found' });
    expect(await revokeOtherSessions(tenancy, identity, 'r4')).toBe(2);
    expect(await readIdentity(tenancy, third!.secret, testOrigin())).toBeNull();
    expect(await readIdentity(tenancy, fourth!.secret, testOrigin())).toBeNull();
    expect(await stranger.identity()).toBeTruthy();
    const { rows } = await listAudit(tenancy, await owner.acting(), { action: 'session' });
    expect(rows.map(({ action, requestId }) => [action, requestId])).toEqual([['session.others_revoked', 'r4'], ['session.revoked', 'r1']]);
    await endSession(tenancy, owner.secret);
    expect(await readIdentity(tenancy, owner.secret, testOrigin())).toBeNull();
  });
});

describe('several teams', () => {
  it('creates a further team and works in it; switches back; never into a stranger\'s', async () => {
    const owner = await createOwner(tenancy, { teamName: 'First' });
    const stranger = await createOwner(tenancy);
    const { tenantId } = await createTeam(tenancy, await owner.identity(), { teamName: 'Second', timeZone: 'UTC' }, testOrigin());
    const identity = await owner.identity();
    expect(identity.active).toMatchObject({ tenantId, name: 'Second', role: 'owner' });
    expect(identity.memberships.map(({ name }) => name)).toEqual(['First', 'Second']);
    await switchTenant(tenancy, identity, owner.tenantId);
    expect((await owner.identity()).active).toMatchObject({ name: 'First' });
    await expect(switchTenant(tenancy, identity, stranger.tenantId)).rejects.toMatchObject({ code: 'not_found', field: 'tenantId' });
  });

  it('does not trust the team that a session row names', async () => {
    const owner = await createOwner(tenancy, { teamName: 'Mine' });
    const stranger = await createOwner(tenancy);
    const session = await openSession(tenancy, owner.userId, stranger.tenantId, testOrigin());
    expect((await readIdentity(tenancy, session.secret, testOrigin()))?.active).toMatchObject({ name: 'Mine' });
  });
});

describe('a forgotten password', () => {
  it('is reset once, by a link of which only the hash is stored; every session ends', async () => {
    const owner = await createOwner(tenancy);
    await requestPasswordReset(tenancy, owner.email, testOrigin());
    const earlier = await readLetterToken(test.db, owner.email);
    await requestPasswordReset(tenancy, owner.email, testOrigin());
    const token = await readLetterToken(test.db, owner.email);
    const { rows } = await test.db.app.query('select token_hash from password_resets where user_id = $1', [owner.userId]);
    expect(rows.map((row) => row.token_hash).sort()).toEqual([sha256(earlier), sha256(token)].sort());
    await resetPassword(tenancy, { token, password: 'a new password' }, testOrigin('reset-request'));
    expect(await readIdentity(tenancy, owner.secret, testOrigin())).toBeNull();
    await expect(signIn(tenancy, { email: owner.email, password: TEST_PASSWORD }, testOrigin())).rejects.toMatchObject({ code: 'wrong_credentials' });
    const { secret } = await signIn(tenancy, { email: owner.email, password: 'a new password' }, testOrigin());
    for (const used of [token, earlier]) {
      await expect(resetPassword(tenancy, { token: used, password: 'another password' }, testOrigin())).rejects.toMatchObject({ code: 'link_expired' });
    }
    const identity = await readIdentity(tenancy, secret, testOrigin());
    const { rows: audited } = await listAudit(tenancy, { ...identity!.user, tenantId: owner.tenantId, role: 'owner', requestId: '' }, { action: 'password.reset' });
    expect(audited).toMatchObject([{ actor: { id: owner.userId }, requestId: 'reset-request' }]);
  });

  it('gives one of two who use the link at once the word', async () => {
    const owner = await createOwner(tenancy);
    await requestPasswordReset(tenancy, owner.email, testOrigin());
    const token = await readLetterToken(test.db, owner.email);
    const results = await Promise.allSettled(['first password', 'second password'].map((password) => resetPassword(tenancy, { token, password }, testOrigin())));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'link_expired' } });
  });

  it('expires after an hour, and an unknown link is told the same', async () => {
    const owner = await createOwner(tenancy);
    await requestPasswordReset(tenancy, owner.email, testOrigin());
    const token = await readLetterToken(test.db, owner.email);
    clock.ms += 3_600_001;
    await expect(resetPassword(tenancy, { token, password: 'another password' }, testOrigin())).rejects.toMatchObject({ code: 'link_expired' });
    await expect(resetPassword(tenancy, { token: 'nothing', password: 'another password' }, testOrigin())).rejects.toMatchObject({ code: 'link_expired' });
  });

  it('answers a stranger the same, after the same least time, and writes nothing', async () => {
    const slow = createTestTenancy(test.db, { answerFloorMs: 120 });
    const owner = await createOwner(tenancy);
    const nobody = testEmail();
    for (const email of [owner.email, nobody]) {
      const started = performance.now();
      expect(await requestPasswordReset(slow, email, testOrigin())).toBeUndefined();
      expect(performance.now() - started).toBeGreaterThanOrEqual(118);
    }
    expect(await test.db.prisma.letter.count({ where: { recipient: nobody } })).toBe(0);
    expect(await test.db.prisma.letter.count({ where: { recipient: owner.email } })).toBe(1);
    await slow.close();
  });
});

describe('guessing', () => {
  it('is stopped by address and e-mail, and a right password clears the account', async () => {
    const { email } = await createOwner(tenancy);
    const origin = testOrigin();
    for (let n = 0; n < 9; n++) await expect(signIn(tenancy, { email, password: `wrong ${n}` }, origin)).rejects.toMatchObject({ code: 'wrong_credentials' });
    await signIn(tenancy, { email, password: TEST_PASSWORD }, origin);
    for (let n = 0; n < 10; n++) await expect(signIn(tenancy, { email, password: `wrong ${n}` }, origin)).rejects.toMatchObject({ code: 'wrong_credentials' });
    const refused = signIn(tenancy, { email, password: TEST_PASSWORD }, origin);
    await expect(refused).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(refused).rejects.toHaveProperty('retryAfterSeconds', expect.any(Number));
    // Somebody at another address still gets in.
    await signIn(tenancy, { email, password: TEST_PASSWORD }, testOrigin());
  });

  it('sends a mailbox a few letters, not a flood', async () => {
    const email = testEmail();
    for (let n = 0; n < 5; n++) await requestPasswordReset(tenancy, email, testOrigin());
    await expect(requestPasswordReset(tenancy, email, testOrigin())).rejects.toMatchObject({ code: 'rate_limited' });
  });
});
