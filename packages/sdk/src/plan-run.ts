/** Checks the options of a run and fixes what stays the same over its attempts. */
import { type AttemptRules, readPolicy } from './attempts.js';
import { checkCaps, warnUnchecked } from './caps.js';
import { mergeTags, type RunState, type Scope } from './context.js';
import { type Core, pickTags } from './core.js';
import { parseDecimal } from './decimal.js';
import { invalidOption } from './errors.js';
import { checkGatePolicy } from './gate.js';
import { newId } from './ids.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';
import type { RunOptions } from './types.js';

/** `withUsage` has no workflow to insist on; a run without one is listed as untagged. The rest is for runs of our own making. */
export interface AnyRunOptions<T> extends Omit<RunOptions<T>, 'workflow'> {
  readonly workflow?: string;
  /** The run extends itself while its answer streams. */
  readonly growing?: boolean;
}

export interface RunPlan<T> {
  readonly core: Core;
  readonly options: AnyRunOptions<T>;
  readonly rules: AttemptRules;
  readonly models: readonly string[];
  readonly snapshot: Snapshot;
  readonly scope: Scope & { readonly run: RunState };
}

/** Throws `invalid_option` for what could not be honoured. */
export function planRun<T>(core: Core, options: AnyRunOptions<T>): RunPlan<T> {
  if (typeof options?.action !== 'function') throw invalidOption('action', 'must be a function.');
  if (options.units !== undefined && parseDecimal(options.units) === null) throw invalidOption('units', 'must be a number or decimal string, not negative.');
  checkCaps(options.caps);
  checkSize(options);
  checkGatePolicy(options.onGateUnavailable);
  const rules = readPolicy(core.options.retry, options.retry);
  const tags = mergeTags(core.scopes.current()?.tags ?? {}, pickTags(options));
  const { customerId, workflow } = mergeTags(core.defaults, tags);
  const snapshot = takeSnapshot(options.entitlement, options.caps);
  const warn: RunState['warn'] = (warning) => core.warn(warning, options.onWarning);
  const about = { runId: options.runId ?? newId(), customerId, workflow };
  if (snapshot.omitted) warn({ code: 'entitlement_omitted', message: `The entitlement is not in the run's snapshot: ${snapshot.omitted}.`, ...about });
  if (!core.scopes.available) {
    core.warnOnce('', { code: 'no_async_context', message: 'This runtime has no AsyncLocalStorage: wrapped clients join a run only with wrapOpenAI(client, { run: context }), or pass AsyncLocalStorage to createOutlay.' });
  }
  const run: RunState = {
    runId: about.runId,
    activePriceId: snapshot.activePriceId,
    maxContextTokens: options.caps?.maxContextTokens,
    sizeKnown: options.inputTokens !== undefined,
    watch: watchDailyCost(options.caps?.softDailyCost, about, warn),
    maxOutputTokens: options.maxOutputTokens,
    sizeMissed: false,
    calls: 0,
    callsGranted: 0,
    warn,
    gate: undefined,
    growing: options.growing,
  };
  return { core, options, rules, models: options.models ?? core.models, snapshot, scope: { tags, run } };
}

/** What the gate would refuse, with the option's own name. */
function checkSize<T>(options: AnyRunOptions<T>): void {
  for (const name of ['maxOutputTokens', 'maxCalls', 'inputBytes'] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) throw invalidOption(name, 'must be a whole number above 0.');
  }
  if (options.estimatedCost !== undefined && parseDecimal(options.estimatedCost) === null) throw invalidOption('estimatedCost', 'must be dollars: a number or decimal string, not negative.');
  const wrong = Object.entries(options.quantities ?? {}).find(([, quantity]) => !(Number.isSafeInteger(quantity) && quantity >= 0));
  if (wrong) throw invalidOption(`quantities.${wrong[0]}`, 'must be a whole number, not negative.');
}

function watchDailyCost(limit: number | string | undefined, about: { runId: string; customerId: string | undefined; workflow: string | undefined }, warn: RunState['warn']): RunState['watch'] {
  if (limit === undefined) return undefined;
  if (about.customerId === undefined) {
    warnUnchecked({ ...about, customerId: '', warn, warned: false, checked: false }, 'the run has no customerId');
    return undefined;
  }
  return { ...about, customerId: about.customerId, limit: parseDecimal(limit)!, limitUsd: String(limit), warn, warned: false, checked: false };
}
