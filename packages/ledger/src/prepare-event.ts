/**
 * One parsed event becomes its ledger rows: pure. Ids, times, price and verdict are decided here; the writer only finds out whether the
 * rows are new. Nothing in here looks at other rows.
 */
import { canonicalJson, DAY_MS, err, MINUTE_MS, ok, parseDecimal, type Result, TOKEN_CLASSES, toPico } from '@outlay/kernel';
import { deriveId, idFromKey, idTimeMs, isKeyId, isUuidV7, sha256 } from '@outlay/kernel/ids';
import type { EventRow } from './columns';
import type { FieldError } from './event-parser';
import { LIMITS, type UsageEventInput } from './event-schema';
import { type PricedPart, type PriceUsageOf, priceEvent } from './price-event';

/** Who sends, and what the server knows at this moment. */
export interface PrepareContext {
  readonly tenantId: string;
  readonly apiKeyId: string | null;
  readonly environment: string;
  /** Overrules what the event says of its way here; absent for what comes over the wire. */
  readonly source?: 'import';
  readonly nowMs: number;
  readonly lateWindowDays: number;
  readonly price: PriceUsageOf;
}

export interface PreparedEvent {
  readonly id: string;
  readonly rows: readonly EventRow[];
  /** Sum over the parts; null as soon as one part is unpriced. */
  readonly costPico: bigint | null;
  readonly unpricedReason: string | null;
  readonly snapshot: { readonly hash: string; readonly body: string } | null;
}

const FUTURE_TOLERANCE_MS = 5 * MINUTE_MS;
const ID_AGE_MAX_MS = 36 * 30.5 * DAY_MS;
const ID_DISTANCE_MAX_MS = 35 * DAY_MS;

export function prepareEvent(event: UsageEventInput, context: PrepareContext): Result<PreparedEvent, FieldError> {
  const fault = findFault(event, context);
  if (fault) return err(fault);
  const run = event.run_id === undefined ? null : runOf(context.tenantId, event.run_id);
  const id = idOf(event, context.tenantId, run?.id ?? null);
  const occurredMs = Date.parse(event.occurred_at);
  const timeFault = findTimeFault(id, occurredMs, context.nowMs);
  if (timeFault) return err(timeFault);

  const snapshotBody = event.snapshot === undefined ? null : canonicalJson(event.snapshot);
  const snapshotHash = snapshotBody === null ? null : sha256(snapshotBody);
  const common: CommonFacts = { event, context, run, id, inputHash: inputHashOf(event), occurredMs, snapshotHash };
  if (event.kind === 'outcome') {
    return ok({ id, rows: [rowOfOutcome(common)], costPico: 0n, unpricedReason: null, snapshot: snapshotOf(snapshotHash, snapshotBody) });
  }

  const priced = priceEvent(event, occurredMs, context.price, context.tenantId);
  const rawUsage = event.usage === undefined ? null : JSON.stringify(event.usage);
  const isCall = event.provider !== undefined || event.usage !== undefined || event.quantities !== undefined;
  const rows = priced.map((part, n) => rowOfPart(common, part, n, rawUsage, isCall));
  const open = priced.find((part) => part.costPico === null);
  return ok({
    id, rows,
    costPico: open ? null : priced.reduce((sum, part) => sum + part.costPico!, 0n),
    unpricedReason: open?.unpricedReason ?? null,
    snapshot: snapshotOf(snapshotHash, snapshotBody),
  });
}

function snapshotOf(hash: string | null, body: string | null): PreparedEvent['snapshot'] {
  return hash === null || body === null ? null : { hash, body };
}

/** SHA-256 of what the sender said. An outcome's id is the run's, so whatever id it was sent under is not part of the fact. */
function inputHashOf(event: UsageEventInput): string {
  return sha256(canonicalJson(event.kind === 'outcome' ? { ...event, id: undefined, idempotency_key: undefined } : event, true));
}

/** A UUIDv7 is kept; any other string becomes an id by hash, and stays readable in `run_ref`. */
export function runOf(tenantId: string, runId: string): { readonly id: string; readonly ref: string | null } {
  return isUuidV7(runId) && !isKeyId(runId) ? { id: runId, ref: null } : { id: idFromKey(tenantId, 'run', runId), ref: runId };
}

