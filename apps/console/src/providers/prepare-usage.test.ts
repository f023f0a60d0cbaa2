import { expect, it } from 'vitest';
import { parseConnectionSearch } from './connection-search';
import { dayDifference, extrasWords, prepareUsageChart, prepareUsageDays, spanWords, stepsOf, type UsageCellFacts } from './prepare-usage';

const SPAN = { width: '1h' as const, from: '2026-11-14T10:00:00.000Z', to: '2026-11-21T10:00:00.000Z' };
const cell = (at: string, name: string | null, dollars: number, more: Partial<UsageCellFacts> = {}): UsageCellFacts => ({
  at, name, provisional: false, requests: 2, inputTokens: 1_000, outputTokens: 200, pricedPico: String(BigInt(dollars) * 1_000_000_000_000n), unpriced: 0, ...more,
});

it('draws a column a bucket, the largest series first, all others last, and leaves gaps where nothing was counted', () => {
  const cells = [cell('2026-11-14T10:00:00.000Z', 'a', 1), cell('2026-11-14T10:00:00.000Z', 'b', 2), cell('2026-11-14T12:00:00.000Z', null, 4, { provisional: true }), cell('2026-11-14T13:00:00.000Z', '', 0, { unpriced: 3 })];
  const chart = prepareUsageChart(SPAN, cells, 'model', 'cost');
  expect(chart.columns).toHaveLength(168);
  expect(chart.series.map(({ name, amount, color }) => [name, amount, color])).toEqual([['b', '$2.00', 'var(--series-1)'], ['a', '$1.00', 'var(--series-2)'], ['no model named', '$0.00', 'var(--series-3)'], ['All others', '$4.00', 'var(--series-rest)']]);
  expect(chart.columns[0]).toMatchObject({ segments: [{ key: 's0', height: 0.5 }, { key: 's1', height: 0.25 }], provisional: false, title: '14 Nov, 10:00 to 11:00: $3.00, 4 requests; b $2.00; a $1.00' });
  expect(chart.columns[1]).toMatchObject({ segments: [], title: '14 Nov, 11:00 to 12:00: nothing counted' });
  expect(chart.columns[2]).toMatchObject({ segments: [{ key: 'rest', height: 1 }], provisional: true, title: '14 Nov, 12:00 to 13:00: $4.00, 2 requests, not final; All others $4.00' });
  expect(chart.columns[3]!.title).toBe('14 Nov, 13:00 to 14:00: $0.00, 2 requests; 3 rows without a price');
  expect(chart.columns.flatMap(({ label }) => label ?? [])).toEqual(['15 Nov', '16 Nov', '17 Nov', '18 Nov', '19 Nov', '20 Nov']);
  expect([chart.top, chart.empty, chart.provisional]).toEqual(['$4.00', false, true]);
});

it('draws tokens of what has no price', () => {
  const cells = [cell('2026-11-14T10:00:00.000Z', 'a', 0, { unpriced: 1 })];
  expect(prepareUsageChart(SPAN, cells, 'model', 'cost').empty).toBe(true);
  expect(prepareUsageChart(SPAN, cells, 'model', 'tokens')).toMatchObject({ empty: false, top: '1,200 tokens' });
});

it('sets what is known within minutes beside what is billed a day later', () => {
  const { lines, confirmedPico, confirmedWords } = prepareUsageDays([
    { day: '2026-11-18', pricedPico: null, unpriced: 0, billedPico: '5', provisional: false }, { day: '2026-11-19', pricedPico: '1000', unpriced: 0, billedPico: '1100', provisional: false },
    { day: '2026-11-20', pricedPico: '1000', unpriced: 0, billedPico: '950', provisional: true }, { day: '2026-11-21', pricedPico: '700', unpriced: 2, billedPico: null, provisional: true },
  ]);
  expect(lines.map(({ day, state, differencePico, differenceWords: words }) => [day, state, differencePico, words])).toEqual([
    ['2026-11-21', 'waiting', null, null], ['2026-11-20', 'provisional', '-50', '-5.0%'], ['2026-11-19', 'confirmed', '100', '+10%'], ['2026-11-18', 'uncounted', null, null],
  ]);
  expect([confirmedPico, confirmedWords]).toEqual(['1105', '2 whole days, UTC; +10% to our prices']);
  expect(prepareUsageDays([{ day: '2026-11-19', pricedPico: '1000', unpriced: 0, billedPico: '1000', provisional: false }]).confirmedWords).toBe('1 whole day, UTC; as at our prices');
  expect(prepareUsageDays([])).toEqual({ lines: [], confirmedPico: null, confirmedWords: 'no day of it is final yet' });
  expect(['0', '-9999999999', '1200000000000', '-1200000000000'].map(dayDifference)).toEqual(['none', 'under a cent', '+$1.20', '-$1.20']);
});

it('leads to earlier and later spans as long as there are some', () => {
  expect(stepsOf(SPAN, '2026-11-01T00:00:00Z', '2026-11-21T09:00:00Z')).toEqual({ earlier: SPAN.from, later: null });
  expect(stepsOf(SPAN, SPAN.from, '2026-11-25T09:00:00Z')).toEqual({ earlier: null, later: 'newest' });
  expect(stepsOf(SPAN, null, '2026-12-25T09:00:00Z').later).toBe('2026-11-28T10:00:00.000Z');
  expect([spanWords(SPAN), spanWords({ width: '1m', from: '2026-11-21T07:00:00Z', to: '2026-11-21T10:00:00Z' }), spanWords({ width: '1d', from: '2026-08-23T00:00:00Z', to: '2026-11-21T00:00:00Z' })])
    .toEqual(['14 Nov, 10:00 to 21 Nov, 10:00', '21 Nov, 07:00 to 10:00', '23 Aug to 20 Nov']);
});

it('reads what stands in the address, and nothing else', () => {
  expect(parseConnectionSearch({ width: '1d', by: 'key', bars: 'tokens', before: '2026-11-21T10:00:00Z', more: 1 })).toEqual({ width: '1d', by: 'key', bars: 'tokens', before: '2026-11-21T10:00:00Z' });
  expect(parseConnectionSearch({ width: '5m', by: 'user', bars: 'cost', before: 'soon' })).toEqual({});
  expect([extrasWords({ images: 3, web_searches: 12_000, seconds: 0 }), extrasWords({})]).toEqual(['3 images, 12K web searches', null]);
});
