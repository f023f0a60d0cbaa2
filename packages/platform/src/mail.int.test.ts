import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailer, toFailure, type Mailer } from './mail';
import { countLetters, deliverLetters, listLetters, sweepLetters, waitSeconds, writeLetter } from './mail-outbox';
import { createTestDatabase, type TestDatabase } from './testing';

const LETTER = { to: 'ada@example.com', subject: 'Join Ada’s team', html: '<p>Hello <a href="http://localhost/x">there</a></p>', text: 'Hello http://localhost/x' };

let test: TestDatabase;
let smtp: SMTPServer;
let mailer: Mailer;
let inbox: string[];
/** The reply to a recipient, by address; absent: accepted. */
let refusals: Record<string, number>;

beforeAll(async () => {
  test = await createTestDatabase();
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => done(username === 'me' && password === 'right' ? null : Object.assign(new Error('no'), { responseCode: 535 }), { user: 'me' }),
    onRcptTo: ({ address }, _session, done) => {
      const code = refusals[address];
      done(code === undefined ? null : Object.assign(new Error(`refused with ${code}`), { responseCode: code }));
    },
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => { text += chunk.toString(); });
      stream.on('end', () => { inbox.push(text); done(); });
    },
  });
  smtp.on('error', () => {});
  await once(smtp.listen(0, '127.0.0.1'), 'listening');
});

beforeEach(async () => {
  inbox = [];
  refusals = {};
  mailer = createMailer({ smtpUrl: `smtp://127.0.0.1:${port()}`, from: 'Outlay <outlay@example.com>' });
  await test.db.app.query('delete from mail_outbox');
});

afterEach(() => mailer.close());

afterAll(async () => {
  await new Promise<void>((resolve) => { smtp.close(() => resolve()); });
  await test.close();
});

function port(): number {
  return (smtp.server.address() as AddressInfo).port;
}

const write = (letter = LETTER): Promise<string> => test.db.withoutTenant((tx) => writeLetter(tx, letter));
const makeDue = (): Promise<unknown> => test.db.app.query(`update mail_outbox set next_attempt_at = now() - interval '1 second'`);

