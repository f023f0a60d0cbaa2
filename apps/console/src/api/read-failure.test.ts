import { describe, expect, it } from 'vitest';
import { readFailure } from './read-failure';

describe('readFailure', () => {
  it('takes the public error out of the data', () => {
    const failure = readFailure({
      message: 'x',
      data: { httpStatus: 409, outlay: { code: 'last_owner', message: 'The last owner cannot leave.', field: 'userId', retryable: false, request_id: 'req-1' } },
    });
    expect(failure).toEqual({ code: 'last_owner', message: 'The last owner cannot leave.', field: 'userId', retryable: false, requestId: 'req-1' });
  });

  it('falls back to the header when the data carries no correlation id', () => {
    const failure = readFailure({
      message: 'Sign in first.',
      data: { code: 'not_signed_in', httpStatus: 401 },
      meta: { response: { status: 401, headers: new Headers({ 'x-request-id': 'req-2' }) } },
    });
    expect(failure).toMatchObject({ code: 'not_signed_in', message: 'Sign in first.', retryable: false, requestId: 'req-2' });
  });

  it('says that nothing answered when there is no data', () => {
    const unanswered = Object.assign(new Error('Failed to fetch'), { name: 'TRPCClientError' });
    expect(readFailure(unanswered)).toMatchObject({ code: 'unreachable', retryable: true, requestId: null });
    expect(readFailure({ meta: { response: { status: 502 } } }).message).toBe('The answer was not readable (HTTP 502).');
  });

  it('tells a fault of the page from a server that did not answer', () => {
    expect(readFailure(new Error('x is undefined'))).toMatchObject({ code: 'page_failed', message: 'The page has a fault: x is undefined', retryable: false });
    expect(readFailure(new TypeError('Failed to fetch dynamically imported module: /a.js'))).toMatchObject({ code: 'outdated', retryable: true });
  });

  it('retries 5xx and 429 unless the server says otherwise', () => {
    expect(readFailure({ data: { httpStatus: 503 } }).retryable).toBe(true);
    expect(readFailure({ data: { httpStatus: 429 } }).retryable).toBe(true);
    expect(readFailure({ data: { httpStatus: 400 } }).retryable).toBe(false);
    expect(readFailure({ data: { httpStatus: 500, outlay: { retryable: false } } }).retryable).toBe(false);
  });
});
