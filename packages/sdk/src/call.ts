/** One call to a model provider: its id is made when it opens, its event is sent once, when it ends. */
import type { Scope } from './context.js';
import { type Core, sendFrom } from './core.js';
import { callEvent, extraEvent } from './events.js';
import { newId } from './ids.js';
import type { ExtraCost, ModelUsage } from './types.js';

export interface Call {
  readonly id: string;
  readonly scope: Scope;
  readonly startedMs: number;
  /** Only the first end counts. */
  readonly end: (facts: Partial<ModelUsage>) => void;
}

/** `retries`: how often the wrapped client itself has sent this request before. */
export function openCall(core: Core, scope: Scope, about: Partial<ModelUsage>, retries: number): Call {
  const startedMs = Date.now();
  const id = newId(startedMs);
  const number = (scope.attempt?.base ?? 0) + 1 + retries;
  const attemptKind = retries > 0 ? 'retry' : (scope.attempt?.kind ?? 'first');
  if (scope.attempt) {
    scope.attempt.calls += 1;
    scope.attempt.highest = Math.max(scope.attempt.highest, number);
  }
  core.counts.openCalls += 1;
  let open = true;

  return {
    id,
    scope,
    startedMs,
    end(facts) {
      if (!open) return;
      open = false;
      core.counts.openCalls -= 1;
      const call = { ...about, ...facts };
      warnContext(scope, call);
      sendFrom(core, scope, callEvent({ id, occurredAtMs: startedMs, attempt: number, attemptKind }, scope, { ...call, latencyMs: call.latencyMs ?? Date.now() - startedMs }));
    },
  };
}

/** A model call that somebody else made and measured. */
export function recordCall(core: Core, scope: Scope, usage: Partial<ModelUsage>): void {
  const nowMs = Date.now();
  const number = (scope.attempt?.base ?? 0) + 1;
  if (scope.attempt) {
    scope.attempt.calls += 1;
    scope.attempt.highest = Math.max(scope.attempt.highest, number);
  }
  warnContext(scope, usage);
  sendFrom(core, scope, callEvent({ id: newId(nowMs), occurredAtMs: nowMs, attempt: number, attemptKind: scope.attempt?.kind ?? 'first' }, scope, usage));
}

export function recordExtra(core: Core, scope: Scope, extra: ExtraCost): void {
  const nowMs = Date.now();
  sendFrom(core, scope, extraEvent(newId(nowMs), nowMs, scope, extra));
}

/** The cap could not be enforced before the call, because nobody knew the size; now the provider has counted. */
function warnContext(scope: Scope, call: Partial<ModelUsage>): void {
  const { run } = scope;
  if (!run || run.maxContextTokens === undefined || run.sizeKnown || call.usage === undefined) return;
  const tokens = inputTokensOf(call.usage as Record<string, unknown>);
  if (tokens === undefined || tokens <= run.maxContextTokens) return;
  run.warn({
    code: 'context_too_large',
    message: `A call had ${tokens} input tokens; caps.maxContextTokens allows ${run.maxContextTokens}. Pass run({ inputTokens }) to have it stopped before the call.`,
    runId: run.runId,
    customerId: scope.tags.customerId,
    workflow: scope.tags.workflow,
  });
}

/** The whole input of a request, as its provider counts it: OpenAI includes cached tokens, Anthropic lists them apart. */
function inputTokensOf(usage: Record<string, unknown>): number | undefined {
  const number = (name: string): number => (typeof usage[name] === 'number' ? usage[name] : 0);
  if (typeof usage['prompt_tokens'] === 'number') return usage['prompt_tokens'];
  if (typeof usage['input_tokens'] !== 'number') return undefined;
  return usage['input_tokens'] + number('cache_creation_input_tokens') + number('cache_read_input_tokens');
}
