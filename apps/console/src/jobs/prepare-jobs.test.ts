import { expect, it } from 'vitest';
import { allFailures, jobsSummary, queueState, rhythmWords, shownQueues, type QueueFacts } from './prepare-jobs';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const QUEUE: QueueFacts = { name: 'fold-rollups', words: 'Folds', everyMs: 60_000, waiting: 0, delayed: 1, active: 0, failed: 0, lastDoneAt: null, lastTookMs: null, nextAt: '2026-11-21T12:00:30Z', failures: [] };
const FAILURE = { queue: 'heal', id: '7', failedAt: '2026-11-21T11:00:00Z', attempts: 3, reason: 'refused', ofAll: false };

it('is idle, late when its round is overdue, and failed before all', () => {
  expect(queueState(QUEUE, NOW)).toBe('idle');
  expect(queueState({ ...QUEUE, waiting: 1 }, NOW)).toBe('waiting');
  expect(queueState({ ...QUEUE, active: 1, nextAt: '2026-11-21T11:00:00Z' }, NOW)).toBe('running');
  expect(queueState({ ...QUEUE, nextAt: '2026-11-21T11:57:00Z' }, NOW)).toBe('late');
  expect(queueState({ ...QUEUE, nextAt: '2026-11-21T11:58:30Z' }, NOW)).toBe('idle');
  expect(queueState({ ...QUEUE, active: 1, failures: [FAILURE] }, NOW)).toBe('failed');
});

it.each([[null, 'when asked'], [60_000, 'every minute'], [15_000, 'every 15 s'], [900_000, 'every 15 min'], [21_600_000, 'every 6 h'], [86_400_000, 'every day']] as const)('%s ms is %s', (everyMs, words) => {
  expect(rhythmWords(everyMs)).toBe(words);
});

it('lists what failed first, finds by name and by what it does, and gathers failures', () => {
  const queues = [QUEUE, { ...QUEUE, name: 'heal', words: 'Prices rows', failures: [FAILURE, { ...FAILURE, id: '8', failedAt: '2026-11-21T11:30:00Z' }] }];
  expect(shownQueues(queues, { search: undefined, state: undefined }, NOW).map(({ name }) => name)).toEqual(['heal', 'fold-rollups']);
  expect(shownQueues(queues, { search: 'prices', state: undefined }, NOW).map(({ name }) => name)).toEqual(['heal']);
  expect(shownQueues(queues, { search: 'fold', state: 'failed' }, NOW)).toEqual([]);
  expect(allFailures(queues).map(({ id }) => id)).toEqual(['8', '7']);
  expect(jobsSummary(queues)).toBe('2 queues, 0 running, 0 waiting, 2 failed');
});
