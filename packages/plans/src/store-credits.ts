/** SQL of credits. Balances change by inserted entries only; the database adds them up. Whoever books holds the customer's lock. */
import { DomainError, formatRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { BookedLot, CreditBook, LotKind, NewPosting, PostingKind } from './credit-book';
import type { CreditEntry } from './credit-lots';

const ATTEMPTS_MAX = 8;

/**
 * One transaction that books credits; a deadlock or a serialisation failure is tried again, because nothing of it was written. Errors: `unavailable` when it never gets through.
 */
export async function bookCredits<T>(db: Database, tenantId: string, run: (tx: PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.withTenant(tenantId, run);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code !== '40001' && code !== '40P01') throw error;
      if (attempt === ATTEMPTS_MAX) throw new DomainError('unavailable', { cause: error, retryAfterSeconds: 1 });
    }
  }
}

/**
 * Waits until nobody else books for these customers. A lock of the customer and not of its lots: a customer without a lot can be overdrawn too, and the app may not
 * change a lot, so it may not lock one either. Always in one order.
 */
export async function lockCustomers(tx: PoolClient, tenantId: string, customerIds: Iterable<string>): Promise<void> {
  for (const id of [...new Set(customerIds)].sort()) await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('outlay.credits ' || $1 || '/' || $2, 0))`, [tenantId, id]);
}

interface LotRow {
  readonly id: string;
  readonly customer_id: string;
  readonly kind: LotKind;
  readonly priority: number;
  readonly remaining: string;
  readonly expires_at: Date | null;
  readonly rollover_days: number | null;
  readonly created_at: Date;
  readonly note: string;
}

const LOT_COLUMNS = 'id, customer_id, kind, priority, remaining::text, expires_at, rollover_days, created_at, note';

export interface CreditAccounts {
  readonly lots: readonly BookedLot[];
  /** Zero or below. */
  readonly overdraft: Rational;
}

/** Lots with something in them, those of `alsoLots` also when they are empty, and the overdraft; by customer. */
export async function readAccounts(tx: PoolClient, tenantId: string, customerIds: readonly string[], alsoLots: readonly string[] = []): Promise<Map<string, CreditAccounts>> {
  const { rows: lots } = await tx.query<LotRow>(
    `SELECT ${LOT_COLUMNS} FROM credit_lots WHERE tenant_id = $1 AND customer_id = ANY ($2::text[]) AND (remaining > 0 OR id = ANY ($3::uuid[])) ORDER BY id`, [tenantId, customerIds, alsoLots]);
  const { rows: overdrafts } = await tx.query<{ customer_id: string; balance: string }>(
    'SELECT customer_id, balance::text FROM credit_overdrafts WHERE tenant_id = $1 AND customer_id = ANY ($2::text[])', [tenantId, customerIds]);
  const overdraftOf = new Map(overdrafts.map(({ customer_id: id, balance }) => [id, parseDecimal(balance)!]));
  return new Map(customerIds.map((id) => [id, { lots: lots.filter((lot) => lot.customer_id === id).map(toLot), overdraft: overdraftOf.get(id) ?? ZERO }]));
}

function toLot(row: LotRow): BookedLot {
  return {
    id: row.id, kind: row.kind, priority: row.priority, remaining: parseDecimal(row.remaining)!, expiresMs: row.expires_at?.getTime() ?? null,
    createdMs: row.created_at.getTime(), rolloverDays: row.rollover_days, note: row.note,
  };
}

export function creditText(amount: Rational): string {
  return formatRational(amount);
}

/** Writes what the books of these customers have new. The entries go in by their order, so that no balance is below zero in between. */
export async function writeBooks(tx: PoolClient, tenantId: string, books: ReadonlyMap<string, CreditBook>): Promise<void> {
  const lots: (BookedLot & { readonly customerId: string })[] = [];
  const postings: (NewPosting & { readonly customerId: string })[] = [];
  for (const [customerId, book] of books) {
    const changes = book.changes();
    lots.push(...changes.lots.map((lot) => ({ ...lot, customerId })));
    postings.push(...changes.postings.map((posting) => ({ ...posting, customerId })));
  }
  if (postings.length === 0) return;
  const of = <T, V>(list: readonly T[], pick: (each: T) => V): V[] => list.map(pick);
  const at = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
  if (lots.length > 0) {
    await tx.query(
      `INSERT INTO credit_lots (tenant_id, id, customer_id, kind, priority, expires_at, rollover_days, created_at, note)
       SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::int[], $8::timestamptz[], $9::text[])`,
      [tenantId, of(lots, ({ id }) => id), of(lots, ({ customerId }) => customerId), of(lots, ({ kind }) => kind), of(lots, ({ priority }) => priority),
        of(lots, ({ expiresMs }) => at(expiresMs)), of(lots, ({ rolloverDays }) => rolloverDays), of(lots, ({ createdMs }) => at(createdMs)), of(lots, ({ note }) => note)]);
  }
  await tx.query(
    `INSERT INTO credit_postings (tenant_id, id, customer_id, kind, run_id, at, note, created_by)
     SELECT $1, id, customer_id, kind, run_id, at, note, created_by
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::text[], $8::text[]) WITH ORDINALITY AS p (id, customer_id, kind, run_id, at, note, created_by, n) ORDER BY n`,
    [tenantId, of(postings, ({ id }) => id), of(postings, ({ customerId }) => customerId), of(postings, ({ kind }) => kind), of(postings, ({ runId }) => runId),
      of(postings, ({ atMs }) => at(atMs)), of(postings, ({ note }) => note), of(postings, ({ by }) => by)]);
  const entries = postings.flatMap(({ id, customerId, entries: list }) => list.map((entry, line) => ({ ...toColumns(entry), id, customerId, line })));
  await tx.query(
    `INSERT INTO credit_entries (tenant_id, posting_id, line, customer_id, account, lot_id, amount)
     SELECT $1, posting_id, line, customer_id, account, lot_id, amount
     FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::uuid[], $7::numeric[]) WITH ORDINALITY AS e (posting_id, line, customer_id, account, lot_id, amount, n) ORDER BY n`,
    [tenantId, of(entries, ({ id }) => id), of(entries, ({ line }) => line), of(entries, ({ customerId }) => customerId), of(entries, ({ account }) => account),
      of(entries, ({ lotId }) => lotId), of(entries, ({ amount }) => amount)]);
}

function toColumns({ account, amount }: CreditEntry): { account: string; lotId: string | null; amount: string } {
  const isLot = account.startsWith('lot:');
  return { account: isLot ? 'lot' : account, lotId: isLot ? account.slice('lot:'.length) : null, amount: creditText(amount) };
}

/** What runs have burned so far, less what came back: entries summed by account, by customer and run. */
export async function readBurned(tx: PoolClient, tenantId: string, runIds: readonly string[]): Promise<Map<string, Map<string, CreditEntry[]>>> {
  const { rows } = await tx.query<{ run_id: string; customer_id: string; account: string; lot_id: string | null; amount: string }>(
    `SELECT p.run_id, p.customer_id, e.account, e.lot_id, trim_scale(sum(e.amount))::text AS amount
     FROM credit_postings p JOIN credit_entries e ON e.tenant_id = p.tenant_id AND e.posting_id = p.id
     WHERE p.tenant_id = $1 AND p.run_id = ANY ($2::uuid[]) GROUP BY 1, 2, 3, 4 HAVING sum(e.amount) <> 0 ORDER BY 1, 2, 3, 4`, [tenantId, runIds]);
  const byRun = new Map<string, Map<string, CreditEntry[]>>();
  for (const { run_id: runId, customer_id: customerId, account, lot_id: lotId, amount } of rows) {
    const byCustomer = byRun.get(runId) ?? new Map<string, CreditEntry[]>();
    byRun.set(runId, byCustomer);
    byCustomer.set(customerId, [...(byCustomer.get(customerId) ?? []), { account: lotId === null ? (account as CreditEntry['account']) : `lot:${lotId}`, amount: parseDecimal(amount)! }]);
  }
  return byRun;
}

/** Postings of each run; a run without any is absent. */
export async function countPostings(tx: PoolClient, tenantId: string, runIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ run_id: string; n: number }>('SELECT run_id, count(*)::int AS n FROM credit_postings WHERE tenant_id = $1 AND run_id = ANY ($2::uuid[]) GROUP BY 1', [tenantId, runIds]);
  return new Map(rows.map(({ run_id: id, n }) => [id, n]));
}

export interface StoredPosting {
  readonly id: string;
  readonly customerId: string;
  readonly kind: PostingKind;
  readonly runId: string | null;
  readonly at: Date;
  readonly note: string;
  readonly by: string;
  readonly entries: readonly { readonly account: string; readonly lotId: string | null; readonly amount: string }[];
}

const POSTING = `SELECT p.id, p.customer_id AS "customerId", p.kind, p.run_id AS "runId", p.at, p.note, p.created_by AS by,
  (SELECT json_agg(json_build_object('account', e.account, 'lotId', e.lot_id, 'amount', e.amount::text) ORDER BY e.line) FROM credit_entries e WHERE e.tenant_id = p.tenant_id AND e.posting_id = p.id) AS entries
  FROM credit_postings p`;

export async function readPosting(tx: PoolClient, tenantId: string, id: string): Promise<StoredPosting | null> {
  return (await tx.query<StoredPosting>(`${POSTING} WHERE p.tenant_id = $1 AND p.id = $2::uuid`, [tenantId, id])).rows[0] ?? null;
}

/** The newest first, below the posting of this id. */
export async function readPostings(tx: PoolClient, tenantId: string, customerId: string, below: string | null, limit: number): Promise<StoredPosting[]> {
  return (await tx.query<StoredPosting>(
    `${POSTING} WHERE p.tenant_id = $1 AND p.customer_id = $2 ${below === null ? '' : 'AND (p.at, p.created_at, p.id) < (SELECT b.at, b.created_at, b.id FROM credit_postings b WHERE b.tenant_id = $1 AND b.id = $4::uuid)'}
     ORDER BY p.at DESC, p.created_at DESC, p.id DESC LIMIT $3`,
    [tenantId, customerId, limit, ...(below === null ? [] : [below])])).rows;
}

/** Every lot of a customer, the newest first. */
export async function readLots(tx: PoolClient, tenantId: string, customerId: string, limit: number): Promise<BookedLot[]> {
  const { rows } = await tx.query<LotRow>(
    `SELECT ${LOT_COLUMNS} FROM credit_lots WHERE tenant_id = $1 AND customer_id = $2 ORDER BY (remaining > 0) DESC, created_at DESC, id DESC LIMIT $3`, [tenantId, customerId, limit]);
  return rows.map(toLot);
}

/** How often each of these lots has ended. */
export async function countEnds(tx: PoolClient, tenantId: string, lotIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ lot_id: string; n: number }>(
    `SELECT e.lot_id, count(*)::int AS n FROM credit_entries e JOIN credit_postings p ON p.tenant_id = e.tenant_id AND p.id = e.posting_id
     WHERE e.tenant_id = $1 AND p.customer_id IN (SELECT customer_id FROM credit_lots WHERE tenant_id = $1 AND id = ANY ($2::uuid[]))
       AND p.kind IN ('expiry', 'rollover') AND e.lot_id = ANY ($2::uuid[]) AND e.amount < 0 GROUP BY 1`, [tenantId, lotIds]);
  return new Map(rows.map(({ lot_id: id, n }) => [id, n]));
}

/** Lots of all teams whose time has come with something left, by customer. */
export async function readDueExpiries(db: Pick<Database, 'system'>, at: Date, limit: number): Promise<readonly { readonly tenantId: string; readonly customerId: string }[]> {
  const { rows } = await db.system.query<{ tenantId: string; customerId: string }>(
    `SELECT DISTINCT tenant_id AS "tenantId", customer_id AS "customerId" FROM credit_lots WHERE expires_at <= $1 AND remaining > 0 ORDER BY 1, 2 LIMIT $2`, [at, limit]);
  return rows;
}
