/** Usage of one event -> its priced parts. Pure: the price rule itself is pricing's and comes as a parameter. */
import { parseDecimal, toPico, type TokenQuantities } from '@outlay/kernel';
import { NORMALISER_VERSION, normaliseUsage, type PricedCost, type PricingInput, type UsageExtra, type UsagePart } from '@outlay/pricing';
import type { EventRow } from './columns';
import type { UsageEventInput } from './event-schema';

/** The price rule over the book that holds for a tenant: `priceFast` in the product. */
export type PriceUsageOf = (tenantId: string, input: PricingInput) => PricedCost;

export interface PricedPart extends Pick<PricedCost, 'costPico' | 'ceilingPico' | 'priceVersionId'> {
  readonly quantities: TokenQuantities;
  readonly extras: readonly UsageExtra[];
  readonly normaliserVersion: number;
  readonly basis: EventRow['cost_basis'];
  readonly unpricedReason: string | null;
  /** The provider's own figure in dollars for the whole event: what the sender states, else its usage's. */
  readonly providerCostUsd: string | null;
  readonly modelServed: string | null;
  readonly serviceTier: string | null;
  readonly region: string | null;
}

/** What pricing reads of an event: the same members, wherever they come from (the wire, or a stored row that is re-derived). */
export type PricedFacts = Pick<UsageEventInput,
  'provider' | 'api' | 'model_requested' | 'model_served' | 'service_tier_served' | 'region' | 'usage' | 'quantities' | 'extras' | 'provider_cost' | 'estimated' | 'status'>;

/** Said by the sender, not found in the provider's usage: a re-derivation must keep it. */
interface StatedExtra extends UsageExtra {
  readonly stated: true;
}

const EMPTY_PART: UsagePart = { model: null, quantities: {}, contextTokens: 0, extras: [], unknown: [], problem: null };

/** At least one part. Part 0 carries the sender's extras and the provider's own figure. */
export function priceEvent(event: PricedFacts, atMs: number, price: PriceUsageOf, tenantId: string): PricedPart[] {
  const stated = event.extras === undefined ? [] : event.extras.map((extra): StatedExtra => ({
    stated: true,
    kind: extra.kind, quantity: String(extra.quantity), unit: extra.unit, ...(extra.cost === undefined ? {} : { costUsd: String(extra.cost) }),
  }));
  const { parts, tier, region, problem, costUsd } = partsOf(event);
  const providerCostUsd = event.provider_cost === undefined ? costUsd : String(event.provider_cost);
  const serviceTier = tier ?? event.service_tier_served ?? null;
  const servedRegion = region ?? event.region ?? null;
  return parts.map((part, n): PricedPart => {
    const extras = n === 0 && stated.length > 0 ? [...part.extras, ...stated] : part.extras;
    const asked = pricingInputOf(event, part, n, extras, problem ?? part.problem, serviceTier, servedRegion, atMs);
    const answer = answerOf(event, extras, parts.length === 1 ? providerCostUsd : null, () => price(tenantId, asked));
    return {
      costPico: answer.costPico, ceilingPico: answer.ceilingPico, priceVersionId: answer.priceVersionId, basis: answer.basis, unpricedReason: answer.reason, providerCostUsd,
      quantities: part.quantities, extras, normaliserVersion: NORMALISER_VERSION, serviceTier, region: servedRegion,
      // The part's model is a finding only where it differs from what the sender said (Anthropic iterations, a body that names its model).
      modelServed: part.model === event.model_requested ? (event.model_served ?? null) : (part.model ?? event.model_served ?? null),
    };
  });
}

/** What the price rule is asked about one part: the same when a stored row is proved against its price version. */
function pricingInputOf(
  event: PricedFacts, part: UsagePart, n: number, extras: readonly UsageExtra[], problem: string | null, tier: string | null, region: string | null, atMs: number,
): PricingInput {
  return {
    provider: event.provider ?? '', model: part.model ?? event.model_served ?? event.model_requested ?? null, tier, region, at: atMs,
    quantities: part.quantities, contextTokens: part.contextTokens, extras, unknown: part.unknown, problem,
    isRequest: n === 0 && event.provider !== undefined,
  };
}

type Answer = Pick<PricedPart, 'costPico' | 'ceilingPico' | 'priceVersionId' | 'basis'> & { readonly reason: string | null };

function answerOf(event: PricedFacts, extras: readonly UsageExtra[], providerCostUsd: string | null, price: () => PricedCost): Answer {
  const nothingCounted = event.usage === undefined && event.quantities === undefined && extras.length === 0;
  if (nothingCounted) {
    // A request that the provider refused costs nothing; one that broke off, or went through without a usage, costs we do not know what.
    if (event.status === 'failed') return { costPico: 0n, ceilingPico: 0n, priceVersionId: null, reason: null, basis: 'priced' };
    return reported(providerCostUsd, 0n, 'No usage was sent with the call.');
  }
  const { costPico, ceilingPico, priceVersionId, reason } = price();
  if (costPico === null) return reported(providerCostUsd, ceilingPico, reason);
  return { costPico, ceilingPico, priceVersionId, reason: null, basis: event.estimated ? 'estimated' : 'priced' };
}

/** Without a price of ours the provider's own figure is the cost, when it stated one for the whole event and that has one row. */
function reported(providerCostUsd: string | null, ceilingPico: bigint, reason: string | null): Answer {
  if (providerCostUsd === null) return { costPico: null, ceilingPico, priceVersionId: null, reason, basis: 'unpriced' };
  const costPico = toPico(parseDecimal(providerCostUsd)!);
  return { costPico, ceilingPico: costPico, priceVersionId: null, reason: null, basis: 'provider_reported' };
}

interface ReadUsage {
  readonly parts: readonly UsagePart[];
  readonly tier: string | null;
  readonly region: string | null;
  readonly problem: string | null;
  readonly costUsd: string | null;
}

function partsOf(event: PricedFacts): ReadUsage {
  if (event.usage === undefined) {
    const quantities = event.quantities ?? {};
    const contextTokens = Object.entries(quantities).reduce((sum, [name, count]) => (name.startsWith('output_') ? sum : sum + (count ?? 0)), 0);
    return { parts: [{ ...EMPTY_PART, quantities, contextTokens }], tier: null, region: null, problem: null, costUsd: null };
  }
  const usage = normaliseUsage({ provider: event.provider!, api: event.api ?? null, model: event.model_served ?? event.model_requested ?? null, usage: event.usage });
  // A usage that we cannot read is a fact all the same: kept as sent, quarantined, priced once the normaliser learns it.
  if (!usage.ok) return { parts: [EMPTY_PART], tier: null, region: null, problem: `${usage.error.field} ${usage.error.reason}`, costUsd: null };
  return { parts: usage.value.parts, tier: usage.value.served.tier, region: usage.value.served.region, problem: null, costUsd: usage.value.providerCostUsd };
}
