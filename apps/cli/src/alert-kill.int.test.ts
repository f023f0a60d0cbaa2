/**
 * Three processes of Outlay on one Postgres and one Redis see the same crossings and send about them; one after another is killed (-9) in the middle of a send. What holds then:
 * - A kill before the receiver has taken it: the message arrives once.
 * - A kill between "taken" and our record of it: it is sent again, for nobody can know; a webhook under the same `webhook-id`, a letter under the same `Message-ID`. Who tells messages apart by them has one.
 */
import { randomBytes } from 'node:crypto';
import { newId } from '@outlay/kernel/ids';
import { listChannels, readRules, saveBudget, saveChannel, saveRule, setRuleEnabled } from '@outlay/insights';
import { createJobs, createSecretBox, type Database, JOBS, type Jobs, openDatabase, parseMasterKey } from '@outlay/platform';
import { createEmptyDatabase, startTestRedis, type TestRedis, until, whyNoRedis } from '@outlay/platform/testing';
import { auditedBy, createKey, type Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, startCli, stopCli } from './testing/cli-process';
import { type Arrival, findSender, type SlowReceiver, startSlowMailServer, startSlowWebhook } from './testing/slow-receivers';

type Outlay = CliProcess & { readonly url: string };

const CUSTOMERS = ['acme', 'globex', 'initech'];
const missing = whyNoRedis() ?? (process.platform === 'linux' ? undefined : 'it reads /proc');

