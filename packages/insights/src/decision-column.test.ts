import { describe, expect, it } from 'vitest';
import { type DecisionFacts, decideColumn, DECISION_THRESHOLDS as T, describeDecisions, explainDecision } from './decision-column';

const FINE: DecisionFacts = { outcomes: 500, marginShare: 0.8, trend: 1, retryShare: 0.02, failureShare: 0.01, p95Use: 0.4 };
/** A margin that is judged well by itself, but carries no waste. */
const THIN = 0.55;
const decided = (change: Partial<DecisionFacts>): string => {
  const { advice, reason } = decideColumn({ ...FINE, ...change });
  return `${advice}: ${reason.name}`;
};

describe('each threshold, at its edge and just beside', () => {
  const cases: [name: string, at: Partial<DecisionFacts>, found: string, beside: Partial<DecisionFacts>, otherwise: string][] = [
    ['judgedOutcomes', { outcomes: T.judgedOutcomes, marginShare: -1 }, 'reprice: margin', { outcomes: T.judgedOutcomes - 1, marginShare: -1 }, 'keep: too small'],
    ['repriceMargin', { marginShare: T.repriceMargin }, 'reprice: margin', { marginShare: T.repriceMargin + 0.001 }, 'watch: margin'],
    ['repriceWasteShare', { retryShare: 0.2, failureShare: 0.1, marginShare: THIN }, 'reprice: waste', { retryShare: 0.2, failureShare: 0.099, marginShare: THIN }, 'watch: waste'],
    ['carryingMargin of waste', { retryShare: 0.4, marginShare: T.carryingMargin - 0.001 }, 'reprice: waste', { retryShare: 0.4, marginShare: T.carryingMargin }, 'watch: waste'],
    ['softCapUse', { p95Use: T.softCapUse, marginShare: THIN }, 'soft cap: use', { p95Use: T.softCapUse - 0.001, marginShare: THIN }, 'watch: use'],
    ['carryingMargin of use', { p95Use: 1.2, marginShare: T.carryingMargin - 0.001 }, 'soft cap: use', { p95Use: 1.2, marginShare: T.carryingMargin }, 'watch: use'],
    ['softCapTrend', { trend: T.softCapTrend }, 'soft cap: trend', { trend: T.softCapTrend - 0.001 }, 'watch: trend'],
    ['watchMargin', { marginShare: T.watchMargin }, 'watch: margin', { marginShare: T.watchMargin + 0.001 }, 'keep: fine'],
    ['watchTrend', { trend: T.watchTrend }, 'watch: trend', { trend: T.watchTrend - 0.001 }, 'keep: fine'],
    ['watchWasteShare', { retryShare: T.watchWasteShare, failureShare: 0 }, 'watch: waste', { retryShare: T.watchWasteShare - 0.001, failureShare: 0 }, 'keep: fine'],
    ['watchUse', { p95Use: T.watchUse }, 'watch: use', { p95Use: T.watchUse - 0.001 }, 'keep: fine'],
  ];
  it.each(cases)('%s', (_name, at, found, beside, otherwise) => {
    expect([decided(at), decided(beside)]).toEqual([found, otherwise]);
  });
});

it('what is unknown is judged by what is known', () => {
  expect(decided({ marginShare: null, trend: null, p95Use: null })).toBe('keep: fine');
  expect(decided({ marginShare: null, p95Use: 1 })).toBe('soft cap: use');
  expect(decided({ marginShare: null, retryShare: 0.3 })).toBe('reprice: waste');
});

it('decides as the table of the seed does', () => {
  // 100 reports: cost a report. 500 questions: a context that grows. 1,000 tickets: retries and failures. 50 agent runs a day: heavy use and fallbacks.
  expect([
    decided({}), decided({ trend: 1.3 }), decided({ retryShare: 0.28, failureShare: 0.12, marginShare: 0.4 }), decided({ p95Use: 1.1, marginShare: 0.5, trend: 1.2 }),
  ]).toEqual(['keep: fine', 'watch: trend', 'reprice: waste', 'soft cap: use']);
});

it('says why, and how it is decided, with the very thresholds', () => {
  const say = (change: Partial<DecisionFacts>): string => explainDecision(decideColumn({ ...FINE, ...change }), 'report');
  expect([say({ marginShare: -0.25 }), say({ marginShare: 0.2 }), say({ trend: 1.17 }), say({ p95Use: 1.234, marginShare: null }), say({ outcomes: 3 }), say({ marginShare: null })]).toEqual([
    'Each report costs more than its plan earns: margin -25%.', 'The plan\'s rate leaves a margin of 20%.', 'A usable report costs 1.17x what it cost in the period before.',
    'One customer in twenty uses 123% or more of the allowance.', 'Too little to judge: 3 of at least 30 ended runs.', 'Cost is steady and little is wasted. No plan gives it a rate yet.',
  ]);
  expect(describeDecisions().map(({ advice }) => advice)).toEqual(['reprice', 'soft cap', 'watch', 'keep']);
  expect(describeDecisions()[0]!.when[0]).toBe('the margin is 30% or less');
});
