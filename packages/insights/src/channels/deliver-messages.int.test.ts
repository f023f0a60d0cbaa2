import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { createGuardedFetch, createSecretBox, listLetters, openDatabase, parseMasterKey } from '@outlay/platform';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { auditedBy } from '@outlay/tenancy';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureDefaultRules } from '../alerts/default-rules';
import { type Crossing, openAlert } from '../alerts/raise-alert';
import { readRules, updateRule } from '../alerts/store-rules';
import { type DeliverDependencies, deliverMessages } from './deliver-messages';
import { type ChannelInput, listChannels, removeChannel, saveChannel } from './save-channel';
import { claimDeliveries, readDeliveries } from './store-channels';
import { testChannel } from './test-channel';
import { replayDelivery } from './replay-delivery';

interface Receiver {
  readonly url: string;
  readonly got: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** Answers to come; 200 after them. */
  readonly answers: { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }[];
  /** Before each answer. */
  onRequest: () => Promise<unknown>;
  readonly server: Server;
}

const NOON = Date.parse('2026-11-21T12:00:00Z');
const box = createSecretBox(parseMasterKey(randomBytes(32).toString('base64'), 'the test'));
const receivers: Receiver[] = [];
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(async () => {
  for (const { server } of receivers) server.close();
  await test.close();
});

async function receive(): Promise<Receiver> {
  const [got, answers]: [Receiver['got'], Receiver['answers']] = [[], []];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const { status, body, headers } = answers.shift() ?? { status: 200, body: 'ok' };
      void receiver.onRequest().finally(() => response.writeHead(status, { connection: 'close', ...headers }).end(body ?? ''));
    });
  }).listen(0, '127.0.0.1');
  const receiver = { url: '', got, answers, server, onRequest: (): Promise<unknown> => Promise.resolve() };
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`;
  receivers.push(receiver);
  return receiver;
}

const deps = (db = test.db): DeliverDependencies => ({
  db, box, fetch: createGuardedFetch({ allowLoopback: true }), publicUrl: () => 'https://outlay.example.com', brand: { name: 'Outlay', accent: null }, random: () => 0.5,
});
const CROSSING: Crossing = {
  subject: '', windowKey: 'm2026-11', thresholdKey: '80', severity: 'critical', title: 'Budget at 80 %', startedAtMs: NOON,
  facts: { words: 'November has cost $80.00 of $100.00.', spentPico: '80000000000000', budgetPico: '100000000000000' },
};

async function makeTeam(input?: ChannelInput) {
  const tenancy = createTestTenancy(test.db);
  const owner = await createOwner(tenancy, { teamName: 'Acme <b>' });
  const by = auditedBy(await owner.acting());
  const { tenantId } = by;
  const saved = input === undefined ? null : await saveChannel(test.db, box, by, input, NOON);
  const rule = await test.db.withTenant(tenantId, async (tx) => {
    await ensureDefaultRules(tx, tenantId, NOON);
    const [budget] = await readRules(tx, { kinds: ['budget'] });
    if (saved !== null) await updateRule(tx, { ...budget!, channelIds: [saved.channel.id] });
    return (await readRules(tx, { kinds: ['budget'] }))[0]!;
  });
  return {
    owner, by, tenantId, saved,
    see: (crossing: Partial<Crossing> = {}) => test.db.withTenant(tenantId, (tx) => openAlert(tx, rule, { ...CROSSING, ...crossing }, { tenantId, timeZone: 'UTC', nowMs: NOON })),
    deliveries: () => test.db.withTenant(tenantId, (tx) => readDeliveries(tx, { limit: 100 })),
    letters: async () => (await listLetters(test.db, 1_000)).filter(({ to }) => to === owner.email),
  };
}

it('writes one letter to the owners, although three workers send at once', async () => {
  const team = await makeTeam();
  const { alertId } = await team.see();
  const workers = await Promise.all([0, 1, 2].map(() => openDatabase({ url: test.url })));
  try {
    await Promise.all(workers.flatMap((db) => [deliverMessages(deps(db), () => NOON), deliverMessages(deps(db), () => NOON + 1)]));
  } finally {
    await Promise.all(workers.map((db) => db.close()));
  }
  const [letter, ...more] = await team.letters();
  expect(more).toEqual([]);
  expect(letter).toMatchObject({ subject: 'Critical: Budget at 80 %' });
  expect(letter!.text).toContain('November has cost $80.00 of $100.00.');
  expect(letter!.text).toContain(`https://outlay.example.com/alerts/${alertId}`);
  expect(letter!.html).toContain('prefers-color-scheme: dark');
  expect(letter!.html).not.toContain('<b>');
});

