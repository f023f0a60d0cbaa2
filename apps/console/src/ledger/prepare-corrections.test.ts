import { expect, it } from 'vitest';
import { prepareCorrections } from './prepare-corrections';
import type { LedgerRow } from './prepare-row';

function row(given: Partial<LedgerRow>): LedgerRow {
  return {
    id: 'a', kind: 'usage', subject: 'call', sign: 1, revision: 0, valid: false, customerId: null, userId: null, workflow: 'w', feature: null, provider: 'openai', modelServed: 'gpt-5', serviceTierServed: null,
    status: 'succeeded', outcome: null, inputTokens: 10, outputTokens: 2, costPico: null, ...given,
  } as LedgerRow;
}

it('tells the chain in order, and of each restatement what it changed', () => {
  const entries = prepareCorrections([
    row({ id: 'r2', kind: 'restatement', revision: 2, customerId: 'acme', costPico: '1500000', valid: true }),
    row({ id: 'v2', kind: 'reversal', sign: -1, revision: 2, customerId: 'acme' }),
    row({ id: 'o' }),
    row({ id: 'r1', kind: 'restatement', revision: 1, customerId: 'acme' }),
    row({ id: 'v1', kind: 'reversal', sign: -1, revision: 1 }),
  ]);
  expect(entries.map((entry) => entry.row.id)).toEqual(['o', 'v1', 'r1', 'v2', 'r2']);
  expect(entries.map((entry) => entry.changes)).toEqual([
    [], [], [{ label: 'customer', before: 'nothing', after: 'acme' }], [], [{ label: 'cost', before: 'unpriced', after: '$0.0000015' }],
  ]);
});
