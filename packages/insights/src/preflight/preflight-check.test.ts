import { describe, expect, it } from 'vitest';
import { checkMail, checkNode, checkSender, checkTls } from './check-installation';
import { ask, fail, formatPreflight, isReady, lookAt, pass } from './preflight-check';
import { TRIAL_CASES } from './run-preflight';

describe('the checklist', () => {
  it('has an end-to-end case for each promise, under a name of its own', () => {
    expect(TRIAL_CASES.length).toBeGreaterThanOrEqual(20);
    expect(new Set(TRIAL_CASES.map(({ id }) => id)).size).toBe(TRIAL_CASES.length);
    for (const { id, words } of TRIAL_CASES) expect([id, words]).toEqual([expect.stringMatching(/^(running|access|ledger|gate)\.[a-z_]+$/), expect.stringMatching(/^\S.*\.$/)]);
  });

  it('takes a look that fails for a finding, and what a person must see for no failure', async () => {
    const checks = await lookAt([
      { id: 'a', group: 'Team', title: 'A', look: async () => pass('Fine.') },
      { id: 'b', group: 'Team', title: 'B', look: async () => ask('Nobody knows.', 'Look.') },
      { id: 'c', group: 'Gate', title: 'C', look: () => Promise.reject(new Error('fetch failed', { cause: { code: 'ECONNREFUSED' } })) },
    ]);
    expect(isReady(checks.slice(0, 2))).toBe(true);
    expect(isReady(checks)).toBe(false);
    expect(checks[2]).toMatchObject({ ok: false, message: 'It could not be looked at: fetch failed (ECONNREFUSED)' });
    const table = formatPreflight(checks);
    expect(table.indexOf('Gate')).toBeLessThan(table.indexOf('Team'));
    expect(table).toContain('3 checks: 1 ok, 1 failed, 1 for a person to look at.');
  });

  it.each([
    [checkNode('20.18.9').ok, false], [checkNode('20.19.0').ok, true], [checkNode('24.0.0').ok, true],
    [checkTls(null).ok, false], [checkTls('http://outlay.example.com').ok, false], [checkTls('https://outlay.example.com').ok, true],
    [checkSender('Outlay <outlay@localhost>').ok, false], [checkSender('Outlay <bills@example.com>').ok, true], [checkSender('bills@example.com').ok, true],
    [checkMail({ via: null, from: '' }).ok, false], [checkMail({ via: 'Resend', from: '' }).ok, true],
  ])('judges settings by themselves (%#)', (judged, wanted) => expect(judged).toBe(wanted));

  it('says what to do wherever something is not so', () => {
    expect(fail('No.', 'Do it.')).toEqual({ ok: false, message: 'No.', nextStep: 'Do it.' });
  });
});
