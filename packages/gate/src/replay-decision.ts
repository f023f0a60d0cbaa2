/** Decides again what was decided, from what is stored: the same rule on the same state must tell the same. Pure. */
import { canonicalJson, DomainError } from '@outlay/kernel';
import { decideAsSeen } from './hold-amounts';
import type { DecisionRow } from './store-decisions';
import { RULE_VERSION, tellDecision, type Told } from './tell-decision';

export interface Replay {
  readonly same: boolean;
  readonly answer: Told;
  /** Null: made by the rule of this version of Outlay. */
  readonly olderRule: number | null;
}

export function replayDecision({ input, answer, ruleVersion }: Pick<DecisionRow, 'input' | 'answer' | 'ruleVersion'>): Replay {
  if (input === null) throw new DomainError('internal', { message: 'The row was read without what it was made of.' });
  const told = tellDecision(decideAsSeen(input, input.request), input);
  return { same: canonicalJson(told) === canonicalJson(answer), answer: told, olderRule: ruleVersion === RULE_VERSION ? null : ruleVersion };
}
