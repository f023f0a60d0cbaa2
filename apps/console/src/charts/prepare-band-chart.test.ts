import { describe, expect, it } from 'vitest';
import { prepareBandChart } from './prepare-band-chart';
import { prepareCostTrend } from './prepare-cost-trend';

const usd = (amount: number): string => String(BigInt(amount) * 1_000_000_000_000n);
const day = (n: number): string => `2026-11-${String(n).padStart(2, '0')}T00:00:00.000Z`;
const NOW = Date.parse('2026-11-21T12:00:00.000Z');

function chart(extra: Partial<Parameters<typeof prepareBandChart>[0]> = {}) {
  const points = [18, 19, 20, 21].map((n) => ({ at: day(n), total: usd(n === 20 ? 8 : 4), costs: { a: usd(n === 20 ? 6 : 3), b: usd(n === 20 ? 2 : 1) } }));
  return prepareBandChart({ trend: prepareCostTrend(points, 'workflow', 'day', 'UTC'), bucket: 'day', timeZone: 'UTC', forecast: [], marks: [], nowMs: NOW, ...extra });
}

describe('prepareBandChart', () => {
  it('stacks the series of a column without a gap, below a round scale', () => {
    const { columns, ticks } = chart();
    expect(ticks.map(({ text }) => text)).toEqual(['$0', '$2', '$4', '$6', '$8']);
    expect(columns[2]!.parts.map(({ from, to }) => [from, to])).toEqual([[0, 0.75], [0.75, 1]]);
    expect(columns[2]!.total).toBe('$8.00');
  });

  it('adds columns for the days ahead and says what is expected of them, between which amounts', () => {
    const { columns, band, summary } = chart({ forecast: [21, 22, 23].map((n) => ({ at: day(n), pico: usd(5), lower: usd(3), upper: usd(12) })) });
    expect(columns).toHaveLength(6);
    expect(columns[5]).toMatchObject({ total: null, parts: [], expected: '$5.00, between $3.00 and $12.00', span: '23 Nov' });
    expect(band.map(({ column, lower, upper }) => [column, lower, upper])).toEqual([3, 4, 5].map((column) => [column, 0.25, 1]));
    expect(summary).toContain('With what is expected.');
  });

  it('marks the columns that an incident touches; one that goes on ends now', () => {
    const marks = [{ id: '1', title: 'Spike', from: '2026-11-19T08:00:00.000Z', to: '2026-11-20T02:00:00.000Z' }, { id: '2', title: 'Still on', from: '2026-11-20T23:00:00.000Z', to: null }, { id: '3', title: 'Long ago', from: day(1), to: day(2) }];
    const drawn = chart({ marks, forecast: [{ at: day(22), pico: usd(5), lower: usd(3), upper: usd(7) }] });
expect(drawn.marks).toEqual([{ column: 1, id: '1', titles: ['Spike'] }, { column: 2, id: '2', titles: ['Still on'] }]);
    expect([...drawn.shaded]).toEqual([[1, ['Spike']], [2, ['Spike', 'Still on']], [3, ['Still on']]]);
    expect(chart({ marks: [marks[0]!, { ...marks[0]!, id: '9', title: 'Another' }] }).marks).toEqual([{ column: 1, id: null, titles: ['Spike', 'Another'] }]);
  });

  it('puts incidents into one mark that would stand on each other on a phone', () => {
    const days = Array.from({ length: 28 }, (_, i) => ({ at: day(i + 1), total: usd(1), costs: { a: usd(1) } }));
    const marks = [2, 3, 9].map((n) => ({ id: String(n), title: `Of ${n}`, from: day(n), to: day(n) }));
    expect(chart({ trend: prepareCostTrend(days, 'workflow', 'day', 'UTC'), marks }).marks).toEqual([{ column: 1, id: null, titles: ['Of 2', 'Of 3'] }, { column: 8, id: '9', titles: ['Of 9'] }]);
  });

  it('shows a limit that is near, and leaves one far above to the words', () => {
    expect(chart({ limit: { pico: usd(16), text: 'Budget' } }).limit).toEqual({ at: 1, text: 'Budget' });
    expect(chart({ limit: { pico: usd(100), text: 'Budget' } }).limit).toBeNull();
  });

  it('names days where there are several, else hours', () => {
    expect(chart().labels.map(({ text }) => text)).toEqual(['18 Nov', '19 Nov', '20 Nov', '21 Nov']);
    const hours = Array.from({ length: 24 }, (_, i) => ({ at: new Date(Date.parse(day(20)) + i * 3_600_000).toISOString(), total: usd(1), costs: { a: usd(1) } }));
    expect(chart({ trend: prepareCostTrend(hours, 'workflow', 'hour', 'UTC'), bucket: 'hour' }).labels.map(({ text }) => text)).toEqual(['00:00', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00']);
  });
});
