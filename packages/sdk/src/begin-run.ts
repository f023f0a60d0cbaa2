/** What happens between the call of `run` and its first attempt: the caller's own size limit, then the gate. */
import { admit } from './admit.js';
import { enforceContext } from './caps.js';
import { withDefaults } from './core.js';
import type { RunPlan } from './plan-run.js';

/** The size that was asked for before the run began, so that the first attempt need not ask again. */
export interface KnownSize {
  readonly model: string | undefined;
  readonly tokens: number;
}

/** Throws `context_too_large` and `invalid_option`. What the caller's own function throws is left to the attempt, which may try again. */
export async function sizeOf<T>({ options, models, scope }: RunPlan<T>): Promise<KnownSize | undefined> {
  const { inputTokens } = options;
  if (inputTokens === undefined) return undefined;
  const model = models[0];
  let tokens: number;
  try {
    tokens = typeof inputTokens === 'function' ? await inputTokens({ model }) : inputTokens;
  } catch {
    return undefined;
  }
  enforceContext(tokens, scope.run.maxContextTokens);
  return { model, tokens };
}

/** Returns the models that may be called, in order. Throws as `admit` does. */
export async function beginRun<T>(plan: RunPlan<T>, size: KnownSize | undefined): Promise<readonly string[]> {
  const { core, options, snapshot } = plan;
  const { run, tags } = withDefaults(core, plan.scope);
  const { features, tools, inputBytes, maxOutputTokens, maxCalls, quantities, estimatedCost, caps } = options;
  const gate = await admit(
    core,
    {
      runId: run!.runId, tags, models: plan.models, features, tools, inputTokens: size?.tokens, inputBytes, maxOutputTokens, maxCalls, quantities, units: options.units, estimatedCost, caps,
      entitlement: snapshot.entitlement, activePriceId: run!.activePriceId,
    },
    { onGateUnavailable: options.onGateUnavailable, signal: options.signal, warn: plan.scope.run.warn },
  );
  plan.scope.run.gate = gate;
  const soft = gate.limits.find(({ kind, mode }) => kind === 'inline' && mode === 'soft');
  if (soft && plan.scope.run.watch) {
    // The gate has compared it; a run warns once.
    plan.scope.run.watch.checked = true;
    if (soft.passed) plan.scope.run.watch.warned = true;
  }
  return gate.models;
}
