export { CATALOGUE_SOURCE, CATALOGUE_VERSION, cataloguePriceBook, cataloguePrices } from './catalogue';
export { compareCatalogues, DIFFERENCE_CAUSES, type CatalogueComparison, type CatalogueDifference, type DifferenceCause } from './compare-catalogues';
export { explainLines } from './explain-lines';
export { readForeignCatalogue, type ForeignPrice, type ForeignSource } from './foreign-catalogue';
export { importCatalogue, type ImportCatalogueOptions } from './import-catalogue';
export { listModels, modelPrices, type ListedModel, type ModelPrices } from './list-models';
export { loadPriceBook, readPriceBookMark } from './load-price-book';
export type { MatchLogic, ModelMatch } from './model-match';
export { normaliseUsage, type UsageInput } from './normalise-usage';
export type { ImportPlan, PriceChange } from './plan-import';
export { POPULAR_MODELS, type ComparedModel } from './popular-models';
export { createPriceBook, findPrice, priceVersionById, type PriceBook, type PriceQuery } from './price-book';
export { priceJsonLine, priceJsonLineText, type BadLineOutput, type PricedLineOutput } from './price-json-lines';
export { priceByVersion, priceFast, priceUsage, type PricedCost, type PricedUsage, type PriceLine, type PricingInput } from './price-usage';
export { namePriceVersion, type PriceRate, type PriceVersion, type PriceVersionContent, type RateClass } from './price-version';
export { canonicalProvider } from './provider-name';
export type { NegotiatedPrice, PriceBracket, PricePlace } from './negotiated-price';
export { openPriceBooks, type PriceBooks, type TenantPrices } from './open-price-books';
export {
  approveTenantPrice, declineTenantPrice, listWaitingPrices, planTenantPrice, recordTenantPrice, type PriceApproval, type PricePlan, type PriceVerdict,
} from './record-tenant-prices';
export { canonicalRegion, canonicalTier, STANDARD } from './service-tier';
export { NORMALISER_VERSION, type JsonObject, type NormalisedUsage, type UnknownKey, type UsageError, type UsageExtra, type UsageFormat, type UsagePart } from './usage';
