import { KIND_WORDS } from './alert-shapes';
import { describe, expect, it } from 'vitest';
import { parseAlertsSearch, parseRulesSearch } from './alerts-search';
import { aboutText, alertsCsv, courseText, lengthText, sortAlerts, type ListedAlert } from './prepare-alerts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const alert = (id: string, change: Partial<ListedAlert> = {}): ListedAlert => ({
  id, kind: 'spike', severity: 'warning', title: `Spend of ${id}`, state: 'firing', scope: 'customer', subject: id, startedAt: '2026-11-21T11:48:00Z', firedAt: '2026-11-21T11:49:00Z', resolvedAt: null, ...change,
});

describe('the inbox', () => {
  it('has what fires on top, the worst first, and what is over last, the latest first', () => {
    const rows = [
      alert('old', { state: 'resolved', severity: 'critical', startedAt: '2026-11-18T00:00:00Z' }), alert('seen', { state: 'acknowledged', severity: 'critical' }), alert('mild', { severity: 'info' }),
      alert('new', { state: 'resolved', startedAt: '2026-11-20T00:00:00Z' }), alert('bad', { severity: 'critical' }), alert('may', { state: 'pending', severity: 'critical' }),
    ];
    expect(sortAlerts(rows).map(({ id }) => id)).toEqual(['bad', 'mild', 'may', 'seen', 'new', 'old']);
  });

  it('says how long it goes on, or went on', () => {
    expect(courseText(alert('a'), 'UTC', NOW)).toBe('began 12 min ago');
    expect(courseText(alert('a', { resolvedAt: '2026-11-21T11:55:00Z' }), 'UTC', NOW)).toBe('lasted 7 min, over 5 min ago');
    expect([20_000, 3_600_000, 7_500_000, 400_000_000].map(lengthText)).toEqual(['20 s', '1 h', '2 h 5 min', '5 days']);
  });

  it('says what it is about, and hands out what is on the screen', () => {
    expect([aboutText(alert('acme')), aboutText(alert('x', { scope: 'tenant', subject: '', kind: 'budget' })), aboutText(alert('01a1ff5b-1736-736d-bfbb-ee1ec9ed1719', { scope: 'provider', kind: 'drift' }))]).toEqual(['Spike, customer acme', 'Budget', KIND_WORDS.drift]);
    expect(alertsCsv([alert('acme')]).split('\n')[1]).toContain('2026-11-21T11:48:00Z,2026-11-21T11:49:00Z,,warning,firing,spike,customer,acme');
  });

  it('reads the URL, and drops what it does not know', () => {
    expect(parseAlertsSearch({ state: 'resolved', kind: 'spike', other: '1' })).toEqual({ state: 'resolved', kind: 'spike' });
    expect(parseAlertsSearch({ state: 'gone', kind: '' })).toEqual({});
    expect(parseRulesSearch({ rule: 'new', kind: 'budget' })).toEqual({ rule: 'new', kind: 'budget' });
    expect(parseRulesSearch({ rule: 'x' })).toEqual({});
  });
});
