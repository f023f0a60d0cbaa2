/**
 * Credits that a plan grants at the start of each billing period. Once a customer, plan and period: a new version or an override changes the next grant, and who leaves a plan and
 * comes back in the same period has had its grant. In full, also when the plan begins in the middle of a period.
 */
import { DAY_MS, dayStartMs, parseDecimal } from '@outlay/kernel';
import { deriveId, idFromKey } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { BY_OUTLAY, type CreditBalance } from './burn-outcomes';
import { addMonths, windowAt, windowsOf } from './calendar-window';
import { type CreditBook, openCreditBook } from './credit-book';
import { changesOf, type CustomerFacts, type PlanFacts, resolveEntitlement } from './resolve-entitlement';
import { bookCredits, lockCustomers, readAccounts, writeBooks } from './store-credits';
import { readCustomers, readPlanFacts } from './store-policies';

export interface PeriodGrant {
  readonly planId: string;
  readonly planName: string;
  /** Local date on which the period begins. */
  readonly periodDay: string;
  /** Decimal credits. */
  readonly amount: string;
  /** From when on they burn: the beginning of the period, or of the plan within it. */
  readonly fromMs: number;
  readonly expiresMs: number | null;
}

const LIFE_MONTHS = { month: 1, quarter: 3, year: 12 } as const;
/** A worker that was away so long grants no more of what was missed. */
const LOOK_BACK_MS = 400 * DAY_MS;
const CUSTOMERS_PER_PAGE = 500;

/** Every grant that a customer's rows give rise to up to now and that has not expired, the oldest first. Pure. */
export function periodGrantsOf(facts: PlanFacts, customer: CustomerFacts, nowMs: number): PeriodGrant[] {
  const grants = new Map<string, PeriodGrant>();
  const sinceMs = nowMs - LOOK_BACK_MS;
  const moments = changesOf(facts, customer).filter((change) => change <= nowMs);
  for (const [i, changeMs] of moments.entries()) {
    const endMs = moments[i + 1] ?? nowMs + 1;
    const entitlement = endMs <= sinceMs ? null : resolveEntitlement(facts, customer, changeMs);
    if (entitlement === null || entitlement.definition.credits === null) continue;
    const { plan, calendar, definition: { credits } } = entitlement;
    const first = windowAt('period', Math.max(changeMs, sinceMs), calendar);
    for (const period of windowsOf('period', { fromMs: first.startMs, toMs: endMs }, calendar)) {
      const key = `${plan.id} ${period.startDay}`;
      const expiresMs = credits.expires === 'never' ? null : dayStartMs(expiryDay(period.startDay, calendar.anchorDay, LIFE_MONTHS[credits.expires]), calendar.timeZone);
      if (grants.has(key) || (expiresMs !== null && expiresMs <= nowMs)) continue;
      grants.set(key, { planId: plan.id, planName: plan.name, periodDay: period.startDay, amount: credits.granted, fromMs: Math.max(period.startMs, changeMs), expiresMs });
    }
  }
  return [...grants.values()];
}

/** Counted from the anchor, as the edges of periods are: from a clamped 30th a month later is the 31st again, and the next grant follows without a gap. */
function expiryDay(periodDay: string, anchorDay: string, months: number): string {
  const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return addMonths(anchorDay, monthOf(periodDay) - monthOf(anchorDay) + months);
}

/** Books what is due of some customers, or of all of the team. Answers the balances of those that got any. Safe to run again, and at once with another process. */
export async function grantPeriods(db: Database, tenantId: string, nowMs: number, customerIds?: readonly string[]): Promise<Map<string, CreditBalance>> {
  const balances = new Map<string, CreditBalance>();
  const facts = await db.withTenant(tenantId, (tx) => readPlanFacts(tx, tenantId));
  for (let after: string | null = customerIds === undefined ? '' : null; ;) {
    const page: readonly string[] = after === null ? customerIds! : await db.withTenant(tenantId, (tx) => findCandidates(tx, tenantId, after!));
    const due = await db.withTenant(tenantId, (tx) => findDue(tx, tenantId, facts, page, nowMs));
    for (const customerId of due.keys()) {
      const granted = await bookCredits(db, tenantId, (tx) => grantWithin(tx, tenantId, facts, [customerId], nowMs));
      for (const [id, balance] of granted) balances.set(id, balance);
    }
    if (after === null || page.length < CUSTOMERS_PER_PAGE) return balances;
    after = page.at(-1)!;
  }
}

