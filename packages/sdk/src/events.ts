/** The wire form of an event (`POST /v1/usage`, snake_case) and how the SDK's camelCase becomes it. */
import type { Scope } from './context.js';
import { newId } from './ids.js';
import type { ExtraCost, ModelUsage, TrackInput, UsageTags } from './types.js';

export interface WireEvent {
  readonly id?: string;
  readonly idempotency_key?: string;
  readonly kind?: 'usage' | 'outcome';
  readonly occurred_at: string;
  readonly run_id?: string;
  readonly [field: string]: unknown;
}

/** Members without a value are left out: absent and undefined hash alike, null is never sent. */
function compact(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== null && value !== '') kept[name] = value;
  return kept;
}

export function tagFields(tags: UsageTags): Record<string, unknown> {
  return {
    request_id: tags.requestId,
    environment: tags.environment,
    customer_id: tags.customerId,
    user_id: tags.userId,
    workflow: tags.workflow,
    feature: tags.feature,
    tags: tags.tags,
    prompt_version: tags.promptVersion,
    policy_version: tags.policyVersion,
    app_version: tags.appVersion,
  };
}

function runFields(scope: Scope | undefined): Record<string, unknown> {
  return { run_id: scope?.run?.runId, active_price_id: scope?.run?.activePriceId };
}

function modelFields(call: Partial<ModelUsage>): Record<string, unknown> {
  return {
    provider: call.provider,
    api: call.api,
    provider_account: call.providerAccount,
    provider_request_id: call.providerRequestId,
    model_requested: call.model,
    model_served: call.modelServed,
    service_tier_requested: call.serviceTierRequested,
    service_tier_served: call.serviceTierServed,
    region: call.region,
    status: call.status,
    error_class: call.errorClass,
    latency_ms: call.latencyMs === undefined ? undefined : Math.max(0, Math.round(call.latencyMs)),
    ttft_ms: call.ttftMs === undefined ? undefined : Math.max(0, Math.round(call.ttftMs)),
    usage: call.usage,
    quantities: call.quantities,
    estimated: call.estimated,
    extras: call.extras?.map(toWireExtra),
    provider_cost: call.providerCost,
  };
}

function toWireExtra(extra: ExtraCost): Record<string, unknown> {
  return compact({ kind: extra.kind, quantity: extra.quantity, unit: extra.unit, cost: extra.cost });
}

export interface CallIdentity {
  readonly id: string;
  readonly occurredAtMs: number;
  readonly attempt: number;
  readonly attemptKind: string;
}

/** One call to a model provider. */
export function callEvent(identity: CallIdentity, scope: Scope, call: Partial<ModelUsage>): WireEvent {
  return compact({
    id: identity.id,
    occurred_at: new Date(identity.occurredAtMs).toISOString(),
    ...runFields(scope),
    attempt: identity.attempt,
    attempt_kind: identity.attemptKind,
    ...tagFields(scope.tags),
    ...modelFields(call),
    source: 'sdk',
  }) as unknown as WireEvent;
}

/** Non-model cost of a run: an event of its own, so that it is visible while the run goes on. */
export function extraEvent(id: string, nowMs: number, scope: Scope, extra: ExtraCost): WireEvent {
  return compact({
    id,
    occurred_at: new Date(nowMs).toISOString(),
    ...runFields(scope),
    ...tagFields(scope.tags),
    extras: [toWireExtra(extra)],
    source: 'sdk',
  }) as unknown as WireEvent;
}

export interface OutcomeFields {
  readonly outcome: 'usable' | 'unusable';
  readonly units?: number | string;
  readonly errorClass?: string;
  readonly snapshot?: object;
}

/** The end of a run. It names no id: the ledger derives it from the run, so that one run has one outcome. */
export function outcomeEvent(nowMs: number, scope: Scope, fields: OutcomeFields): WireEvent {
  return compact({
    kind: 'outcome',
    occurred_at: new Date(nowMs).toISOString(),
    ...runFields(scope),
    ...tagFields(scope.tags),
    outcome: fields.outcome,
    units: fields.outcome === 'usable' ? fields.units : undefined,
    error_class: fields.errorClass,
    snapshot: fields.snapshot,
    source: 'sdk',
  }) as unknown as WireEvent;
}

/** An event of the caller's own making. */
export function trackedEvent(input: TrackInput, scope: Scope, nowMs: number): WireEvent {
  const at = input.occurredAt ?? new Date(nowMs);
  const isOutcome = input.kind === 'outcome';
  const needsId = !isOutcome && input.id === undefined && input.idempotencyKey === undefined;
  return compact({
    id: needsId ? newId(nowMs) : input.id,
    idempotency_key: input.idempotencyKey,
    kind: input.kind,
    occurred_at: typeof at === 'string' ? at : at.toISOString(),
    run_id: input.runId ?? scope.run?.runId,
    active_price_id: input.activePriceId ?? scope.run?.activePriceId,
    attempt: input.attempt,
    attempt_kind: input.attemptKind,
    ...tagFields(scope.tags),
    ...modelFields(input),
    outcome: input.outcome,
    units: input.units,
    snapshot: input.snapshot,
    source: 'sdk',
  }) as unknown as WireEvent;
}
