/** What stands around every page: notices, the search over everything, the sign of a demo team. */
import { newId } from '@outlay/kernel/ids';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import { createDemoTeam } from '@outlay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

let test: TestApi;
let person: TestPerson;
let owner: Browser;
let viewer: Browser;

beforeAll(async () => {
  test = await startTestApi({ mailbox: false });
  const tenancy = createTestTenancy(test.db);
  person = await createOwner(tenancy);
  owner = openBrowser(test.url);
  owner.cookie = person.secret;
  viewer = openBrowser(test.url);
  viewer.cookie = (await createColleague(tenancy, person, 'viewer', { name: 'Vito Amsel' })).secret;
  await tenancy.close();
});

afterAll(async () => {
  await test?.close();
});

async function record(events: readonly Record<string, unknown>[]): Promise<void> {
  const { secret } = await owner.trpc.keys.create.mutate({ name: 'ci', environment: 'production', abilities: ['ingest'], expiresInDays: 3 });
  const answer = await owner.request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
  expect(answer.status).toBe(200);
}

const call = (change: Record<string, unknown>) => ({ id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', model_requested: 'gpt-4.1-mini', quantities: { input_uncached: 10 }, ...change });

describe('notices', () => {
  it('tell each role what it may know, as new until it was read', async () => {
    await record([call({ model_requested: 'a-model-nobody-knows' })]);
    const titles = async (browser: Browser) => (await browser.trpc.notices.list.query()).map(({ title }) => title.replace(/expires on .*/, 'expires'));
    expect((await titles(owner)).sort()).toEqual(['1 call has no price', 'The API key “ci” expires', 'Vito Amsel joined the team']);
    expect(await titles(viewer)).toEqual(['1 call has no price']);
    const fresh = (await owner.trpc.notices.list.query()).filter(({ unread }) => unread).map(({ title }) => title.slice(0, 7));
    expect(fresh).toEqual(expect.arrayContaining(['The API', 'Vito Am']));
    await owner.trpc.notices.markRead.mutate();
    expect((await owner.trpc.notices.list.query()).map(({ unread }) => unread)).toEqual([false, false, false]);
  });
});

describe('the search', () => {
  it('finds what was recorded a moment ago', async () => {
    const event = call({ run_id: 'ticket 7', request_id: 'req_shell_1', customer_id: 'acme-eu', workflow: 'support_reply' });
    await record([event]);
    const find = (query: string) => owner.trpc.search.find.query({ query });
    expect((await find(event.id)).events).toMatchObject([{ id: event.id, model: 'gpt-4.1-mini' }]);
    expect((await find(' ticket')).runs).toMatchObject([{ runRef: 'ticket 7', workflow: 'support_reply', customerId: 'acme-eu', outcome: null }]);
    expect((await find('req_shell_1')).request).toMatchObject({ requestId: 'req_shell_1', events: 1 });
    expect((await find('acme')).customers).toMatchObject([{ customerId: 'acme-eu' }]);
    expect((await find('4.1-m')).models).toMatchObject([{ provider: 'openai', model: 'gpt-4.1-mini' }]);
  });

  it('says what is wrong with what is no text', async () => {
    await expect(owner.trpc.search.find.query({ query: '   ' })).rejects.toThrow('Type what to look for.');
  });
});

it('says of every team whether its figures are made up', async () => {
  expect(await owner.trpc.auth.me.query()).toMatchObject({ tenant: { demo: false }, tenants: [{ demo: false }] });
  const demo = openBrowser(test.url);
  await createDemoTeam(test.db, { teamName: 'Made up', name: 'Demo', email: 'demo@example.com', password: 'correct-horse-battery', timeZone: 'UTC', story: { seed: 1, endsAt: new Date(), events: 1_000 } });
  await demo.trpc.auth.signIn.mutate({ email: 'demo@example.com', password: 'correct-horse-battery' });
  expect(await demo.trpc.auth.me.query()).toMatchObject({ tenant: { name: 'Made up', demo: true }, tenants: [{ demo: true }] });
  expect((await demo.trpc.notices.list.query()).map(({ id }) => id)).toEqual(['demo']);
});
