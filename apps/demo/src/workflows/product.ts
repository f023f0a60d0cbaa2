/** What a workflow of the demo product works with: Outlay, the wrapped official clients, and what happened to a run. */
import type Anthropic from '@anthropic-ai/sdk';
import type { Caps, Outlay, RunOptions } from '@outlay/sdk';
import type OpenAI from 'openai';
import { CONTEXT_TOKENS_MAX, ENTITLEMENTS, SOFT_DAILY_COST } from '../customers';
import type { PlannedRun } from '../plan-runs';

export interface Product {
  readonly aiUsage: Pick<Outlay, 'run'>;
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  /** Called when cost that is no model's has been recorded. */
  readonly onToolCost: (run: PlannedRun) => void;
}

/** The part of `aiUsage.run` that is the same for every workflow: who, what, under which plan. */
export function describeRun(run: PlannedRun): Omit<RunOptions<unknown>, 'action' | 'usable'> {
  const { plan } = run.customer;
  const caps: Caps = { maxContextTokens: CONTEXT_TOKENS_MAX[plan], softDailyCost: SOFT_DAILY_COST[plan] };
  return {
    customerId: run.customer.id,
    userId: run.userId,
    workflow: run.workflow,
    requestId: `demo-${run.index}`,
    models: run.models,
    entitlement: ENTITLEMENTS[plan],
    caps,
    inputTokens: run.contextTokens,
    appVersion: 'demo-1',
    retry: { baseDelayMs: 20 },
  };
}