describe.skipIf(missing !== undefined)(`messages of three workers${missing === undefined ? '' : ` (${missing})`}`, () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let redis: TestRedis;
  let db: Database;
  let jobs: Jobs<typeof JOBS>;
  let tenancy: Tenancy;
  let owner: TestPerson;
  let webhook: SlowReceiver;
  let mail: SlowReceiver;
  let env: Record<string, string>;
  let living: Outlay[] = [];
  let key = '';
  /** What the receivers do with what arrives now. */
  let decide: (arrival: Arrival) => Promise<boolean> = () => Promise.resolve(true);

  beforeAll(async () => {
    buildCli();
    [database, redis] = [await createEmptyDatabase(), await startTestRedis()];
    webhook = await startSlowWebhook((arrival) => decide(arrival));
    mail = await startSlowMailServer((arrival) => decide(arrival));
    const masterKey = randomBytes(32).toString('base64');
    env = { DATABASE_URL: database.adminUrl, REDIS_URL: redis.url, OUTLAY_MASTER_KEY: masterKey, SMTP_URL: mail.url, MAIL_FROM: 'Outlay <outlay@example.com>', LOG_LEVEL: 'warn' };
    living = [await startCli(env)];
    db = await openDatabase({ url: database.url });
    jobs = await createJobs({ catalogue: JOBS, databaseUrl: database.url, redisUrl: redis.url });
    tenancy = createTestTenancy(db);
    owner = await createOwner(tenancy);
    const by = auditedBy(await owner.acting());
    key = (await createKey(tenancy, await owner.acting(), { name: 'app', environment: 'production', abilities: ['ingest'] })).secret;
    const { channel } = await saveChannel(db, createSecretBox(parseMasterKey(masterKey, 'the test')), by, { kind: 'webhook', url: webhook.url });
    const [owners] = await listChannels(db, owner.tenantId);
    // Only budgets speak.
    for (const rule of await db.withTenant(owner.tenantId, (tx) => readRules(tx))) {
      if (rule.kind === 'budget') await saveRule(db, by, { id: rule.id, kind: rule.kind, channelIds: [owners!.id, channel.id] });
      else await setRuleEnabled(db, by, rule.id, false);
    }
    for (const subject of CUSTOMERS) await saveBudget(db, by, { scope: 'customer', subject, monthUsd: '0.10' });
    living.push(...await Promise.all([startCli(env), startCli(env)]));
    // The letters of a new team are no alerts.
    await untilAllSent();
    mail.taken.length = 0;
    await db.app.query('delete from mail_outbox');
  }, 180_000);

  afterAll(async () => {
    decide = () => Promise.resolve(false);
    await Promise.all(living.map((process) => stopCli(process)));
    webhook?.close();
    mail?.close();
    await tenancy?.close();
    await jobs?.close();
    await db?.close();
    await redis?.close();
    await database?.close();
  }, 60_000);

  const query = async <T extends object>(sql: string): Promise<T[]> => await db.withTenant(owner.tenantId, async (tx) => (await tx.query<T>(sql)).rows);
  const everybody = async (name: 'evaluate-alerts' | 'deliver-messages' | 'deliver-mail'): Promise<void> => { for (let n = 0; n < 3; n++) await jobs.add(name, {}); };
  const isFor = (receiver: SlowReceiver, { receiverPort }: Arrival): boolean => new URL(receiver.url).port === String(receiverPort);
  const idsOf = ({ taken }: SlowReceiver): string[] => [...new Set(taken.map(({ id }) => id))].sort();

  /** As long as the connection stands. */
  function senderOf(arrival: Arrival): Outlay {
    const pid = findSender(living.map(({ child }) => child.pid!), arrival);
    const sender = living.find(({ child }) => child.pid === pid);
    if (sender === undefined) throw new Error(`Nobody holds the connection from port ${arrival.senderPort}.`);
    return sender;
  }

  /** Each customer passes the next threshold of its budget, and all three workers look. */
  async function cross(alerts: number): Promise<void> {
    const events = CUSTOMERS.map((customer) => ({
      id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', customer_id: customer, usage: { prompt_tokens: 24_000, completion_tokens: 0, total_tokens: 24_000 },
    }));
    const answer = await fetch(`${living[0]!.url}/v1/usage`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
    expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([200, '']);
    await until('the crossings to be seen', async () => {
      await everybody('evaluate-alerts');
      return (await query('SELECT 1 FROM alerts')).length === alerts;
    }, 60_000);
  }

  /** The process that talks to a receiver ends as by a power cut, and another takes its place. */
  async function kill(sender: Outlay): Promise<void> {
    living = living.filter((each) => each !== sender);
    expect((await stopCli(sender, 'SIGKILL')).signal).toBe('SIGKILL');
    living.push(await startCli(env));
  }

  /** Only the clocks of the leases are turned on; all else stays as the kill left it. Nobody alive may hold one: it would be sent twice by this test's own doing. */
  async function endLeases(): Promise<void> {
    await query(`UPDATE deliveries SET leased_until = now() - interval '1 second' WHERE state = 'waiting' AND leased_until IS NOT NULL`);
    await db.app.query(`update mail_outbox set next_attempt_at = now() - interval '1 second' where sent_at is null`);
  }

  /** What arrives at `receiver` is left without an answer, and its sender is killed. */
  async function killBeforeTaken(receiver: SlowReceiver, work: () => Promise<void>): Promise<void> {
    const held: Arrival[] = [];
    decide = (arrival) => {
      if (!isFor(receiver, arrival)) return Promise.resolve(true);
      held.push(arrival);
      return Promise.resolve(false);
    };
    await work();
    await kill(senderOf(await until('a message on its way', () => held[0], 60_000)));
    await endLeases();
  }

  /** The first that arrives at `receiver` is taken, and its sender is killed while it writes that down. */
  async function killAfterTaken(receiver: SlowReceiver, rows: string, work: () => Promise<void>): Promise<string> {
    const [locker, watcher] = [0, 1].map(() => new Client({ connectionString: database.adminUrl })) as [Client, Client];
    await Promise.all([locker.connect(), watcher.connect()]);
    try {
      let first: { readonly id: string; readonly sender: Outlay } | undefined;
      decide = async (arrival) => {
        if (!isFor(receiver, arrival)) return true;
        if (first !== undefined) return false;
        first = { id: arrival.id, sender: senderOf(arrival) };
        await locker.query('begin');
        await locker.query(`select 1 from ${rows} for update`);
        return true;
      };
      await work();
      const found = await until('a message on its way', () => first, 60_000);
      const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~* '^\\s*update'`;
      await until('its sender to write down that it was taken', async () => (await watcher.query(`select 1 ${waiting}`)).rowCount! > 0, 20_000);
      await kill(found.sender);
      // Postgres would end the statement of a client that is gone; a machine that is gone takes it along.
      await watcher.query(`select pg_terminate_backend(pid) ${waiting}`);
      await locker.query('rollback');
      await endLeases();
      return found.id;
    } finally {
      await Promise.all([locker.end(), watcher.end()]);
    }
  }

  async function untilAllSent(): Promise<void> {
    decide = () => Promise.resolve(true);
    await until('everything to be sent', async () => {
      await everybody('deliver-messages');
      await everybody('deliver-mail');
      const { rows } = await db.app.query('select 1 from mail_outbox where sent_at is null');
      return rows.length === 0 && (await query(`SELECT 1 FROM deliveries WHERE state = 'waiting'`)).length === 0;
    }, 60_000);
  }

  it('sends one message a crossing through kills in the middle of webhooks, and again under the same id where the kill came after it was taken', { timeout: 240_000 }, async () => {
    await killBeforeTaken(webhook, async () => {
      await cross(CUSTOMERS.length);
      await everybody('deliver-messages');
    });
    expect(webhook.taken).toEqual([]);
    const twice = await killAfterTaken(webhook, `deliveries where state = 'waiting'`, () => everybody('deliver-messages'));
    await untilAllSent();
    const ids = (await query<{ id: string }>(`SELECT d.id::text FROM deliveries d JOIN channels c ON c.id = d.channel_id WHERE c.kind = 'webhook' ORDER BY 1`)).map(({ id }) => id);
    expect(ids).toHaveLength(CUSTOMERS.length);
    expect(webhook.taken.map(({ id }) => id).sort()).toEqual([...ids, twice].sort());
    expect(mail.taken).toHaveLength(CUSTOMERS.length);
    expect(idsOf(mail)).toHaveLength(CUSTOMERS.length);
  });

  it('does so with letters, under the same Message-ID', { timeout: 240_000 }, async () => {
    // All letters wait before anybody sends, so that one worker takes them together.
    const queue = jobs.queues.find(({ name }) => name === 'deliver-mail')!;
    await queue.pause();
    await killBeforeTaken(mail, async () => {
      await cross(2 * CUSTOMERS.length);
      await everybody('deliver-messages');
      await until('the letters to be written', async () => (await db.app.query('select 1 from mail_outbox where sent_at is null')).rowCount === CUSTOMERS.length, 30_000);
      await queue.resume();
      await everybody('deliver-mail');
    });
    const twice = await killAfterTaken(mail, 'mail_outbox where sent_at is null', () => everybody('deliver-mail'));
    await untilAllSent();
    const { rows } = await db.app.query<{ id: string }>('select id::text from mail_outbox');
    const ids = rows.map(({ id }) => `<${id}@example.com>`);
    expect(ids).toHaveLength(2 * CUSTOMERS.length);
    expect(mail.taken.map(({ id }) => id).sort()).toEqual([...ids, twice].sort());
    expect(idsOf(webhook)).toHaveLength(2 * CUSTOMERS.length);
  });

  it('says no more about them, however often all look', { timeout: 120_000 }, async () => {
    const before = [webhook.taken.length, mail.taken.length];
    for (let round = 0; round < 3; round++) {
      const [{ now } = { now: '' }] = await query<{ now: string }>('SELECT now()::text AS now');
      await until('all to have looked again', async () => {
        await everybody('evaluate-alerts');
        return (await query(`SELECT 1 FROM alerts WHERE last_seen_at > '${now}'`)).length >= CUSTOMERS.length;
      }, 30_000);
      await untilAllSent();
    }
    expect([webhook.taken.length, mail.taken.length]).toEqual(before);
    expect(await query(`SELECT kind, count(*)::int AS times FROM alert_events WHERE kind IN ('fired', 'notified') GROUP BY 1 ORDER BY 1`))
      .toEqual([{ kind: 'fired', times: 2 * CUSTOMERS.length }, { kind: 'notified', times: 2 * CUSTOMERS.length }]);
    expect(living).toHaveLength(3);
  });
});
