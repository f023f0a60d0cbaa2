/**
 * The outbox: a letter is a row, written in the transaction of what causes it, so that neither is lost without the other. A job
 * sends what is due. A crash between sending and noting it sends a letter twice, never not at all.
 */
import type { Pool, PoolClient } from 'pg';
import { newId } from '@outlay/kernel/ids';
import type { Prisma } from '../generated/client';
import type { Database } from './database';
import type { LetterText, Mailer } from './mail';

/** Then a letter stays in the outbox as failed. With the waits below that is some 8 hours after it was written. */
const ATTEMPTS_MAX = 10;
/** Longer than one send may take: only a crashed sender's letters come due again by it. A batch may take longer, so each letter is taken anew before it is sent. */
const LEASE = '5 minutes';
const BATCH = 20;
/** Domains of RFC 2606, in which the people of demo teams live: a mail server would only bounce. */
const MADE_UP = /\.(?:example|invalid)$/i;

export interface MailboxLetter extends LetterText {
  readonly id: string;
  readonly at: Date;
}

export interface DeliveryReport {
  readonly sent: number;
  readonly postponed: number;
  /** Refused for good, or out of attempts: these need a person. */
  readonly failed: number;
}

/** Puts a letter into the outbox, within the caller's transaction. After the commit add the job `deliver-mail`. Returns its id. */
export async function writeLetter(tx: Pick<PoolClient, 'query'> | Pick<Prisma.TransactionClient, 'letter'>, letter: LetterText): Promise<string> {
  const id = newId();
  if ('letter' in tx) {
    const { to: recipient, subject, html, text, headers = {} } = letter;
    await tx.letter.create({ data: { id, recipient, subject, html, text, headers } });
    return id;
  }
  await tx.query('insert into mail_outbox (id, recipient, subject, html, text, headers) values ($1, $2, $3, $4, $5, $6)', [id, letter.to, letter.subject, letter.html, letter.text, letter.headers ?? {}]);
  return id;
}

/** Sends all letters that are due; safe in any number of processes at once. */
export async function deliverLetters(db: Pick<Database, 'app'>, mailer: Mailer): Promise<DeliveryReport> {
  let [sent, postponed, failed] = [0, 0, 0];
  for (;;) {
    const letters = await claimDueLetters(db.app);
    for (const { id, attempts, ...letter } of letters) {
      if (!await keepClaim(db.app, id, attempts)) continue;
      if (MADE_UP.test(letter.to)) {
        await db.app.query(`update mail_outbox set sent_at = now(), last_error = 'Not sent: nobody can have an address of this domain.', html = '', text = '' where id = $1`, [id]);
        continue;
      }
      const result = await mailer.sendMail(letter, id);
      if (result.ok) {
        // The body may carry a one-time link: it is not kept once it is delivered.
        await db.app.query(`update mail_outbox set sent_at = now(), last_error = null, html = '', text = '' where id = $1`, [id]);
        sent++;
      } else if (result.permanent || attempts >= ATTEMPTS_MAX) {
        await db.app.query('update mail_outbox set attempts = greatest(attempts, $2), last_error = $3 where id = $1', [id, ATTEMPTS_MAX, result.reason]);
        failed++;
      } else {
        await db.app.query('update mail_outbox set next_attempt_at = now() + make_interval(secs => $2), last_error = $3 where id = $1', [id, waitSeconds(attempts), result.reason]);
        postponed++;
      }
    }
    if (letters.length < BATCH) return { sent, postponed, failed };
  }
}

/** False when those before it took so long that another process has it by now. */
async function keepClaim(app: Pool, id: string, attempts: number): Promise<boolean> {
  const { rowCount } = await app.query(`update mail_outbox set next_attempt_at = now() + interval '${LEASE}' where id = $1 and attempts = $2 and sent_at is null`, [id, attempts]);
  return rowCount === 1;
}

/** 30 s, 1, 2, 4, ... minutes, at most 2 hours. */
export function waitSeconds(attempts: number): number {
  return Math.min(30 * 2 ** (attempts - 1), 7_200);
}

async function claimDueLetters(app: Pool): Promise<(LetterText & { id: string; attempts: number })[]> {
  // The column has milliseconds and is rounded, so that a letter of this very moment may be due in the next one.
  // Materialised: as a plain sub-select it may be run once a row, and then takes more than its limit.
  const { rows } = await app.query<LetterText & { id: string; attempts: number }>(`
    with due as materialized (select id as due_id from mail_outbox where sent_at is null and attempts < ${ATTEMPTS_MAX} and next_attempt_at <= now() + interval '1 millisecond'
      order by next_attempt_at limit ${BATCH} for update skip locked)
    update mail_outbox set attempts = attempts + 1, next_attempt_at = now() + interval '${LEASE}' from due where id = due_id
    returning id, recipient as to, subject, html, text, headers, attempts`);
  return rows.map(({ headers, ...letter }) => (headers === undefined || Object.keys(headers).length === 0 ? letter : { ...letter, headers }));
}

/** Embedded mode without SMTP: the newest letters, for the mailbox page. */
export async function listLetters(db: Pick<Database, 'app'>, limit = 100): Promise<MailboxLetter[]> {
  const { rows } = await db.app.query<MailboxLetter>(
    'select id, recipient as to, subject, html, text, created_at as at from mail_outbox order by created_at desc, id desc limit $1', [limit]);
  return rows;
}

/** How many letters wait, and how many gave up; for `outlay doctor` and metrics. */
export async function countLetters(db: Pick<Database, 'app'>): Promise<{ waiting: number; failed: number }> {
  const { rows: [row] } = await db.app.query<{ waiting: number; failed: number }>(`
    select count(*) filter (where attempts < ${ATTEMPTS_MAX})::int as waiting, count(*) filter (where attempts >= ${ATTEMPTS_MAX})::int as failed
    from mail_outbox where sent_at is null`);
  return row!;
}

/** Deletes letters older than `days`, delivered or not. Returns how many. */
export async function sweepLetters(db: Pick<Database, 'app'>, days = 30): Promise<number> {
  const { rowCount } = await db.app.query('delete from mail_outbox where created_at < now() - make_interval(days => $1)', [days]);
  return rowCount ?? 0;
}
