/** A correction is a pair: the reversal takes the valid state out, the restatement puts the right one in. Pure. */
import { canonicalJson, err, formatPico, ok, parseDecimal, type Result, TOKEN_CLASSES, toPico } from '@outlay/kernel';
import { deriveId, sha256 } from '@outlay/kernel/ids';
import { z } from 'zod';
import type { EventRow } from './columns';
import type { FieldError } from './event-parser';
import { usageEventSchema } from './event-schema';
import { priceEvent, type PricedFacts, type PriceUsageOf } from './price-event';

const fields = usageEventSchema.shape;

/** What a correction may set; null clears a label. Identity, time, run and environment are what happened and stay. */
export const correctionSchema = z.strictObject({
  original_id: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'must be the id of an event'),
  /** The revision that the corrector saw: 0 for the original. */
  revision: z.int().min(0),
  set: z.strictObject({
    customer_id: fields.customer_id.nullable(), user_id: fields.user_id.nullable(), workflow: fields.workflow.nullable(), feature: fields.feature.nullable(),
    tags: fields.tags.nullable(), prompt_version: fields.prompt_version.nullable(), policy_version: fields.policy_version.nullable(), app_version: fields.app_version.nullable(),
    provider: fields.provider, api: fields.api, model_served: fields.model_served, service_tier_served: fields.service_tier_served.nullable(), region: fields.region.nullable(),
    status: fields.status, usage: fields.usage, quantities: fields.quantities, extras: fields.extras, provider_cost: fields.provider_cost,
    outcome: fields.outcome, units: fields.units, active_price_id: fields.active_price_id.nullable(),
  }).partial().default({}),
  /** Price it again by today's book, for an event that was recorded before its price was known. */
  reprice: z.boolean().optional(),
  reason: z.string().min(3).max(500),
});

export type Correction = z.infer<typeof correctionSchema>;

const LABELS = ['customer_id', 'user_id', 'workflow', 'feature', 'prompt_version', 'policy_version', 'app_version', 'active_price_id'] as const;
const PRICED_BY = ['provider', 'api', 'model_served', 'service_tier_served', 'region', 'status', 'usage', 'quantities', 'extras', 'provider_cost'] as const;
const OUTCOME_ONLY = ['outcome', 'units'] as const;

export interface Pair {
  readonly reversal: EventRow;
  readonly restatement: EventRow;
}

/** `state` is the event's valid state. Errors name the field of the correction that does not fit it. */
export function buildCorrection(correction: Correction, state: EventRow, corrector: { readonly apiKeyId: string | null; readonly source: string }, price: PriceUsageOf): Result<Pair, FieldError> {
  const { set } = correction;
  const misplaced = state.subject === 'outcome' ? PRICED_BY.find((name) => set[name] !== undefined) : OUTCOME_ONLY.find((name) => set[name] !== undefined);
  if (misplaced) return err({ field: `set.${misplaced}`, reason: 'not_allowed', message: `"${misplaced}" cannot be set on a row about ${state.subject === 'outcome' ? 'an outcome' : 'a call'}.` });
  const revision = state.revision + 1;
  const both = {
    corrects: state.corrects ?? state.id, revision, input_hash: sha256(canonicalJson(correction, true)), api_key_id: corrector.apiKeyId, source: corrector.source, late: false,
  };
  const originalId = both.corrects;
  const reversal: EventRow = { ...state, ...negated(state), ...both, id: deriveId(originalId, 'reversal', revision), kind: 'reversal', sign: -1 };
  const restatement: EventRow = { ...state, ...both, id: deriveId(originalId, 'restatement', revision), kind: 'restatement', sign: 1 };
  for (const name of LABELS) if (set[name] !== undefined) restatement[name] = set[name];
  if (set.tags !== undefined) restatement.tags = set.tags === null ? null : JSON.stringify(set.tags);
  if (state.subject === 'outcome') {
    if (set.outcome !== undefined) restatement.outcome = set.outcome;
    if (set.units !== undefined) restatement.units = String(set.units);
    return ok({ reversal, restatement });
  }
  if (correction.reprice || PRICED_BY.some((name) => set[name] !== undefined)) {
    const fault = priceAgain(restatement, set, price);
    if (fault) return err(fault);
  }
  return ok({ reversal, restatement });
}

