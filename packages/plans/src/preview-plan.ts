/**
 * What customers would have paid under another definition: the draft, another price, another included amount. On the last 30 days of the ledger, or on the present billing period of each
 * customer, where the definition in force gives exactly the live charge. Nothing is changed by it.
 */
import { addRational, DomainError, formatRational, parseDecimal, type Rational, toPico, ZERO } from '@outlay/kernel';
import { formatCut } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { Entitlement } from './entitlement';
import type { PlanDefinition } from './plan-definition';
import { readPeriodCharges } from './preview-period';
import { type PreviewedCustomer, readPreviewFacts } from './preview-facts';
import { PREVIEW_DAYS, rateDays } from './rate-days';
import { applyOverrides } from './resolve-entitlement';

export interface PreviewRow {
  readonly customerId: string;
  readonly name: string;
  /** Pico of the plan's currency, exact; null where it cannot be rated: no plan now, or another currency. */
  readonly chargeNow: bigint | null;
  readonly chargeThen: bigint | null;
  readonly costPico: bigint;
  /** Charge less cost. Null for a currency that is not the cost's. */
  readonly marginNow: bigint | null;
  readonly marginThen: bigint | null;
}

export interface PlanPreview {
  readonly days: number;
  readonly span: 'days' | 'period';
  /** When the ledger was read. */
  readonly asOf: string;
  readonly cut: string;
  /** `all`: nobody is on the plan, so everybody is shown as if they were. */
  readonly scope: 'plan' | 'all';
  readonly currency: string;
  readonly customers: readonly PreviewRow[];
  readonly totals: { readonly chargeNow: bigint; readonly chargeThen: bigint; readonly costPico: bigint; readonly marginNow: bigint; readonly marginThen: bigint };
  readonly payMore: number;
  readonly payLess: number;
  readonly same: number;
  /** What no charge here counts, in sentences. */
  readonly unrated: readonly string[];
}

export interface PreviewInput {
  readonly planId: string;
  readonly definition: PlanDefinition;
  readonly span?: 'days' | 'period' | undefined;
}

/** Costs are in US dollars. */
const COST_CURRENCY = 'USD';

/** Errors: `invalid_input` when periods of another length are compared over one period. */
export async function previewPlan(db: Database, tenantId: string, { planId, definition, span = 'days' }: PreviewInput, nowMs: number = Date.now()): Promise<PlanPreview> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const onPlan = (entitlement: Entitlement | null): boolean => entitlement?.plan.id === planId;
    const mine = await readPreviewFacts(tx, tenantId, nowMs, onPlan, definition, span === 'days');
    const scope = mine.customers.length > 0 || span === 'period' ? 'plan' : 'all';
    const read = scope === 'plan' ? mine : await readPreviewFacts(tx, tenantId, nowMs, () => true, definition);
    const unrated = new Map<string, Rational>();
    const rows: PreviewRow[] = [];
    const periods = span === 'period' ? await readPeriodCharges(tx, tenantId, definition, read, nowMs) : null;
    for (const customer of read.customers) {
      const period = periods?.get(customer.customerId);
      if (periods !== null && period === undefined) continue;
      const then = period === undefined ? rateThen(customer, definition, unrated) : period.other;
      const now = period === undefined ? rateNow(customer, definition.currency) : period.now;
      const cost = period === undefined ? customer.rows.reduce((sum, row) => sum + BigInt(row.costPico), 0n) : period.costPico;
      rows.push(toRow(customer, now, then, cost, definition.currency));
    }
    const rated = rows.filter((row): row is PreviewRow & { chargeNow: bigint; chargeThen: bigint } => row.chargeNow !== null && row.chargeThen !== null);
    const sumOf = (pick: (row: PreviewRow) => bigint | null): bigint => rows.reduce((sum, row) => sum + (pick(row) ?? 0n), 0n);
    const withoutPlan = read.customers.filter(({ entitlement }) => entitlement === null).length;
    return {
      days: PREVIEW_DAYS, span, asOf: read.cut.takenAt.toISOString(), cut: formatCut(read.cut), scope, currency: definition.currency,
      customers: rows.sort((a, b) => compareChange(a, b)),
      totals: { chargeNow: sumOf((row) => row.chargeNow), chargeThen: sumOf((row) => row.chargeThen), costPico: sumOf((row) => row.costPico), marginNow: sumOf((row) => row.marginNow), marginThen: sumOf((row) => row.marginThen) },
      payMore: rated.filter((row) => row.chargeThen > row.chargeNow).length, payLess: rated.filter((row) => row.chargeThen < row.chargeNow).length, same: rated.filter((row) => row.chargeThen === row.chargeNow).length,
      unrated: [
        ...(scope === 'all' && rows.length > 0 ? ['Nobody is on this plan: every customer is shown as if it were.'] : []),
        ...read.leftOut,
        ...(withoutPlan > 0 ? [`${plural(withoutPlan, 'customer has', 'customers have')} no plan now: what they pay today is left empty.`] : []),
        ...[...unrated].sort(([a], [b]) => (a < b ? -1 : 1)).map(([workflow, units]) => `${formatRational(units)} units of ${workflow === '' ? 'no workflow' : `"${workflow}"`} count for no allowance of this definition, and cost nothing.`),
        ...(definition.credits === null ? [] : ['Outcomes burn prepaid credits under this definition: only the base fee and overage are shown.']),
        ...(definition.currency === COST_CURRENCY ? [] : [`The plan charges ${definition.currency} and costs are in US dollars: no margin is shown.`]),
      ],
    };
  });
}

