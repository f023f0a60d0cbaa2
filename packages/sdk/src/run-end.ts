/** Whether a run was of use to the customer, decided in one place. Pure. */
import type { RunEnd, UsableAnswer } from './types.js';

export interface Usability {
  readonly usable: boolean;
  readonly units: number | string | undefined;
}

/** Reads the answer of the caller's `usable` callback; null when it is no answer. */
export function readAnswer(answer: unknown): Usability | null {
  if (typeof answer === 'boolean') return { usable: answer, units: undefined };
  if (typeof answer !== 'object' || answer === null) return null;
  const { usable, units } = answer as Partial<Exclude<UsableAnswer, boolean>>;
  if (typeof usable !== 'boolean') return null;
  return { usable, units: typeof units === 'number' || typeof units === 'string' ? units : undefined };
}

/**
 * The rule when there is no callback. In this order: a stream that failed or was cancelled is unusable; a value with a
 * boolean `usable` says so itself; a `Response` is usable when its status is (`ok`); everything else that came back is usable.
 */
export function judgeValue(value: unknown, end: RunEnd): Usability {
  if (end.how === 'stream_failed' || end.how === 'stream_cancelled') return { usable: false, units: undefined };
  const stated = readAnswer(typeof value === 'object' ? value : null);
  if (stated) return stated;
  if (typeof value === 'object' && value !== null && 'ok' in value && 'status' in value && typeof value.ok === 'boolean') {
    return { usable: value.ok, units: undefined };
  }
  return { usable: true, units: undefined };
}
