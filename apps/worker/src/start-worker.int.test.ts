import { createJobs, createLog, JOBS, listLetters, writeLetter, type LetterText } from '@outlay/platform';
import { createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { importCatalogue, openPriceBooks, type PriceBooks } from '@outlay/pricing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandlers } from './handlers';
import { startWorker } from './start-worker';

const letter: LetterText = { to: 'ada@example.com', subject: 'Welcome', html: '<p>Hello</p>', text: 'Hello' };
const log = createLog({ level: 'silent' });
let database: TestDatabase;
let prices: PriceBooks;

beforeAll(async () => {
  database = await createTestDatabase();
  await importCatalogue(database.db, { now: new Date() });
  prices = await openPriceBooks(database.db, { warn: () => {} });
});

afterAll(async () => {
  prices.close();
  await database.close();
});

function write(): Promise<string> {
  return database.db.withoutTenant((tx) => writeLetter(tx, letter));
}

describe('handlers', () => {
  it('send what is due, once', async () => {
    const sent: LetterText[] = [];
    const fine = { ok: true } as const;
    const sendMail = (each: LetterText): Promise<typeof fine> => {
      sent.push(each);
      return Promise.resolve(fine);
    };
    const mailer = { sendMail, check: () => Promise.resolve(fine), close: () => {} };
    const handlers = createHandlers({ db: database.db, log, mailer, prices });
    await write();
    const context = { jobId: '1', attempt: 1 };
    await handlers['deliver-mail']({}, context);
    await handlers['deliver-mail']({}, context);
    expect(sent).toEqual([letter]);
  });

  it('keep letters where nothing can send them', async () => {
    const id = await write();
    await createHandlers({ db: database.db, log, mailer: null, prices })['deliver-mail']({}, { jobId: '1', attempt: 1 });
    expect((await listLetters(database.db)).find((each) => each.id === id)).toMatchObject(letter);
  });

  it('may each run at any time, twice', async () => {
    const handlers = createHandlers({ db: database.db, log, mailer: null, prices, now: () => Date.UTC(2027, 0, 1) });
    for (const name of ['fold-rollups', 'ensure-partitions', 'sweep-expired', 'heal-quarantine', 'reprice-rows', 'plan-proofs', 'prove-ledger', 'plan-proofs', 'prove-ledger', 'fold-rollups', 'ensure-partitions', 'sweep-expired', 'heal-quarantine', 'reprice-rows'] as const) {
      await handlers[name]({}, { jobId: '1', attempt: 1 });
    }
    const { rows } = await database.db.system.query<{ made: boolean }>(`select to_regclass('public.usage_events_202703') is not null as made`);
    expect(rows[0]!.made).toBe(true);
  });
});

describe('startWorker', () => {
  it('serves its health, runs the jobs of its start, and closes twice', async () => {
    const jobs = await createJobs({ catalogue: JOBS, databaseUrl: database.url });
    const worker = await startWorker({ db: database.db, jobs, log, smtpUrl: null, mailFrom: 'Outlay <outlay@localhost>', health: { port: 0, host: '127.0.0.1' } });
    const get = async (path: string): Promise<[number, string]> => {
      const answer = await fetch(worker.healthUrl! + path);
      return [answer.status, await answer.text()];
    };
    expect(await get('/healthz')).toEqual([200, '{"status":"ok"}']);
    expect(await get('/readyz')).toEqual([200, '{"status":"ready"}']);
    expect((await get('/v1/usage'))[0]).toBe(404);
    await until('the jobs of the start', async () => {
      const counts = await jobs.counts();
      return Object.values(counts).every(({ waiting, active }) => waiting === 0 && active === 0);
    });
    expect((await get('/metrics'))[1]).toContain('outlay_jobs{kind="ensure-partitions",state="failed"} 0');
    await Promise.all([worker.close(), worker.close()]);
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('says when its port is taken', async () => {
    const first = await createJobs({ catalogue: JOBS, databaseUrl: database.url });
    const options = { db: database.db, log, smtpUrl: null, mailFrom: 'Outlay <outlay@localhost>' };
    const worker = await startWorker({ ...options, jobs: first, health: { port: 0, host: '127.0.0.1' } });
    const port = Number(new URL(worker.healthUrl!).port);
    const second = await createJobs({ catalogue: JOBS, databaseUrl: database.url });
    await expect(startWorker({ ...options, jobs: second, health: { port, host: '127.0.0.1' } })).rejects.toThrow(`Port ${port} is taken by another process.`);
    await second.close();
    await worker.close();
  });
});
