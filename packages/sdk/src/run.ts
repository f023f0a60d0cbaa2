/** `run`: one execution of a workflow. Attempts until one succeeds, then one outcome, when the value or its stream has ended. */
import { classifyError, errorClassOf, isAbort, nextAttempt, waitAskedMs } from './attempts.js';
import { beginRun, type KnownSize, sizeOf } from './begin-run.js';
import { openCall } from './call.js';
import { enforceContext } from './caps.js';
import { type AttemptState, bindContext, mergeTags, type Scope } from './context.js';
import { type Core, pickTags, sendFrom, withDefaults } from './core.js';
import { createDeadline, sleepUnlessAborted } from './deadline.js';
import { OutlayError } from './errors.js';
import { outcomeEvent } from './events.js';
import { type AnyRunOptions, planRun, type RunPlan } from './plan-run.js';
import { createRecord } from './record.js';
import { type StreamHooks, watchStream } from './returned-stream.js';
import { judgeValue, readAnswer, type Usability } from './run-end.js';
import type { AttemptKind, Providers, RetryDecision, RunContext, RunEnd, UsageTags } from './types.js';

interface Place {
  readonly number: number;
  readonly kind: AttemptKind;
  readonly modelIndex: number;
  /** Requests of earlier attempts. */
  readonly base: number;
}

interface Attempted<T> {
  readonly attempt: AttemptState;
  readonly release: () => void;
  readonly result: { readonly ok: true; readonly value: Awaited<T> } | { readonly ok: false; readonly error: unknown };
}

/**
 * Throws what `action` threw last, `OutlayDenied` when the gate stops the run, `invalid_option` for options that could not be honoured, and
 * `context_too_large` before any call was made. Never throws because of recording or delivery.
 */
export async function runAction<T>(core: Core, options: AnyRunOptions<T>): Promise<Awaited<T>> {
  const asked = planRun(core, options);
  core.counts.openRuns += 1;
  const size = await sizeOf(asked).catch((error: unknown) => {
    endRun(asked, { usable: false, units: undefined }, error);
    throw error;
  });
  const models = await beginRun(asked, size).catch((error: unknown) => {
    // It never began: nothing is recorded, the gate's log has the decision.
    core.counts.openRuns -= 1;
    throw error;
  });
  return attemptAll({ ...asked, models }, size);
}

async function attemptAll<T>(plan: RunPlan<T>, size: KnownSize | undefined): Promise<Awaited<T>> {
  const { options } = plan;
  let known = size;
  let place: Place = { number: 1, kind: 'first', modelIndex: 0, base: 0 };
  let requestsToModel = 0;
  for (;;) {
    const tried = await attemptOnce(plan, place, known);
    known = undefined;
    const { result } = tried;
    if (result.ok) {
      const accepted = await acceptValue(plan, result.value, tried);
      if (!accepted.again) return accepted.value;
    }
    const error = result.ok ? undefined : result.error;
    tried.release();
    requestsToModel += tried.attempt.highest - place.base;
    const progress = { models: plan.models, modelIndex: place.modelIndex, attempts: place.number, requestsToModel };
    const decision = result.ok ? 'retry' : decide(plan, error, place);
    const next = nextAttempt(plan.rules, progress, decision, waitAskedMs(error, Date.now()), Math.random());
    if (!next || !(await sleepUnlessAborted(next.delayMs, options.signal))) {
      endRun(plan, { usable: false, units: undefined }, error);
      if (result.ok) return result.value;
      throw error;
    }
    if (next.kind === 'fallback') requestsToModel = 0;
    place = { number: place.number + 1, kind: next.kind, modelIndex: next.modelIndex, base: tried.attempt.highest };
  }
}

/** Inside a run: adds labels to what `fn` records, as part of that run. Outside: a run of its own, with one attempt. */
export async function runWithTags<T>(core: Core, fn: (context: RunContext) => T | PromiseLike<T>, tags: UsageTags): Promise<Awaited<T>> {
  const around = core.scopes.current();
  if (!around?.run || !around.attempt) return runAction(core, { ...pickTags(tags), action: fn, retry: { maxAttempts: 1 } });
  const scope: Scope = { ...around, tags: mergeTags(around.tags, pickTags(tags)) };
  const context = createContext(core, scope, around.attempt);
  return (await core.scopes.within(scope, async () => fn(context))) as Awaited<T>;
}