function rateThen({ overrides, timeZone, rows, firstDay }: PreviewedCustomer, definition: PlanDefinition, unrated: Map<string, Rational>): Rational {
  const { charge, unmetered } = rateDays(applyOverrides(definition, overrides).definition, { timeZone }, rows, firstDay);
  if (definition.credits === null) for (const [workflow, units] of unmetered) unrated.set(workflow, addRational(unrated.get(workflow) ?? ZERO, units));
  return charge.total;
}

function rateNow({ entitlement, timeZone, rows, firstDay }: PreviewedCustomer, currency: string): Rational | null {
  if (entitlement === null || entitlement.definition.currency !== currency) return null;
  return rateDays(entitlement.definition, { timeZone }, rows, firstDay).charge.total;
}

function toRow({ customerId, name }: PreviewedCustomer, now: Rational | null, then: Rational | null, costPico: bigint, currency: string): PreviewRow {
  const [chargeNow, chargeThen] = [now, then].map((charge) => (charge === null ? null : toPico(charge))) as [bigint | null, bigint | null];
  const margin = (charge: bigint | null): bigint | null => (charge === null || currency !== COST_CURRENCY ? null : charge - costPico);
  return { customerId, name, chargeNow, chargeThen, costPico, marginNow: margin(chargeNow), marginThen: margin(chargeThen) };
}

/** The largest change first. */
function compareChange(a: PreviewRow, b: PreviewRow): number {
  const size = ({ chargeNow, chargeThen }: PreviewRow): bigint => {
    const change = (chargeThen ?? 0n) - (chargeNow ?? 0n);
    return change < 0n ? -change : change;
  };
  const [of, than] = [size(a), size(b)];
  return of > than ? -1 : of < than ? 1 : a.customerId < b.customerId ? -1 : 1;
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** A definition with some amounts changed: for the simulator. Errors: `invalid_input` naming the field. */
export interface SimulatedChanges {
  readonly baseFee?: string | undefined;
  /** Of every overage: its price, of tiers the first's. */
  readonly price?: string | undefined;
  /** Of every allowance, or of the one that is named. */
  readonly included?: string | undefined;
  readonly allowanceId?: string | undefined;
}

/** Pure. With tiers, all prices move in proportion to the first, so that their form stays. */
export function changeDefinition(definition: PlanDefinition, { baseFee, price, included, allowanceId }: SimulatedChanges): PlanDefinition {
  if (allowanceId !== undefined && !definition.allowances.some(({ id }) => id === allowanceId)) throw new DomainError('invalid_input', { field: 'changes.allowanceId', message: `The plan has no allowance "${allowanceId}".` });
  const allowances = definition.allowances.map((allowance) => {
    if (allowanceId !== undefined && allowance.id !== allowanceId) return allowance;
    const withIncluded = included === undefined ? allowance : { ...allowance, included };
    if (price === undefined || withIncluded.exhausted.mode === 'hard') return withIncluded;
    const { overage } = withIncluded.exhausted;
    return { ...withIncluded, exhausted: { mode: 'soft' as const, overage: overage.kind === 'flat' ? { ...overage, price } : { ...overage, tiers: scaleTiers(overage.tiers, price) } } };
  });
  return { ...definition, ...(baseFee === undefined ? {} : { baseFee }), allowances };
}

function scaleTiers<T extends { readonly price: string }>(tiers: readonly T[], price: string): T[] {
  const [first, wanted] = [parseDecimal(tiers[0]!.price)!, parseDecimal(price)!];
  if (first.num === 0n) return tiers.map((tier, i) => (i === 0 ? { ...tier, price } : tier));
  return tiers.map((tier, i) => {
    const old = parseDecimal(tier.price)!;
    return { ...tier, price: i === 0 ? price : formatRational({ num: old.num * wanted.num * first.den, den: old.den * wanted.den * first.num }, 15) };
  });
}
