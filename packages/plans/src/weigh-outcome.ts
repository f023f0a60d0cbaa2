/** What an outcome burns: pure. The snapshot of its row decides, so that a change of plan re-rates nothing. */
import { multiplyRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { PlanDefinition } from './plan-definition';

/** The part of a definition that burns. */
export type BurnRule = Pick<PlanDefinition, 'credits' | 'chargeOnlyUsable'>;

export interface WeighedOutcome {
  readonly outcome: 'usable' | 'unusable';
  readonly workflow: string | null;
  /** A decimal. */
  readonly units: string;
}

/** Zero or more; zero without a rule, under a plan that sells no credits, and for what is free of charge. */
export function weighOutcome({ outcome, workflow, units }: WeighedOutcome, rule: BurnRule | null): Rational {
  if (rule === null || rule.credits === null || (outcome === 'unusable' && rule.chargeOnlyUsable)) return ZERO;
  const count = parseDecimal(units)!;
  const amount = multiplyRational(count, parseDecimal(weightOf(rule.credits, workflow))!);
  return amount.num > 0n ? amount : ZERO;
}

/** What one unit of a workflow burns. */
export function weightOf({ weights, weight }: NonNullable<BurnRule['credits']>, workflow: string | null): string {
  return workflow !== null && Object.hasOwn(weights, workflow) ? weights[workflow]! : weight;
}

/** The rule in a snapshot's body; null where the row was recorded without one. A body that is not ours holds none. */
export function burnRuleOf(snapshot: Readonly<Record<string, unknown>> | null): BurnRule | null {
  const entitlement = snapshot?.['entitlement'];
  if (typeof entitlement !== 'object' || entitlement === null || !('definition' in entitlement)) return null;
  const definition = entitlement.definition;
  return typeof definition === 'object' && definition !== null && 'credits' in definition ? (definition as BurnRule) : null;
}
