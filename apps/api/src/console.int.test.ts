import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRPCClientError } from '@trpc/client';
import { readLetterToken, TEST_PASSWORD, testEmail } from '@outlay/tenancy/testing';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';
import type { AppRouter } from './trpc/router';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(async () => {
  await test.close();
});

async function signUp(teamName = 'Acme', email = testEmail()): Promise<Browser & { email: string }> {
  const browser = openBrowser(test.url);
  await browser.trpc.auth.signUp.mutate({ teamName, name: 'Olga', email, password: TEST_PASSWORD, timeZone: 'Europe/Berlin' });
  return Object.assign(browser, { email });
}

async function refusalOf(call: Promise<unknown>): Promise<{ code: string; field?: string; message: string; request_id: string; httpStatus: number | undefined }> {
  const error = await call.then(() => null, (caught: unknown) => caught);
  if (!(error instanceof TRPCClientError)) throw new Error(`A refusal was expected, not ${String(error)}.`, { cause: error });
  const { data } = error as TRPCClientError<AppRouter>;
  return { ...data!.outlay, httpStatus: data?.httpStatus };
}

describe('from sign-up to a team at work, over HTTP', () => {
  it('signs up, is known by the cookie, signs out and in again', async () => {
    const browser = openBrowser(test.url);
    expect(await browser.trpc.auth.me.query()).toEqual({ user: null, tenant: null, tenants: [], abilities: [], mode: 'embedded', mailbox: true });
    const email = testEmail();
    await browser.trpc.auth.signUp.mutate({ teamName: ' Acme ', name: 'Olga', email: email.toUpperCase(), password: TEST_PASSWORD, timeZone: 'Europe/Berlin' });
    const [cookie] = browser.last.headers.getSetCookie();
    expect(cookie).toMatch(/^outlay_session=[a-z0-9]{40}; Expires=.*; Path=\/; HttpOnly; SameSite=Lax$|^outlay_session=[a-z0-9]{40}; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/);
    const me = await browser.trpc.auth.me.query();
    expect(me).toMatchObject({ user: { email, name: 'Olga' }, tenant: { name: 'Acme', timeZone: 'Europe/Berlin', role: 'owner' }, tenants: [{ name: 'Acme', role: 'owner' }] });
    expect(me.abilities).toContain('owners.manage');
    await browser.trpc.auth.signOut.mutate();
    expect(browser.cookie).toBeUndefined();
    expect((await browser.trpc.auth.me.query()).user).toBeNull();
    expect(await refusalOf(browser.trpc.auth.signIn.mutate({ email, password: 'not the password' }))).toMatchObject({ code: 'wrong_credentials', httpStatus: 401 });
    await browser.trpc.auth.signIn.mutate({ email, password: TEST_PASSWORD });
    expect((await browser.trpc.auth.me.query()).user).toMatchObject({ email });
  });

  it('ends the session that a sign-in replaces', async () => {
    const browser = await signUp();
    const before = browser.cookie!;
    await browser.trpc.auth.signIn.mutate({ email: browser.email, password: TEST_PASSWORD });
    expect(browser.cookie).not.toBe(before);
    const old = openBrowser(test.url);
    old.cookie = before;
    expect((await old.trpc.auth.me.query()).user).toBeNull();
  });

  it('invites by letter, shows the letter in the mailbox, takes the new member in', async () => {
    const owner = await signUp('Acme');
    const email = testEmail();
    const { id } = await owner.trpc.members.invite.mutate({ email, role: 'developer' });
    const [letter] = await owner.trpc.mailbox.list.query();
    expect(letter).toMatchObject({ to: email, subject: 'Olga invited you to Acme on Outlay' });
    expect(letter!.text).toContain(`${test.url}/invite?token=`);
    const token = await readLetterToken(test.db, email);
    const guest = openBrowser(test.url);
    expect(await guest.trpc.invitations.peek.query({ token })).toEqual({ teamName: 'Acme', email, role: 'developer', hasAccount: false });
    expect((await owner.trpc.members.list.query()).invitations).toMatchObject([{ id, email, role: 'developer', invitedBy: 'Olga' }]);
    await guest.trpc.invitations.accept.mutate({ token, name: 'Dev', password: TEST_PASSWORD });
    expect((await guest.trpc.auth.me.query()).tenant).toMatchObject({ name: 'Acme', role: 'developer' });
    const { members } = await owner.trpc.members.list.query();
    expect(members).toMatchObject([{ email: owner.email, role: 'owner', you: true }, { email, name: 'Dev', role: 'developer', you: false }]);
    const dev = members[1]!;
    await owner.trpc.members.changeRole.mutate({ userId: dev.userId, role: 'admin' });
    expect((await guest.trpc.auth.me.query()).tenant?.role).toBe('admin');
    expect(await refusalOf(owner.trpc.members.leave.mutate())).toMatchObject({ code: 'last_owner', httpStatus: 409 });
    await owner.trpc.members.remove.mutate({ userId: dev.userId });
    expect(await guest.trpc.auth.me.query()).toMatchObject({ user: { email }, tenant: null, tenants: [], abilities: [] });
    expect(await refusalOf(guest.trpc.members.list.query())).toMatchObject({ code: 'role_missing', httpStatus: 403 });
    const { id: second } = await owner.trpc.members.invite.mutate({ email: testEmail(), role: 'viewer' });
    await owner.trpc.members.revokeInvitation.mutate({ id: second });
    const { rows } = await owner.trpc.audit.list.query({});
    expect(rows.map(({ action }) => action)).toEqual([
      'invitation.revoked', 'member.invited', 'member.removed', 'member.role_changed', 'member.joined', 'member.invited', 'team.created',
    ]);
    expect(rows[3]).toMatchObject({ before: { role: 'developer' }, after: { role: 'admin' }, actor: { name: 'Olga', email: owner.email } });
  });

  it('resets a forgotten password by letter', async () => {
    const browser = await signUp();
    await browser.trpc.auth.requestPasswordReset.mutate({ email: browser.email });
    const token = await readLetterToken(test.db, browser.email);
    expect(await refusalOf(browser.trpc.auth.resetPassword.mutate({ token, password: 'short' }))).toMatchObject({ code: 'invalid_input', field: 'password', message: 'Use at least 10 characters.' });
    await browser.trpc.auth.resetPassword.mutate({ token, password: 'another password' });
    expect((await browser.trpc.auth.me.query()).user).toBeNull();
    await browser.trpc.auth.signIn.mutate({ email: browser.email, password: 'another password' });
  });

  it('works in several teams and switches', async () => {
    const browser = await signUp('First');
    const first = (await browser.trpc.auth.me.query()).tenant!;
    await browser.trpc.auth.createTeam.mutate({ teamName: 'Second', timeZone: 'UTC' });
    expect((await browser.trpc.auth.me.query()).tenant?.name).toBe('Second');
    await browser.trpc.auth.switchTenant.mutate({ tenantId: first.id });
    expect((await browser.trpc.auth.me.query()).tenant?.name).toBe('First');
    expect(await browser.trpc.tenant.update.mutate({ name: 'Renamed', lateWindowDays: 3 })).toEqual({ name: 'Renamed', timeZone: 'Europe/Berlin', lateWindowDays: 3 });
    expect(await refusalOf(browser.trpc.tenant.update.mutate({ timeZone: 'Mars/Base' }))).toMatchObject({ code: 'invalid_input', field: 'timeZone' });
  });

  it('lists and revokes sessions', async () => {
    const browser = await signUp();
    const other = openBrowser(test.url);
    await other.trpc.auth.signIn.mutate({ email: browser.email, password: TEST_PASSWORD });
    const sessions = await browser.trpc.sessions.list.query();
    expect(sessions).toHaveLength(2);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    await browser.trpc.sessions.revoke.mutate({ id: sessions.find(({ current }) => !current)!.id });
    expect((await other.trpc.auth.me.query()).user).toBeNull();
    expect(await browser.trpc.sessions.revokeOthers.mutate()).toEqual({ ended: 0 });
  });

  it('creates a key once, lists it without its secret, revokes it', async () => {
    const browser = await signUp();
    const { id, secret } = await browser.trpc.keys.create.mutate({ name: 'ci', environment: 'production', abilities: ['ingest'], expiresInDays: 90 });
    expect(secret).toMatch(/^ol_production_/);
    const keys = await browser.trpc.keys.list.query();
    expect(keys).toMatchObject([{ id, name: 'ci', prefix: secret.slice(0, 18), createdBy: 'Olga', revokedAt: null, lastUsedAt: null }]);
    expect(JSON.stringify(keys)).not.toContain(secret);
    await browser.trpc.keys.revoke.mutate({ id });
    expect((await browser.trpc.keys.list.query())[0]!.revokedAt).toMatch(/^20\d\d-/);
  });
});

