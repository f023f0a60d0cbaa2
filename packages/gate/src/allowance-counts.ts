/** Which workflows an allowance takes. Pure. */
import { type Allowance, type PlanDefinition } from '@outlay/plans';
import type { AllowanceCounts } from './counter-key';

/** An allowance is a part of one definition, and a definition never changes. */
const kept = new WeakMap<Allowance, AllowanceCounts>();

/** The allowance without names takes what no other of its measure names. */
export function allowanceCounts(definition: Pick<PlanDefinition, 'allowances' | 'chargeOnlyUsable'>, allowance: Allowance): AllowanceCounts {
  let counts = kept.get(allowance);
  if (counts === undefined) kept.set(allowance, (counts = countsOf(definition, allowance)));
  return counts;
}

function countsOf(definition: Pick<PlanDefinition, 'allowances' | 'chargeOnlyUsable'>, allowance: Allowance): AllowanceCounts {
  const named = definition.allowances.filter(({ measure }) => measure === allowance.measure).flatMap(({ workflows }) => workflows ?? []);
  return {
    workflows: allowance.workflows === undefined ? { except: [...named].sort() } : { only: [...allowance.workflows].sort() },
    usableOnly: allowance.measure === 'units' && definition.chargeOnlyUsable,
  };
}
