import { describe, expect, it } from 'vitest';
import { judgeBalance, judgeShare, judgeSilence, judgeSyncs, judgeUnpriced, type SyncFact } from './judge-health';
import { type BudgetFact, judgeBudgets, judgeCaps, judgeCredits, judgeDrift, judgeForecasts } from './judge-money';
import { parseSettings, settingsOf } from './rule-settings';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MONTH = { month: '2026-11', startMs: Date.parse('2026-11-01T00:00:00Z') };
const usd = (amount: number): bigint => BigInt(Math.round(amount * 100)) * 10_000_000_000n;
const defaults = { settings: {} };

describe('budgets', () => {
  const budget: BudgetFact = { scope: 'tenant', subject: null, budgetPico: usd(100), spentPico: usd(79.99), forecastPico: usd(120) };
  const seen = (spent: number) => judgeBudgets(settingsOf(defaults, 'budget'), [{ ...budget, spentPico: usd(spent) }], MONTH);

  it('are told at each threshold, once a month, and only the highest is news', () => {
    expect(seen(49.99)).toEqual([]);
    expect(seen(50)).toMatchObject([{ subject: '', windowKey: 'm2026-11', thresholdKey: '50', onlyIfKnown: false, severity: 'warning' }]);
    expect(seen(79.99).map(({ thresholdKey }) => thresholdKey)).toEqual(['50']);
    expect(seen(130)).toMatchObject([{ thresholdKey: '100', onlyIfKnown: false, severity: 'critical' }, { thresholdKey: '80', onlyIfKnown: true }, { thresholdKey: '50', onlyIfKnown: true }]);
    expect(seen(80)[0]!.facts['words']).toBe('2026-11 has cost $80.00 of $100.00 (80 %).');
  });

  it('of two scopes with subjects of one name are two', () => {
    const two = judgeBudgets(settingsOf(defaults, 'budget'), [{ ...budget, scope: 'customer', subject: 'a' }, { ...budget, scope: 'workflow', subject: 'a' }], MONTH);
    expect(two.map(({ subject }) => subject)).toEqual(['customer:a', 'workflow:a']);
  });

  it('are forecast to be passed until they are', () => {
    const rule = settingsOf(defaults, 'forecast');
    expect(judgeForecasts(rule, [budget], MONTH)).toMatchObject([{ windowKey: 'm2026-11', severity: 'warning' }]);
    for (const change of [{ forecastPico: usd(99.99) }, { forecastPico: null }, { spentPico: usd(100) }]) expect(judgeForecasts(rule, [{ ...budget, ...change }], MONTH)).toEqual([]);
  });
});

describe('caps', () => {
  const cap = { id: 'c1', name: '$5 a day', mode: 'hard', used: '5', limit: '5', windowStart: '2026-11-21T00:00:00.000Z' } as const;
  const rule = settingsOf(defaults, 'cap_reached');

  it('are told when they are reached, once a window', () => {
    expect(judgeCaps(rule, [cap], [])).toMatchObject([{ subject: 'c1', windowKey: 'w2026-11-21T00:00:00.000Z', severity: 'critical' }]);
    expect(judgeCaps(rule, [{ ...cap, used: '4.999999' }], [])).toEqual([]);
    expect(judgeCaps({ ...rule, percent: 80 }, [{ ...cap, used: '4' }], [])).toHaveLength(1);
    expect(judgeCaps({ ...rule, modes: ['soft'] }, [cap], [])).toEqual([]);
  });

  it('for each one are told by whom they met', () => {
    const stop = { capId: 'c2', capName: 'each', mode: 'degrade', customerId: 'acme', lastMs: NOW, times: 3 } as const;
    expect(judgeCaps(rule, [], [stop, { ...stop, customerId: 'globex' }]).map(({ subject }) => subject)).toEqual(['["c2","acme"]', '["c2","globex"]']);
  });
});

it('credits are low, then gone: two crossings', () => {
  const whole = (n: number) => ({ num: BigInt(n), den: 1n });
  const of = (left: number) => judgeCredits(settingsOf(defaults, 'credits_low'), [{ customerId: 'acme', left: whole(left), given: whole(100) }], NOW).map(({ thresholdKey, severity }) => [thresholdKey, severity]);
  expect([of(11), of(10), of(0)]).toEqual([[], [['low', 'warning']], [['empty', 'critical']]]);
});

