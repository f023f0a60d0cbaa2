/** A call that belongs to no run, or to one that is over: it begins and finishes by itself, as a run of one call. No wrapped call goes past the gate. */
import { admit } from './admit.js';
import type { Scope } from './context.js';
import { type Core, sendFrom } from './core.js';
import { OutlayDenied, type OutlayError } from './errors.js';
import { outcomeEvent } from './events.js';
import type { RunAsk } from './gate-wire.js';
import { holdOneMore, isBeyondHold } from './hold-call.js';
import { newId } from './ids.js';
import type { ModelUsage, WrapOptions } from './types.js';

export function needsGate(core: Core, scope: Scope): boolean {
  return core.gate !== undefined && (isOutside(scope) || isBeyondHold(scope));
}

function isOutside({ run }: Scope): boolean {
  return run?.gate === undefined || run.gate.isOver();
}

/** For a call that `needsGate`: the scope that it belongs to. Throws as `admit` does. */
export async function askForCall(core: Core, scope: Scope, ...alone: CallAsk): Promise<Scope> {
  if (isOutside(scope)) return beginAlone(core, scope, ...alone);
  await holdOneMore(scope.run!);
  return scope;
}

type CallAsk = readonly [ask: Pick<RunAsk, 'models' | 'inputBytes' | 'maxOutputTokens'>, options: Pick<WrapOptions, 'units' | 'onGateUnavailable'>, signal: AbortSignal];

/** Returns the scope of the call's own run; the one given when the key may not ask the gate. */
async function beginAlone(core: Core, scope: Scope, ...[ask, options, signal]: CallAsk): Promise<Scope> {
  const { tags } = scope;
  // What a run left behind is cost, but no second outcome of it.
  const units = scope.run ? 0 : options.units;
  const runId = newId();
  const warn = core.warn;
  const gate = await admit(core, { ...ask, runId, tags, units, maxCalls: 1 }, { onGateUnavailable: options.onGateUnavailable, signal, warn });
  if (gate.decision === 'off') return scope;
  return {
    tags,
    run: { runId, activePriceId: scope.run?.activePriceId, maxContextTokens: undefined, maxOutputTokens: undefined, sizeKnown: false, watch: undefined, sizeMissed: false, calls: 0, callsGranted: 0, warn, gate, alone: { units } },
  };
}

/** The end of the call is the end of its run. */
export function endAlone(core: Core, scope: Scope, call: Partial<ModelUsage>): void {
  const { run } = scope;
  if (!run?.alone) return;
  const usable = (call.status ?? 'succeeded') === 'succeeded';
  const event = outcomeEvent(Date.now(), scope, { outcome: usable ? 'usable' : 'unusable', units: run.alone.units, errorClass: usable ? undefined : call.errorClass });
  run.gate?.finish();
  sendFrom(core, scope, event);
}

const refusals = new WeakMap<object, OutlayError>();

/**
 * A refusal as the official clients understand it: thrown from their fetch, it would be a lost connection to them, and tried again. Its headers lead
 * `refusedBy` back to the error.
 */
export function refusal(error: OutlayError): Response {
  const denied = error instanceof OutlayDenied ? error : undefined;
  const body = { error: { code: error.code, type: error.code, message: error.message, status: error.code, next_step: denied?.nextStep } };
  const headers = new Headers({ 'x-should-retry': 'false', 'content-type': 'application/json', ...(denied?.requestId ? { 'x-request-id': denied.requestId } : {}) });
  const response = Response.json(body, { status: denied?.status ?? 400, headers });
  refusals.set(response.headers, error);
  return response;
}

export function refusedBy(headers: unknown): OutlayError | undefined {
  return typeof headers === 'object' && headers !== null ? refusals.get(headers) : undefined;
}
