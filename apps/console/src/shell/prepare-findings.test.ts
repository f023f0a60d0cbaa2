import { expect, it } from 'vitest';
import { prepareFindings } from './prepare-findings';

const AT = { timeZone: 'Europe/Berlin', nowMs: Date.parse('2026-11-21T12:00:00Z') };
const NOTHING = { runs: [], events: [], request: null, customers: [], workflows: [], models: [] };

it('says what each is, what it cost, and leads to its page', () => {
  const lines = prepareFindings({
    runs: [{ runId: '01a0-1', runRef: 'invoice 7', workflow: 'report', customerId: 'acme', costPico: '1500000000000', outcome: 'usable', lastAt: '2026-11-21T11:00:00Z' }],
    events: [{ id: '01a0-2', kind: 'usage', occurredAt: '2026-11-21T11:59:30Z', provider: 'openai', model: 'gpt-5', costPico: null }],
    request: { requestId: 'req & 1', events: 2, lastAt: '2026-11-20T12:00:00Z' },
    customers: [{ customerId: 'a/b', costPico: '0' }], workflows: [{ workflow: 'pdf question', costPico: '20000000000' }], models: [{ provider: 'x', model: 'm/1', costPico: '1000000000000' }],
  }, AT);
  expect(lines.map(({ label, hint, href }) => [label, hint, href])).toEqual([
    ['invoice 7', 'report · usable · $1.50 · 1 h ago', '/runs/01a0-1'],
    ['req & 1', '2 events · 1 day ago', '/ledger?search=req+%26+1&range=90d'],
    ['01a0-2', 'gpt-5 · unpriced · 30 s ago', '/ledger?search=01a0-2&range=90d&event=01a0-2'],
    ['a/b', '', '/customers/a%2Fb'],
    ['pdf question', '$0.02 in 30 days', '/workflows/pdf%20question'],
    ['m/1', 'x · $1.00 in 30 days', '/models?provider=x&model=m%2F1'],
  ]);
});

it('does not claim to have counted on', () => {
  const request = { requestId: 'r', events: 100, lastAt: '2026-11-21T12:00:00Z' };
  expect(prepareFindings({ ...NOTHING, request }, AT)[0]?.hint).toBe('100 or more events · just now');
});

it('says no cost where there is none: an outcome, a model without a price', () => {
  const outcome = { id: '01a0-3', kind: 'outcome', occurredAt: '2026-11-21T12:00:00Z', provider: null, model: null, costPico: '0' };
  const lines = prepareFindings({ ...NOTHING, events: [outcome], models: [{ provider: 'novalab', model: 'aurora', costPico: '0' }] }, AT);
  expect(lines.map(({ hint }) => hint)).toEqual(['outcome · just now', 'novalab']);
});
