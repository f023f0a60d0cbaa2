import type { Tone } from '../ui/badge';

const SOON_MS = 7 * 86_400_000;

export interface KeyState {
  readonly works: boolean;
  readonly badge: { readonly text: string; readonly tone: Tone } | null;
}

/** Whether a key opens anything now, and what to say beside it. */
export function prepareKeyState(key: { readonly expiresAt: string | null; readonly revokedAt: string | null }, nowMs: number): KeyState {
  if (key.revokedAt) return { works: false, badge: { text: 'revoked', tone: 'danger' } };
  if (!key.expiresAt) return { works: true, badge: null };
  const left = Date.parse(key.expiresAt) - nowMs;
  if (left <= 0) return { works: false, badge: { text: 'expired', tone: 'neutral' } };
  if (left > SOON_MS) return { works: true, badge: null };
  const days = Math.ceil(left / 86_400_000);
  return { works: true, badge: { text: days === 1 ? 'expires within a day' : `expires in ${days} days`, tone: 'warning' } };
}