it('writes one letter when a worker dies in the middle, and the next one takes over', async () => {
  const team = await makeTeam();
  await team.see();
  // Taken by a worker that is never heard of again.
  expect(await test.db.withTenant(team.tenantId, (tx) => claimDeliveries(tx, { nowMs: NOON, leaseMs: 90_000, limit: 20 }))).toHaveLength(1);
  expect((await deliverMessages(deps(), () => NOON + 60_000)).sent).toBe(0);
  expect((await deliverMessages(deps(), () => NOON + 90_000)).sent).toBe(1);
  expect((await deliverMessages(deps(), () => NOON + 200_000)).sent).toBe(0);
  expect(await team.letters()).toHaveLength(1);
});

it('calls a signed webhook once, and again under the same id when it failed', async () => {
  const receiver = await receive();
  const team = await makeTeam({ kind: 'webhook', url: receiver.url });
  const { signingSecret } = team.saved!;
  expect(signingSecret).toMatch(/^whsec_/);
  await team.see();
  receiver.answers.push({ status: 500, body: 'down' }, { status: 429, headers: { 'retry-after': '900' } });
  expect(await deliverMessages(deps(), () => NOON)).toEqual({ sent: 0, postponed: 1, failed: 0 });
  expect(await team.deliveries()).toMatchObject([{ state: 'waiting', attempts: 1, lastStatus: 500, lastError: expect.stringContaining('answered 500: down'), nextAttemptAt: new Date(NOON + 5_000) }]);
  expect((await deliverMessages(deps(), () => NOON + 4_000)).postponed).toBe(0);
  expect((await deliverMessages(deps(), () => NOON + 5_000)).postponed).toBe(1);
  // It said when to come back.
  expect((await team.deliveries())[0]!.nextAttemptAt).toEqual(new Date(NOON + 5_000 + 900_000));
  expect((await deliverMessages(deps(), () => NOON + 1_000_000)).sent).toBe(1);
  expect((await deliverMessages(deps(), () => NOON + 2_000_000)).sent).toBe(0);
  expect(receiver.got).toHaveLength(3);
  expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  for (const { headers, body } of receiver.got) {
    // Its clock is the test's: the library wants the real one.
    expect(headers['webhook-signature']).toBe(new Webhook(signingSecret!).sign(headers['webhook-id'] as string, new Date(Number(headers['webhook-timestamp']) * 1_000), body));
  }
  expect(JSON.parse(receiver.got[0]!.body)).toMatchObject({ type: 'alert.fired', data: { title: 'Budget at 80 %', severity: 'critical', url: expect.stringContaining('/alerts/') } });

  // Sent once more because a person asks: the same message, so that the receiver knows it.
  const { id } = (await team.deliveries())[0]!;
  await replayDelivery(test.db, team.by, id, NOON + 3_000_000);
  expect((await deliverMessages(deps(), () => NOON + 3_000_000)).sent).toBe(1);
  expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
});

it('calls each once although a round takes longer than a lease', async () => {
  const receiver = await receive();
  const team = await makeTeam({ kind: 'webhook', url: receiver.url });
  // One more than are taken at once.
  for (let n = 0; n <= 20; n++) await team.see({ subject: `customer-${n}` });
  let nowMs = NOON;
  receiver.onRequest = async () => {
    // Those of the first lot took their time; while the last one is on its way, another worker looks.
    if (receiver.got.length >= 20) nowMs = NOON + 100_000;
    if (receiver.got.length === 21) await deliverMessages(deps(), () => nowMs + 1);
  };
  expect((await deliverMessages(deps(), () => nowMs)).sent).toBe(21);
  expect(receiver.got.map(({ headers }) => headers['webhook-id']).sort()).toEqual((await team.deliveries()).map(({ id }) => id).sort());
});

