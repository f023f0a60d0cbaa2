/** Keeps the hold of a long run alive: a run that lives longer than what it holds would be uncounted spend. */
import type { GateAnswer } from './gate-wire.js';
import { letExit } from './send-batch.js';

export interface Renewal {
  readonly stop: () => void;
}

/** Renewed when more than half of its life has passed, so that two more tries fit in. */
const SHARE_OF_LIFE = 0.6;
const SHARE_OF_REST = 0.15;

/**
 * `lifeMs`: what is left by the server's clock, which may differ from ours: taken within a tenth and the whole of `wholeMs`, for which each extension asks.
 * `extend` never rejects.
 */
export function renewHold(lifeMs: number, wholeMs: number, extend: () => Promise<GateAnswer>, warn: (message: string) => void): Renewal {
  const life = Math.min(Math.max(Number.isFinite(lifeMs) ? lifeMs : wholeMs, wholeMs / 10), wholeMs);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  function schedule(waitMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => void renew(), waitMs);
    letExit(timer);
  }

  async function renew(): Promise<void> {
    const answer = await extend();
    if (stopped) return;
    if (answer.kind === 'permit') return schedule(wholeMs * SHARE_OF_LIFE);
    // A gate that is away comes back, perhaps before the hold ends; what it has decided stays.
    if (answer.kind === 'unavailable') return schedule(wholeMs * SHARE_OF_REST);
    if (answer.kind === 'denied') warn(`The run goes on, but what it holds was not extended: ${answer.denied.message} It ends with its present hold as far as caps are concerned.`);
  }

  schedule(life * SHARE_OF_LIFE);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
