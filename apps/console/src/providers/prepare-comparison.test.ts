import { expect, it } from 'vitest';
import { comparisonCsv, prepareComparison, type ComparedFacts } from './prepare-comparison';
import { daySpanOf, daySpanWords, nextDay } from './utc-days';

const LEDGER = { costPico: '90000000000000', calls: 10, unpriced: 0, tokens: {}, tokensTotal: 3_000_000 };
const ROWS: readonly ComparedFacts[] = [
  { provider: 'openai', model: null, ledger: LEDGER, reported: { pricedPico: '100000000000000', unpriced: 0, requests: 12, tokens: {}, tokensTotal: 3_300_000 }, billed: { amountPico: '100000000000000', provisionalPico: '1' } },
  { provider: 'openrouter', model: null, ledger: null, reported: null, billed: { amountPico: '5000000000000', provisionalPico: '0' } },
  { provider: 'mistral', model: null, ledger: { ...LEDGER, costPico: '0', tokensTotal: 0 }, reported: null, billed: null },
];

it('sets ledger beside bill, draws both on one scale, and says where one side is silent', () => {
  const { lines, total } = prepareComparison(ROWS);
  expect(lines.map(({ name, differencePico, differenceWords, tone, ledgerShare, billedShare, isProvisional }) => [name, differencePico, differenceWords, tone, ledgerShare, billedShare, isProvisional])).toEqual([
    ['OpenAI', '10000000000000', '+11.1%', 'apart', 0.9, 1, true],
    ['OpenRouter', null, null, 'even', 0, 0.05, false],
    ['Mistral', null, null, 'even', 0, 0, false],
  ]);
  expect(lines.map(({ gap }) => gap?.words ?? null)).toEqual([null, 'not recorded', 'no bill']);
  expect(lines.map(({ perMillionPico }) => perMillionPico)).toEqual(['30000000000000', null, null]);
  expect(total).toEqual({ ledgerPico: '90000000000000', billedPico: '105000000000000', reportedPico: '100000000000000', ledgerTokens: 3_000_000, reportedTokens: 3_300_000 });
});

it('leaves what is missing empty in the file, and says zero where it is zero', () => {
  const [, first, second, third] = comparisonCsv(ROWS).trimEnd().split('\r\n');
  expect(first).toBe('openai,,90,10,3000000,3300000,12,100,100,0.000000000001');
  expect(second).toBe('openrouter,,,,,,,,5,0');
  expect(third).toBe('mistral,,0,10,0,,,,,');
});

it('knows whole UTC days, months at their edges', () => {
  const now = Date.parse('2026-03-01T00:30:00Z');
  expect(daySpanOf('7d', now)).toEqual({ from: '2026-02-23', to: '2026-03-02' });
  expect(daySpanOf('month', now)).toEqual({ from: '2026-03-01', to: '2026-03-02' });
  expect(daySpanOf('last_month', now)).toEqual({ from: '2026-02-01', to: '2026-03-01' });
  expect(daySpanWords({ from: '2026-02-01', to: '2026-03-01' })).toBe('1 Feb to 28 Feb');
  expect(daySpanWords({ from: '2026-02-28', to: '2026-03-01' })).toBe('28 Feb');
  expect(nextDay('2026-02-28')).toBe('2026-03-01');
});
