import { expect, it } from 'vitest';
import { idSpanOf, prepareNames } from './find-anything';

it.each([
  ['01a0e27e', '01a0e27e-0000-0000-0000-000000000000', '01a0e27e-ffff-ffff-ffff-ffffffffffff'],
  ['01A0E27E-03ea-7', '01a0e27e-03ea-7000-0000-000000000000', '01a0e27e-03ea-7fff-ffff-ffffffffffff'],
  ['01a0e27e-03ea-734d-9782-f408d318c25c', '01a0e27e-03ea-734d-9782-f408d318c25c', '01a0e27e-03ea-734d-9782-f408d318c25c'],
])('%s begins ids', (text, first, last) => {
  expect(idSpanOf(text)).toEqual({ first, last });
});

it.each(['01a0e27', 'acme-corp', '01a0e27e03ea', '01a0-e27e-03ea', 'req_4cccf581', '-'.repeat(40)])('%s begins none', (text) => {
  expect(idSpanOf(text)).toBeNull();
});

it('sums cells under every name that matches, the dearest first', () => {
  const cell = (workflow: string, provider: string, model: string, costPico: bigint) => ({ workflow, provider, model, costPico });
  const found = prepareNames([cell('gpt_report', 'openai', 'gpt-5', 5n), cell('gpt_report', 'openai', 'gpt-5-mini', 9n), cell('ticket', 'openai', 'gpt-5', 1n), cell('gpt_report', '', '', 0n)], 'GPT');
  expect(found.workflows).toEqual([{ name: 'gpt_report', costPico: 14n }]);
  expect(found.models.map(({ name, costPico }) => [name, costPico])).toEqual([['gpt-5-mini', 9n], ['gpt-5', 6n]]);
  expect(prepareNames([cell('', 'openai', 'gpt-5', 1n)], 'openai').models).toHaveLength(1);
});
