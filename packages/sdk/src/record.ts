/** `record` and `track`: what no wrapped client sees. Wrong input is reported and counted, never thrown into an action. */
import { recordCall, recordExtra } from './call.js';
import type { Scope } from './context.js';
import { type Core, pickTags, scopeHere, sendFrom } from './core.js';
import { parseDecimal } from './decimal.js';
import { trackedEvent } from './events.js';
import { defined } from './facts.js';
import type { ExtraCost, ModelUsage, TrackInput } from './types.js';

export function createRecord(core: Core, scope: Scope): (entry: ExtraCost | ModelUsage) => void {
  return (entry) => {
    if (typeof entry !== 'object' || entry === null) return warnInvalid(core, 'record()', 'it takes an object', scope);
    const isExtra = 'kind' in entry;
    const problem = isExtra ? extraProblem(entry) : callProblem(entry);
    if (problem) return warnInvalid(core, 'record()', problem, scope);
    if (isExtra) recordExtra(core, scope, entry);
    else recordCall(core, scope, { ...entry, model: entry.model ?? scope.attempt?.model });
  };
}

/** Returns the event's id (undefined for an outcome and for an idempotency key of the caller's own). */
export function trackEvent(core: Core, input: TrackInput): string | undefined {
  const scope = scopeHere(core, {});
  const own = { ...scope, tags: { ...scope.tags, ...defined(pickTags(input ?? {})) } };
  const problem = trackProblem(input);
  if (problem) {
    warnInvalid(core, 'track()', problem, own);
    return undefined;
  }
  const event = trackedEvent(input, own, Date.now());
  sendFrom(core, own, event);
  return event.id;
}

function trackProblem(input: TrackInput): string | undefined {
  if (typeof input !== 'object' || input === null) return 'it takes an object';
  if (input.occurredAt instanceof Date && Number.isNaN(input.occurredAt.getTime())) return '"occurredAt" is not a time';
  return usageProblem(input.usage) ?? extrasProblem(input.extras);
}

function usageProblem(usage: unknown): string | undefined {
  return usage === undefined || (typeof usage === 'object' && usage !== null) ? undefined : '"usage" must be the provider\'s own usage object';
}

function extrasProblem(extras: readonly ExtraCost[] | undefined): string | undefined {
  return extras?.map(extraProblem).find((found) => found !== undefined);
}

function extraProblem(extra: ExtraCost): string | undefined {
  if (typeof extra.kind !== 'string' || extra.kind === '') return '"kind" must be a word such as "retrieval"';
  if (typeof extra.unit !== 'string' || extra.unit === '') return '"unit" must be a word such as "query"';
  if (parseDecimal(extra.quantity) === null) return '"quantity" must be a number or decimal string, not negative';
  if (extra.cost !== undefined && parseDecimal(extra.cost) === null) return '"cost" must be dollars, a number or decimal string, not negative';
  return undefined;
}

function callProblem(usage: ModelUsage): string | undefined {
  if (typeof usage.provider !== 'string' || usage.provider === '') return '"provider" is missing: name it for a model call, or give "kind", "quantity" and "unit" for other cost';
  return usageProblem(usage.usage) ?? extrasProblem(usage.extras);
}

function warnInvalid(core: Core, where: string, problem: string, scope: Scope): void {
  core.counts.invalid += 1;
  core.warn({ code: 'invalid_record', message: `${where} was not recorded: ${problem}.`, runId: scope.run?.runId, workflow: scope.tags.workflow });
}
