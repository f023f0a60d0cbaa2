/** More output for a run that streams. */
import { scopeOf } from '../context.js';
import type { Core } from '../core.js';
import type { GatePolicy } from '../gate-types.js';
import type { RunContext } from '../types.js';
import type { ExtendAnswer } from './meter-answer.js';

/** Denied by the gate, or by the policy for a gate that cannot be asked. An ungated run goes on: nothing was promised of it. */
export async function extendRun(core: Core, context: RunContext, outputTokens: number, onGateUnavailable: GatePolicy | undefined): Promise<ExtendAnswer> {
  const gate = scopeOf(context)?.run?.gate;
  if (!gate || gate.isOver()) return { granted: true };
  const answer = await gate.extend({ outputTokens });
  if (answer.kind === 'denied') return { granted: false, denial: answer.denied };
  if (answer.kind !== 'unavailable') return { granted: true };
  const policy = onGateUnavailable ?? core.options.onGateUnavailable;
  if (policy !== 'deny') return { granted: true };
  return { granted: false, denial: { reason: 'gate_unavailable', status: 503, requestId: context.runId, retryAfterSeconds: undefined } };
}
