import { describe, expect, it } from 'vitest';
import { prepareContext, roundUp } from './prepare-context';
import { prepareDistribution } from './prepare-distribution';

type Distributed = Parameters<typeof prepareDistribution>[0];
const bucket = (from: bigint | null, to: bigint, runs: number) => ({ fromPico: from === null ? null : String(from), toPico: String(to), runs });
const detail = (histogram: Distributed['histogram'], ranked: object = {}): Distributed => ({ histogram, ranked: { p50: null, p95: null, max: null, ...ranked }, runs: { runs: histogram.reduce((sum, { runs }) => sum + runs, 0) } }) as Distributed;

describe('prepareDistribution', () => {
  it('draws each bucket against the fullest, and keeps what is empty as a place without a column', () => {
    const { columns, marks, summary } = prepareDistribution(detail([bucket(null, 1n, 1), bucket(10n ** 10n, 125n * 10n ** 8n, 4), bucket(125n * 10n ** 8n, 16n * 10n ** 9n, 0), bucket(16n * 10n ** 9n, 2n * 10n ** 10n, 2)], {
      p50: { runId: 'r', runRef: null, costPico: '11000000000' }, p95: { runId: 's', runRef: null, costPico: '16000000000' },
    }));
    expect(columns.map(({ height, seen }) => [height, seen])).toEqual([[0.25, true], [1, true], [0, false], [0.5, true]]);
    expect(columns[0]).toMatchObject({ label: '$0', title: 'No cost: 1 run (14.3%)' });
    expect(columns[1]?.title).toBe('$0.01 to $0.0125: 4 runs (57.1%)');
    expect(marks).toEqual([{ name: 'p50', at: 0.375 }, { name: 'p95', at: 0.875 }]);
    expect(summary).toBe('What 7 runs cost: p50 $0.01, p95 $0.02');
  });

  it('joins neighbours where there are too many columns, and loses no run', () => {
    const { columns } = prepareDistribution(detail(Array.from({ length: 90 }, (_, n) => bucket(BigInt(n + 1) * 10n ** 9n, BigInt(n + 2) * 10n ** 9n, 1))));
    expect(columns).toHaveLength(30);
    expect(columns.every(({ title }) => title.includes('3 runs'))).toBe(true);
  });
});

type Trend = Parameters<typeof prepareContext>[0];
const trend = (points: readonly (number | null)[], before = { inputTokens: 1_000, calls: 10, failed: 0 }): Trend => ({
  context: points.map((inputPerCall, n) => ({ at: new Date(Date.UTC(2026, 10, n + 1)).toISOString(), answered: inputPerCall === null ? 0 : 5, inputPerCall })),
  totals: { inputTokens: 6_000, calls: 25, failed: 5 }, previous: before, range: { bucket: 'day' }, timeZone: 'UTC',
}) as unknown as Trend;

describe('prepareContext', () => {
  it('leaves a gap where no call was answered, and measures the mean against the period before', () => {
    const { columns, top, mean, change } = prepareContext(trend([200, null, 400]));
    expect(columns.map(({ height, seen }) => [height, seen])).toEqual([[0.4, true], [null, false], [0.8, true]]);
    expect(columns.map(({ title }) => title)).toEqual(['1 Nov: 200 input tokens a call, of 5 answered calls', '2 Nov: no answered call', '3 Nov: 400 input tokens a call, of 5 answered calls']);
    expect([top, mean]).toEqual(['500', '300']);
    expect(change).toMatchObject({ direction: 'up', tone: 'bad', text: '200%' });
  });

  it('has no change without calls before', () => {
    expect(prepareContext(trend([1], { inputTokens: 0, calls: 0, failed: 0 })).change).toBeNull();
  });

  it.each([[0, 0], [1, 1], [130, 200], [220, 250], [4_001, 5_000], [9_999, 10_000]])('%i stands under %i', (value, top) => {
    expect(roundUp(value)).toBe(top);
  });
});
