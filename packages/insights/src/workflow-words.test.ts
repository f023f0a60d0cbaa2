import { describe, expect, it } from 'vitest';
import { type Reason, RULES, THRESHOLDS } from './workflow-state';
import { describeRules, explainFinding, findRows } from './workflow-words';

const USD = 1_000_000_000_000n;
const why = (reason: Reason, of: { workflow?: string; unitName?: string } = {}): string => explainFinding({ state: 'leaking', reason }, { workflow: 'report', unitName: 'report', ...of });

describe('the sentence of a reason', () => {
  it('says the share and the money of it', () => {
    expect(why({ name: 'retry spend', share: 0.6213, partPico: 41n * USD, ofPico: 66n * USD })).toBe('62% of its spend ($41.00 of $66.00) went into retries of the same model.');
    expect(why({ name: 'unusable spend', share: 0.255, partPico: USD, ofPico: 4n * USD })).toBe('26% of what its ended runs cost ($1.00 of $4.00) was spent on unusable ones.');
    expect(why({ name: 'fallback spend', share: 0.0004, partPico: USD, ofPico: 4_000n * USD })).toContain('<0.1% of its spend');
  });

  it('holds an outcome against its target by the name that the team gave it', () => {
    expect(why({ name: 'over target', ratio: 1.6, costPico: 480_000_000_000n, targetPico: 300_000_000_000n })).toBe('One usable report costs $0.4800, 1.6x its target of $0.3000.');
    expect(why({ name: 'over target', ratio: 1.04, costPico: 26n * USD / 10n, targetPico: 25n * USD / 10n })).toBe('One usable report costs $2.60, 1.04x its target of $2.50.');
    expect(why({ name: 'over target', ratio: 12.4, costPico: 999_990_000_000n, targetPico: 390_000_000n })).toBe('One usable report costs $1.00, 12x its target of $0.00039.');
  });

  it('names the days of a spike', () => {
    const spike = { name: 'spike days', ratio: 6.91, mean: 43_120.4, usual: 6_240, firstDay: '2026-11-07', lastDay: '2026-11-09' } as const;
    expect(why(spike)).toBe('From 7 Nov to 9 Nov a call read 43,120 input tokens on average, 6.9x the usual 6,240.');
    expect(why({ ...spike, lastDay: '2026-11-07' })).toMatch(/^On 7 Nov a call read/);
  });

  it('says whose calls name nothing', () => {
    expect(why({ name: 'untagged', count: 12, share: 1 }, { workflow: '' })).toBe('12 calls name no workflow, so no outcome can be held against their cost.');
    expect(why({ name: 'untagged', count: 41, share: 0.041 })).toBe('4.1% of its calls (41) name no customer.');
  });

  it('sets what runs are worth against what they cost', () => {
    expect(why({ name: 'under cost', share: -0.5, worthPico: 2n * USD, costPico: 3n * USD })).toBe('Its ended runs cost $3.00 and are worth $2.00 by the plans of their customers.');
    expect(why({ name: 'margin', share: 0.75, worthPico: 4n * USD, costPico: USD })).toBe('Its ended runs are worth $4.00 by the plans of their customers and cost $1.00: a margin of 75%.');
    expect(why({ name: 'soft cap', cap: 'PDF a day', share: 1.2 })).toBe('The soft cap "PDF a day" is passed: 120% of it is used.');
  });

  it('says what is too small to judge by', () => {
    expect(why({ name: 'too small', calls: 1, costPico: USD })).toBe('Too small to judge: 1 call of at least 20.');
    expect(why({ name: 'too small', calls: 400, costPico: 0n })).toBe('Too small to judge: less than $0.01 spent.');
    expect(why({ name: 'healthy', usableShare: 0.93, retryShare: 0 })).toBe('93% of its outcomes are usable, 0% of its spend went into retries.');
  });
});

describe('the rows of a reason', () => {
  it('of a spike are those of its days in the team\'s zone', () => {
    expect(findRows({ name: 'spike days', ratio: 2, mean: 2, usual: 1, firstDay: '2026-10-31', lastDay: '2026-11-01' }, 'America/New_York')).toEqual({ kind: 'usage', from: '2026-10-31T04:00:00.000Z', to: '2026-11-02T05:00:00.000Z' });
  });

  it('are filters of the ledger', () => {
    expect(findRows({ name: 'retry spend', share: 1, partPico: 1n, ofPico: 1n }, 'UTC')).toEqual({ attemptKind: 'retry' });
    expect(findRows({ name: 'failed spend', share: 1, partPico: 1n, ofPico: 1n }, 'UTC')).toEqual({ status: 'failed_or_aborted' });
    expect(findRows({ name: 'unpriced', count: 1 }, 'UTC')).toEqual({ costBasis: 'unpriced' });
  });
});

it('the rules are shown in the order in which they are asked, with the thresholds themselves', () => {
  const rules = describeRules();
  const asked = RULES.map(([state]) => state).filter((state, i, all) => state !== all[i - 1]);
  expect(rules.map(({ state }) => state)).toEqual([...asked, 'ok']);
  expect(rules.map(({ state }) => state)).toEqual(['leaking', 'context spike', 'leaking', 'soft cap', 'needs review', 'profitable', 'ok']);
  const shown = rules.flatMap(({ when }) => when).join('\n');
  for (const share of [THRESHOLDS.leakingRetryShare, THRESHOLDS.leakingUnusableShare, THRESHOLDS.leakingFailedShare, THRESHOLDS.reviewUntaggedShare, THRESHOLDS.reviewRetryShare, THRESHOLDS.reviewUnusableShare, THRESHOLDS.reviewFallbackShare]) {
    expect(shown).toContain(`${Math.round(share * 100)}%`);
  }
  for (const ratio of [THRESHOLDS.leakingTargetRatio, THRESHOLDS.spikeDayRatio, THRESHOLDS.spikeRangeRatio]) expect(shown).toContain(`${ratio}x`);
  for (const count of [THRESHOLDS.judgedCalls, THRESHOLDS.judgedOutcomes, THRESHOLDS.spikeCalls, THRESHOLDS.spikeDays]) expect(shown).toContain(String(count));
  expect(shown).toContain('$0.01');
});
