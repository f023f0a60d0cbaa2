/** Ends lots whose time has come: what is left is lost, or rolls over into a new lot. */
import type { Database } from '@outlay/platform';
import { BY_OUTLAY } from './burn-outcomes';
import { openCreditBook } from './credit-book';
import { bookCredits, countEnds, lockCustomers, readAccounts, readDueExpiries, writeBooks } from './store-credits';

const CUSTOMERS_PER_ROUND = 1_000;

/** Of one team or of all; answers how many customers had any. A customer that fails is told and does not keep the others. */
export async function expireCredits(db: Database, nowMs: number, options: { readonly tenantId?: string | undefined; readonly onFailed?: (tenantId: string, error: unknown) => void } = {}): Promise<number> {
  const due = (await readDueExpiries(db, new Date(nowMs), CUSTOMERS_PER_ROUND)).filter(({ tenantId }) => options.tenantId === undefined || tenantId === options.tenantId);
  let count = 0;
  for (const { tenantId, customerId } of due) {
    try {
      await expireLotsOf(db, tenantId, customerId, nowMs);
      count += 1;
    } catch (error) {
      if (options.onFailed === undefined) throw error;
      options.onFailed(tenantId, error);
    }
  }
  return count;
}

async function expireLotsOf(db: Database, tenantId: string, customerId: string, nowMs: number): Promise<void> {
  await bookCredits(db, tenantId, async (tx) => {
    await lockCustomers(tx, tenantId, [customerId]);
    const { lots, overdraft } = (await readAccounts(tx, tenantId, [customerId])).get(customerId)!;
    const due = lots.filter(({ expiresMs }) => expiresMs !== null && expiresMs <= nowMs).sort((a, b) => a.expiresMs! - b.expiresMs!);
    const ends = await countEnds(tx, tenantId, due.map(({ id }) => id));
    const book = openCreditBook(lots, overdraft);
    for (const { id } of due) book.expire(id, ends.get(id) ?? 0, { atMs: nowMs, by: BY_OUTLAY });
    await writeBooks(tx, tenantId, new Map([[customerId, book]]));
  });
}
