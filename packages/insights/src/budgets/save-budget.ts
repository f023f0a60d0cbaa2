/** Budgets of a calendar month, in the team's zone. Spend beyond is told, not stopped: caps stop. */
import { DomainError, formatPico, parseDecimal, PICO_PER_USD } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { modelFamily } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { Tx } from '../alerts/store-rules';
import type { By } from '../channels/save-channel';

export const BUDGET_SCOPES = ['tenant', 'workflow', 'customer', 'model', 'provider'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

export interface Budget {
  readonly id: string;
  readonly scope: BudgetScope;
  /** Null for the whole team. */
  readonly subject: string | null;
  readonly monthPico: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export interface BudgetInput {
  readonly id?: string | undefined;
  readonly scope: BudgetScope;
  readonly subject?: string | null | undefined;
  /** A decimal of dollars. */
  readonly monthUsd: string;
}

const SUBJECT_MAX = 255;
const BUDGETS_MAX = 500;
const USD_MAX = 1_000_000_000n;

type BudgetRow = Omit<Budget, 'updatedAt'> & { readonly updated: Date };

export async function readBudgets(tx: Tx): Promise<Budget[]> {
  const { rows } = await tx.query<BudgetRow>(
    'SELECT id::text, scope, subject, month_pico::text AS "monthPico", created_by AS "createdBy", updated_at AS updated FROM budgets ORDER BY scope, subject NULLS FIRST');
  return rows.map(({ updated, ...row }) => ({ ...row, updatedAt: updated.toISOString() }));
}

export async function listBudgets(db: Database, tenantId: string): Promise<Budget[]> {
  return await db.withTenant(tenantId, readBudgets);
}

/** One of a scope and subject: saving a second one changes the first. With `id`: its amount. Errors: `invalid_input` naming the field, `not_found`, `conflict`. */
export async function saveBudget(db: Database, by: By, input: BudgetInput, nowMs = Date.now()): Promise<Budget> {
  const monthPico = picoOf(input.monthUsd);
  const named = (input.subject ?? '').trim();
  if (input.scope === 'tenant' && named !== '') throw refuse('subject', 'The whole team has no subject.');
  if (input.scope !== 'tenant' && named === '') throw refuse('subject', `Name the ${input.scope}.`);
  if (named.length > SUBJECT_MAX || named.includes('\0')) throw refuse('subject', `At most ${SUBJECT_MAX} characters.`);
  const subject = input.scope === 'tenant' ? null : input.scope === 'model' ? modelFamily(named) : named;
  return await db.withTenant(by.tenantId, async (tx) => {
    const known = await readBudgets(tx);
    const before = known.find((each) => (input.id === undefined ? each.scope === input.scope && each.subject === subject : each.id === input.id));
    if (input.id !== undefined && before === undefined) throw noBudget();
    if (before !== undefined && (before.scope !== input.scope || before.subject !== subject)) throw refuse('subject', 'A budget stays of what it is: make a new one.');
    if (before === undefined && known.length >= BUDGETS_MAX) throw new DomainError('conflict', { message: `A team has at most ${BUDGETS_MAX} budgets.` });
    // Two who save the first one at once: one row, the later amount.
    const { rows } = await tx.query<{ id: string }>(
      `INSERT INTO budgets (tenant_id, id, scope, subject, month_pico, created_by, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, scope, coalesce(subject, '')) DO UPDATE SET month_pico = excluded.month_pico, updated_at = excluded.updated_at RETURNING id::text`,
      [by.tenantId, newId(nowMs), input.scope, subject, monthPico.toString(), by.actor, new Date(nowMs)]);
    const { id } = rows[0]!;
    const usd = (pico: bigint): string => formatPico(pico);
    await audit(tx, {
      ...by, action: before === undefined ? 'budget.created' : 'budget.changed', subjectType: 'budget', subjectId: id,
      ...(before === undefined ? {} : { before: { monthUsd: usd(BigInt(before.monthPico)) } }), after: { scope: input.scope, subject, monthUsd: usd(monthPico) },
    });
    return (await readBudgets(tx)).find((each) => each.id === id)!;
  });
}

/** Errors: `not_found`. */
export async function removeBudget(db: Database, by: By, id: string): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const before = (await readBudgets(tx)).find((each) => each.id === id);
    if (before === undefined) throw noBudget();
    await tx.query('DELETE FROM budgets WHERE id = $1', [id]);
    await audit(tx, { ...by, action: 'budget.removed', subjectType: 'budget', subjectId: id, before: { scope: before.scope, subject: before.subject, monthUsd: formatPico(BigInt(before.monthPico)) } });
  });
}

function picoOf(text: string): bigint {
  const usd = parseDecimal(text.trim().replace(/^\$\s*/, '').replaceAll(',', ''));
  if (usd === null || usd.num <= 0n) throw refuse('monthUsd', 'Dollars above zero, such as 500.00.');
  if (usd.num > USD_MAX * usd.den) throw refuse('monthUsd', 'At most $1,000,000,000.');
  const scaled = usd.num * PICO_PER_USD;
  if (scaled % usd.den !== 0n) throw refuse('monthUsd', 'At most 12 decimals: the ledger counts in pico-dollars.');
  return scaled / usd.den;
}

function noBudget(): DomainError {
  return new DomainError('not_found', { message: 'There is no such budget. Somebody may have removed it.' });
}

function refuse(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}
