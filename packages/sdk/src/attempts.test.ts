import { APIConnectionError, APIConnectionTimeoutError, APIUserAbortError, AuthenticationError, InternalServerError, NotFoundError, RateLimitError } from 'openai';
import { describe, expect, it } from 'vitest';
import { classifyError, errorClassOf, nextAttempt, readPolicy, waitAskedMs } from './attempts.js';
import { OutlayError } from './errors.js';

const headers = new Headers();
const progress = { models: ['a', 'b'], modelIndex: 0, attempts: 1, requestsToModel: 1 };

describe('classifyError', () => {
  it.each([
    [new RateLimitError(429, { code: 'rate_limit_exceeded' }, 'slow', headers), 'retry'],
    [new RateLimitError(429, { code: 'insufficient_quota' }, 'pay', headers), 'fallback'],
    [new InternalServerError(503, {}, 'down', headers), 'retry'],
    [new NotFoundError(404, {}, 'no such model', headers), 'fallback'],
    [new AuthenticationError(401, {}, 'key', headers), 'stop'],
    [new APIConnectionError({ cause: new Error('x') }), 'retry'],
    [new APIConnectionTimeoutError(), 'retry'],
    [new APIUserAbortError(), 'stop'],
    [new DOMException('gone', 'AbortError'), 'stop'],
    [Object.assign(new Error('x'), { error: { type: 'error', error: { type: 'overloaded_error' } } }), 'retry'],
    [Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }), 'retry'],
    [new OutlayError('attempt_timeout'), 'retry'],
    [new OutlayError('context_too_large'), 'stop'],
    [new Error('a bug of the caller'), 'stop'],
    [new TypeError('x is not a function'), 'stop'],
    ['a string', 'stop'],
    [undefined, 'stop'],
  ] as const)('%s -> %s', (error, decision) => {
    expect(classifyError(error)).toBe(decision);
  });
});

describe('nextAttempt', () => {
  const rules = readPolicy({ baseDelayMs: 100 });

  it('retries the model, then falls back, then ends', () => {
    expect(nextAttempt(rules, progress, 'retry', undefined, 1)).toEqual({ modelIndex: 0, kind: 'retry', delayMs: 100 });
    expect(nextAttempt(rules, { ...progress, requestsToModel: 2 }, 'retry', undefined, 1)).toEqual({ modelIndex: 1, kind: 'fallback', delayMs: 0 });
    expect(nextAttempt(rules, { ...progress, modelIndex: 1, requestsToModel: 2 }, 'retry', undefined, 1)).toBeNull();
    expect(nextAttempt(rules, progress, 'stop', undefined, 1)).toBeNull();
  });

  it('counts the client\'s own retries: a model that had its requests is not asked again', () => {
    expect(nextAttempt(rules, { ...progress, requestsToModel: 3 }, 'retry', undefined, 0)?.kind).toBe('fallback');
  });

  it('waits as long as the provider asks, unless that is longer than the policy allows', () => {
    expect(nextAttempt(rules, progress, 'retry', 3_000, 0)?.delayMs).toBe(3_000);
    expect(nextAttempt(rules, progress, 'retry', 60_000, 0)).toEqual({ modelIndex: 1, kind: 'fallback', delayMs: 0 });
    expect(nextAttempt(rules, { ...progress, models: ['a'] }, 'retry', 60_000, 0)).toBeNull();
  });

  it('keeps the bounds of the policy', () => {
    expect(nextAttempt(readPolicy({ maxAttempts: 1 }), progress, 'retry', undefined, 0)).toBeNull();
    expect(nextAttempt(readPolicy({ fallback: false }), progress, 'fallback', undefined, 0)).toBeNull();
    expect(() => readPolicy({ attemptsPerModel: 0 })).toThrow('"retry.attemptsPerModel" must be a number of at least 1.');
    expect(() => readPolicy({ baseDelayMs: Number.NaN })).toThrow('retry.baseDelayMs');
  });
});

describe('what is taken from an error', () => {
  it('is a short name, never a sentence that may quote the prompt', () => {
    expect(errorClassOf(new RateLimitError(429, { code: 'rate_limit_exceeded' }, 'x', headers))).toBe('rate_limit_exceeded');
    expect(errorClassOf(new InternalServerError(503, {}, 'x', headers))).toBe('http_503');
    expect(errorClassOf(Object.assign(new Error('the prompt was: hello'), { code: 'the prompt was: hello' }))).toBe('Error');
    expect(errorClassOf('the prompt was: hello')).toBe('error');
    expect(errorClassOf(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }))).toBe('ECONNRESET');
  });

  it('is the wait it asks for, in any form of header', () => {
    const nowMs = Date.parse('2026-11-21T10:00:00Z');
    expect(waitAskedMs({ headers: new Headers({ 'retry-after-ms': '250' }) }, nowMs)).toBe(250);
    expect(waitAskedMs({ headers: { 'retry-after': '2' } }, nowMs)).toBe(2_000);
    expect(waitAskedMs({ headers: { 'retry-after': 'Sat, 21 Nov 2026 10:00:03 GMT' } }, nowMs)).toBe(3_000);
    expect(waitAskedMs({ headers: { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' } }, nowMs)).toBeUndefined();
    expect(waitAskedMs(new Error('x'), nowMs)).toBeUndefined();
  });
});
