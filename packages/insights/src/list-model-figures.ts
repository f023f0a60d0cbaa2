/** The models of a span: what they cost, what their price did meanwhile, and what the same tokens would cost elsewhere. */
import { DomainError, type TokenQuantities } from '@outlay/kernel';
import { type ListedModelFigures, type ModelFigures, type ModelList, type ModelListInput, readModels } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { listPriceMoves, type PriceBook, type PriceMove } from '@outlay/pricing';
import { deriveModel, type DerivedModel } from './derive-model';
import { priceAsIf, type WhatIf } from './what-if';

interface ModelRow extends Omit<ListedModelFigures, 'previous' | 'latencies'>, DerivedModel {
  readonly previous: (Pick<ModelFigures, 'costPico' | 'calls' | 'failed'> & Pick<DerivedModel, 'costPerMillionPico' | 'cacheShare' | 'failedShare'>) | null;
  /** Prices of it that became others within the span, oldest first. */
  readonly priceMoves: readonly PriceMove[];
}

export interface ModelRows extends Omit<ModelList, 'models' | 'latencyEdgesMs'> {
  readonly models: readonly ModelRow[];
}

/** Errors: `invalid_input` for a span that is too long to show. */
export async function listModelFigures(db: Database, book: PriceBook, tenantId: string, input: ModelListInput, nowMs: number): Promise<ModelRows> {
  const { models, latencyEdgesMs, ...list } = await readModels(db, tenantId, input, nowMs);
  const span = { fromMs: Date.parse(list.range.from), toMs: Math.min(Date.parse(list.range.to), nowMs + 1) };
  return {
    ...list,
    models: models.map(({ previous, latencies, ...figures }) => {
      const before = previous && deriveModel(previous, latencyEdgesMs);
      return {
        ...figures, ...deriveModel({ ...figures, latencies }, latencyEdgesMs),
        previous: previous && before && {
          costPico: previous.costPico, calls: previous.calls, failed: previous.failed, costPerMillionPico: before.costPerMillionPico, cacheShare: before.cacheShare, failedShare: before.failedShare,
        },
        priceMoves: figures.model === '' ? [] : listPriceMoves(book, figures, span),
      };
    }),
  };
}

export interface ModelComparison {
  /** The moment whose prices are compared: the end of the span, or now. */
  readonly at: string;
  readonly calls: number;
  readonly unpriced: number;
  readonly quantities: TokenQuantities;
  /** What the ledger says the calls cost, with their tiers, brackets, tools and the prices of their days. */
  readonly recordedPico: string;
  readonly own: WhatIf;
  /** Null until another model is chosen. */
  readonly other: WhatIf | null;
}

export interface ComparedModel {
  readonly provider: string;
  readonly model: string;
}

/** Errors: `not_found` where the model was not used in the span, or the other one is in no price book. */
export async function compareModels(
  db: Database, book: PriceBook, tenantId: string, input: ModelListInput & { readonly own: ComparedModel; readonly other: ComparedModel | null }, nowMs: number,
): Promise<ModelComparison> {
  const { own, other, ...filter } = input;
  const { models, range } = await readModels(db, tenantId, { ...filter, provider: own.provider, model: own.model }, nowMs);
  const used = models.find(({ provider, model }) => provider === own.provider && model === own.model);
  if (used === undefined) throw new DomainError('not_found', { field: 'model', message: `No call of "${own.model}" lies in this range.` });
  const at = Math.min(Date.parse(range.to), nowMs);
  const priced = (model: ComparedModel): WhatIf => priceAsIf(book, { ...model, at, quantities: used.quantities, calls: used.calls });
  const result = { own: priced(own), other: other && priced(other) };
  if (other !== null && result.other?.priced === null) throw new DomainError('not_found', { field: 'otherModel', message: `"${other.model}" of "${other.provider}" has no standard price at the end of this range: choose another model, or add a price.` });
  return { at: new Date(at).toISOString(), calls: used.calls, unpriced: used.unpriced, quantities: used.quantities, recordedPico: used.costPico, ...result };
}
