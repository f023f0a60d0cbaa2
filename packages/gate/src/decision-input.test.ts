import { expect, it } from 'vitest';
import { packInput, unpackInput } from './decision-input';
import type { DecisionInput } from './tell-decision';
import { hardLimit, requestOf } from './testing-conformance';

const window = { key: 'c:acme|cost|d1', startMs: 0, endMs: 86_400_000 };
const told = [{ key: window.key, endMs: window.endMs }];
const fact = { id: 'cap', name: 'Daily cap', kind: 'cap', scope: 'customer', subject: 'acme', metric: 'cost', mode: 'hard', window: 'day', unit: null, windows: [window] } as const;
const input: DecisionInput = {
  request: requestOf({ limits: [hardLimit({ windows: told }), hardLimit({ id: 'big', model: 'big', windows: told })] }), counters: { [window.key]: { used: 1, held: 2 } }, rates: {}, facts: [fact, { ...fact, id: 'big' }],
  run: { runId: 'r', customerId: 'acme', expiresMs: 5, maxOutputTokens: null, refusedTools: [], plan: null, snapshotHash: null }, total: { cost: 4 },
};

it('comes back as it was, through JSON too', () => {
  const packed: unknown = JSON.parse(JSON.stringify(packInput(input)));
  expect(packed).not.toHaveProperty('facts');
  expect(unpackInput(packed as ReturnType<typeof packInput>)).toEqual(input);
});

it('is kept as it is where limits and facts do not say the same', () => {
  const others: DecisionInput[] = [
    { ...input, facts: [fact] }, { ...input, facts: [...input.facts, { ...fact, id: 'more' }] }, { ...input, facts: [{ ...fact, id: 'other' }, input.facts[1]!] },
    { ...input, facts: [{ ...fact, windows: [] }, input.facts[1]!] }, { ...input, facts: [{ ...fact, windows: [{ ...window, endMs: 7 }] }, input.facts[1]!] },
  ];
  for (const other of others) expect([packInput(other), unpackInput(other)]).toEqual([other, other]);
});
