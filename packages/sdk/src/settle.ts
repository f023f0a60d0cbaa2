/**
 * Frees what a run holds. The outcome itself goes through the event queue like every event, behind the run's calls, and waits on disk while the ledger is
 * away: it cannot be lost, and a hold is never freed before the spend it stood for is in the ledger. Only then does `finish` say that the run is over. What
 * it cannot say (a crash, a server that is down) costs nothing but time: the hold expires by itself.
 */
import type { WireEvent } from './events.js';
import type { Gate } from './gate.js';
import { letExit } from './send-batch.js';
import type { Verdict } from './types.js';

export interface Settler {
  /** The run's outcome is on its way to the ledger. */
  readonly expect: (runId: string, outcome: WireEvent) => void;
  /** The ledger has spoken about an outcome. */
  readonly onVerdict: (verdict: Verdict) => void;
  /** The run is over, and made no call. */
  readonly release: (runId: string) => void;
}

const RETRY_MS = [1_000, 5_000, 25_000];
/** More runs than this wait for a ledger that is away: their holds expire. */
const EXPECTED_MAX = 10_000;

export function createSettler(gate: Gate, later: (work: Promise<void>) => void): Settler {
  const expected = new Map<string, WireEvent>();

  async function insist(say: () => Promise<boolean>, tries = 0): Promise<void> {
    if (await say()) return;
    const waitMs = RETRY_MS[tries];
    if (waitMs !== undefined) letExit(setTimeout(() => void insist(say, tries + 1), waitMs));
  }

  return {
    expect(runId, outcome) {
      if (expected.size >= EXPECTED_MAX) expected.delete(expected.keys().next().value!);
      expected.set(runId, outcome);
    },
    onVerdict({ kind, runId, verdict }) {
      const outcome = kind === 'outcome' && runId !== undefined ? expected.get(runId) : undefined;
      if (!outcome || runId === undefined) return;
      expected.delete(runId);
      const { kind: _kind, run_id: _runId, ...fields } = outcome;
      // An outcome that the ledger refuses would be refused again: nothing is left but to let go.
      later(insist(() => (verdict === 'rejected' ? gate.release(runId) : gate.finish(runId, fields))));
    },
    release: (runId) => later(insist(() => gate.release(runId))),
  };
}
