import { toPico } from '@outlay/kernel';
import type { ProviderCell } from '@outlay/ledger';
import { describe, expect, it } from 'vitest';
import { readBill } from '../import-focus';
import { billOf, type CostOf, focusOf } from './demo-bill';

const HOUR_MS = 3_600_000;
const at = (text: string): number => Date.parse(text);
/** A millionth of a dollar each. */
const costOf: CostOf = (_cell, _at, tokens) => BigInt(Object.values(tokens).reduce((sum, count) => sum + count, 0)) * 1_000_000n;
const cell = (hour: string, over: Partial<ProviderCell> = {}): ProviderCell => ({
  hourMs: at(hour), provider: 'openai', model: 'gpt-5.4', account: 'proj_main', tier: '', priceVersionId: null, calls: 100, costless: 0, unpriced: 0, costPico: 0n,
  tokens: { input_uncached: 10_000, output_text: 900, output_reasoning: 100 }, ...over,
});
const sum = (costs: readonly { readonly amountUsd: Parameters<typeof toPico>[0]; readonly project: string | null }[], project: string): bigint =>
  costs.filter((row) => row.project === project).reduce((total, { amountUsd }) => total + toPico(amountUsd), 0n);

describe("OpenAI's side", () => {
  const never = { darkFromMs: Number.POSITIVE_INFINITY, costOf };

  it('bills what the ledger has, reasoning as output', () => {
    const { usage, costs } = billOf([cell('2026-11-10T09:00:00Z'), cell('2026-11-10T10:00:00Z', { provider: 'anthropic' })], { ...never, nowMs: at('2026-11-20T00:00:00Z') });
    expect(usage).toMatchObject([{ bucket: '2026-11-10T09:00:00.000Z', project: 'proj_main', requests: 100, tokens: { input_uncached: 10_000, output_text: 1_000 } }]);
    expect(costs.map(({ lineItem }) => lineItem)).toEqual(['gpt-5.4, input', 'gpt-5.4, output']);
    expect(sum(costs, 'proj_main')).toBe(11_000n * 1_000_000n);
  });

  it('bills a project that nobody records, in its working hours', () => {
    const cells = Array.from({ length: 24 }, (_, hour) => cell(new Date(at('2026-11-10T00:00:00Z') + hour * HOUR_MS).toISOString()));
    const { usage, costs } = billOf(cells, { darkFromMs: at('2026-11-10T00:00:00Z'), costOf, nowMs: at('2026-11-20T00:00:00Z') });
    expect(usage.filter(({ project }) => project === 'proj_notebooks')).toHaveLength(10);
    expect(sum(costs, 'proj_notebooks')).toBe((sum(costs, 'proj_main') * 22n * 10n) / (100n * 24n));
  });

  it('counts the last two days late, and says more of them when it is asked again', () => {
    const told = (nowMs: number): bigint => sum(billOf([cell('2026-11-10T09:00:00Z')], { ...never, nowMs }).costs, 'proj_main');
    expect(told(at('2026-11-10T09:00:00Z'))).toBe(0n);
    expect(told(at('2026-11-11T00:00:00Z'))).toBeLessThan(told(at('2026-11-13T00:00:00Z')));
  });
});

it("Anthropic's invoice is a FOCUS file that the import reads, of whole days", () => {
  const cells = ['2026-11-10T09:00:00Z', '2026-11-10T10:00:00Z', '2026-11-11T09:00:00Z'].map((hour) => cell(hour, { provider: 'anthropic', model: 'claude-haiku-4-5-20251001' }));
  const file = readBill(focusOf(cells, { toDay: '2026-11-11', costOf })!);
  expect(file).toMatchObject({ format: 'focus', days: { from: '2026-11-10', to: '2026-11-10' } });
  expect(file.costs.map(({ lineItem, model, project, dimensions }) => [lineItem, model, project, dimensions['provider']])).toEqual(['input', 'output'].map((words) => [`claude-haiku-4-5-20251001, ${words}`, 'claude-haiku-4-5-20251001', 'proj_main', 'Anthropic']));
  expect(sum(file.costs, 'proj_main')).toBe(22_000n * 1_000_000n);
  expect(focusOf([], { toDay: '2026-11-11', costOf })).toBeNull();
});