describe('an error', () => {
  it('carries our code, the field, a sentence and the correlation id', async () => {
    const browser = openBrowser(test.url, { 'x-request-id': 'my-trace-0001' });
    const refusal = await refusalOf(browser.trpc.auth.signUp.mutate({ teamName: '', name: 'Olga', email: 'x', password: 'y', timeZone: 'UTC' }));
    expect(refusal).toEqual({ code: 'invalid_input', field: 'teamName', message: 'Enter the name of the team.', retryable: false, request_id: 'my-trace-0001', httpStatus: 400 });
    expect(browser.last.headers.get('x-request-id')).toBe('my-trace-0001');
    expect(await refusalOf(browser.trpc.members.list.query())).toMatchObject({ code: 'not_signed_in', httpStatus: 401, request_id: 'my-trace-0001' });
  });

  it('hides its cause behind a 500, logs it, and shows no stack anywhere', async () => {
    const browser = await signUp();
    const { query } = test.db.app;
    const broken = Object.assign(test.db.app, { query: () => Promise.reject(new Error('column "hidden_thing" does not exist')) });
    const answer = await browser.request('GET', '/trpc/sessions.list').finally(() => Object.assign(broken, { query }));
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/hidden_thing|stack|\.ts/);
    const requestId = answer.headers.get('x-request-id');
    expect(JSON.parse(answer.text).error.data.outlay).toEqual({ code: 'internal', message: expect.stringContaining('correlation id'), retryable: true, request_id: requestId });
    expect(test.logged.some((line) => line.includes('hidden_thing') && line.includes(requestId!))).toBe(true);
  });

  it('has the same form for what tRPC itself refuses', async () => {
    const browser = openBrowser(test.url);
    const outlayOf = async (method: string, path: string, body?: string): Promise<unknown> => {
      const answer = await browser.request(method, path, { headers: { 'content-type': 'application/json' }, body });
      return JSON.parse(answer.text).error.data.outlay;
    };
    expect(await outlayOf('GET', '/trpc/no.such')).toMatchObject({ code: 'not_found' });
    expect(await outlayOf('GET', '/trpc/auth.signOut')).toMatchObject({ code: 'not_found' });
    expect(await outlayOf('POST', '/trpc/auth.signIn', '{not json')).toMatchObject({ code: 'invalid_input' });
    expect(await outlayOf('GET', `/trpc/${Array.from({ length: 30 }, () => 'auth.me').join(',')}?batch=1&input={}`)).toMatchObject({ code: 'invalid_input' });
  });

  it('says how long to wait', async () => {
    const browser = openBrowser(test.url);
    const email = testEmail();
    for (let n = 0; n < 10; n++) await refusalOf(browser.trpc.auth.signIn.mutate({ email, password: 'wrong' }));
    expect(await refusalOf(browser.trpc.auth.signIn.mutate({ email, password: 'wrong' }))).toMatchObject({ code: 'rate_limited', httpStatus: 429 });
    expect(Number(browser.last.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
