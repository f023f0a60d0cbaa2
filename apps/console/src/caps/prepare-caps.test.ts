import { expect, it } from 'vitest';
import { capsCsv, capState, limitText, ownerText, shownCaps, shareUsed, statedLimit, type ListedCap, ungatedText } from './prepare-caps';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const cap = (given: Partial<ListedCap> = {}): ListedCap => ({
  id: 'c', name: 'A cap', scope: 'workflow', subject: 'pdf_question', metric: 'cost', window: 'day', mode: 'soft', limit: '4000000000000', source: 'person', expiresAt: null, disabledAt: null,
  used: '1000000000000', windowEnd: '2026-11-22T00:00:00Z', overshoot: 'It warns.', ...given,
});

it('reads as a sentence', () => {
  expect([ownerText(cap()), ownerText(cap({ subject: null, scope: 'key' })), ownerText(cap({ scope: 'tenant', subject: null }))]).toEqual(['Workflow pdf_question', 'Each API key', 'The whole team']);
  expect([limitText(cap()), limitText(cap({ metric: 'tokens', limit: '12000', window: 'period' })), limitText(cap({ metric: 'runs', limit: '1', window: null }))]).toEqual(['$4.00 a day', '12,000 tokens a billing period', '1 open run at once']);
  expect([statedLimit(cap({ limit: '2500000000' })), statedLimit(cap({ metric: 'units', limit: '0.5' }))]).toEqual(['0.0025', '0.5']);
});

it('says how full it is, with what open runs may still spend', () => {
  expect([shareUsed(cap()), shareUsed(cap({ held: '1000000000000' })), shareUsed(cap({ used: null })), shareUsed(cap({ limit: '0', used: '1' })), shareUsed(cap({ metric: 'units', limit: '2', used: '1.5' }))]).toEqual([0.25, 0.5, null, 1, 0.75]);
});

it('knows its state, and puts what needs a look first', () => {
  const caps = [cap({ id: 'off', disabledAt: '2026-11-01T00:00:00Z' }), cap({ id: 'holds' }), cap({ id: 'each', used: null }), cap({ id: 'passed', used: '4000000000000' }), cap({ id: 'near', used: '3300000000000' }), cap({ id: 'ended', expiresAt: '2026-11-21T12:00:00Z' })];
  expect(shownCaps(caps, { search: undefined, scope: undefined }, NOW).map((each) => `${each.id} ${capState(each, NOW)}`)).toEqual(['passed passed', 'near near', 'holds holds', 'each holds', 'ended ended', 'off off']);
  expect(shownCaps(caps, { search: 'PDF', scope: 'customer' }, NOW)).toEqual([]);
});

it('is a file in dollars', () => {
  expect(capsCsv([cap()], NOW).split('\r\n')[1]).toBe('A cap,workflow,pdf_question,cost,4,day,soft,1,2026-11-22T00:00:00Z,holds');
});

it('says what came without a begin, and nothing where none did or nobody knows', () => {
  const told = (ungatedPico: string | null, mode: 'soft' | 'hard' = 'soft'): string | null => ungatedText({ id: 'c', ungatedPico, fullest: [] }, mode);
  expect(told('1200000000000')).toBe('$1.20 of it came without a begin.');
  expect(told('1200000000000', 'hard')).toBe('$1.20 of it came without a begin: it counts, but could not be stopped.');
  expect([told('0'), told('-5'), told(null), ungatedText(undefined, 'hard')]).toEqual([null, null, null, null]);
});
