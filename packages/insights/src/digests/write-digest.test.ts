import { expect, it } from 'vitest';
import { dueDigests } from './send-digests';
import { changeOf, type DigestFacts, writeDigest } from './write-digest';

const usd = (amount: number): bigint => BigInt(Math.round(amount * 100)) * 10_000_000_000n;
const FACTS: DigestFacts = {
  kind: 'daily', teamName: 'Acme', from: '2026-11-20', to: '2026-11-20', totalPico: usd(12), beforePico: usd(10), providers: [{ name: 'openai', pico: usd(12), beforePico: usd(10) }],
  workflows: Array.from({ length: 8 }, (_, n) => ({ name: `w${n}`, pico: usd(n), beforePico: 0n })), customers: [], forecast: { monthEndPico: usd(300), lowerPico: usd(280), upperPico: usd(330) },
  leaks: [{ name: 'Calls that failed', pico: usd(3) }, { name: 'Retries', pico: 0n }], nextSteps: ['one', 'two', 'three', 'four'], openAlerts: 1,
};

it('says what yesterday cost, against the day before, and the three things to do first', () => {
  const digest = writeDigest(FACTS);
  expect(digest.subject).toBe('Acme: $12.00 yesterday (+20 %)');
  expect(digest.summary).toBe('Acme, 2026-11-20: $12.00, +20 % against the day before ($10.00). 1 alert is open.');
  expect(digest.nextSteps).toEqual(['one', 'two', 'three']);
  expect(digest.sections.map(({ title }) => title)).toEqual(['By provider', 'By workflow', 'Forecast', 'Leaks']);
  expect(digest.sections[1]!.rows.map(({ label, value }) => `${label} ${value}`)).toEqual(['w7 $7.00', 'w6 $6.00', 'w5 $5.00', 'w4 $4.00', 'w3 $3.00', '2 others $3.00']);
  expect(digest.sections[3]!.rows).toEqual([{ label: 'Calls that failed', value: '$3.00', note: '25 %' }]);
});

it('says so when nothing was spent', () => {
  const digest = writeDigest({ ...FACTS, kind: 'weekly', from: '2026-11-16', to: '2026-11-22', totalPico: 0n, beforePico: 0n, providers: [], workflows: [], leaks: [], forecast: null, nextSteps: [] });
  expect(digest).toMatchObject({ summary: 'Acme recorded no spend, 2026-11-16 to 2026-11-22.', sections: [], nextSteps: [] });
});

it('states a change as people read it', () => {
  expect([changeOf(usd(3), usd(2)), changeOf(usd(1), usd(2)), changeOf(usd(2), usd(2)), changeOf(usd(1), 0n), changeOf(0n, 0n)]).toEqual(['+50 %', '−50 %', 'no change', 'new', 'no change']);
});

it('is due from eight in the morning of the team on, the week on Mondays', () => {
  const at = (iso: string, zone: string) => dueDigests(Date.parse(iso), zone);
  expect(at('2026-11-21T07:59:00Z', 'UTC').kinds).toEqual([]);
  expect(at('2026-11-21T08:00:00Z', 'UTC')).toEqual({ today: '2026-11-21', kinds: ['daily'] });
  // Monday in Kolkata while it is Sunday in New York.
  expect(at('2026-11-23T02:30:00Z', 'Asia/Kolkata')).toEqual({ today: '2026-11-23', kinds: ['daily', 'weekly'] });
  expect(at('2026-11-23T02:30:00Z', 'America/New_York')).toEqual({ today: '2026-11-22', kinds: ['daily'] });
});
