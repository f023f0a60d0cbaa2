import { randomBytes } from 'node:crypto';
import { createSecretBox, openDatabase, parseMasterKey } from '@outlay/platform';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { createColleague, createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { auditedBy, removeMember } from '@outlay/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendDigests } from './send-digests';
import { endDigestByToken, listMyDigests, subscribeDigest, unsubscribeDigest } from './subscribe-digest';

const box = createSecretBox(parseMasterKey(randomBytes(32).toString('base64'), 'the test'));
/** A Monday. */
const MONDAY = Date.parse('2026-11-23T08:00:00Z');
const DAY = 86_400_000;
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(() => test.close());

const send = (nowMs: number, db = test.db) => sendDigests({ db, box, publicUrl: () => 'https://outlay.example.com', brand: { name: 'Outlay', accent: null }, log: (sentence, _team, error) => { throw new Error(sentence, { cause: error }); } }, nowMs);
const letters = async (to: string) => await test.db.prisma.letter.findMany({ where: { recipient: to, subject: { contains: '$' } }, orderBy: { id: 'asc' } });

it('comes once a morning, whoever sends it, and its link ends it without a sign-in, also an old one', async () => {
  const owner = await createOwner(createTestTenancy(test.db), { teamName: 'Acme' });
  const by = auditedBy(await owner.acting());
  for (const kind of ['daily', 'weekly', 'daily'] as const) await subscribeDigest(test.db, by, owner.email, kind);
  expect(await send(MONDAY - 60_000)).toBe(0);
  const workers = await Promise.all([0, 1, 2].map(() => openDatabase({ url: test.url })));
  try {
    const written = await Promise.all(workers.map((db) => send(MONDAY, db)));
    expect(written.reduce((sum, each) => sum + each, 0)).toBe(2);
  } finally {
    await Promise.all(workers.map((db) => db.close()));
  }
  expect(await send(MONDAY + 3_600_000)).toBe(0);
  expect(await send(MONDAY + DAY)).toBe(1);
  const sent = await letters(owner.email);
  expect(sent.map(({ subject }) => subject).toSorted()).toEqual(['Acme: $0.00 last week (no change)', 'Acme: $0.00 yesterday (no change)', 'Acme: $0.00 yesterday (no change)']);
  const daily = sent.filter(({ subject }) => subject.includes('yesterday'));
  const linkOf = (letter: (typeof sent)[number]): string => /<(.*)>/.exec((letter.headers as Record<string, string>)['List-Unsubscribe']!)![1]!;
  expect(daily[0]!.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  expect(daily[0]!.text).toContain(linkOf(daily[0]!));
  const token = new URL(linkOf(daily[0]!)).searchParams.get('token')!;
  expect(JSON.stringify((await test.db.withTenant(owner.tenantId, (tx) => tx.query('SELECT * FROM digest_subscriptions'))).rows)).not.toContain(token);

  expect(await endDigestByToken(test.db, token)).toEqual({ email: owner.email, kind: 'daily' });
  expect(await endDigestByToken(test.db, token)).toEqual({ email: owner.email, kind: 'daily' });
  for (const wrong of ['', 'x', token.slice(0, -1), `${token.slice(0, -1)}A'`]) expect(await endDigestByToken(test.db, wrong)).toBeNull();
  expect(await send(MONDAY + 2 * DAY)).toBe(0);
  expect(await listMyDigests(test.db, owner.tenantId, owner.email)).toEqual([{ kind: 'daily', subscribed: false, lastSentFor: '2026-11-24' }, { kind: 'weekly', subscribed: true, lastSentFor: '2026-11-23' }]);
  await subscribeDigest(test.db, by, owner.email, 'daily');
  expect(await send(MONDAY + 2 * DAY)).toBe(1);
  await unsubscribeDigest(test.db, by, owner.email, 'weekly');
  expect(await send(MONDAY + 7 * DAY)).toBe(1);
});

it('goes to nobody who has left the team', async () => {
  const tenancy = createTestTenancy(test.db);
  const owner = await createOwner(tenancy, { teamName: 'Globex' });
  const colleague = await createColleague(tenancy, owner, 'viewer');
  await subscribeDigest(test.db, auditedBy(await colleague.acting()), colleague.email, 'daily');
  await removeMember(tenancy, await owner.acting(), colleague.userId);
  expect(await send(MONDAY + 14 * DAY - 60_000)).toBe(0);
  await send(MONDAY + 14 * DAY);
  expect(await letters(colleague.email)).toEqual([]);
});
