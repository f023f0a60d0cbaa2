/** The trial balance of credits: every posting sums to zero, every balance is the sum of its entries, and every settled outcome burned what its snapshot says. */
import { formatRational } from '@outlay/kernel';
import { readRunsWithOutcomes, type RoomCheck } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { findWrongBurns } from './burn-outcomes';
import { readMarks } from './catch-up-burns';

export interface CreditProof {
  /** Postings. */
  readonly checked: number;
  readonly fault: { readonly message: string; readonly place: { readonly kind: 'run'; readonly runId: string } | null } | null;
}

/** Each page searches anew: few large ones, which are looked at in smaller transactions. */
const RUNS_PER_PAGE = 20_000;
const RUNS_AT_ONCE = 500;
const FRESH_MAX = 100_000;
const FIRST_RUN = '00000000-0000-0000-0000-000000000000';

const BOOKS: readonly { readonly sql: string; readonly says: (row: Readonly<Record<string, string>>) => string }[] = [
  {
    sql: `SELECT p.id::text AS posting, coalesce(trim_scale(sum(e.amount)), 0)::text AS sum, count(e.line)::text AS entries FROM credit_postings p
      LEFT JOIN credit_entries e ON e.tenant_id = p.tenant_id AND e.posting_id = p.id GROUP BY p.id HAVING count(e.line) < 2 OR sum(e.amount) <> 0 ORDER BY 1 LIMIT 1`,
    says: ({ posting, sum, entries }) => `posting ${posting}: its ${entries} entries sum to ${sum}, not to zero`,
  },
  {
    sql: `SELECT l.id::text AS lot, l.customer_id AS customer, trim_scale(l.remaining)::text AS remaining, coalesce(trim_scale(e.sum), 0)::text AS sum FROM credit_lots l
      LEFT JOIN (SELECT lot_id, sum(amount) AS sum FROM credit_entries WHERE lot_id IS NOT NULL GROUP BY lot_id) e ON e.lot_id = l.id
      WHERE l.remaining <> coalesce(e.sum, 0) OR l.remaining < 0 ORDER BY 1 LIMIT 1`,
    says: ({ lot, customer, remaining, sum }) => `customer "${customer}", lot ${lot}: ${remaining} remain, but its entries sum to ${sum}`,
  },
  {
    sql: `SELECT customer, trim_scale(coalesce(o.balance, 0))::text AS balance, trim_scale(coalesce(e.sum, 0))::text AS sum
      FROM (SELECT customer_id AS customer, balance FROM credit_overdrafts) o
      FULL JOIN (SELECT customer_id AS customer, sum(amount) AS sum FROM credit_entries WHERE account = 'overdraft' GROUP BY customer_id) e USING (customer)
      WHERE coalesce(o.balance, 0) <> coalesce(e.sum, 0) OR o.balance > 0 ORDER BY 1 LIMIT 1`,
    says: ({ customer, balance, sum }) => `customer "${customer}": the overdraft is ${balance}, but its entries sum to ${sum}`,
  },
];

/** As a part of the trial balance. */
export function creditCheck(db: Database): RoomCheck {
  return { name: 'credits', prove: (tenantId) => proveCredits(db, tenantId) };
}

/** Of one team, in one look for the books, then page by page over the outcomes that are burned by the marks. */
export async function proveCredits(db: Database, tenantId: string): Promise<CreditProof> {
  const books = await db.withTenantSnapshot(tenantId, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    for (const { sql, says } of BOOKS) {
      const { rows } = await tx.query<Record<string, string>>(sql);
      if (rows[0]) return { checked: 0, message: says(rows[0]), marks: null };
    }
    const { rows } = await tx.query<{ n: number }>('SELECT count(*)::float8 AS n FROM credit_postings');
    return { checked: rows[0]!.n, message: null, marks: await readMarks(tx, tenantId) };
  });
  if (books.message !== null) return { checked: books.checked, fault: { message: books.message, place: null } };
  const { marks } = books;
  const { checked } = books;
  if (marks === null) return { checked, fault: null };
  for (let afterRun = FIRST_RUN; ;) {
    const page = await db.withTenant(tenantId, (tx) => readRunsWithOutcomes(tx, tenantId, { batches: new Map(), recordedFrom: new Date(0) }, marks, { afterRun, limit: RUNS_PER_PAGE }));
    for (let i = 0; i < page.length; i += RUNS_AT_ONCE) {
      const wrong = await db.withTenantSnapshot(tenantId, async (tx) => {
        const found = await findWrongBurns(tx, tenantId, page.slice(i, i + RUNS_AT_ONCE));
        if (found.length === 0) return undefined;
        // What was corrected above the marks nobody has settled yet: that is no fault.
        const fresh = new Set(await readRunsWithOutcomes(tx, tenantId, { batches: marks.batches, recordedFrom: marks.takenAt }, null, { afterRun: FIRST_RUN, limit: FRESH_MAX }));
        return found.find(({ runId }) => !fresh.has(runId));
      });
      if (wrong === undefined) continue;
      const [burned, due] = [formatRational(wrong.burned), formatRational(wrong.due)];
      return { checked, fault: { message: `run ${wrong.runId}: it burned ${burned} credits, but its outcome burns ${due}`, place: { kind: 'run', runId: wrong.runId } } };
    }
    if (page.length < RUNS_PER_PAGE) return { checked, fault: null };
    afterRun = page.at(-1)!;
  }
}
