import { expect, it } from 'vitest';
import { prepareKeyState } from './prepare-key-state';

const NOW = Date.parse('2026-11-21T12:00:00Z');

it.each([
  [{ expiresAt: null, revokedAt: null }, true, null],
  [{ expiresAt: '2027-11-21T12:00:00Z', revokedAt: null }, true, null],
  [{ expiresAt: '2026-11-24T11:00:00Z', revokedAt: null }, true, 'expires in 3 days'],
  [{ expiresAt: '2026-11-21T13:00:00Z', revokedAt: null }, true, 'expires within a day'],
  [{ expiresAt: '2026-11-21T12:00:00Z', revokedAt: null }, false, 'expired'],
  [{ expiresAt: '2027-11-21T12:00:00Z', revokedAt: '2026-11-20T00:00:00Z' }, false, 'revoked'],
])('%o', (key, works, text) => {
  const state = prepareKeyState(key, NOW);
  expect(state.works).toBe(works);
  expect(state.badge?.text ?? null).toBe(text);
});
