import { describe, expect, it } from 'vitest';
import { figuresOf, prepareHistory, sentencesOf, standingActions } from './prepare-history';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const event = (id: string, kind: string, details: Record<string, unknown> = {}, by = 'outlay') => ({ id, at: '2026-11-21T11:00:00Z', kind, by, details });

describe('the history of an alert', () => {
  it('says what happened and who did it, the latest first', () => {
    const lines = prepareHistory([
      event('1', 'pending'), event('2', 'fired'), event('3', 'action', { words: 'At most 30 runs a minute', until: '2026-11-21T16:00:00Z' }, 'Ana <ana@example.com>'), event('4', 'resolved'),
    ], 'UTC', NOW);
    expect(lines.map(({ words, by }) => [words, by])).toEqual([['Over', null], ['At most 30 runs a minute, until 21 Nov 2026, 16:00', 'Ana'], ['Fired', null], ['Seen first', null]]);
  });

  it('takes back only what still holds', () => {
    const lines = prepareHistory([
      event('held', 'action', { words: 'A', until: null }), event('ended', 'action', { words: 'B', until: '2026-11-21T11:30:00Z' }), event('undone', 'action', { words: 'C' }), event('x', 'undone', { eventId: 'undone', words: 'C' }),
    ], 'UTC', NOW);
    expect(standingActions(lines).map(({ id }) => id)).toEqual(['held']);
    expect(lines[0]!.words).toBe('C, taken back');
  });

  it('shows what the rule saw, and its own sentences', () => {
    const facts = { actualPico: '14000000000000', usualPico: '800000000000', limitPico: null, score: 4, words: 'Twelve syncs failed.', nextStep: 'Renew the key.' };
    expect(figuresOf(facts)).toEqual([{ label: 'Spent', value: '$14.00' }, { label: 'Usual', value: '$0.80' }]);
    expect(sentencesOf(facts)).toEqual(['Twelve syncs failed.', 'Renew the key.']);
  });
});