describe('the outbox', () => {
  it('sends nothing to the made-up people of a demo, and does not try again', async () => {
    for (const to of ['on-call@outlay.example', 'a@b.invalid']) await write({ ...LETTER, to });
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 0, failed: 0 });
    await makeDue();
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 0, failed: 0 });
    expect(inbox).toEqual([]);
    const { rows } = await test.db.app.query('select sent_at is not null as ended, last_error as why, html from mail_outbox');
    expect(rows).toEqual(Array.from({ length: 2 }, () => ({ ended: true, why: 'Not sent: nobody can have an address of this domain.', html: '' })));
  });

  it('sends a letter once, with both bodies, and keeps neither afterwards', async () => {
    await write();
    const reports = await Promise.all([1, 2, 3].map(() => deliverLetters(test.db, mailer)));
    expect(reports.reduce((sum, { sent }) => sum + sent, 0)).toBe(1);
    expect(inbox).toHaveLength(1);
    expect(inbox[0]).toContain('From: Outlay <outlay@example.com>');
    expect(inbox[0]).toContain('To: ada@example.com');
    expect(inbox[0]).toMatch(/text\/plain[\s\S]*text\/html/);
    const { rows } = await test.db.app.query('select sent_at is not null as sent, html, text, last_error from mail_outbox');
    expect(rows).toEqual([{ sent: true, html: '', text: '', last_error: null }]);
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 0, failed: 0 });
  });

  it('has no letter of a transaction that was rolled back', async () => {
    await expect(test.db.withoutTenant(async (tx) => {
      await writeLetter(tx, LETTER);
      throw new Error('no');
    })).rejects.toThrow('no');
    expect(await listLetters(test.db)).toEqual([]);
  });

  it('takes letters from Prisma transactions too', async () => {
    const id = await test.db.prisma.$transaction((tx) => writeLetter(tx, LETTER));
    expect(await listLetters(test.db)).toEqual([{ id, ...LETTER, at: expect.any(Date) as Date }]);
  });

  it('sends more than a batch in one run', async () => {
    for (let n = 0; n < 45; n++) await write({ ...LETTER, subject: `letter ${n}` });
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 45, postponed: 0, failed: 0 });
    expect(inbox).toHaveLength(45);
  });

  it('tries again after a passing refusal, later each time, until attempts are spent', async () => {
    refusals['ada@example.com'] = 451;
    await write();
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 1, failed: 0 });
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 0, failed: 0 });
    const { rows: [row] } = await test.db.app.query<{ wait: number; last_error: string }>('select extract(epoch from next_attempt_at - now())::float8 as wait, last_error from mail_outbox');
    expect(row!.wait).toBeGreaterThan(25);
    expect(row!.wait).toBeLessThanOrEqual(30);
    expect(row!.last_error).toContain('451');
    for (let attempt = 2; attempt < 10; attempt++) {
      await makeDue();
      expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 1, failed: 0 });
    }
    await makeDue();
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 0, failed: 1 });
    await makeDue();
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 0, postponed: 0, failed: 0 });
    expect(await countLetters(test.db)).toEqual({ waiting: 0, failed: 1 });
  });

  it('gives up at once on a final refusal and sends the others', async () => {
    refusals['gone@example.com'] = 550;
    await write({ ...LETTER, to: 'gone@example.com' });
    await write();
    expect(await deliverLetters(test.db, mailer)).toEqual({ sent: 1, postponed: 0, failed: 1 });
    expect(await countLetters(test.db)).toEqual({ waiting: 0, failed: 1 });
  });

  it('sends a letter whose sender died after its lease', async () => {
    await write();
    await test.db.app.query(`update mail_outbox set attempts = 1, next_attempt_at = now() + interval '5 minutes'`);
    expect((await deliverLetters(test.db, mailer)).sent).toBe(0);
    await makeDue();
    expect((await deliverLetters(test.db, mailer)).sent).toBe(1);
  });

  it('sends each letter once although a batch takes longer than a lease', async () => {
    await write();
    await write({ ...LETTER, subject: 'second' });
    let slow = true;
    const report = await deliverLetters(test.db, {
      ...mailer,
      sendMail: async (letter, id) => {
        // While the first one is on its way, the second one's time runs out, and another process sends it.
        await test.db.app.query(`update mail_outbox set next_attempt_at = now() - interval '1 second' where id <> $1 and $2`, [id, slow]);
        slow = false;
        await deliverLetters(test.db, mailer);
        return await mailer.sendMail(letter, id);
      },
    });
    expect(report.sent).toBe(1);
    expect(inbox).toHaveLength(2);
  });

  it('keeps letters while the server is away or refuses our password', async () => {
    const away = createMailer({ smtpUrl: 'smtp://127.0.0.1:1', from: 'o@example.com' });
    await write();
    expect(await deliverLetters(test.db, away)).toEqual({ sent: 0, postponed: 1, failed: 0 });
    away.close();
    const wrong = createMailer({ smtpUrl: `smtp://me:wrong@127.0.0.1:${port()}`, from: 'o@example.com' });
    await makeDue();
    expect(await deliverLetters(test.db, wrong)).toEqual({ sent: 0, postponed: 1, failed: 0 });
    expect(await wrong.check()).toMatchObject({ ok: false, permanent: false });
    wrong.close();
    const right = createMailer({ smtpUrl: `smtp://me:right@127.0.0.1:${port()}`, from: 'o@example.com' });
    expect(await right.check()).toEqual({ ok: true });
    await makeDue();
    expect((await deliverLetters(test.db, right)).sent).toBe(1);
    right.close();
  });

  it('lists the newest letters first for the mailbox page, and sweeps old ones', async () => {
    const first = await write();
    const second = await write({ ...LETTER, subject: 'second' });
    await test.db.app.query(`update mail_outbox set created_at = created_at - interval '31 days' where id = $1`, [first]);
    expect((await listLetters(test.db)).map(({ id, subject }) => [id, subject])).toEqual([[second, 'second'], [first, LETTER.subject]]);
    expect((await listLetters(test.db, 1))[0]).toMatchObject({ to: LETTER.to, html: LETTER.html, text: LETTER.text, at: expect.any(Date) as Date });
    expect(await sweepLetters(test.db)).toBe(1);
    expect((await listLetters(test.db)).map(({ id }) => id)).toEqual([second]);
  });
});

describe('the mailer', () => {
  it('waits 30 s first and two hours at most', () => {
    expect([1, 2, 3, 9, 10].map(waitSeconds)).toEqual([30, 60, 120, 7200, 7200]);
  });

  it('refuses a URL that is not SMTP, without repeating it', () => {
    expect(() => createMailer({ smtpUrl: 'https://me:topsecret@host', from: 'x' })).toThrow('SMTP_URL must look like smtp://user:password@host:587.');
  });

  it.each([[421, false], [450, false], [550, true], [554, true], [undefined, false]])('reads reply %s as permanent: %s', (responseCode, permanent) => {
    expect(toFailure(Object.assign(new Error('x'), { responseCode }))).toEqual({ ok: false, permanent, reason: 'x' });
  });
});
