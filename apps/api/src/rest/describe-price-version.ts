/** A row of the price book as `/v1` shows it. */
import type { PriceVersion } from '@outlay/pricing';

export function describePriceVersion(version: PriceVersion): Record<string, unknown> {
  return {
    id: version.id, version: version.version, provider: version.provider, model: version.model, tier: version.tier, region: version.region,
    context_from: version.contextFrom, effective_from: isoOrNull(version.effectiveFrom), known_from: isoOrNull(version.knownFrom),
    source: version.source, source_version: version.sourceVersion, rates: version.rates,
  };
}

/** Null for "ever since". */
export function isoOrNull(timeMs: number): string | null {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : null;
}
