import { expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password';

it('stores argon2id with the parameters of OWASP, salted', async () => {
  const [one, two] = await Promise.all([hashPassword('correct horse battery'), hashPassword('correct horse battery')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword(one, 'correct horse battery')).toBe(true);
  expect(await verifyPassword(one, 'correct horse batterz')).toBe(false);
});

it('takes the same characters for the same password, however they were typed', async () => {
  const composed = await hashPassword('caf\u00e9 caf\u00e9 caf\u00e9');
  expect(await verifyPassword(composed, 'cafe\u0301 cafe\u0301 cafe\u0301')).toBe(true);
});

it('is false, not an error, for somebody who does not exist', async () => {
  expect(await verifyPassword(null, 'the password of nobody')).toBe(false);
});

it('answers many at once, each its own', async () => {
  const hashed = await hashPassword('pass-word-7');
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => verifyPassword(hashed, `pass-word-${n}`)));
  expect(answers.map((answer, n) => (answer ? n : -1)).filter((n) => n >= 0)).toEqual([7]);
});
