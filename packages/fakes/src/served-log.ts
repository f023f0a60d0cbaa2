/** What a fake really gave, and its sum by the fakes' own price sheet. */
import type { ServedAnswer } from './contract';
import { formatServedUsd } from './price-sheet';

export type ServedFilter = (answer: ServedAnswer) => boolean;

export interface ServedTotals {
  /** Every request that got an answer, errors included. */
  readonly answers: number;
  readonly succeeded: number;
  readonly errors: number;
  readonly aborted: number;
  readonly broken: number;
  /** Answers that cost something but stand on no price sheet. */
  readonly unpriced: number;
  /** Exact decimals of dollars. `usd` = complete + interrupted (aborted and broken streams). */
  readonly usd: string;
  readonly completeUsd: string;
  readonly interruptedUsd: string;
}

export function sumServedPico(answers: readonly ServedAnswer[], filter: ServedFilter = () => true): bigint {
  let sum = 0n;
  for (const answer of answers) if (filter(answer)) sum += answer.costPico ?? 0n;
  return sum;
}

/** Sums by any key: workflow label, model, ... Answers whose key is null are left out. */
export function groupServed(
  answers: readonly ServedAnswer[], key: (answer: ServedAnswer) => string | null,
): Map<string, { calls: number; costPico: bigint }> {
  const groups = new Map<string, { calls: number; costPico: bigint }>();
  for (const answer of answers) {
    const name = key(answer);
    if (name === null) continue;
    const group = groups.get(name) ?? { calls: 0, costPico: 0n };
    groups.set(name, { calls: group.calls + 1, costPico: group.costPico + (answer.costPico ?? 0n) });
  }
  return groups;
}

export function totalServed(answers: readonly ServedAnswer[]): ServedTotals {
  const interrupted = (answer: ServedAnswer): boolean => answer.aborted || answer.broken;
  const count = (filter: ServedFilter): number => answers.filter(filter).length;
  return {
    answers: answers.length,
    succeeded: count((answer) => answer.status < 400 && !interrupted(answer)),
    errors: count((answer) => answer.status >= 400),
    aborted: count((answer) => answer.aborted),
    broken: count((answer) => answer.broken),
    unpriced: count((answer) => answer.usage !== null && answer.costPico === null),
    usd: formatServedUsd(sumServedPico(answers)),
    completeUsd: formatServedUsd(sumServedPico(answers, (answer) => !interrupted(answer))),
    interruptedUsd: formatServedUsd(sumServedPico(answers, interrupted)),
  };
}
