import { describe, expect, it } from 'vitest';
import { basisText, prepareBridge, readExplanation } from './prepare-explanation';

const usd = (amount: number): string => String(BigInt(Math.round(amount * 1_000)) * 1_000_000_000n);

describe('prepareBridge', () => {
  it('goes from the usual to now without a gap, the greatest cause first, shares that sum to 100', () => {
    const bridge = prepareBridge({
      fromPico: usd(4), toPico: usd(16),
      parts: [{ cause: 'retries', amountPico: usd(1), words: 'r' }, { cause: 'context_length', amountPico: usd(9), words: 'c' }, { cause: 'volume', amountPico: usd(2), words: 'v' }],
    });
    expect(bridge.rows.map(({ key }) => key)).toEqual(['from', 'context_length', 'volume', 'retries', 'to']);
    expect(bridge.change).toBe('+$12.00');
    const steps = bridge.rows.slice(1, -1);
    expect(steps.reduce((sum, { share }) => sum + Number(share!.replace('%', '')), 0)).toBe(100);
    steps.slice(1).forEach((row, i) => expect(row.start).toBeCloseTo(steps[i]!.start + steps[i]!.width));
    expect(bridge.rows.at(-1)).toMatchObject({ start: 0, width: 1, amount: '$16.00' });
    expect(bridge.summary).toBe('From $4.00 to $16.00: Longer context +$9.00 (75%), More calls +$2.00 (17%), More retries +$1.00 (8%).');
  });

  it('draws a cause that works against the others to the left, and never out of the picture', () => {
    const bridge = prepareBridge({ fromPico: usd(10), toPico: usd(8), parts: [{ cause: 'volume', amountPico: usd(6), words: '' }, { cause: 'cache_hits', amountPico: usd(-8), words: '' }] });
    expect(bridge.rows.map(({ tone, label }) => [tone, label])).toEqual([['end', 'Usual'], ['down', 'More cache hits'], ['up', 'More calls'], ['end', 'Now']]);
    expect(bridge.rows.every(({ start, width }) => start >= 0 && start + width <= 1.000001)).toBe(true);
    expect(bridge.rows.slice(1, -1).map(({ share }) => share)).toEqual(['400%', '-300%']);
  });

  it('puts what is too small to see into one line, and says no share where nothing changed', () => {
    const bridge = prepareBridge({ fromPico: usd(0), toPico: usd(100), parts: [{ cause: 'volume', amountPico: usd(99.8), words: '' }, { cause: 'retries', amountPico: usd(0.1), words: '' }, { cause: 'unit_price', amountPico: usd(0.1), words: '' }] });
    expect(bridge.rows.map(({ key }) => key)).toEqual(['from', 'volume', 'small', 'to']);
    expect(bridge.rows[2]!.words).toBe('more retries, higher prices');
    expect(prepareBridge({ fromPico: usd(3), toPico: usd(3), parts: [] }).rows).toHaveLength(2);
    // A speck that only rounding left is no line of its own.
    const specks = prepareBridge({ fromPico: usd(0), toPico: '9000000000008', parts: [{ cause: 'volume', amountPico: '9000000000016', words: '' }, { cause: 'retries', amountPico: '-8', words: '' }] });
    expect(specks.rows.map(({ key, amount }) => [key, amount])).toEqual([['from', '$0.00'], ['volume', '+$9.00'], ['to', '$9.00']]);
  });

  it('reads what was stored, and draws nothing of what it does not know', () => {
    const top = { customers: [], workflows: [], models: [], keys: [], runs: [] };
    const stored = { from: 'a', to: 'b', basis: 'days', days: 7, fromPico: usd(1), toPico: usd(2), changePico: usd(1), parts: [{ cause: 'volume', amountPico: usd(1), share: 1, words: 'w' }], top, projectedPico: usd(9) };
    expect(readExplanation(stored)).toMatchObject({ projectedPico: usd(9), parts: [{ cause: 'volume' }] });
    expect([null, {}, { ...stored, parts: [{ cause: 'weather', amountPico: usd(1) }] }].map(readExplanation)).toEqual([null, null, null]);
    expect([basisText({ basis: 'days', days: 7 }), basisText({ basis: 'none', days: 0 })]).toEqual(['Against the same time of the 7 days before, on average', 'Nothing is known of an earlier time to set it against']);
  });
});
