import { describe, expect, it } from 'vitest';
import { createLog, hideInText } from './log';

function logged(fields: object, message = 'x'): { text: string; line: Record<string, unknown> } {
  let text = '';
  const log = createLog({ name: 'api', destination: { write: (line: string) => { text += line; } } });
  log.info(fields, message);
  return { text, line: JSON.parse(text) as Record<string, unknown> };
}

describe('the log', () => {
  it('is one JSON line with time, level, name and fields', () => {
    const { line } = logged({ requestId: 'r-1', inputTokens: 12, output_tokens: 3, durationMs: 4.5 }, 'request done');
    expect(line).toMatchObject({ level: 'info', name: 'api', requestId: 'r-1', inputTokens: 12, output_tokens: 3, durationMs: 4.5, msg: 'request done' });
    expect(Date.parse(line.time as string)).not.toBeNaN();
  });

  it.each([
    { headers: { authorization: 'CANARY' } }, { headers: { Cookie: 'CANARY' } }, { 'set-cookie': ['CANARY'] }, { password: 'CANARY' }, { user: { passwordHash: 'CANARY' } },
    { apiKey: 'CANARY' }, { api_key: 'CANARY' }, { token: 'CANARY' }, { resetToken: 'CANARY' }, { masterKey: 'CANARY' }, { clientSecret: 'CANARY' },
    { prompt: 'CANARY' }, { messages: [{ role: 'user', content: 'CANARY' }] }, { body: { a: 'CANARY' } }, { input: 'CANARY' }, { output: [{ text: 'CANARY' }] },
    { choices: [{ message: { content: 'CANARY' } }] }, { raw_usage: { x: 'CANARY' } }, { params: ['CANARY'] }, { a: { b: { c: { d: { password: 'CANARY' } } } } },
    { a: { b: { c: { d: { e: { f: { g: 'CANARY' } } } } } } },
  ])('hides $#: %j', (fields) => {
    expect(logged(fields).text).not.toContain('CANARY');
  });

  it('keeps of an error its message, code and causes, not the values of rows or bodies', () => {
    const cause = Object.assign(new Error('duplicate key value'), { code: '23505', detail: 'Key (email)=(CANARY) already exists.', constraint: 'users_email_key' });
    const error = Object.assign(new Error('sign-up failed', { cause }), { response: { data: 'CANARY' } });
    const { text, line } = logged({ err: error });
    expect(text).not.toContain('CANARY');
    expect(line.err).toMatchObject({ message: expect.stringContaining('sign-up failed') as string, cause: { message: 'duplicate key value', code: '23505', constraint: 'users_email_key' } });
  });

  it('hides secrets inside of texts', () => {
    const { text } = logged({ note: 'called with Bearer abcdefghijkl' }, 'key ol_production_abcdef123456 at postgres://me:hunter2@db/x with sk-proj-abcdef123456');
    for (const secret of ['abcdefghijkl', 'abcdef123456', 'hunter2']) expect(text).not.toContain(secret);
    expect(text).toContain('ol_production_[hidden]');
    expect(hideInText('nothing to hide: 5:30 at http://host:4400/path')).toBe('nothing to hide: 5:30 at http://host:4400/path');
  });
});
