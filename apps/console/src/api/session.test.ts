import { expect, it } from 'vitest';
import { safeNextPath } from './session';

it.each([
  ['/ledger?event=1', '/ledger?event=1'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
])('goes on from %s to %s', (next, path) => {
  expect(safeNextPath(next)).toBe(path);
});