async function attemptOnce<T>(plan: RunPlan<T>, place: Place, size: KnownSize | undefined): Promise<Attempted<T>> {
  const { core, options } = plan;
  const model = plan.models[place.modelIndex];
  const deadline = createDeadline(options.signal, options.timeoutMs);
  const { number, kind, base } = place;
  const attempt: AttemptState = { number, kind, model, base, signal: deadline.signal, highest: base, calls: 0, modelTaken: false };
  const scope: Scope = { ...plan.scope, attempt };
  const startedMs = Date.now();
  try {
    if (options.inputTokens !== undefined && (size === undefined || size.model !== model)) {
      const known = typeof options.inputTokens === 'function' ? await options.inputTokens({ model }) : options.inputTokens;
      enforceContext(known, plan.scope.run.maxContextTokens);
    }
    const context = createContext(core, scope, attempt);
    const value = (await deadline.race(core.scopes.within(scope, async () => options.action(context)))) as Awaited<T>;
    return { attempt, release: deadline.release, result: { ok: true, value } };
  } catch (error) {
    recordSilentFailure(core, scope, attempt, error, startedMs);
    return { attempt, release: deadline.release, result: { ok: false, error } };
  } finally {
    deadline.stop();
    attempt.highest = Math.max(attempt.highest, place.base + 1);
  }
}

function createContext(core: Core, scope: Scope, attempt: AttemptState): RunContext {
  const gate = scope.run!.gate;
  let providers: Providers | undefined;
  const context: RunContext = {
    runId: scope.run!.runId,
    get model() {
      attempt.modelTaken = true;
      if (attempt.model === undefined) throw new OutlayError('no_model');
      return attempt.model;
    },
    attempt: attempt.number,
    attemptKind: attempt.kind,
    signal: attempt.signal,
    record: createRecord(core, withDefaults(core, scope)),
    get providers() {
      return (providers ??= core.provide(context));
    },
    decision: gate?.decision ?? 'off',
    limits: gate?.limits ?? [],
    hold: gate?.hold,
    refusedTools: gate?.refusedTools ?? [],
  };
  return bindContext(context, scope);
}

/** An attempt that took its model and failed before anything was recorded is still an attempt: it costs nothing, but it shows. */
function recordSilentFailure(core: Core, scope: Scope, attempt: AttemptState, error: unknown, startedMs: number): void {
  if (attempt.calls > 0 || !attempt.modelTaken || attempt.model === undefined) return;
  const timedOut = error instanceof OutlayError && error.code === 'attempt_timeout';
  const status = isAbort(error) ? 'aborted' : timedOut ? 'unknown' : 'failed';
  openCall(core, withDefaults(core, scope), { model: attempt.model }, 0, () => ({})).end({ status, errorClass: errorClassOf(error), latencyMs: Date.now() - startedMs });
}

function decide<T>(plan: RunPlan<T>, error: unknown, place: Place): RetryDecision {
  if (plan.options.signal?.aborted) return 'stop';
  if (error instanceof OutlayError && error.code !== 'attempt_timeout') return 'stop';
  try {
    return plan.rules.decide?.(error, { model: plan.models[place.modelIndex], attempt: place.number }) ?? classifyError(error);
  } catch {
    // The caller's rule is broken; the error that the action threw says more than the rule's.
    return 'stop';
  }
}

interface Accepted<T> {
  readonly value: Awaited<T>;
  /** Not usable, and the policy wants another attempt. */
  readonly again: boolean;
}