function idOf(event: UsageEventInput, tenantId: string, runId: string | null): string {
  // One run, one outcome: the id is derived from the run, so that the primary key itself refuses a second one.
  if (event.kind === 'outcome') return deriveId(runId!, 'outcome', 0);
  return event.id ?? idFromKey(tenantId, 'usage', event.idempotency_key!);
}

function findFault(event: UsageEventInput, context: PrepareContext): FieldError | null {
  const isOutcome = event.kind === 'outcome';
  if (isOutcome) {
    if (event.run_id === undefined) return faultOf('run_id', 'missing', 'An outcome belongs to a run: send "run_id".');
    if (event.outcome === undefined) return faultOf('outcome', 'missing', 'Say "outcome": "usable" or "unusable".');
    for (const field of ['usage', 'quantities', 'extras', 'provider_cost'] as const) {
      if (event[field] !== undefined) return faultOf(field, 'not_allowed', `An outcome carries no cost: send "${field}" with the call, as an event of kind usage.`);
    }
  } else {
    if ((event.id === undefined) === (event.idempotency_key === undefined)) return faultOf('id', 'missing', 'Send exactly one of "id" (a UUIDv7 made before the call) and "idempotency_key".');
    if (event.outcome !== undefined) return faultOf('outcome', 'not_allowed', 'Only an event of kind "outcome" states an outcome.');
    if (event.units !== undefined) return faultOf('units', 'not_allowed', 'Only an event of kind "outcome" states units.');
    if (event.usage !== undefined && event.quantities !== undefined) return faultOf('quantities', 'not_allowed', 'Send "usage" as the provider gave it, or "quantities", not both.');
    if ((event.usage !== undefined || event.quantities !== undefined) && event.provider === undefined) return faultOf('provider', 'missing', 'Say whose usage this is, such as "openai".');
  }
  if (event.id !== undefined && isKeyId(event.id)) return faultOf('id', 'id_reserved', 'Ids from f0000000 upwards are made by Outlay: send "idempotency_key" instead.');
  if (event.environment !== undefined && event.environment !== context.environment) {
    return faultOf('environment', 'environment_mismatch', `The API key belongs to "${context.environment}". Use a key of "${event.environment}", or leave the field out.`);
  }
  if (Number.isNaN(Date.parse(event.occurred_at))) return faultOf('occurred_at', 'wrong_form', '"occurred_at" is no real time.');
  return findSizeFault(event);
}

function findSizeFault(event: UsageEventInput): FieldError | null {
  if (event.tags !== undefined && Object.keys(event.tags).length > LIMITS.tagsCount) return faultOf('tags', 'too_many', `At most ${LIMITS.tagsCount} tags.`);
  return findSizeFaultOf(event, 'usage', LIMITS.usageBytes) ?? findSizeFaultOf(event, 'snapshot', LIMITS.snapshotBytes) ?? findSizeFaultOf(event, 'tags', LIMITS.tagsBytes);
}

function findSizeFaultOf(event: UsageEventInput, field: 'usage' | 'snapshot' | 'tags', limit: number): FieldError | null {
  const value = event[field];
  return value !== undefined && Buffer.byteLength(JSON.stringify(value)) > limit ? faultOf(field, 'too_large', `"${field}" may have at most ${limit} bytes.`) : null;
}

/** Id and time must tell the same story, or the event would hide from queries that prune partitions by id. */
function findTimeFault(id: string, occurredMs: number, nowMs: number): FieldError | null {
  if (occurredMs > nowMs + FUTURE_TOLERANCE_MS) {
    return faultOf('occurred_at', 'in_future', '"occurred_at" is more than 5 minutes in the future. Check the clock of the sender.');
  }
  if (isKeyId(id)) return null;
  const idMs = idTimeMs(id);
  const tooFar = idMs > nowMs + FUTURE_TOLERANCE_MS || idMs < nowMs - ID_AGE_MAX_MS || Math.abs(idMs - occurredMs) > ID_DISTANCE_MAX_MS;
  return tooFar ? faultOf('id', 'id_time', 'The time inside of the id does not fit: at most 5 minutes ahead, 36 months back and 35 days from "occurred_at". Send an "idempotency_key" instead.') : null;
}

function faultOf(field: string, reason: string, message: string): FieldError {
  return { field, reason, message };
}

function unitsOf(event: UsageEventInput): string {
  return event.units === undefined ? (event.outcome === 'usable' ? '1' : '0') : String(event.units);
}

