/** What a decision was made of, as its row keeps it: what a limit and its fact say both is written once, which is a third of it. Pure. */
import type { Limit } from './decide';
import type { LimitFact } from './resolve-limits';
import type { DecisionInput } from './tell-decision';

interface PackedInput extends Omit<DecisionInput, 'request' | 'facts'> {
  readonly request: Omit<DecisionInput['request'], 'limits'>;
  readonly limits: readonly (LimitFact & Omit<Limit, 'windows'>)[];
}

export function packInput(input: DecisionInput): DecisionInput | PackedInput {
  const { request: { limits, ...request }, facts, ...rest } = input;
  const packed: (LimitFact & Omit<Limit, 'windows'>)[] = [];
  for (let i = 0; i < limits.length; i++) {
    const { windows, ...limit } = limits[i]!;
    const fact = facts[i];
    if (fact === undefined || fact.id !== limit.id || !saySame(windows, fact.windows)) return input;
    packed.push({ ...fact, ...limit });
  }
  return facts.length > limits.length ? input : { ...rest, request, limits: packed };
}

function saySame(windows: Limit['windows'], others: Limit['windows']): boolean {
  return windows.length === others.length && windows.every(({ key, endMs }, i) => others[i]!.key === key && others[i]!.endMs === endMs);
}

/** Of rows of either form. */
export function unpackInput(stored: DecisionInput | PackedInput): DecisionInput {
  if ('facts' in stored) return stored;
  const { request, limits, ...rest } = stored;
  return {
    ...rest,
    request: {
      ...request,
      limits: limits.map(({ id, metric, mode, reason, limit, windows, model }) => ({ id, metric, mode, reason, limit, windows: windows.map(({ key, endMs }) => ({ key, endMs })), ...(model === undefined ? {} : { model }) })),
    },
    facts: limits.map(({ id, name, kind, scope, subject, metric, mode, window, unit, windows }) => ({ id, name, kind, scope, subject, metric, mode, window, unit, windows })),
  };
}
