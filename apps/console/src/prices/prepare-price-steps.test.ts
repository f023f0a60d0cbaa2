import { describe, expect, it } from 'vitest';
import { preparePriceSteps } from './prepare-price-steps';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const at = (days: number): string => new Date(NOW - days * 86_400_000).toISOString();
const row = (input: string, change: Record<string, unknown> = {}) => ({
  tier: 'standard', region: '', contextFrom: 0, effectiveFrom: null, knownFrom: at(300), withdrawn: false, negotiated: false, hours: null,
  rates: [{ class: 'input_uncached', price: input, per: 1_000_000 }, { class: 'output_text', price: '10', per: 1_000_000 }], ...change,
}) as never;

describe('the picture of a price', () => {
  it('has a step a change, from left to right, in the right proportion', () => {
    const picture = preparePriceSteps([row('4', { effectiveFrom: at(50), knownFrom: at(50) }), row('2')], NOW)!;
    const [input, output] = picture.series;
    expect([input!.label, input!.now, output!.now]).toEqual(['Input', '$4.00 / 1M', '$10.00 / 1M']);
    expect(input!.steps.map(({ height }) => Math.round((height! / output!.steps[0]!.height!) * 100))).toEqual([20, 40]);
    expect(input!.steps[0]!.from).toBe(0);
    expect(input!.steps[0]!.to).toBe(input!.steps[1]!.from);
    expect(input!.steps[1]!.to).toBe(1);
    expect(picture.words).toBe('Input: $2.00 / 1M, then $4.00 / 1M. Output: $10.00 / 1M');
    expect(picture.now).toBeNull();
  });

  it('is none of one price, of none, or of other tiers alone', () => {
    expect(preparePriceSteps([row('2')], NOW)).toBeNull();
    expect(preparePriceSteps([], NOW)).toBeNull();
    expect(preparePriceSteps([row('2'), row('2', { effectiveFrom: at(9) })], NOW)).toBeNull();
    expect(preparePriceSteps([row('2'), row('1', { tier: 'batch', effectiveFrom: at(9) })], NOW)).toBeNull();
  });

  it('shows the negotiated price while it held, what was learnt last of one day, and gaps where nothing held', () => {
    const own = [row('1', { negotiated: true, effectiveFrom: at(40) }), row('1', { negotiated: true, effectiveFrom: at(20), withdrawn: true, rates: [] })];
    const picture = preparePriceSteps([...own, row('3', { knownFrom: at(100) }), row('2')], NOW)!;
    expect(picture.words).toContain('Input: $3.00 / 1M, then $1.00 / 1M, then $3.00 / 1M');
    expect(picture.negotiated).toEqual([{ from: picture.series[0]!.steps[1]!.from, to: picture.series[0]!.steps[1]!.to }]);
    const ended = preparePriceSteps([row('2'), row('0', { effectiveFrom: at(10), withdrawn: true, rates: [] })], NOW)!;
    expect(ended.series[0]!.steps.map(({ height }) => height === null)).toEqual([false, true]);
    expect(ended.series[0]!.now).toBe('no price');
  });

  it('reaches beyond now for a price that was announced', () => {
    const picture = preparePriceSteps([row('2'), row('1', { effectiveFrom: at(-30) })], NOW)!;
    expect(picture.now).toBeGreaterThan(0);
    expect(picture.now).toBeLessThan(picture.series[0]!.steps[1]!.from);
    expect(picture.series[0]!.now).toBe('$2.00 / 1M');
  });
});
