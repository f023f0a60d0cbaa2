/** Waits for what was recorded to be delivered: at any time, and at the end of a client's or a process's life. */
import type { Core } from './core.js';
import type { FlushResult } from './types.js';

/** Everything recorded so far, and what goes on behind a value that the caller has already. */
export async function flushAll(core: Core, timeoutMs: number): Promise<FlushResult> {
  const deadlineMs = Date.now() + timeoutMs;
  // Sending starts at once: a slow judge must not use up the time of events that are ready.
  await Promise.all([core.delivery.flush(timeoutMs), within(timeoutMs, core.settled())]);
  const flushed = await core.delivery.flush(Math.max(0, deadlineMs - Date.now()));
  // What a delivered outcome set off: its run is settled at the gate.
  await within(deadlineMs - Date.now(), core.settled());
  return flushed;
}

/**
 * The last flush. Calls that are still open are recorded as `unknown` with an estimate: their provider may bill them, and
 * nobody will be there to hear their end.
 */
export async function finishAll(core: Core, timeoutMs: number): Promise<FlushResult> {
  const deadlineMs = Date.now() + timeoutMs;
  if (core.openCalls.size > 0) await flushAll(core, timeoutMs / 2);
  for (const abandon of core.openCalls) abandon();
  core.ended.abort();
  await Promise.all([core.delivery.flush(timeoutMs, true), within(timeoutMs, core.settled())]);
  const flushed = await core.delivery.flush(Math.max(0, deadlineMs - Date.now()), true);
  await within(deadlineMs - Date.now(), core.settled());
  return flushed;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms <= 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