it('drift is told of finished days, from both the share and the amount on', () => {
  const day = { connectionId: 'p', connectionName: 'OpenAI', day: '2026-11-20', ledgerPico: usd(90), billedPico: usd(100), driftPico: usd(10), provisional: false, causes: [{ pico: usd(10), words: 'Requests that the ledger lacks' }] };
  const of = (change: object) => judgeDrift(settingsOf(defaults, 'drift'), [{ ...day, ...change }]);
  expect(of({})).toMatchObject([{ subject: 'p', windowKey: 'd2026-11-20', title: expect.stringContaining('$10.00') }]);
  for (const change of [{ provisional: true }, { driftPico: usd(4.99) }, { billedPico: usd(1), driftPico: usd(-0.5) }]) expect(of(change)).toEqual([]);
});

describe('shares of calls', () => {
  const rule = settingsOf(defaults, 'error_share');
  const of = (calls: number, bad: number) => judgeShare('error_share', rule, [{ subject: 'report', calls, bad }], NOW);

  it('need enough calls to speak of', () => {
    expect(of(19, 19)).toEqual([]);
    expect(of(100, 19)).toEqual([]);
    expect(of(100, 20)).toMatchObject([{ severity: 'warning', title: 'report: 20 % of calls failed' }]);
    expect(of(100, 50)).toMatchObject([{ severity: 'critical' }]);
    expect(judgeShare('retry_share', rule, [{ subject: '', calls: 100, bad: 60 }], NOW)).toMatchObject([{ severity: 'warning', title: 'The team: 60 % of calls were retries' }]);
  });
});

it('rows without a price are told from the first on', () => {
  expect(judgeUnpriced({ minRows: 1 }, 0, NOW)).toEqual([]);
  expect(judgeUnpriced({ minRows: 1 }, 1, NOW)).toMatchObject([{ title: 'An event has no price' }]);
  expect(judgeUnpriced({ minRows: 1 }, 12_000, NOW)).toMatchObject([{ title: '12,000 events have no price' }]);
});

it('a sync is broken when it was stopped, fails again and again, or has long had no success', () => {
  const sync: SyncFact = { id: 's', name: 'OpenAI', provider: 'openai', state: 'healthy', failures: 0, lastError: null, lastSuccessMs: NOW, createdMs: 0 };
  const of = (change: Partial<SyncFact>) => judgeSyncs(settingsOf(defaults, 'sync_broken'), [{ ...sync, ...change }], NOW).map(({ severity }) => severity);
  expect(of({})).toEqual([]);
  expect(of({ state: 'stopped', lastError: 'wrong key' })).toEqual(['critical']);
  expect(of({ state: 'failing', failures: 2 })).toEqual([]);
  expect(of({ state: 'failing', failures: 3 })).toEqual(['warning']);
  expect(of({ lastSuccessMs: NOW - 25 * 3_600_000 })).toEqual(['warning']);
  expect(of({ state: 'paused', failures: 9, lastSuccessMs: null })).toEqual([]);
  expect(of({ provider: 'import', lastSuccessMs: null })).toEqual([]);
});

it('books are broken when the newest proof that ended found a fault', () => {
  const proof = { id: 'b', state: 'done', finishedMs: NOW, failure: null, faults: [{ check: 'Runs', message: 'Run x costs 2, its events 1.' }] } as const;
  expect(judgeBalance({}, proof)).toMatchObject([{ severity: 'critical', facts: { words: 'Runs: Run x costs 2, its events 1.' } }]);
  expect(judgeBalance({}, { ...proof, faults: [] })).toEqual([]);
  expect(judgeBalance({}, null)).toEqual([]);
});

it('silence is told of who speaks otherwise', () => {
  const of = (callsLately: number, callsBefore: number) => judgeSilence({ minutes: 60 }, [{ subject: '', callsLately, callsBefore }], NOW).length;
  expect([of(0, 1_000), of(1, 1_000), of(0, 83), of(0, 84)]).toEqual([1, 0, 0, 1]);
});

describe('settings', () => {
  it('are stored with every default written out, and refused by field', () => {
    expect(parseSettings('error_share', { share: 0.5 })).toEqual({ share: 0.5, windowMinutes: 60, minCalls: 20 });
    for (const [kind, settings, field] of [['budget', { thresholds: [] }, 'settings.thresholds'], ['drift', { minPico: '1.5' }, 'settings.minPico'], ['no_data', { minutes: 1 }, 'settings.minutes']] as const) {
      expect(() => parseSettings(kind, settings)).toThrow(expect.objectContaining({ code: 'invalid_input', field }));
    }
    expect(() => parseSettings('unpriced', { other: 1 })).toThrow('Unrecognized');
  });

  it('of a later version are not guessed at', () => {
    expect(settingsOf({ settings: { thresholds: 'all' } }, 'budget')).toEqual({ thresholds: [50, 80, 100] });
  });
});