/** What every row of one event says. */
interface CommonFacts {
  readonly event: UsageEventInput;
  readonly context: PrepareContext;
  readonly run: ReturnType<typeof runOf> | null;
  readonly id: string;
  readonly inputHash: string;
  readonly occurredMs: number;
  readonly snapshotHash: string | null;
}

/**
 * A row with the facts of its event and nothing else. One literal names every column, so that all rows share one shape: a row put together from
 * spread objects would be a hash table to V8, at several times the memory and the time (measured: half of an api's CPU).
 */
function createRow({ event, context, run, id, inputHash, occurredMs, snapshotHash }: CommonFacts): EventRow {
  return {
    tenant_id: context.tenantId, id, kind: 'usage', subject: 'call', part: 0, sign: 1, corrects: null, revision: 0, input_hash: inputHash,
    run_id: run?.id ?? null, run_ref: run?.ref ?? null,
    attempt: event.attempt ?? null, attempt_kind: event.kind === 'outcome' ? null : (event.attempt_kind ?? ((event.attempt ?? 1) === 1 ? 'first' : 'retry')),
    request_id: event.request_id ?? null, provider_request_id: event.provider_request_id ?? null,
    occurred_at: new Date(occurredMs).toISOString(), late: occurredMs < context.nowMs - context.lateWindowDays * DAY_MS,
    environment: context.environment, api_key_id: context.apiKeyId,
    customer_id: event.customer_id ?? null, user_id: event.user_id ?? null, workflow: event.workflow ?? null, feature: event.feature ?? null,
    tags: event.tags === undefined ? null : JSON.stringify(event.tags),
    prompt_version: event.prompt_version ?? null, policy_version: event.policy_version ?? null, app_version: event.app_version ?? null,
    provider: event.provider ?? null, api: event.api ?? null, provider_account: event.provider_account ?? null,
    model_requested: event.model_requested ?? null, model_served: event.model_served ?? null,
    service_tier_requested: event.service_tier_requested ?? null, service_tier_served: event.service_tier_served ?? null, region: event.region ?? null,
    source: context.source ?? event.source ?? 'api', status: event.status ?? 'succeeded', error_class: event.error_class ?? null, outcome: null,
    latency_ms: event.latency_ms ?? null, ttft_ms: event.ttft_ms ?? null,
    input_uncached: 0, cache_read: 0, cache_write_5m: 0, cache_write_30m: 0, cache_write_1h: 0, cache_write_12h: 0, cache_write_other: 0,
    input_audio: 0, cache_read_audio: 0, input_image: 0, cache_read_image: 0, input_video: 0,
    output_text: 0, output_reasoning: 0, output_audio: 0, output_image: 0,
    extras: null, raw_usage: null, normaliser_version: 0,
    cost_pico: 0n, ceiling_pico: 0n, provider_cost_pico: null, cost_basis: 'priced', price_version_id: null,
    snapshot_hash: snapshotHash, plan_version_id: null, active_price_id: event.active_price_id ?? null, units: null,
  };
}

function rowOfOutcome(common: CommonFacts): EventRow {
  const row = createRow(common);
  row.kind = 'outcome';
  row.subject = 'outcome';
  row.status = 'succeeded';
  row.outcome = common.event.outcome!;
  row.units = unitsOf(common.event);
  return row;
}

function rowOfPart(common: CommonFacts, part: PricedPart, n: number, rawUsage: string | null, isCall: boolean): EventRow {
  const row = createRow(common);
  // A cost without a model call (retrieval, OCR, a tool) is a further part of its run, never a call of its own.
  row.part = isCall ? n : 1;
  for (const name of TOKEN_CLASSES) row[name] = part.quantities[name] ?? 0;
  if (part.extras.length > 0) row.extras = JSON.stringify(part.extras);
  row.raw_usage = rawUsage;
  row.normaliser_version = part.normaliserVersion;
  row.cost_pico = part.costPico;
  row.ceiling_pico = part.ceilingPico;
  row.cost_basis = part.basis;
  row.price_version_id = part.priceVersionId;
  if (part.modelServed !== null) row.model_served = part.modelServed;
  if (part.serviceTier !== null) row.service_tier_served = part.serviceTier;
  if (part.region !== null) row.region = part.region;
  if (n === 0) {
    if (part.providerCostUsd !== null) row.provider_cost_pico = toPico(parseDecimal(part.providerCostUsd)!);
  } else {
    row.id = deriveId(common.id, 'part', n);
    row.latency_ms = null;
    row.ttft_ms = null;
  }
  return row;
}
