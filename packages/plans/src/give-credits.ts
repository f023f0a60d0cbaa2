/** A person or a program gives a customer credits. Idempotent by the caller's key: the same again books nothing, something else under the same key is a conflict. */
import { DomainError, parseDecimal, type Rational } from '@outlay/kernel';
import { deriveId, idFromKey } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit, type AuditEntry } from '@outlay/tenancy';
import { z } from 'zod';
import type { CreditBalance } from './burn-outcomes';
import { openCreditBook } from './credit-book';
import { bookCredits, creditText, lockCustomers, readAccounts, readPosting, type StoredPosting, writeBooks } from './store-credits';

export const GIVEN_KINDS = ['grant', 'top_up', 'promotion'] as const;

const ROLLOVER_DAYS_MAX = 3_660;

export const giveCreditsSchema = z.strictObject({
  customerId: z.string().min(1).max(255).refine((text) => !text.includes('\0'), 'it must not contain a NUL character'),
  kind: z.enum(GIVEN_KINDS),
  /** Decimal credits. */
  amount: z.string().trim().max(40),
  /** Lower burns first. Absent: promotions at -10, the rest at 0. */
  priority: z.int().min(-1_000).max(1_000).optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullish(),
  rolloverDays: z.int().min(1).max(ROLLOVER_DAYS_MAX).nullish(),
  note: z.string().trim().max(500).default(''),
  /** The caller's own: the same key books once. */
  key: z.string().min(1).max(255),
});
export type GiveCredits = z.input<typeof giveCreditsSchema>;

/** A promotion burns before what was paid for. */
const PROMOTION_PRIORITY = -10;
const AMOUNT_MAX: Rational = { num: 1_000_000_000_000n, den: 1n };
const DECIMALS_MAX = 12;

export interface GivenCredits {
  readonly postingId: string;
  readonly lotId: string;
  /** The key had been used for the same: nothing was booked. */
  readonly again: boolean;
  readonly balance: CreditBalance;
}

/** Errors: `invalid_input` naming the field, `not_found` for a customer that nobody knows, `conflict` when the key gave something else. */
export async function giveCredits(db: Database, by: Pick<AuditEntry, 'tenantId' | 'actorId' | 'actor' | 'requestId'>, input: GiveCredits, nowMs: number = Date.now()): Promise<GivenCredits> {
  const { customerId, kind, amount: text, priority = kind === 'promotion' ? PROMOTION_PRIORITY : 0, expiresAt = null, rolloverDays = null, note, key } = parse(input);
  const amount = readAmount(text);
  const expiresMs = expiresAt === null ? null : Date.parse(expiresAt);
  if (expiresMs !== null && expiresMs <= nowMs) throw refuse('expiresAt', 'The credits would have expired already: name a time to come, or leave it empty.');
  if (rolloverDays !== null && expiresMs === null) throw refuse('rolloverDays', 'Only what expires can roll over: name a time of expiry.');
  const { tenantId } = by;
  const postingId = idFromKey(tenantId, 'credits', key);
  const lotId = deriveId(postingId, 'lot', 0);
  return await bookCredits(db, tenantId, async (tx) => {
    const { rowCount } = await tx.query('SELECT FROM customers WHERE tenant_id = $1 AND customer_id = $2', [tenantId, customerId]);
    if (rowCount === 0) throw new DomainError('not_found', { field: 'customerId', message: `There is no customer "${customerId}". Create it first, or wait for its first event.` });
    await lockCustomers(tx, tenantId, [customerId]);
    const stored = await readPosting(tx, tenantId, postingId);
    const { lots, overdraft } = (await readAccounts(tx, tenantId, [customerId])).get(customerId)!;
    const book = openCreditBook(lots, overdraft);
    const answer = (again: boolean): GivenCredits => ({ postingId, lotId, again, balance: { available: book.available(nowMs), overdraft: book.overdraft } });
    if (stored !== null) {
      if (stored.customerId === customerId && stored.kind === kind && amountOf(stored, lotId) === creditText(amount)) return answer(true);
      throw new DomainError('conflict', { field: 'key', message: `The key "${key}" has booked something else: ${amountOf(stored, lotId)} credits (${stored.kind.replace('_', '-')}) for customer "${stored.customerId}". Use a new key.` });
    }
    book.grant({ id: lotId, kind, priority, expiresMs, createdMs: nowMs, rolloverDays, note }, amount, { id: postingId, atMs: nowMs, by: by.actor });
    await writeBooks(tx, tenantId, new Map([[customerId, book]]));
    await audit(tx, {
      ...by, action: 'credits.given', subjectType: 'customer', subjectId: customerId,
      after: { kind, amount: creditText(amount), priority, expiresAt: expiresMs === null ? null : new Date(expiresMs).toISOString(), rolloverDays, note },
    });
    return answer(false);
  });
}

function amountOf({ entries }: StoredPosting, lotId: string): string {
  return creditText(parseDecimal(entries.find((entry) => entry.lotId === lotId)?.amount ?? '0')!);
}

function parse(input: GiveCredits): z.output<typeof giveCreditsSchema> {
  const parsed = giveCreditsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw refuse(issue.path.join('.'), issue.message);
}

/** Pure. Credits go down to 12 decimals, so that no sum is ever rounded. */
function readAmount(text: string): Rational {
  const amount = parseDecimal(text);
  if (amount === null) throw refuse('amount', 'Enter credits as a decimal, such as 500 or 12.5.');
  if (amount.num <= 0n) throw refuse('amount', 'An amount of credits is more than zero.');
  if (amount.num > AMOUNT_MAX.num * amount.den) throw refuse('amount', 'At most 1,000,000,000,000 credits at once.');
  if ((amount.num * 10n ** BigInt(DECIMALS_MAX)) % amount.den !== 0n) throw refuse('amount', `At most ${DECIMALS_MAX} decimals.`);
  return amount;
}

function refuse(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}
