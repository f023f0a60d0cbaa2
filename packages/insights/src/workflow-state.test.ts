import { describe, expect, it } from 'vitest';
import { type InputDay, judgeWorkflow, THRESHOLDS as T, type WorkflowFacts } from './workflow-state';

/** $10 over 1,000 calls, all of them first, priced, tagged, answered, in runs that ended usable: in order. */
const HEALTHY: WorkflowFacts = {
  workflow: 'report', calls: 1_000, answered: 1_000, inputTokens: 5_000_000, unpriced: 0, untagged: 0, usable: 400, unusable: 0,
  costPico: 10_000_000n, retryCostPico: 0n, fallbackCostPico: 0n, failedCostPico: 0n, costUsablePico: 10_000_000n, costUnusablePico: 0n,
  costPerUsablePico: 25_000n, targetCostPico: null, before: { answered: 1_000, inputTokens: 5_000_000 }, days: [], margin: null, softCap: null,
};
const LIMITS = { ...T, judgedPico: 1_000_000n };

/** `leaking: retry spend`. What is judged begins at less money than in truth, so that shares of it have round parts. */
function stateOf(change: Partial<WorkflowFacts>): string {
  const { state, reason } = judgeWorkflow({ ...HEALTHY, ...change }, LIMITS);
  return `${state}: ${reason.name}`;
}

/** The part of the spend that is this share, and the largest that is below it. */
const at = (share: number): bigint => BigInt(Math.round(share * 10_000_000));
const below = (share: number): bigint => at(share) - 10n;
const OK = 'ok: healthy';
/** Runs that cost a dollar and are worth so many. */
const worth = (dollars: number, runs = 10): Partial<WorkflowFacts> => ({ margin: { runs, worthPico: BigInt(Math.round(dollars * 1_000_000)), costPico: 1_000_000n } });
const ended = (unusable: bigint): Partial<WorkflowFacts> => ({ costUnusablePico: unusable, costUsablePico: HEALTHY.costPico - unusable });

function daysOf(means: readonly number[], { answered = T.spikeCalls as number, inRange = (n: number): boolean => n >= means.length / 2 } = {}): { days: InputDay[] } {
  return { days: means.map((mean, n) => ({ day: `2026-11-${String(n + 1).padStart(2, '0')}`, inRange: inRange(n), answered, inputTokens: mean * answered })) };
}

describe('each threshold, at its edge and just below', () => {
  const cases: [name: string, over: Partial<WorkflowFacts>, found: string, under: Partial<WorkflowFacts>, otherwise: string][] = [
    ['leakingRetryShare', { retryCostPico: at(T.leakingRetryShare) }, 'leaking: retry spend', { retryCostPico: below(T.leakingRetryShare) }, 'needs review: retry spend'],
    ['leakingUnusableShare', ended(at(T.leakingUnusableShare)), 'leaking: unusable spend', ended(below(T.leakingUnusableShare)), 'needs review: unusable spend'],
    ['leakingFailedShare', { failedCostPico: at(T.leakingFailedShare) }, 'leaking: failed spend', { failedCostPico: below(T.leakingFailedShare) }, OK],
    ['leakingTargetRatio', { costPerUsablePico: 110_000n, targetCostPico: 100_000n }, 'leaking: over target', { costPerUsablePico: 109_999n, targetCostPico: 100_000n }, 'needs review: over target'],
    ['spikeDayRatio', daysOf([100, 100, 100, 100, 100, 200]), 'context spike: spike days', daysOf([100, 100, 100, 100, 100, 199.9]), OK],
    ['spikeDays', daysOf([100, 100, 100, 100, 300], { inRange: (n) => n === 4 }), 'context spike: spike days', daysOf([100, 100, 100, 300], { inRange: (n) => n === 3 }), OK],
    ['spikeCalls a day', daysOf([100, 100, 100, 100, 100, 300], { answered: 30 }), 'context spike: spike days', daysOf([100, 100, 100, 100, 100, 300], { answered: 29 }), OK],
    ['spikeRangeRatio', { inputTokens: 7_500_000 }, 'context spike: input growth', { inputTokens: 7_499_999 }, OK],
    ['spikeCalls before', { before: { answered: 30, inputTokens: 300 } }, 'context spike: input growth', { before: { answered: 29, inputTokens: 290 } }, OK],
    ['spikeCalls now', { answered: 30, inputTokens: 9_000_000 }, 'context spike: input growth', { answered: 29, inputTokens: 9_000_000 }, OK],
    ['reviewUnpriced', { unpriced: 1 }, 'needs review: unpriced', { unpriced: 0 }, OK],
    ['reviewUntaggedShare', { untagged: 20 }, 'needs review: untagged', { untagged: 19 }, OK],
    ['no outcome', { usable: 0, unusable: 0, costPerUsablePico: null }, 'needs review: no outcomes', { usable: 1, unusable: 0 }, OK],
    ['reviewTargetRatio', { costPerUsablePico: 100_001n, targetCostPico: 100_000n }, 'needs review: over target', { costPerUsablePico: 100_000n, targetCostPico: 100_000n }, OK],
    ['reviewRetryShare', { retryCostPico: at(T.reviewRetryShare) }, 'needs review: retry spend', { retryCostPico: below(T.reviewRetryShare) }, OK],
    ['reviewUnusableShare', ended(at(T.reviewUnusableShare)), 'needs review: unusable spend', ended(below(T.reviewUnusableShare)), OK],
    ['reviewFallbackShare', { fallbackCostPico: at(T.reviewFallbackShare) }, 'needs review: fallback spend', { fallbackCostPico: below(T.reviewFallbackShare) }, OK],
    ['leakingMargin', worth(0.999), 'leaking: under cost', worth(1), OK],
    ['profitableMargin', worth(1.25), 'profitable: margin', worth(1.249), OK],
    ['judgedOutcomes of margin', worth(0.5, 10), 'leaking: under cost', worth(0.5, 9), OK],
    ['judgedCalls', { calls: 20, retryCostPico: at(0.9) }, 'leaking: retry spend', { calls: 19, retryCostPico: at(0.9) }, 'ok: too small'],
    ['judgedCalls of tags', { calls: 20, untagged: 20 }, 'needs review: untagged', { calls: 19, untagged: 19 }, 'ok: too small'],
    ['judgedPico', { costPico: 1_000_000n, retryCostPico: 900_000n }, 'leaking: retry spend', { costPico: 999_999n, retryCostPico: 900_000n }, 'ok: too small'],
    ['judgedOutcomes of spend', { usable: 0, unusable: 10, ...ended(at(1)) }, 'leaking: unusable spend', { usable: 0, unusable: 9, ...ended(at(1)) }, OK],
    ['judgedOutcomes of targets', { usable: 10, targetCostPico: 1n }, 'leaking: over target', { usable: 9, targetCostPico: 1n }, OK],
  ];
  it.each(cases)('%s', (_name, over, found, under, otherwise) => {
    expect([stateOf(over), stateOf(under)]).toEqual([found, otherwise]);
  });

  it('covers every threshold by name', () => {
    expect(Object.keys(T).filter((name) => !cases.some(([of]) => of.startsWith(name)))).toEqual([]);
  });
});

