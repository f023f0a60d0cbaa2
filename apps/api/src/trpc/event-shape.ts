/** A ledger row as the console shows it: camelCase, money as pico-dollars in text. Every field is named here; no other leaves. */
import { INPUT_CLASSES, OUTPUT_CLASSES, TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import type { ListedEvent } from '@outlay/ledger';

export function toEventLine(row: ListedEvent) {
  return {
    id: row.id, kind: row.kind, subject: row.subject, part: row.part, sign: row.sign, revision: row.revision, corrects: row.corrects,
    /** No later correction took the row out. */
    valid: row.valid,
    occurredAt: row.occurred_at, recordedAt: row.recorded_at, late: row.late,
    environment: row.environment, customerId: row.customer_id, userId: row.user_id, workflow: row.workflow, feature: row.feature,
    provider: row.provider, modelRequested: row.model_requested, modelServed: row.model_served, serviceTierServed: row.service_tier_served,
    status: row.status as 'succeeded' | 'failed' | 'aborted' | 'unknown', errorClass: row.error_class, outcome: row.outcome as 'usable' | 'unusable' | null,
    attempt: row.attempt, attemptKind: row.attempt_kind as 'first' | 'retry' | 'fallback' | null,
    runId: row.run_id, runRef: row.run_ref, requestId: row.request_id,
    /** Null while unpriced. */
    costPico: row.cost_pico === null ? null : String(row.cost_pico), costBasis: row.cost_basis,
    inputTokens: sumOf(row, INPUT_CLASSES), outputTokens: sumOf(row, OUTPUT_CLASSES),
    /** What was paid beside tokens: `web_search`, `ocr`, ... */
    extraKinds: extrasOf(row).map(({ kind }) => kind),
    latencyMs: row.latency_ms, ttftMs: row.ttft_ms, source: row.source,
  };
}

interface StatedExtra {
  readonly kind: string;
  readonly quantity: string;
  readonly unit: string;
  readonly costUsd?: string;
}

/** With everything that a list leaves out. */
export function toEventFacts(row: ListedEvent) {
  return {
    ...toEventLine(row),
    api: row.api, providerAccount: row.provider_account, providerRequestId: row.provider_request_id,
    serviceTierRequested: row.service_tier_requested, region: row.region,
    promptVersion: row.prompt_version, policyVersion: row.policy_version, appVersion: row.app_version, activePriceId: row.active_price_id, apiKeyId: row.api_key_id,
    ceilingPico: String(row.ceiling_pico), providerCostPico: row.provider_cost_pico === null ? null : String(row.provider_cost_pico),
    units: row.units, normaliserVersion: row.normaliser_version,
    tags: row.tags === null ? null : JSON.parse(row.tags) as Record<string, string | number | boolean>,
    quantities: Object.fromEntries(TOKEN_CLASSES.filter((name) => row[name] !== 0).map((name) => [name, row[name]])) as Partial<Record<TokenClass, number>>,
    extras: extrasOf(row).map(({ kind, quantity, unit, costUsd }) => ({ kind, quantity, unit, costUsd: costUsd ?? null })),
    writerSlot: row.writer_slot, batch: String(row.batch), inputHash: row.input_hash,
  };
}

function extrasOf(row: ListedEvent): readonly StatedExtra[] {
  return row.extras === null ? [] : JSON.parse(row.extras) as StatedExtra[];
}

function sumOf(row: ListedEvent, classes: readonly TokenClass[]): number {
  return classes.reduce((sum, name) => sum + row[name], 0);
}
