/** One call to a model provider: its id is made when it opens, its event is sent once, when it ends. */
import { endAlone } from './alone.js';
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

/**
 * `retries`: how often the wrapped client itself has sent this request before. `seenSoFar`: what is known of the call
 * if it has to be closed while it runs, because the process ends.
 */
export function openCall(core: Core, scope: Scope, about: Partial<ModelUsage>, retries: number, seenSoFar: () => Partial<ModelUsage>): Call {
  const startedMs = Date.now();
  const id = newId(startedMs);
  const number = countCall(scope, retries);
  const attemptKind = retries > 0 ? 'retry' : (scope.attempt?.kind ?? 'first');

  const identity = { id, occurredAtMs: startedMs, attempt: number, attemptKind };

  function end(facts: Partial<ModelUsage>): void {
    if (!core.openCalls.delete(abandon)) return;
    const call = { ...about, ...facts };
    warnContext(scope, call);
    sendFrom(core, scope, callEvent(identity, scope, { ...call, latencyMs: call.latencyMs ?? Date.now() - startedMs }));
    endAlone(core, scope, call);
    takeBack();
  }
  const lost = (): Partial<ModelUsage> => ({ status: 'unknown', errorClass: 'process_ended', ...seenSoFar() });
  const abandon = (): void => end(lost());
  // Killed while it waits, the process could not tell of a call that its provider bills.
  const takeBack = core.delivery.begin(() => callEvent(identity, scope, { ...about, ...lost() }));

  core.openCalls.add(abandon);
  core.hold();
  return { id, scope, startedMs, end };
}

/** Returns the number of the request within its run. */
function countCall({ attempt, run }: Scope, retries: number): number {
  if (run) run.calls += 1;
  const number = (attempt?.base ?? 0) + 1 + retries;
  if (attempt) {
    attempt.calls += 1;
    attempt.highest = Math.max(attempt.highest, number);
  }
  return number;
}

/** A model call that somebody else made and measured. */
export function recordCall(core: Core, scope: Scope, usage: Partial<ModelUsage>): void {
  const nowMs = Date.now();
  const number = countCall(scope, 0);
  warnContext(scope, usage);
  if (scope.run && inputTokensOf(usage) === undefined && (usage.status ?? 'succeeded') === 'succeeded') scope.run.sizeMissed = true;
  sendFrom(core, scope, callEvent({ id: newId(nowMs), occurredAtMs: nowMs, attempt: number, attemptKind: scope.attempt?.kind ?? 'first' }, scope, usage));
}

export function recordExtra(core: Core, scope: Scope, extra: ExtraCost): void {
  const nowMs = Date.now();
  sendFrom(core, scope, extraEvent(newId(nowMs), nowMs, scope, extra));
}

/** The cap could not be enforced before the call, because nobody knew the size; now the provider has counted. */
function warnContext(scope: Scope, call: Partial<ModelUsage>): void {
  const { run } = scope;
  if (!run || run.maxContextTokens === undefined || run.sizeKnown || call.estimated) return;
  const tokens = inputTokensOf(call);
  if (tokens === undefined || tokens <= run.maxContextTokens) return;
  run.warn({
    code: 'context_too_large',
    message: `A call had ${tokens} input tokens; caps.maxContextTokens allows ${run.maxContextTokens}. Pass run({ inputTokens }) to have it stopped before the call.`,
    runId: run.runId,
    customerId: scope.tags.customerId,
    workflow: scope.tags.workflow,
  });
}

/** Names of the whole input, cached tokens included: OpenAI chat, Gemini, Vercel's AI SDK. */
const WHOLE_INPUT = ['prompt_tokens', 'promptTokenCount', 'inputTokens'];
const INPUT_CLASS = /^(input_|cache_)/;

/** The whole input of a request, as its provider counts it: OpenAI includes cached tokens, Anthropic lists them apart. */
function inputTokensOf(call: Partial<ModelUsage>): number | undefined {
  const usage = (call.usage ?? {}) as Record<string, unknown>;
  for (const name of WHOLE_INPUT) if (typeof usage[name] === 'number') return usage[name];
  const number = (name: string): number => (typeof usage[name] === 'number' ? usage[name] : 0);
  if (typeof usage['input_tokens'] === 'number') return usage['input_tokens'] + number('cache_creation_input_tokens') + number('cache_read_input_tokens');
  if (!call.quantities) return undefined;
  return Object.entries(call.quantities).reduce((sum, [name, quantity]) => (INPUT_CLASS.test(name) ? sum + quantity : sum), 0);
}