function negated(row: EventRow): Partial<EventRow> {
  const quantities = Object.fromEntries(TOKEN_CLASSES.map((name) => [name, row[name] === 0 ? 0 : -row[name]]));
  return {
    ...quantities,
    cost_pico: row.cost_pico === null ? null : -row.cost_pico, ceiling_pico: -row.ceiling_pico,
    provider_cost_pico: row.provider_cost_pico === null ? null : -row.provider_cost_pico,
    units: row.units === null ? null : row.units.startsWith('-') ? row.units.slice(1) : `-${row.units}`,
  };
}

/** The facts of a stored row, as its sender would state them today. */
export function factsOf(row: EventRow): PricedFacts {
  const quantities = Object.fromEntries(TOKEN_CLASSES.filter((name) => row[name] !== 0).map((name) => [name, row[name]]));
  const usage = row.raw_usage === null ? undefined : (JSON.parse(row.raw_usage) as Record<string, unknown>);
  return {
    provider: row.provider ?? undefined, api: row.api ?? undefined, model_requested: row.model_requested ?? undefined,
    // A further part names its own model here, not the one that answered.
    model_served: row.part > 0 && usage !== undefined ? undefined : (row.model_served ?? undefined),
    service_tier_served: row.service_tier_served ?? undefined, region: row.region ?? undefined, usage,
    quantities: usage === undefined && Object.keys(quantities).length > 0 ? quantities : undefined,
    // Extras that the usage itself tells (web searches) come from the usage again.
    extras: statedExtras(row, usage === undefined), provider_cost: row.provider_cost_pico === null ? undefined : formatPico(row.provider_cost_pico * BigInt(row.sign)),
    estimated: row.cost_basis === 'estimated' ? true : undefined, status: row.status as PricedFacts['status'],
  };
}

function statedExtras(row: EventRow, all: boolean): PricedFacts['extras'] {
  const stored = row.extras === null ? [] : (JSON.parse(row.extras) as { kind: string; quantity: string; unit: string; costUsd?: string; stated?: boolean }[]);
  const kept = stored.filter((extra) => all || extra.stated);
  return kept.length === 0 ? undefined : kept.map(({ kind, quantity, unit, costUsd }) => ({ kind, quantity, unit, ...(costUsd === undefined ? {} : { cost: costUsd }) }));
}

/** Which part of its usage a stored row is. Further parts are told by their model: their order depends on what the sender named. */
export function partOf<P extends { readonly modelServed: string | null }>(parts: readonly P[], row: EventRow): P | undefined {
  return row.raw_usage === null || row.part === 0 ? parts[0] : parts.find(({ modelServed }) => modelServed === row.model_served);
}

function priceAgain(row: EventRow, set: Correction['set'], price: PriceUsageOf): FieldError | null {
  const before = factsOf(row);
  const changed = Object.fromEntries(PRICED_BY.filter((name) => set[name] !== undefined).map((name) => [name, set[name] ?? undefined]));
  const facts: PricedFacts = { ...before, ...changed };
  // The provider's figure was about the usage that is taken back; the new one may carry its own.
  if (set.usage !== undefined && set.provider_cost === undefined && row.raw_usage !== null) delete (facts as { provider_cost?: unknown }).provider_cost;
  if (set.usage !== undefined) delete (facts as { quantities?: unknown }).quantities;
  if (set.quantities !== undefined) delete (facts as { usage?: unknown }).usage;
  const parts = priceEvent(facts, Date.parse(row.occurred_at), price, row.tenant_id);
  const part = partOf(parts, row);
  if (!part || (set.usage !== undefined && parts.length > 1)) {
    return { field: 'set.usage', reason: 'several_models', message: 'This usage bills several models; a correction restates one row. Correct each of the event\'s parts by its own id.' };
  }
  for (const name of TOKEN_CLASSES) row[name] = part.quantities[name] ?? 0;
  row.provider = facts.provider ?? null;
  row.api = facts.api ?? null;
  row.model_served = part.modelServed;
  row.service_tier_served = part.serviceTier;
  row.region = part.region;
  row.status = facts.status ?? row.status;
  row.raw_usage = facts.usage === undefined ? null : JSON.stringify(facts.usage);
  row.extras = part.extras.length === 0 ? null : JSON.stringify(part.extras);
  row.normaliser_version = part.normaliserVersion;
  row.cost_pico = part.costPico;
  row.ceiling_pico = part.ceilingPico;
  row.provider_cost_pico = part.providerCostUsd === null ? null : toPico(parseDecimal(part.providerCostUsd)!);
  row.cost_basis = part.basis;
  row.price_version_id = part.priceVersionId;
  return null;
}
