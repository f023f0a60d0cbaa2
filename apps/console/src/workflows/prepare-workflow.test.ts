import { describe, expect, it } from 'vitest';
import { describeTime, formOf, inputOf, splitTime } from './prepare-settings';
import { prepareAttempts, prepareCalls, prepareFigures, prepareModels } from './prepare-workflow';

type Detail = Parameters<typeof prepareFigures>[0];
const totals = { costPico: '2000000000000', retryCostPico: '500000000000', failedCostPico: '0', costUsablePico: '0', costUnusablePico: '300000000000', calls: 40, failed: 1, retries: 3, fallbacks: 1, unpriced: 0, usable: 4, unusable: 1, inputTokens: 1, costPerUsablePico: '500000000000' };
const detail = (given: object = {}): Detail => ({
  totals, previous: { ...totals, costPico: '1000000000000', costPerUsablePico: '250000000000', usable: 9 }, runs: { runs: 6, byState: { open: { runs: 1, costPico: '0' } } },
  settings: { unitName: 'report', targetCostPico: '400000000000', timeToLiveMs: 1, usableMeans: '' }, ...given,
}) as unknown as Detail;
const byId = (figures: ReturnType<typeof prepareFigures>) => Object.fromEntries(figures.map((figure) => [figure.id, figure]));

describe('prepareFigures', () => {
  it('says what one report costs against its target, and against the period before', () => {
    const figures = byId(prepareFigures(detail(), true));
    expect(figures['per-usable']).toMatchObject({ label: 'Per report', value: '$0.5000', note: '25% above target of $0.4000', noteIsBad: true, change: { direction: 'up', tone: 'bad' } });
    // Fewer usable outcomes is bad news, more cost is neither.
    expect(figures['usable']).toMatchObject({ value: '80%', change: { direction: 'down', tone: 'bad' } });
    expect(figures['cost']?.change?.tone).toBe('neutral');
    expect(figures['retry']).toMatchObject({ value: '25%', note: '$0.50 on 4 later attempts' });
    expect(figures['runs']?.note).toBe('1 still open');
  });

  it('compares nothing when nothing is compared, and has gaps where there is no value', () => {
    const empty = { ...totals, costPico: '0', usable: 0, unusable: 0, costPerUsablePico: null };
    const figures = prepareFigures(detail({ totals: empty, settings: { unitName: 'run', targetCostPico: null } }), false);
    expect(figures.every(({ change }) => change === null)).toBe(true);
    expect(byId(figures)['per-usable']).toMatchObject({ label: 'Per usable run', value: null, note: 'No usable outcome in this range' });
    expect([byId(figures)['usable']?.value, byId(figures)['retry']?.value]).toEqual([null, null]);
  });
});

it('shares out runs by attempts and by calls', () => {
  const sums = [3, 0, 1, 0].map((runs) => ({ runs, costPico: '1' }));
  expect(prepareAttempts({ byRetries: sums, runs: 4 }).map(({ name, share }) => [name, share])).toEqual([['At the first attempt', 0.75], ['One later attempt', 0], ['Two later attempts', 0.25], ['Three or more', 0]]);
  expect(prepareCalls({ byCalls: [{ runs: 0, costPico: '0' }, ...sums.slice(1)], runs: 4 }).map(({ name }) => name)).toEqual(['One call', 'Two calls', 'Three or more']);
});

it('says how the mix of models moved, in points', () => {
  const models = [{ provider: 'openai', model: 'gpt-5', costPico: '1500000000000', calls: 3, previousCostPico: '250000000000' }];
  expect(prepareModels({ ...detail(), models } as Parameters<typeof prepareModels>[0], true)).toMatchObject([{ share: 0.75, change: { direction: 'up', text: '50.0 pt', tone: 'neutral' } }]);
});

describe('settings', () => {
  it('say a time in the largest unit that is exact', () => {
    expect([5_400_000, 7_200_000, 172_800_000].map(splitTime)).toEqual([{ amount: 90, unit: 'minutes' }, { amount: 2, unit: 'hours' }, { amount: 2, unit: 'days' }]);
    expect([60_000, 86_400_000, 604_800_000].map(describeTime)).toEqual(['1 minute', '24 hours', '7 days']);
  });

  it('survive the way through the form, to the last pico-dollar', () => {
    const form = formOf('pdf', { unitName: 'report', targetCostPico: '350000000001', timeToLiveMs: 5_400_000, usableMeans: 'It was read.', route: [{ model: 'gpt-5', cheaper: false }, { model: 'gpt-5-mini', cheaper: true }], onGateUnavailable: 'degrade' });
    expect(form.targetCostUsd).toBe('0.350000000001');
    expect(inputOf(form)).toEqual({ workflow: 'pdf', unitName: 'report', targetCostUsd: '0.350000000001', timeToLiveMs: 5_400_000, usableMeans: 'It was read.', route: [{ model: 'gpt-5', cheaper: false }, { model: 'gpt-5-mini', cheaper: true }], onGateUnavailable: 'degrade' });
  });

  it('send no target for an empty field, and what is no number as one that is refused', () => {
    const form = formOf('pdf', { unitName: 'report', targetCostPico: null, timeToLiveMs: 60_000, usableMeans: '', route: [], onGateUnavailable: 'allow' });
    expect(inputOf({ ...form, timeToLiveMs: 'soon' })).toMatchObject({ targetCostUsd: null, timeToLiveMs: -60_000 });
  });
});
