/**
 * Frees what a run holds. The outcome itself goes through the event queue like every event, behind the run's calls, and waits on disk while the ledger is
 * away: it cannot be lost, and a hold is never freed before the spend it stood for is in the ledger. Only then does `finish` say that the run is over, also
 * for a process that is gone. What it cannot say costs nothing but time: the hold expires by itself.
 */
import type { Entry } from './event-queue.js';
import type { Gate } from './gate.js';
import { letExit } from './send-batch.js';
import type { Verdict } from './types.js';

export interface Settler {
  /** The run's outcome is on its way to the ledger. */
  readonly expect: (runId: string) => void;
  /** The ledger has spoken about an event. */
  readonly onVerdict: (verdict: Verdict, entry: Pick<Entry, 'text' | 'adopted'>) => void;
  /** The run is over, and made no call. */
  readonly release: (runId: string) => void;
}

const RETRY_MS = [1_000, 5_000, 25_000];
/** More runs than this wait for a ledger that is away: their holds expire. */
const EXPECTED_MAX = 10_000;
/** A batch may bring a thousand outcomes; each is a request of its own. */
const AT_ONCE_MAX = 8;

export function createSettler(gate: Gate, later: (work: Promise<void>) => void): Settler {
  const expected = new Set<string>();
  const waiting: (() => void)[] = [];
  let busy = 0;

  async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
    if (busy >= AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      waiting.shift()?.();
    }
  }

  async function insist(say: () => Promise<boolean>, tries = 0): Promise<void> {
    if (gate.isOff() || (await takeTurn(say))) return;
    const waitMs = RETRY_MS[tries];
    if (waitMs !== undefined) letExit(setTimeout(() => void insist(say, tries + 1), waitMs));
  }

  return {
    expect(runId) {
      if (expected.size >= EXPECTED_MAX) expected.delete(expected.keys().next().value!);
      expected.add(runId);
    },
    onVerdict({ kind, runId, verdict }, { text, adopted }) {
      if (kind !== 'outcome' || runId === undefined) return;
      if (!expected.delete(runId) && !adopted) return;
      const { kind: _kind, run_id: _runId, ...outcome } = JSON.parse(text) as Record<string, unknown>;
      // An outcome that the ledger refuses would be refused again: nothing is left but to let go.
      later(insist(() => (verdict === 'rejected' ? gate.release(runId) : gate.finish(runId, outcome))));
    },
    release: (runId) => later(insist(() => gate.release(runId))),
  };
}
