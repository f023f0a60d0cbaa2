import { describe, expect, it } from 'vitest';
import { prepareAttempt, prepareSubject, prepareVerdict, shortId, type LedgerRow } from './prepare-row';
import { prepareTimeline } from './prepare-timeline';

function call(given: Partial<LedgerRow>): LedgerRow {
  return {
    id: 'a', kind: 'usage', subject: 'call', part: 0, sign: 1, occurredAt: '2026-11-21T12:00:10.000Z', recordedAt: '2026-11-21T12:00:10.000Z', late: false,
    environment: 'production', customerId: null, userId: null, workflow: null, feature: null, provider: 'openai', modelRequested: 'gpt-5', modelServed: 'gpt-5-2025-08-07',
    serviceTierServed: null, status: 'succeeded', errorClass: null, outcome: null, attempt: 1, attemptKind: 'first', runId: 'r', runRef: null, requestId: null,
    costPico: '1', costBasis: 'priced', inputTokens: 1, outputTokens: 1, latencyMs: 2_000, ttftMs: null, source: 'sdk', revision: 0, corrects: null, valid: given.kind !== 'reversal', ...given,
  } as LedgerRow;
}

describe('the pill of a row', () => {
  it.each([
    [{ status: 'failed', errorClass: 'rate_limit' }, 'failed', 'danger', 'The call failed: rate_limit'],
    [{ status: 'aborted' }, 'aborted', 'warning', 'The call was broken off'],
    [{ subject: 'outcome', outcome: 'usable' }, 'usable', 'positive', 'The run ended with a usable outcome'],
    [{ subject: 'outcome', outcome: 'unusable' }, 'unusable', 'danger', 'The run ended without a usable outcome'],
    [{ kind: 'reversal' }, 'reversal', 'neutral', 'Takes back a row that was corrected'],
    [{ valid: false }, 'superseded', 'neutral', 'A later correction took this row out'],
    [{ kind: 'restatement' }, 'succeeded (corrected)', 'accent', 'The call succeeded'],
  ] as const)('%o says %s', (given, text, tone, title) => {
    expect(prepareVerdict(call(given))).toEqual({ text, tone, title });
  });
});

describe('the model of a row', () => {
  it('is what was served, and says when something else was asked for', () => {
    expect(prepareSubject(call({}))).toEqual({ name: 'gpt-5-2025-08-07', detail: 'asked for gpt-5' });
    expect(prepareSubject(call({ modelServed: null }))).toEqual({ name: 'gpt-5', detail: 'openai' });
    expect(prepareSubject(call({ subject: 'outcome' })).name).toBe('Outcome');
    expect(prepareSubject(call({ provider: null, modelRequested: null, modelServed: null })).name).toBe('Other cost');
    expect(prepareSubject(call({ modelRequested: null, modelServed: null })).name).toBe('Call');
  });

  it('names attempts after the first', () => {
    expect(prepareAttempt(call({}))).toBeNull();
    expect(prepareAttempt(call({ attempt: 2, attemptKind: 'retry' }))).toBe('retry 2');
  });
});

describe('prepareTimeline', () => {
  it('orders by time and places each call by its beginning and length', () => {
    const entries = prepareTimeline(
      [
        call({ id: 'second', occurredAt: '2026-11-21T12:00:05.000Z', latencyMs: 5_000 }),
        call({ id: 'first', occurredAt: '2026-11-21T12:00:00.000Z', latencyMs: 2_000 }),
        call({ id: 'end', subject: 'outcome', kind: 'outcome', outcome: 'usable', latencyMs: null, occurredAt: '2026-11-21T12:00:10.000Z', attempt: 9 }),
      ],
      'second',
    );
    expect(entries.map((entry) => [entry.row.id, entry.offsetMs, entry.current])).toEqual([['first', 0, false], ['second', 5_000, true], ['end', 10_000, false]]);
    expect(entries.map((entry) => entry.bar)).toEqual([{ start: 0, width: 0.2 }, { start: 0.5, width: 0.5 }, null]);
  });

  it('keeps a very short call visible inside the scale', () => {
    const entries = prepareTimeline([call({ id: 'a', latencyMs: 100_000 }), call({ id: 'b', latencyMs: 1 })], 'a');
    const short = entries.find((entry) => entry.row.id === 'b')?.bar;
    expect((short?.start ?? 2) + (short?.width ?? 0)).toBeLessThanOrEqual(1);
    expect(short?.width).toBeGreaterThan(0.01);
  });
});

it('shortens ids to their random end', () => {
  expect(shortId('0199a7e2-7a1b-7c3d-8e4f-1234567890ab')).toBe('…567890ab');
  expect(shortId('run-42')).toBe('run-42');
});
