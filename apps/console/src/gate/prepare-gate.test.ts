import { expect, it } from 'vitest';
import { parseDecisionsSearch } from './gate-search';
import { amountText, decisionsCsv, limitShares, timeLeft } from './prepare-gate';

it('counts a hold down', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(['2026-11-21T11:59:59Z', '2026-11-21T12:00:09Z', '2026-11-21T12:04:10Z', '2026-11-21T14:05:00Z'].map((at) => timeLeft(at, now))).toEqual(['now', '9 s', '4 min 10 s', '2 h 5 min']);
});

it('says an amount in its own unit', () => {
  const of = (metric: string, amount: string, unit: string | null = null) => amountText({ metric, unit }, amount);
  expect([of('cost', '4.5'), of('units', '1', 'report'), of('units', '2.5', 'report'), of('tokens', '12000'), of('runs', '3')]).toEqual(['$4.50', '1 report', '2.5 reports', '12,000 tokens', '3 open runs']);
});

it('shows a limit of nothing as used up by anything', () => {
  expect([limitShares({ used: '1', held: '2', limit: '4' }), limitShares({ used: '1', held: '0', limit: '0' }), limitShares({ used: '0', held: '0', limit: '0' })]).toEqual([{ used: 0.25, held: 0.5 }, { used: 1, held: 0 }, { used: 0, held: 0 }]);
});

it('takes from the URL what it knows', () => {
  expect(parseDecisionsSearch({ verdict: 'stopped', reason: 'nonsense', customerId: ' acme ', decision: 'x', requestId: '' })).toEqual({ verdict: 'stopped', customerId: 'acme' });
});

it('is a file with the name that the caller gave the run', () => {
  const row = { id: 'i', at: 'a', verdict: 'deny', reason: 'hard_cap_reached', customerId: '=c', userId: null, workflow: 'w', environment: 'production', runId: 'id', runRef: 'mine', requestId: 'r', kind: 'begin', blockedBy: 'cap' } as const;
  expect(decisionsCsv([row]).split('\r\n')[1]).toBe('a,deny,hard_cap_reached,cap,\'=c,,w,production,mine,r,begin');
});
