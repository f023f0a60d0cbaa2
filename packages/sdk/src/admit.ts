/** The begin of a run: asks the gate, and makes of its answer what the run may do. */
import type { Core } from './core.js';
import { OutlayDenied } from './errors.js';
import type { GatePolicy, HoldState, LimitState, RunDecision } from './gate-types.js';
import type { ExtendAsk, GateAnswer, Permit, RunAsk } from './gate-wire.js';
import { renewHold } from './renew-hold.js';
import type { OutlayWarning } from './types.js';

/** An admitted run's side of the gate. */
export interface RunGate {
  readonly runId: string;
  readonly decision: RunDecision;
  /** In the order to try them; empty: nobody named any. */
  readonly models: readonly string[];
  readonly limits: readonly LimitState[];
  /** Tools of the run that the plan does not have. */
  readonly refusedTools: readonly string[];
  readonly hold: HoldState | undefined;
  /** Asks for more while the run goes on. An `off` or `unavailable` answer changes nothing: the hold stays as it was. */
  readonly extend: (ask: ExtendAsk) => Promise<GateAnswer>;
  /** The run is over, its outcome on its way to the ledger. */
  readonly finish: () => void;
  /** The run is over without a call: nothing has to be waited for. */
  readonly release: () => void;
  /** The run is over without an outcome: let go once its calls are in the ledger. */
  readonly leave: () => void;
  readonly isOver: () => boolean;
}

export interface AdmitOptions {
  /** Of this run; wins over the client's and the server's. */
  readonly onGateUnavailable?: GatePolicy;
  readonly signal?: AbortSignal;
  readonly warn: (warning: OutlayWarning) => void;
}

/** For the last calls of a run without outcome to arrive. */
const LEAVE_MS = 5_000;
const CUSTOMER_MAY_RETRY_SECONDS = 5;

/** Throws `OutlayDenied`; `OutlayError` for what cannot be asked like this; the signal's reason when the caller has left meanwhile. */
export async function admit(core: Core, ask: RunAsk, options: AdmitOptions): Promise<RunGate> {
  const { gate } = core;
  if (options.signal?.aborted) throw options.signal.reason;
  if (!gate) return passBy(ask, 'off', ask.models ?? []);
  // Its own request belongs to no run, though the code around it may.
  const answer = await core.scopes.outside(() => gate.begin(ask, options.signal));
  if (options.signal?.aborted) {
    if (answer.kind === 'permit' || answer.kind === 'unavailable') core.settler?.release(ask.runId);
    throw options.signal.reason;
  }
  switch (answer.kind) {
    case 'permit':
      core.counts.begun += 1;
      warnOf(ask, answer.permit, options.warn);
      return openGate(core, ask, answer.permit, options);
    case 'denied':
      core.counts.denied += 1;
      throw answer.denied;
    case 'invalid':
      throw answer.error;
    case 'off':
      core.counts.ungated += 1;
      core.warnOnce('', { code: 'gate_off', message: `Runs are recorded, but not gated: plans and caps stop nothing (${answer.why}). Use a key with the ability "gate", or createOutlay({ gate: false }) if that is meant.` });
      return passBy(ask, 'off', ask.models ?? []);
    case 'unavailable':
      return decideAlone(core, ask, answer.why, options);
  }
}

function openGate(core: Core, ask: RunAsk, permit: Permit, options: AdmitOptions): RunGate {
  const gate = core.gate!;
  const { runId } = ask;
  const extend = (more: ExtendAsk): Promise<GateAnswer> => core.scopes.outside(() => gate.extend(runId, more));
  const lifeMs = permit.hold ? Date.parse(permit.hold.expiresAt) - Date.now() : gate.holdMs;
  const renewal = core.scopes.outside(() => renewHold(lifeMs, gate.holdMs, () => extend({}), (message) => options.warn({ code: 'hold_not_extended', message, ...about(ask) })));
  let over = false;
  const end = (): boolean => {
    if (over) return false;
    renewal.stop();
    return (over = true);
  };
  return {
    runId,
    decision: permit.decision,
    models: permit.models.length > 0 ? permit.models : (ask.models ?? []),
    limits: permit.limits,
    refusedTools: permit.refusedTools,
    hold: permit.hold,
    extend,
    finish: () => void (end() && core.settler?.expect(runId)),
    release: () => void (end() && core.settler?.release(runId)),
    leave: () => void (end() && leave(core, runId)),
    isOver: () => over,
  };
}

function leave(core: Core, runId: string): void {
  core.settleLater(core.delivery.flush(LEAVE_MS).then(() => core.settler?.release(runId)));
}

/** The gate cannot be asked: the nearest word of the caller counts, then what the server said of this workflow when it last could, then to let the run go on. */
function decideAlone(core: Core, ask: RunAsk, why: string, options: AdmitOptions): RunGate {
  const remembered = core.gate?.remembered(ask.tags.workflow);
  const policy = options.onGateUnavailable ?? core.options.onGateUnavailable ?? remembered?.policy ?? 'allow';
  if (policy === 'deny') {
    core.counts.denied += 1;
    // The begin may have arrived, and only its answer was lost.
    core.settler?.release(ask.runId);
    throw new OutlayDenied({
      reason: 'gate_unavailable', status: 503, message: `The gate cannot decide at the moment (${why}).`, nextStep: 'Retry soon; the policy of the workflow stops its runs until then.',
      upgrade: false, by: null, limits: [], runId: ask.runId, requestId: undefined, retryAfterSeconds: CUSTOMER_MAY_RETRY_SECONDS,
    });
  }
  core.counts.ungated += 1;
  const named = ask.models && ask.models.length > 0 ? ask.models : (remembered?.models ?? []);
  const models = policy === 'degrade' ? named.slice(-1) : named;
  const how = policy === 'degrade' ? ` with ${models[0] ?? 'the model it names'}, the last of its route` : '';
  options.warn({ code: 'gate_unavailable', message: `The gate cannot be asked (${why}). The run goes on${how}, and counts as ungated.`, ...about(ask) });
  return passBy(ask, 'ungated', models, core);
}

/** With `core`, the begin may have arrived: the run is settled all the same. */
function passBy(ask: RunAsk, decision: 'ungated' | 'off', models: readonly string[], core?: Core): RunGate {
  let over = false;
  const end = (): boolean => !over && (over = true);
  return {
    runId: ask.runId, decision, models, limits: [], refusedTools: [], hold: undefined,
    extend: () => Promise.resolve({ kind: 'off', why: 'the run is not gated' }),
    finish: () => void (end() && core?.settler?.expect(ask.runId)),
    release: () => void (end() && core?.settler?.release(ask.runId)),
    leave: () => void end(),
    isOver: () => over,
  };
}

function warnOf(ask: RunAsk, permit: Permit, warn: (warning: OutlayWarning) => void): void {
  if (permit.decision === 'allow' && permit.warnings.length === 0) return;
  const { decision, nextStep, upgrade, requestId } = permit;
  const told = permit.warnings.length > 0 ? permit.warnings : [{ limitId: undefined, message: permit.message ?? `The gate decided: ${decision}.` }];
  for (const { limitId, message } of told) {
    const limit = permit.limits.find(({ id }) => id === limitId) ?? (limitId === undefined ? permit.limits.find(({ passed }) => passed) : undefined);
    warn({ code: 'soft_cap_reached', message, ...about(ask), decision, limit, nextStep, upgrade, requestId });
  }
}

function about({ runId, tags }: RunAsk): Pick<OutlayWarning, 'runId' | 'customerId' | 'workflow'> {
  return { runId, customerId: tags.customerId, workflow: tags.workflow };
}