it('calls nobody again who says that the address is gone', async () => {
  const receiver = await receive();
  const team = await makeTeam({ kind: 'webhook', url: receiver.url });
  receiver.answers.push({ status: 410 });
  await team.see();
  expect((await deliverMessages(deps(), () => NOON)).failed).toBe(1);
  expect((await listChannels(test.db, team.tenantId)).find(({ kind }) => kind === 'webhook')).toMatchObject({ enabled: false });
});

it('posts blocks with a link to Slack, in which no name pings anybody', async () => {
  const receiver = await receive();
  const team = await makeTeam({ kind: 'slack', url: receiver.url });
  await team.see({ title: 'Spike of <!channel> & co' });
  expect((await deliverMessages(deps(), () => NOON)).sent).toBe(1);
  const body = JSON.parse(receiver.got[0]!.body) as { text: string; blocks: { type: string }[] };
  expect(body.text).toBe('Critical: Spike of &lt;!channel&gt; &amp; co');
  expect(body.blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section', 'context']);
  expect(JSON.stringify(body.blocks)).toMatch(/<https:\/\/outlay\.example\.com\/alerts\/[0-9a-f-]+\|Open the alert>/);
});

it('says on the test button what is wrong', async () => {
  const receiver = await receive();
  const team = await makeTeam({ kind: 'slack', url: receiver.url });
  const { id } = team.saved!.channel;
  expect(await testChannel(deps(), team.by, id, NOON)).toMatchObject({ ok: true });
  receiver.answers.push({ status: 404, body: 'no_service' });
  expect(await testChannel(deps(), team.by, id, NOON)).toEqual({ ok: false, message: expect.stringContaining('answered 404: no_service') });
  receiver.server.close();
  receiver.server.closeAllConnections();
  expect(await testChannel(deps(), team.by, id, NOON)).toEqual({ ok: false, message: expect.stringContaining('did not answer') });
  const inside = await saveChannel(test.db, box, team.by, { kind: 'webhook', url: 'https://169.254.169.254/latest' }, NOON);
  expect(await testChannel(deps(), team.by, inside.channel.id, NOON)).toEqual({ ok: false, message: expect.stringContaining('private network') });
  expect((await team.deliveries()).filter(({ kind }) => kind === 'test').map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'sent']);
});

it('keeps the address sealed: neither the list, the log, the rows nor the audit log show it', async () => {
  const receiver = await receive();
  const team = await makeTeam({ kind: 'webhook', url: receiver.url });
  const { channel, signingSecret } = team.saved!;
  expect(channel.settings).toEqual({ host: new URL(receiver.url).host });
  const renamed = await saveChannel(test.db, box, team.by, { id: channel.id, kind: 'webhook', name: 'Ops' }, NOON);
  expect(renamed).toMatchObject({ channel: { name: 'Ops' }, signingSecret: null });
  await team.see();
  await deliverMessages(deps(), () => NOON);
  const rows = await test.db.withTenant(team.tenantId, async (tx) => {
    const all: unknown[] = [];
    for (const table of ['channels', 'deliveries', 'audit_log', 'alerts', 'alert_events']) all.push((await tx.query(`SELECT * FROM ${table}`)).rows);
    return JSON.stringify(all);
  });
  expect(rows).not.toContain('secret-path');
  expect(rows).not.toContain(signingSecret!.slice(6));
  await removeChannel(test.db, team.by, channel.id);
  expect((await listChannels(test.db, team.tenantId)).map(({ kind }) => kind)).toEqual(['email']);
});

it('refuses by field what is no channel', async () => {
  const team = await makeTeam();
  const wrong: [ChannelInput, string][] = [
    [{ kind: 'email', to: [] }, 'to'], [{ kind: 'email', to: ['ada'] }, 'to'], [{ kind: 'slack' }, 'url'], [{ kind: 'slack', url: 'http://hooks.example.com/x' }, 'url'],
    [{ kind: 'webhook', url: 'https://user:pw@example.com' }, 'url'], [{ kind: 'email', to: 'owners', name: 'a\nb' }, 'name'],
  ];
  for (const [input, field] of wrong) await expect(saveChannel(test.db, box, team.by, input, NOON)).rejects.toMatchObject({ code: 'invalid_input', field });
  const [owners] = await listChannels(test.db, team.tenantId);
  await expect(removeChannel(test.db, team.by, owners!.id)).rejects.toMatchObject({ code: 'conflict' });
});
