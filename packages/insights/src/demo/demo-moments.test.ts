import { describe, expect, it } from 'vitest';
import { budgetUsd, demoMoments } from './demo-moments';

const at = (text: string): number => Date.parse(text);

describe('when the demo is looked at again', () => {
  const moments = demoMoments({ timeZone: 'Europe/Berlin', endMs: at('2026-11-21T18:00:00Z'), incidentDaysMs: [at('2026-11-08T23:00:00Z')] });

  it('begins on the last evening of the month before and ends with a look at everything', () => {
    expect(moments[0]).toEqual({ atMs: at('2026-10-31T20:00:00Z'), look: 'budgets' });
    expect(moments.at(-1)).toEqual({ atMs: at('2026-11-21T18:00:00Z'), look: 'end' });
    expect(moments.filter(({ look }) => look === 'end')).toHaveLength(1);
  });

  it('runs forward, and never after the end', () => {
    expect(moments.map(({ atMs }) => atMs)).toEqual(moments.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(moments.filter(({ atMs }) => atMs > at('2026-11-21T18:00:00Z'))).toEqual([]);
  });

  it('forecasts on the evening before, so that the next day can say what changed', () => {
    expect(moments.filter(({ look }) => look === 'forecast').map(({ atMs }) => new Date(atMs).toISOString())).toEqual(['2026-11-20T20:00:00.000Z']);
  });

  it('watches an incident from the morning on, without a break that the watch would forget', () => {
    const watched = moments.filter(({ look }) => look === 'spend').map(({ atMs }) => atMs);
    expect(new Date(watched[0]!).toISOString()).toBe('2026-11-09T06:00:00.000Z');
    expect(Math.max(...watched.slice(1).map((atMs, n) => atMs - watched[n]!))).toBeLessThan(12 * 3_600_000);
  });
});

it.each([[1_988, '2400'], [515, '620'], [0.4, '1'], [0, '1'], [8.3, '10'], [99_000, '120000']])('a budget of which $%s are the greater part is %s', (spent, budget) => {
  expect(budgetUsd(spent)).toBe(budget);
});
