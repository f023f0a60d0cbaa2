/** Starts planned runs when the trace says, as fast as the speed allows, never more than so many at once. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Paced {
  readonly atMs: number;
}

export interface Pace {
  /** How much faster than the trace; `max` waits for nothing. */
  readonly speed: number | 'max';
  readonly concurrency: number;
  /** No new run starts after it fires; those that run are waited for. */
  readonly signal: AbortSignal;
}

/** Resolves when everything that was started has ended. `execute` must not throw. */
export async function paceRuns<T extends Paced>(runs: readonly T[], pace: Pace, execute: (run: T) => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  const open = new Set<Promise<void>>();
  for (const run of runs) {
    if (pace.speed !== 'max') await waitUntil(startedMs + run.atMs / pace.speed, pace.signal);
    while (open.size >= pace.concurrency) await Promise.race(open);
    if (pace.signal.aborted) break;
    const task = execute(run).finally(() => open.delete(task));
    open.add(task);
  }
  await Promise.all(open);
}

async function waitUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const ms = atMs - performance.now();
  if (ms > 1 && !signal.aborted) await wait(ms, undefined, { signal }).catch(() => undefined);
}