describe('when several rules hold', () => {
  it('money thrown away goes before a context that grew, that before its price, and all before what is unclear', () => {
    const spike = daysOf([100, 100, 100, 100, 100, 900]);
    expect(stateOf({ ...spike, targetCostPico: 1n })).toBe('context spike: spike days');
    expect(stateOf({ unpriced: 5, targetCostPico: 1n })).toBe('leaking: over target');
    expect(stateOf({ ...spike, unpriced: 5, retryCostPico: at(0.5), failedCostPico: at(0.5) })).toBe('leaking: retry spend');
    expect(stateOf({ ...spike, unpriced: 5 })).toBe('context spike: spike days');
    expect(stateOf({ unpriced: 5, untagged: 900 })).toBe('needs review: unpriced');
  });

  it('a soft cap that is passed stands before what is unclear, after what leaks; a margin is told when nothing is wrong', () => {
    const softCap = { name: 'PDF a day', share: 1.2 };
    expect([stateOf({ softCap, unpriced: 5 }), stateOf({ softCap, ...worth(0.5) }), stateOf({ ...worth(2), unpriced: 5 }), stateOf({ margin: { runs: 50, worthPico: 0n, costPico: 5n } })])
      .toEqual(['soft cap: soft cap', 'leaking: under cost', 'needs review: unpriced', OK]);
  });
});

describe('a context spike', () => {
  it('is named by the days in a row around its highest, measured over all their calls', () => {
    const { reason } = judgeWorkflow({ ...HEALTHY, ...daysOf([100, 100, 100, 100, 100, 100, 300, 700, 500, 100, 250]) });
    expect(reason).toEqual({ name: 'spike days', ratio: 5, mean: 500, usual: 100, firstDay: '2026-11-07', lastDay: '2026-11-09' });
  });

  it('of the period before is not one of this range', () => {
    expect(stateOf(daysOf([900, 100, 100, 100, 100, 100]))).toBe(OK);
  });

  it('says nothing where nothing was read', () => {
    expect(stateOf(daysOf([0, 0, 0, 0, 0, 0]))).toBe(OK);
    expect(stateOf({ before: { answered: 1_000, inputTokens: 0 } })).toBe(OK);
  });
});

it('calls a workflow without any figure too small, never leaking', () => {
  const nothing = { calls: 0, answered: 0, inputTokens: 0, usable: 0, costPico: 0n, costUsablePico: 0n, costPerUsablePico: null, before: { answered: 0, inputTokens: 0 } };
  expect(stateOf(nothing)).toBe('ok: too small');
});
