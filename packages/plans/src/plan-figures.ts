/** What each version of a plan brought in over the last 30 days: customers, usage against each allowance, charge, cost, margin. From ledger rows at a cut. */
import { compareRational, DomainError, formatRational, type Rational, toPico, ZERO } from '@outlay/kernel';
import { formatCut } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { readPreviewFacts } from './preview-facts';
import { type AllowanceUse, PREVIEW_DAYS, rateDays } from './rate-days';

export interface AllowanceFigures {
  readonly allowanceId: string;
  readonly unit: string;
  readonly measure: 'units' | 'tokens';
  readonly window: string;
  /** Decimals, for one customer. `used` is over all 30 days. */
  readonly included: string;
  readonly usedP50: string;
  readonly usedP95: string;
  /** Of the customers, how many used more than is included in at least one window. */
  readonly shareOver: number;
}

export interface VersionFigures {
  readonly versionId: string;
  readonly number: number;
  readonly customers: number;
  readonly currency: string;
  readonly chargePico: bigint;
  readonly costPico: bigint;
  /** Null for a currency that is not the cost's. */
  readonly marginPico: bigint | null;
  readonly allowances: readonly AllowanceFigures[];
}

export interface PlanFigures {
  readonly days: number;
  readonly asOf: string;
  readonly cut: string;
  /** Newest first; versions that nobody is on now have no customers and cost nothing. */
  readonly versions: readonly VersionFigures[];
  readonly unrated: readonly string[];
}

/** Customers count for the version they are on now. Errors: `not_found`. */
export async function readPlanFigures(db: Database, tenantId: string, planId: string, nowMs: number = Date.now()): Promise<PlanFigures> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { cut, facts, customers, leftOut } = await readPreviewFacts(tx, tenantId, nowMs, (entitlement) => entitlement?.plan.id === planId, null);
    if (!facts.plans.has(planId)) throw new DomainError('not_found', { field: 'planId', message: 'There is no such plan.' });
    const versions = [...facts.versions.values()].filter((version) => version.planId === planId).sort((a, b) => b.number - a.number).map(({ id, number, definition }): VersionFigures => {
      const mine = customers.filter(({ entitlement }) => entitlement!.version.id === id);
      const rated = mine.map(({ entitlement, timeZone, rows, firstDay }) => rateDays(entitlement!.definition, { timeZone }, rows, firstDay));
      // As the preview sums them: what each customer is charged, rounded once.
      const chargePico = rated.reduce((sum, { charge }) => sum + toPico(charge.total), 0n);
      const costPico = mine.reduce((sum, { rows }) => sum + rows.reduce((cost, row) => cost + BigInt(row.costPico), 0n), 0n);
      return {
        versionId: id, number, customers: mine.length, currency: definition.currency, chargePico, costPico, marginPico: definition.currency === 'USD' ? chargePico - costPico : null,
        allowances: definition.allowances.map(({ id: allowanceId, unit, measure, window, included }) => {
          const uses = rated.map(({ allowances }) => allowances.find((each) => each.allowanceId === allowanceId)).filter((use) => use !== undefined);
          return { allowanceId, unit, measure, window, included, usedP50: formatRational(nearestRank(uses, 50)), usedP95: formatRational(nearestRank(uses, 95)), shareOver: uses.length === 0 ? 0 : uses.filter(({ over }) => over).length / uses.length };
        }),
      };
    });
    return { days: PREVIEW_DAYS, asOf: cut.takenAt.toISOString(), cut: formatCut(cut), versions, unrated: leftOut };
  });
}

/** The smallest value that so many per cent do not exceed; zero without any. */
function nearestRank(uses: readonly AllowanceUse[], percent: number): Rational {
  const sorted = uses.map(({ used }) => used).sort(compareRational);
  return sorted[Math.max(Math.ceil((sorted.length * percent) / 100) - 1, 0)] ?? ZERO;
}
