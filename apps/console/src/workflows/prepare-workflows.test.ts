import { describe, expect, it } from 'vitest';
import { describeUnitCost, prepareTarget, prepareWorkflows } from './prepare-workflows';

type Listed = Parameters<typeof prepareWorkflows>[0][number];
const USD = 10n ** 12n;

function workflow(name: string, given: { readonly cost?: bigint; readonly usable?: number; readonly unusable?: number; readonly perUsable?: bigint | null; readonly target?: bigint; readonly lastAt?: string | null; readonly configured?: boolean } = {}): Listed {
  const { cost = USD, usable = 9, unusable = 1, perUsable = USD / 10n, target, lastAt = '2026-11-21T10:00:00.000Z', configured = false } = given;
  return {
    workflow: name, configured, settings: { unitName: 'answered question', targetCostPico: target === undefined ? null : String(target), timeToLiveMs: 86_400_000, usableMeans: '' },
    totals: { costPico: String(cost), retryCostPico: String(cost / 4n), usable, unusable, costPerUsablePico: perUsable === null ? null : String(perUsable) },
    runs: { runs: usable + unusable }, p50Pico: '100', p95Pico: '900', lastAt, lastDay: '2026-11-20',
  } as Listed;
}

describe('prepareWorkflows', () => {
  it('puts the dearest first, with its share, and what has no value last either way', () => {
    const some = [workflow('b', { cost: USD, perUsable: null, usable: 0, unusable: 0 }), workflow('a', { cost: 4n * USD }), workflow('', { cost: 2n * USD })];
    const rows = prepareWorkflows(some, { key: 'cost', descending: true });
    expect(rows.map(({ name, costShare }) => [name, costShare])).toEqual([['a', 1], ['No workflow', 0.5], ['b', 0.25]]);
    for (const descending of [true, false]) expect(prepareWorkflows(some, { key: 'costPerUsable', descending }).at(-1)?.name).toBe('b');
    expect(rows.map(({ usableShare, retryShare }) => [usableShare, retryShare])).toEqual([[0.9, 0.25], [0.9, 0.25], [null, 0.25]]);
  });

  it('names the unit only where somebody did, and sorts by when it was seen', () => {
    const rows = prepareWorkflows([workflow('old', { lastAt: null }), workflow('new', { configured: true })], { key: 'lastAt', descending: true });
    expect(rows.map(({ name, unitName }) => [name, unitName])).toEqual([['new', 'answered question'], ['old', null]]);
  });
});

describe('prepareTarget', () => {
  it.each([
    ['480000000000', '350000000000', { text: '37.1% above target', over: true }],
    ['350000000000', '350000000000', { text: 'on target', over: false }],
    ['175000000000', '350000000000', { text: '50% below target', over: false }],
    ['7000000000000', '350000000000', { text: '20x the target', over: true }],
    [null, '350000000000', { text: null, over: false }],
  ])('%s against %s', (cost, target, verdict) => {
    expect(prepareTarget(cost, target)).toMatchObject(verdict);
  });

  it('is none without a target', () => {
    expect(prepareTarget('1', null)).toBeNull();
  });
});

it('says what one outcome costs, in the words of the team', () => {
  expect(describeUnitCost('480000000000', 'answered question')).toBe('$0.4800 per answered question');
  expect(describeUnitCost('480000000000', 'run')).toBe('$0.4800 per usable run');
  expect(describeUnitCost(null, 'run')).toBeNull();
});
