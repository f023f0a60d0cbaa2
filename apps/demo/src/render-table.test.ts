import { expect, it } from 'vitest';
import { compareTotals } from './compare-totals';
import { renderComparison } from './render-table';

it('aligns names left and numbers right, with every digit', () => {
  const served = new Map([['pdf_question', { calls: 12, costPico: 648_400_000n }], ['ticket_reply', { calls: 3, costPico: 5n }]]);
  const ledger = new Map([['pdf_question', { calls: 12, costPico: 648_400_000n }], ['ticket_reply', { calls: 3, costPico: 4n }]]);
  expect(renderComparison('workflow', compareTotals(served, ledger, { calls: 15, costPico: 648_400_004n }))).toBe([
    'workflow      answers  served by the fakes    in the ledger       difference',
    '------------  -------  -------------------  ---------------  ---------------',
    'pdf_question       12      $0.000648400000  $0.000648400000                0',
    'ticket_reply        3      $0.000000000005  $0.000000000004  -0.000000000001',
    '------------  -------  -------------------  ---------------  ---------------',
    'total              15      $0.000648400005  $0.000648400004  -0.000000000001',
  ].join('\n'));
});
