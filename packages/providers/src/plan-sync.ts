/** When a connection is asked again. Pure: chance is a parameter. */
import type { SyncFault } from './adapter';

export type ConnectionState = 'waiting' | 'healthy' | 'failing' | 'stopped' | 'paused';

export interface NextSync {
  readonly state: ConnectionState;
  readonly failures: number;
  readonly waitMs: number;
}

const BACKOFF_FIRST_MS = 30_000;
const BACKOFF_MAX_MS = 30 * 60_000;
/** Each connection at its own second: a hundred teams must not all knock at once. */
const JITTER = 0.2;

/** `chance` between 0 and 1. */
export function planAfterSuccess(everyMs: number, chance: number): NextSync {
  return { state: 'healthy', failures: 0, waitMs: Math.round(everyMs * (1 - JITTER / 2 + JITTER * chance)) };
}

/** What a person must mend stops it; everything else is tried again, later each time, and never sooner than the provider asks. */
export function planAfterFault(fault: Pick<SyncFault, 'kind' | 'retryAfterMs'>, failures: number, chance: number): NextSync {
  if (fault.kind === 'credentials' || fault.kind === 'not_found') return { state: 'stopped', failures: failures + 1, waitMs: BACKOFF_MAX_MS };
  const backoffMs = Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(failures, 10), BACKOFF_MAX_MS);
  const waitMs = Math.round(backoffMs * (0.5 + 0.5 * chance));
  return { state: 'failing', failures: failures + 1, waitMs: Math.max(waitMs, fault.retryAfterMs ?? 0) };
}

/** The streams that are due: each has its own rhythm, and the connection is asked as often as its quickest one. */
export function dueStreams(streams: readonly { readonly id: string; readonly everyMs: number }[], lastMs: Readonly<Record<string, number>>, nowMs: number): string[] {
  return streams.filter(({ id, everyMs }) => nowMs - (lastMs[id] ?? 0) >= everyMs * (1 - JITTER)).map(({ id }) => id);
}