/** Ends the run now, or when the stream in `value` ends. Waits for the caller's judgement only if it may cause a retry. */
async function acceptValue<T>(plan: RunPlan<T>, value: Awaited<T>, tried: Attempted<T>): Promise<Accepted<T>> {
  const { core } = plan;
  const scope: Scope = { ...plan.scope, attempt: tried.attempt };
  let handedOn: Awaited<T> = value;
  let ended = false;
  const finish = (end: RunEnd): void => {
    if (ended) return;
    ended = true;
    tried.release();
    warnUnchecked(plan, tried.attempt);
    if (!plan.options.usable) return endRun(plan, judgeValue(handedOn, end), end.error);
    core.settleLater(judge(plan, handedOn, end).then((usability) => endRun(plan, usability, end.error)));
  };
  const watched = watch(value, { within: (fn) => core.scopes.within(scope, fn), onEnd: finish });
  handedOn = watched.value;
  if (watched.streaming) return { value: handedOn, again: false };

  const returned: RunEnd = { how: 'returned' };
  if (plan.rules.retryUnusable) {
    const usability = await judge(plan, value, returned);
    if (usability?.usable === false) return { value, again: true };
    tried.release();
    warnUnchecked(plan, tried.attempt);
    endRun(plan, usability, undefined);
  } else {
    finish(returned);
  }
  return { value, again: false };
}

/** A value that cannot be watched is handed on as it is: accounting must not break what the caller returns. */
function watch<V>(value: V, hooks: StreamHooks): { readonly value: V; readonly streaming: boolean } {
  try {
    return watchStream(value, hooks);
  } catch {
    return { value, streaming: false };
  }
}

/** Null when the caller's callback failed: then no outcome is stated, and the run stays unknown rather than guessed. */
async function judge<T>(plan: RunPlan<T>, value: Awaited<T>, end: RunEnd): Promise<Usability | null> {
  if (!plan.options.usable) return judgeValue(value, end);
  const { run } = plan.scope;
  try {
    const answer = readAnswer(await plan.options.usable(value, end));
    if (answer) return answer;
    run.warn({ code: 'usable_failed', message: 'usable() must return a boolean or { usable, units }. The run has no outcome.', runId: run.runId });
  } catch (error) {
    run.warn({ code: 'usable_failed', message: `usable() threw ${errorClassOf(error)}. The run has no outcome.`, runId: run.runId });
  }
  return null;
}

function endRun<T>(plan: RunPlan<T>, usability: Usability | null, error: unknown): void {
  const { core, options, snapshot } = plan;
  core.counts.openRuns -= 1;
  const { run } = plan.scope;
  if (!usability) return run.gate?.leave();
  const scope = withDefaults(core, plan.scope);
  const event = outcomeEvent(Date.now(), scope, {
    outcome: usability.usable ? 'usable' : 'unusable',
    units: usability.units ?? options.units,
    errorClass: error === undefined ? undefined : errorClassOf(error),
    snapshot: snapshot.snapshot,
  });
  // Without a call nothing has to reach the ledger first.
  if (run.calls === 0 && !usability.usable) run.gate?.release();
  else run.gate?.finish();
  sendFrom(core, scope, event);
}

/** What of the run was not seen: its calls, or the size of their input. */
function warnUnchecked<T>(plan: RunPlan<T>, attempt: AttemptState): void {
  const { run } = plan.scope;
  const { workflow = '', customerId } = withDefaults(plan.core, plan.scope).tags;
  const unseen = attempt.calls === 0 && attempt.modelTaken;
  if (run.maxContextTokens !== undefined && !run.sizeKnown && (run.sizeMissed || unseen)) {
    run.warn({
      code: 'context_unchecked',
      message: `caps.maxContextTokens of run ${run.runId} was not checked: nobody told the input's size. Pass run({ inputTokens }), or wrap the client.`,
      runId: run.runId,
      customerId,
      workflow,
    });
  }
  if (!unseen) return;
  plan.core.counts.runsWithoutUsage += 1;
  plan.core.warnOnce(workflow, {
    code: 'no_usage_recorded',
    message: `A run of "${workflow}" took a model, but no call was recorded. Wrap the client (wrapOpenAI, wrapAnthropic, wrapGoogle, outlayMiddleware) or call record({ provider, usage }).`,
    runId: run.runId,
    workflow,
  });
}