/** Customers that may have been on a plan with credits, in order. */
async function findCandidates(tx: PoolClient, tenantId: string, after: string): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>(
    `SELECT c.customer_id FROM customers c WHERE c.tenant_id = $1 AND c.customer_id > $2 AND (
       EXISTS (SELECT FROM plan_assignments a JOIN plan_versions v ON v.tenant_id = a.tenant_id AND v.id = a.plan_version_id
         WHERE a.tenant_id = $1 AND a.customer_id = c.customer_id AND a.withdrawn_at IS NULL AND jsonb_typeof(v.definition -> 'credits') = 'object')
       OR EXISTS (SELECT FROM plan_overrides o WHERE o.tenant_id = $1 AND (o.scope = 'segment' OR o.subject = c.customer_id) AND jsonb_typeof(o.patch -> 'credits') = 'object')
     ) ORDER BY 1 LIMIT ${CUSTOMERS_PER_PAGE}`, [tenantId, after]);
  return rows.map(({ customer_id: id }) => id);
}

type DueGrant = PeriodGrant & { readonly postingId: string };

async function findDue(tx: PoolClient, tenantId: string, facts: PlanFacts, customerIds: readonly string[], nowMs: number): Promise<Map<string, DueGrant[]>> {
  const records = await readCustomers(tx, tenantId, customerIds);
  const due = [...records].map(([id, record]) => [id, periodGrantsOf(facts, record, nowMs).map((grant) => ({ ...grant, postingId: idFromKey(tenantId, 'credits of a period', `${id}\n${grant.planId}\n${grant.periodDay}`) }))] as const);
  const { rows } = await tx.query<{ id: string }>('SELECT id FROM credit_postings WHERE tenant_id = $1 AND id = ANY ($2::uuid[])', [tenantId, due.flatMap(([, grants]) => grants.map(({ postingId }) => postingId))]);
  const booked = new Set(rows.map(({ id }) => id));
  return new Map(due.map(([id, grants]) => [id, grants.filter(({ postingId }) => !booked.has(postingId))] as const).filter(([, grants]) => grants.length > 0));
}

/** The same within a transaction: whoever comes to a plan has its credits with it. Errors: a deadlock is the caller's to try again. */
export async function grantWithin(tx: PoolClient, tenantId: string, facts: PlanFacts, customerIds: readonly string[], nowMs: number): Promise<Map<string, CreditBalance>> {
  const balances = new Map<string, CreditBalance>();
  const candidates = [...(await findDue(tx, tenantId, facts, customerIds, nowMs)).keys()];
  if (candidates.length === 0) return balances;
  await lockCustomers(tx, tenantId, candidates);
  // Another process may have granted it before the lock was ours.
  const due = await findDue(tx, tenantId, facts, candidates, nowMs);
  const accounts = await readAccounts(tx, tenantId, [...due.keys()]);
  const books = new Map<string, CreditBook>();
  for (const [customerId, grants] of due) {
    const { lots, overdraft } = accounts.get(customerId)!;
    const book = openCreditBook(lots, overdraft);
    for (const { postingId, planName, periodDay, amount, fromMs, expiresMs } of grants) {
      const lot = { id: deriveId(postingId, 'lot', 0), kind: 'grant' as const, priority: 0, expiresMs, createdMs: fromMs, rolloverDays: null, note: `${planName}, period from ${periodDay}` };
      book.grant(lot, parseDecimal(amount)!, { id: postingId, atMs: nowMs, by: BY_OUTLAY });
    }
    books.set(customerId, book);
    balances.set(customerId, { available: book.available(nowMs), overdraft: book.overdraft });
  }
  await writeBooks(tx, tenantId, books);
  return balances;
}
