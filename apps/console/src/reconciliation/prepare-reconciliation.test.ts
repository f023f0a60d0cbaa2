import { expect, it } from 'vitest';
import { causeParts, CAUSES, type CauseTexts, type DayFacts, differenceOf, percentWords, prepareHeadline, prepareResidueChart, reconciliationCsv } from './prepare-reconciliation';
import { parseReconciliationSearch } from './reconciliation-search';

const USD = 1_000_000_000_000n;
const causes = (given: Partial<Record<(typeof CAUSES)[number], bigint>>): CauseTexts => Object.fromEntries(CAUSES.map((cause) => [cause, String((given[cause] ?? 0n) * USD)])) as CauseTexts;
const day = (at: string, ledger: bigint, billed: bigint, given: Parameters<typeof causes>[0]): DayFacts => ({
  day: at, connectionId: 'c', connectionName: 'Main', provider: 'openai', ledgerPico: String(ledger * USD), billedPico: String(billed * USD), provisional: false, computedAt: `${at}T12:00:00Z`, causes: causes(given),
});

it('splits the difference into shares that sum to one, whichever way it goes, the largest first', () => {
  const parts = causeParts(causes({ missing: 6n, tier: -3n, timing: 1n }));
  expect(parts.map(({ cause, amount, shareWords }) => [cause, amount, shareWords])).toEqual([['missing', '+$6.00', '60%'], ['tier', '-$3.00', '30%'], ['timing', '+$1.00', '10%']]);
  expect(causeParts(causes({}))).toEqual([]);
});

it('draws what the bill has more above the line, what the ledger has more below it, on one scale', () => {
  const days = [day('2026-11-02', 10n, 14n, { missing: 6n, tier: -2n }), day('2026-11-01', 5n, 5n, {})];
  const chart = prepareResidueChart(days, 'difference');
  expect(chart.columns.map(({ day: at }) => at)).toEqual(['2026-11-01', '2026-11-02']);
  expect(chart.columns[1]).toMatchObject({ up: [{ key: 'missing', height: 0.75 }], down: [{ key: 'tier', height: 0.25 }], title: '2 Nov: billed $14.00, recorded $10.00; Missing requests +$6.00; Service tier -$2.00' });
  expect([chart.upShare, chart.top, chart.bottom, chart.empty]).toEqual([0.75, '$6.00', '-$2.00', false]);
  const bill = prepareResidueChart(days, 'bill');
  expect(bill.columns[1]!.up.map(({ key, height }) => [key, height])).toEqual([['matched', 0.5], ['missing', 0.375]]);
  expect(prepareResidueChart([day('2026-11-01', 5n, 5n, {})], 'difference').empty).toBe(true);
});

it('adds connections of one day', () => {
  const chart = prepareResidueChart([day('2026-11-01', 1n, 3n, { missing: 2n }), day('2026-11-01', 1n, 2n, { missing: 1n })], 'difference');
  expect(chart.columns).toHaveLength(1);
  expect(chart.top).toBe('$3.00');
});

it('says how much of the bill matched, and nothing where nothing is billed', () => {
  expect(prepareHeadline({ ledgerPico: String(8n * USD), billedPico: String(10n * USD), matchedPico: String(8n * USD) }, causes({ unexplained: 1n }))).toEqual({ matchedShare: 0.8, residuePico: String(2n * USD), unexplainedPico: String(USD) });
  expect(prepareHeadline({ ledgerPico: '0', billedPico: '0', matchedPico: '0' }, causes({})).matchedShare).toBeNull();
  expect(differenceOf({ ledgerPico: null, billedPico: '5' })).toBeNull();
  expect(percentWords(12.5)).toBe('+12.5%');
});

it('writes a column a cause, and reads its own address', () => {
  expect(reconciliationCsv([day('2026-11-01', 1n, 3n, { missing: 2n })]).split('\r\n')[1]).toBe('2026-11-01,Main,openai,1,3,2,0,0,0,0,0,0,0,false');
  expect(parseReconciliationSearch({ range: 'month', by: 'key', bars: 'x', day: '2026-11-01', of: 'no uuid', connection: 7 })).toEqual({ range: 'month', by: 'key' });
});
