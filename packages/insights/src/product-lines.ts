/** What customers buy: an allowance, or the credits, of a plan by workflow, with what its outcomes are worth and cost. Pure. */
import type { EndedRuns } from '@outlay/ledger';
import { type Allowance, allowanceOf, entitlementIn, type WindowKind } from '@outlay/plans';
import { worthOf } from './outcome-worth';
import { shareOfWorth } from './workflow-state';

export interface ProductLine {
  readonly planId: string;
  readonly planKey: string;
  readonly planName: string;
  /** Null: paid by credits, or by no allowance at all. */
  readonly allowanceId: string | null;
  readonly unit: string;
  /** A decimal; null without an allowance. */
  readonly included: string | null;
  readonly window: WindowKind | null;
  readonly whenUsedUp: Allowance['exhausted']['mode'] | null;
  readonly workflow: string;
  readonly outcomes: number;
  /** Null where the plan gives no rate. */
  readonly worthPico: string | null;
  readonly costPico: string;
  readonly marginShare: number | null;
  readonly p95Use: number | null;
}

/** What the customer at the 95th percentile uses of an allowance, 1 being all of it. */
export interface PlanUse {
  readonly planId: string;
  readonly allowanceId: string;
  readonly p95Use: number | null;
}

export interface Worth {
  readonly runs: number;
  readonly worthPico: bigint;
  readonly costPico: bigint;
}

/** Over all versions and overrides of a plan; the words are those of the newest version. Dearest first. */
export function prepareProductLines(ended: readonly EndedRuns[], uses: readonly PlanUse[]): ProductLine[] {
  const lines = new Map<string, { line: ProductLine; runs: EndedRuns[]; version: number }>();
  for (const runs of ended) {
    const entitlement = entitlementIn({ entitlement: runs.entitlement });
    if (entitlement === null) continue;
    const { plan, version, definition } = entitlement;
    const allowance = allowanceOf(definition, 'units', runs.workflow);
    const key = JSON.stringify([plan.id, allowance?.id ?? null, runs.workflow]);
    const known = lines.get(key);
    const all = [...(known?.runs ?? []), runs];
    if (known !== undefined && known.version > version.number) {
      lines.set(key, { ...known, runs: all });
      continue;
    }
    lines.set(key, { runs: all, version: version.number, line: {
      planId: plan.id, planKey: plan.key, planName: plan.name, allowanceId: allowance?.id ?? null, unit: allowance?.unit ?? (definition.credits ? 'credit' : 'outcome'),
      included: allowance?.included ?? null, window: allowance?.window ?? null, whenUsedUp: allowance?.exhausted.mode ?? null, workflow: runs.workflow,
      outcomes: 0, worthPico: null, costPico: '0', marginShare: null, p95Use: uses.find((use) => use.planId === plan.id && use.allowanceId === allowance?.id)?.p95Use ?? null,
    } });
  }
  return [...lines.values()].map(({ line, runs }) => {
    const worth = sumWorth(runs);
    return {
      ...line, outcomes: runs.reduce((sum, { usable, unusable }) => sum + usable + unusable, 0), costPico: String(runs.reduce((sum, { costPico }) => sum + BigInt(costPico), 0n)),
      worthPico: worth === null ? null : String(worth.worthPico), marginShare: shareOfWorth(worth),
    };
  }).sort((a, b) => (BigInt(b.costPico) > BigInt(a.costPico) ? 1 : BigInt(b.costPico) < BigInt(a.costPico) ? -1 : 0));
}

/** Of runs whose plan gives them a rate, and of no others; null when none does. */
export function sumWorth(ended: readonly EndedRuns[]): Worth | null {
  const rated = ended.flatMap((each) => {
    const entitlement = entitlementIn({ entitlement: each.entitlement });
    const worthPico = entitlement === null ? null : worthOf(entitlement.definition, each);
    return worthPico === null ? [] : [{ runs: each.usable + each.unusable, worthPico, costPico: BigInt(each.costPico) }];
  });
  return rated.length === 0 ? null : rated.reduce((sum, { runs, worthPico, costPico }) => ({ runs: sum.runs + runs, worthPico: sum.worthPico + worthPico, costPico: sum.costPico + costPico }));
}
