/** What Overview asks of plans and caps: how far heavy customers use an allowance, and which soft caps of workflows are passed. */
import { compareRational, divideRational, multiplyRational, parseDecimal, type Rational } from '@outlay/kernel';
import { type EndedRuns, readHeavyUse } from '@outlay/ledger';
import { type Allowance, allowanceOf, entitlementIn, type ListedCap, type PlanDefinition } from '@outlay/plans';
import type { Database } from '@outlay/platform';
import { windowsIn } from './outcome-worth';
import type { PlanUse } from './product-lines';

/** Days over which use is told, whatever the range of the page: an allowance of a month says little about an hour. */
const DAYS = 30;

/** Of the plans that the runs of a range were made under: what the customer at the 95th percentile used in 30 days, of what is included in as many. */
export async function readPlanUses(db: Database, tenantId: string, ended: readonly EndedRuns[], nowMs: number): Promise<PlanUse[]> {
  const burned = ended.flatMap(({ entitlement, planVersionId, workflow }) => {
    const read = entitlementIn({ entitlement });
    const allowance = read === null ? null : allowanceOf(read.definition, 'units', workflow);
    return read === null || allowance === null ? [] : [{ planVersionId, workflow, planId: read.plan.id, number: read.version.number, interval: read.definition.interval, allowance, key: JSON.stringify([read.plan.id, allowance.id]) }];
  });
  const burns = new Map(burned.map(({ planVersionId, workflow, key }) => [JSON.stringify([planVersionId, workflow]), { planVersionId, workflow, key }]));
  const used = await readHeavyUse(db, tenantId, [...burns.values()], DAYS, nowMs);
  // The newest version speaks for the plan.
  const newest = new Map(burned.toSorted((a, b) => a.number - b.number).map((each) => [each.key, each]));
  return [...newest.values()].map(({ planId, allowance, interval, key }) => ({ planId, allowanceId: allowance.id, p95Use: used.has(key) ? useOf({ interval }, allowance, used.get(key)!, DAYS) : null }));
}

const DAYS_A_MONTH: Rational = { num: 1_461n, den: 48n };

/** Pure: 1 is all that is included in so many days; null where nothing is. */
export function useOf(plan: Pick<PlanDefinition, 'interval'>, { included, window }: Pick<Allowance, 'included' | 'window'>, used: string, days: number): number | null {
  const amount = parseDecimal(included)!;
  if (amount.num === 0n) return null;
  const periods = divideRational({ num: BigInt(days), den: 1n }, multiplyRational(DAYS_A_MONTH, { num: { month: 1n, quarter: 3n, year: 12n }[plan.interval], den: 1n }));
  const use = divideRational(parseDecimal(used)!, multiplyRational(multiplyRational(amount, windowsIn(plan, { window })), periods));
  return Number((use.num * 1_000_000n) / use.den) / 1_000_000;
}

/** Pure: soft and degrading caps of single workflows that hold and are used up. */
export function passedSoftCaps(caps: readonly ListedCap[], nowMs: number): { workflow: string; name: string; share: number }[] {
  return caps.flatMap(({ scope, subject, mode, name, used, limit, disabledAt, expiresAt }) => {
    if (scope !== 'workflow' || subject === null || mode === 'hard' || used === null || disabledAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= nowMs)) return [];
    const [spent, whole] = [parseDecimal(used)!, parseDecimal(limit)!];
    if (whole.num === 0n || compareRational(spent, whole) < 0) return [];
    const share = divideRational(spent, whole);
    return [{ workflow: subject, name, share: Number((share.num * 1_000_000n) / share.den) / 1_000_000 }];
  });
}
