import { expect, it } from 'vitest';
import { connectionsSummary, lagWords, prepareTicks, progressWords, sortConnections, stateWords, syncTook, type ConnectionFacts } from './prepare-connections';

const CONNECTION: ConnectionFacts = { id: '1', provider: 'openai', name: 'Main', hint: 'abcd', state: 'healthy', lastSuccessAt: '2026-11-21T12:00:00Z', lagMinutes: 1, nextSyncAt: null, lastError: null, failures: 0, progress: null };

it('says that it syncs while it does, whatever the last sync said', () => {
  expect(stateWords(CONNECTION).label).toBe('Healthy');
  expect(stateWords({ ...CONNECTION, state: 'failing', progress: { pages: 0, rowsRead: 0, words: '' } }).label).toBe('Syncing');
  expect(stateWords({ ...CONNECTION, state: 'waiting' }).label).toBe('Waiting');
  expect(stateWords({ ...CONNECTION, state: 'waiting', lastSuccessAt: null }).label).toBe('First sync');
  expect(stateWords({ ...CONNECTION, provider: 'import', state: 'waiting' }).label).toBe('Imported');
});

it.each([[0, 'up to date'], [1, 'up to date'], [5, '5 min behind'], [119, '119 min behind'], [180, '3 h behind'], [4_320, '3 days behind'], [null, null]] as const)('a lag of %s minutes is %s', (lagMinutes, words) => {
  expect(lagWords({ lagMinutes, state: 'healthy' })).toBe(words);
});

it('counts what a sync has read, and waits in words before its first page', () => {
  expect(progressWords({ pages: 3, rowsRead: 1_200, words: 'Costs' })).toBe('3 pages, 1,200 rows: Costs');
  expect(progressWords({ pages: 0, rowsRead: 0, words: 'Waiting for a worker.' })).toBe('Waiting for a worker.');
  expect(progressWords({ pages: 1, rowsRead: 1, words: '' })).toBe('1 page, 1 row');
});

it('puts what needs a person first and counts it', () => {
  const all = [CONNECTION, { ...CONNECTION, id: '2', state: 'stopped' as const, provider: 'google' }, { ...CONNECTION, id: '3', state: 'failing' as const }];
  expect(sortConnections(all).map(({ id }) => id)).toEqual(['2', '3', '1']);
  expect(connectionsSummary(all)).toBe('3 connections, 2 need a look');
  expect(connectionsSummary([{ ...CONNECTION, progress: { pages: 1, rowsRead: 1, words: '' } }])).toBe('1 connection, 1 syncing');
});

it('draws syncs oldest first, as high as they were long, and never as nothing', () => {
  const sync = { cause: 'schedule' as const, state: 'done' as const, startedAt: '2026-11-21T12:00:00Z', finishedAt: '2026-11-21T12:00:04Z', pages: 2, rowsRead: 10, rowsChanged: 1, progress: '', error: null };
  const ticks = prepareTicks([{ ...sync, id: 'new' }, { ...sync, id: 'old', state: 'failed', finishedAt: '2026-11-21T12:00:00.001Z' }], Date.parse('2026-11-21T12:01:00Z'));
  expect(ticks.map(({ key, state, height }) => [key, state, height])).toEqual([['old', 'failed', 0.12], ['new', 'done', 1]]);
  expect(syncTook(sync)).toBe('4.0 s');
  expect(syncTook({ ...sync, finishedAt: null })).toBeNull();
});
