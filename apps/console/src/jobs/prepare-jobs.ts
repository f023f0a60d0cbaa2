/** Queues and what failed in them, in words. Pure. */
import type { Tone } from '../ui/badge';
import { formatCount, formatDuration, formatPlural } from '../ui/format-number';

export interface QueueFacts {
  readonly name: string;
  readonly words: string;
  readonly everyMs: number | null;
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  readonly failed: number;
  readonly lastDoneAt: string | null;
  readonly lastTookMs: number | null;
  readonly nextAt: string | null;
  readonly failures: readonly FailureFacts[];
}

export interface FailureFacts {
  readonly queue: string;
  readonly id: string;
  readonly failedAt: string | null;
  readonly attempts: number;
  readonly reason: string;
  readonly ofAll: boolean;
}

export type QueueState = 'failed' | 'late' | 'running' | 'waiting' | 'idle';

export const QUEUE_LOOKS: Readonly<Record<QueueState, { readonly label: string; readonly tone: Tone; readonly note: string }>> = {
  failed: { label: 'Failed', tone: 'danger', note: 'Jobs of this kind failed and were not tried again since.' },
  late: { label: 'Late', tone: 'warning', note: 'It should have run by now: see that a worker is running.' },
  running: { label: 'Running', tone: 'accent', note: 'A worker has it now.' },
  waiting: { label: 'Waiting', tone: 'accent', note: 'Its turn comes next.' },
  idle: { label: 'Idle', tone: 'positive', note: 'Nothing to do until its next round.' },
};

/** A round may start late under load; twice its rhythm, and at least two minutes, is worth a look. */
const LATE_MIN_MS = 120_000;

export function queueState({ failures, failed, active, waiting, everyMs, nextAt }: QueueFacts, nowMs: number): QueueState {
  if (failures.length > 0 || failed > 0) return 'failed';
  if (active > 0) return 'running';
  if (nextAt !== null && everyMs !== null && nowMs - Date.parse(nextAt) > Math.max(everyMs, LATE_MIN_MS)) return 'late';
  return waiting > 0 ? 'waiting' : 'idle';
}

/** `every minute`, `every 15 s`, `every 6 h`, `when asked`. */
export function rhythmWords(everyMs: number | null): string {
  if (everyMs === null) return 'when asked';
  const units = [[86_400_000, 'day', 'days'], [3_600_000, 'hour', 'h'], [60_000, 'minute', 'min'], [1_000, 'second', 's']] as const;
  for (const [size, one, many] of units) {
    if (everyMs === size) return `every ${one}`;
    if (everyMs > size && everyMs % size === 0) return `every ${everyMs / size} ${many}`;
  }
  return `every ${formatDuration(everyMs)}`;
}

/** What needs somebody first, then by name. */
export function shownQueues(queues: readonly QueueFacts[], { search, state }: { readonly search: string | undefined; readonly state: 'failed' | undefined }, nowMs: number): QueueFacts[] {
  const wanted = search?.trim().toLowerCase() ?? '';
  const rank: readonly QueueState[] = ['failed', 'late', 'running', 'waiting', 'idle'];
  const stateOf = (queue: QueueFacts): QueueState => queueState(queue, nowMs);
  return queues
    .filter((queue) => state === undefined || stateOf(queue) === state)
    .filter((queue) => `${queue.name} ${queue.words}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => rank.indexOf(stateOf(a)) - rank.indexOf(stateOf(b)) || a.name.localeCompare(b.name));
}

/** Of all queues that this person may see, the newest first. */
export function allFailures(queues: readonly QueueFacts[]): FailureFacts[] {
  return queues.flatMap(({ failures }) => failures).toSorted((a, b) => (b.failedAt ?? '').localeCompare(a.failedAt ?? '') || a.id.localeCompare(b.id));
}

export function jobsSummary(queues: readonly QueueFacts[]): string {
  const sum = (pick: (queue: QueueFacts) => number): number => queues.reduce((all, queue) => all + pick(queue), 0);
  const failed = sum(({ failures, failed: others }) => Math.max(failures.length, others));
  return `${formatPlural(queues.length, 'queue')}, ${formatCount(sum(({ active }) => active))} running, ${formatCount(sum(({ waiting }) => waiting))} waiting, ${failed === 0 ? 'none failed' : `${formatCount(failed)} failed`}`;
}
