/** The link of a summary, as a person, a mail reader and a scanner use it. */
import { sendDigests, subscribeDigest } from '@outlay/insights';
import { auditedBy } from '@outlay/tenancy';
import { createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(() => test.close());

it('looks at it without ending anything, and ends it with one post, signed in nowhere', async () => {
  const owner = await createOwner(createTestTenancy(test.db), { teamName: 'Acme' });
  await subscribeDigest(test.db, auditedBy(await owner.acting()), owner.email, 'daily');
  const nowMs = Date.parse('2026-11-24T08:00:00Z');
  expect(await sendDigests({ db: test.db, box: test.api.deps.box, publicUrl: () => test.url, brand: { name: 'Outlay', accent: null } }, nowMs)).toBe(1);
  const letter = await test.db.prisma.letter.findFirstOrThrow({ where: { recipient: owner.email, subject: { contains: 'yesterday' } } });
  const link = new URL(/<(.*)>/.exec((letter.headers as Record<string, string>)['List-Unsubscribe']!)![1]!);
  const path = link.pathname + link.search;
  const isOn = async (): Promise<boolean> => (await openSigned(owner.secret).trpc.digests.mine.query())[0]!.subscribed;
  const page = await openBrowser(test.url).request('GET', path);
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<form method="post"') });
  expect(await isOn()).toBe(true);
  // As RFC 8058 has it: no cookie, no Origin.
  const answer = await fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(`${owner.email} gets no further daily summaries.`)]);
  expect(await isOn()).toBe(false);
  expect((await fetch(`${test.url}/unsubscribe?token=${'x'.repeat(43)}`, { method: 'POST' })).status).toBe(404);
  expect((await openBrowser(test.url).request('GET', '/unsubscribe?token=%22%3E%3Cscript%3E')).text).not.toContain('<script>');
});

function openSigned(secret: string): ReturnType<typeof openBrowser> {
  const browser = openBrowser(test.url);
  browser.cookie = secret;
  return browser;
}
