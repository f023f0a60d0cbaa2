import { describe, expect, it } from 'vitest';
import { prepareRunTotals, prepareWaterfall, runEnd, type RunEvent } from './prepare-run';

const BEGIN = Date.parse('2026-11-21T12:00:00.000Z');

function call(given: Partial<RunEvent> & { readonly afterMs?: number }): RunEvent {
  const { afterMs = 0, ...rest } = given;
  return {
    id: `id-${afterMs}`, kind: 'usage', subject: 'call', part: 0, sign: 1, revision: 0, corrects: null, valid: true, occurredAt: new Date(BEGIN + afterMs).toISOString(),
    status: 'succeeded', outcome: null, attempt: 1, attemptKind: 'first', latencyMs: 2_000, ttftMs: 500, inputTokens: 100, outputTokens: 10, quantities: { input_uncached: 60, cache_read: 40 }, costPico: '5', ...rest,
  } as RunEvent;
}

describe('prepareWaterfall', () => {
  it('draws each call from its begin to its end, with the moment of the first token, and the outcome as a moment', () => {
    const { rows, durationMs } = prepareWaterfall([call({ afterMs: 2_000, id: 'second' }), call({ id: 'first' }), call({ afterMs: 4_000, id: 'end', subject: 'outcome', kind: 'outcome', outcome: 'usable', latencyMs: null, ttftMs: null })], false);
    expect(rows.map(({ event, start, width, firstToken, offsetMs }) => [event.id, start, width, firstToken, offsetMs])).toEqual([['first', 0, 0.5, 0.25, 0], ['second', 0.5, 0.5, 0.25, 2_000], ['end', 1, 0, null, 4_000]]);
    expect(rows.map(({ words }) => words)).toEqual(['starts at the begin, takes 2.0 s, first token after 500 ms', 'starts after 2.0 s, takes 2.0 s, first token after 500 ms', 'stated after 4.0 s']);
    expect(durationMs).toBe(4_000);
  });

  it('shows what was corrected only when asked, and counts it', () => {
    const events = [call({ id: 'was', valid: false }), call({ id: 'back', kind: 'reversal', sign: -1, revision: 1, valid: false }), call({ id: 'is', kind: 'restatement', revision: 1 })];
    expect(prepareWaterfall(events, false)).toMatchObject({ superseded: 2, rows: [{ event: { id: 'is' } }] });
    expect(prepareWaterfall(events, true).rows).toHaveLength(3);
  });

  it('has no bar length for a call that nobody measured, and no first token past the end', () => {
    const { rows } = prepareWaterfall([call({ latencyMs: null }), call({ afterMs: 1_000, ttftMs: 9_000 })], false);
    expect(rows.map(({ width, firstToken }) => [width, firstToken])).toEqual([[0, null], [expect.any(Number), null]]);
    expect(rows[0]?.words).toContain('duration not measured');
  });
});

it('sums the rows with their signs: what a correction took back is out', () => {
  const events = [
    call({ valid: false }), call({ kind: 'reversal', sign: -1, valid: false, inputTokens: -100, outputTokens: -10, quantities: { input_uncached: -60, cache_read: -40 } }),
    call({ kind: 'restatement', inputTokens: 70, outputTokens: 7, quantities: { input_uncached: 70 }, status: 'failed' }), call({ subject: 'outcome', inputTokens: 0, outputTokens: 0, quantities: {} }),
  ];
  expect(prepareRunTotals(events)).toEqual({ inputTokens: 70, cachedTokens: 0, outputTokens: 7, failed: 1, corrected: 1 });
});

it.each([['usable', -1, 'usable'], [null, 1, 'open'], [null, 0, 'unknown']] as const)('a run of outcome %s with %i ms left is %s', (outcome, leftMs, end) => {
  expect(runEnd({ outcome, openUntil: new Date(BEGIN + leftMs).toISOString() }, BEGIN)).toBe(end);
});
