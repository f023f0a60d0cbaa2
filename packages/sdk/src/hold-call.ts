/** Calls beyond those that a run stated with `maxCalls`: a bounded hold is a bound only while it is kept, so each of them asks for its own share first. */
import type { RunState, Scope } from './context.js';
import { parseDecimal, shareOfDecimal } from './decimal.js';
import type { HoldState } from './gate-types.js';
import type { ExtendAsk } from './gate-wire.js';

const COST_SCALE = 9;

/** True when the run has made all the calls that it holds for. */
export function isBeyondHold({ run }: Scope): boolean {
  const hold = run?.gate?.hold;
  return run !== undefined && hold?.bounded === true && hold.calls !== null && run.calls >= hold.calls + run.callsGranted;
}

/** Throws `OutlayDenied`. A gate that cannot be asked stops nothing: the run was let in, and its usage is recorded. */
export async function holdOneMore(run: RunState): Promise<void> {
  const { gate } = run;
  if (!gate?.hold) return;
  const answer = await gate.extend(shareOf(gate.hold));
  if (answer.kind === 'denied') throw answer.denied;
  run.callsGranted += 1;
}

/** What one call of the run holds, rounded up: cost as the gate counts it, in billionths of a dollar. */
function shareOf({ calls, tokens, costUsd }: HoldState): ExtendAsk {
  const among = Math.max(calls ?? 1, 1);
  const cost = parseDecimal(costUsd);
  return { tokens: tokens === null ? undefined : Math.ceil(tokens / among), cost: cost === null ? undefined : shareOfDecimal(cost, among, COST_SCALE) };
}
