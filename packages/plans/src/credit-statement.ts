/** What a customer's credits are and how they came to be: lots, and every posting with the balance after it. */
import { addRational, DomainError, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { CreditBalance } from './burn-outcomes';
import { type BookedLot, type PostingKind } from './credit-book';
import { balanceOf } from './credit-lots';
import { creditText, readAccounts, readLots, readPostings, type StoredPosting } from './store-credits';

const STATEMENT_ROWS = 50;
const LOTS_SHOWN_MAX = 500;

export interface StatementRow {
  readonly postingId: string;
  readonly kind: PostingKind;
  readonly at: Date;
  readonly runId: string | null;
  readonly note: string;
  /** Signed: what it did to the balance. */
  readonly amount: string;
  readonly balanceAfter: string;
  readonly by: string;
  readonly entries: StoredPosting['entries'];
}

export interface CreditStatement {
  /** Of all lots with the overdraft: below zero when more was burned than given. What has expired counts until its expiry is booked, within a minute. */
  readonly balance: string;
  /** What can be burned now. */
  readonly available: string;
  /** Zero or below. */
  readonly overdraft: string;
  readonly lots: readonly BookedLot[];
  readonly rows: readonly StatementRow[];
  readonly nextCursor: string | null;
}

/** What a customer can burn at an instant, and what it owes. */
export async function creditsOf(db: Database, tenantId: string, customerId: string, atMs: number): Promise<CreditBalance & { readonly nextExpiryMs: number | null; readonly known: boolean }> {
  return await db.withTenant(tenantId, async (tx) => {
    const { lots, overdraft } = (await readAccounts(tx, tenantId, [customerId])).get(customerId)!;
    const expiries = lots.flatMap(({ expiresMs }) => (expiresMs !== null && expiresMs > atMs ? [expiresMs] : []));
    const { rows } = await tx.query<{ known: boolean }>('SELECT EXISTS (SELECT FROM credit_postings WHERE tenant_id = $1 AND customer_id = $2) AS known', [tenantId, customerId]);
    return { available: balanceOf(lots, atMs), overdraft, nextExpiryMs: expiries.length === 0 ? null : Math.min(...expiries), known: rows[0]!.known };
  });
}

/** The newest first. Errors: `invalid_input` for a cursor that is none. */
export async function readStatement(db: Database, tenantId: string, customerId: string, options: { readonly cursor?: string | undefined; readonly limit?: number; readonly nowMs?: number } = {}): Promise<CreditStatement> {
  const { cursor, limit = STATEMENT_ROWS, nowMs = Date.now() } = options;
  const below = cursor === undefined ? null : parseCursor(cursor);
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { lots, overdraft } = (await readAccounts(tx, tenantId, [customerId])).get(customerId)!;
    const balance = lots.reduce((sum, { remaining }) => addRational(sum, remaining), overdraft);
    const found = await readPostings(tx, tenantId, customerId, below, limit + 1);
    // The balance is that of all entries; what lies above the page is taken out of it.
    let after = below === null ? balance : addRational(balance, negate(await sumAbove(tx, tenantId, customerId, below)));
    const rows = found.slice(0, limit).map(({ id, ...posting }): StatementRow => {
      const amount = effectOf(posting.entries);
      const row = { ...posting, postingId: id, amount: creditText(amount), balanceAfter: creditText(after) };
      after = addRational(after, negate(amount));
      return row;
    });
    return {
      balance: creditText(balance), available: creditText(balanceOf(lots, nowMs)), overdraft: creditText(overdraft), lots: await readLots(tx, tenantId, customerId, LOTS_SHOWN_MAX),
      rows, nextCursor: found.length > limit ? rows.at(-1)!.postingId : null,
    };
  });
}

/** What the posting of the cursor and all after it did to the balance. */
async function sumAbove(tx: PoolClient, tenantId: string, customerId: string, cursor: string): Promise<Rational> {
  const { rows } = await tx.query<{ sum: string }>(
    `SELECT coalesce(sum(e.amount), 0)::text AS sum FROM credit_postings p JOIN credit_entries e ON e.tenant_id = p.tenant_id AND e.posting_id = p.id
     WHERE p.tenant_id = $1 AND p.customer_id = $2 AND e.account IN ('lot', 'overdraft')
       AND (p.at, p.created_at, p.id) >= (SELECT b.at, b.created_at, b.id FROM credit_postings b WHERE b.tenant_id = $1 AND b.id = $3::uuid)`, [tenantId, customerId, cursor]);
  return parseDecimal(rows[0]!.sum)!;
}

function effectOf(entries: StoredPosting['entries']): Rational {
  return entries.reduce((sum, { account, amount }) => (account === 'lot' || account === 'overdraft' ? addRational(sum, parseDecimal(amount)!) : sum), ZERO);
}

function parseCursor(cursor: string): string {
  if (isUuid(cursor)) return cursor;
  throw new DomainError('invalid_input', { field: 'cursor', message: 'This is not a cursor of a statement.' });
}

function negate({ num, den }: Rational): Rational {
  return { num: -num, den };
}
