export { normaliseUsage, type UsageInput } from './normalise-usage';
export { canonicalRegion, canonicalTier, STANDARD } from './service-tier';
export { NORMALISER_VERSION, type JsonObject, type NormalisedUsage, type UnknownKey, type UsageError, type UsageExtra, type UsageFormat, type UsagePart } from './usage';
