/** Mistral OCR `usage_info`: billed by the page; a page read with annotations costs more. */
import { err, ok } from '@outlay/kernel';
import { NORMALISER_VERSION, type JsonObject, type Normaliser } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, requireCount } from './usage-reader';

// The size of the document is not billable.
const USAGE_KEYS = new Set(['pages_processed', 'doc_size_bytes']);

export const normaliseMistralOcr: Normaliser = (usage, context) => {
  const reader = createUsageReader();
  flagUnknown(reader, usage, USAGE_KEYS, context.path);
  const pages = requireCount(reader, usage, 'pages_processed', context.path);
  if (reader.error) return err(reader.error);
  const kind = isAnnotated(context.body) ? 'annotated_document_page' : 'document_page';
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'mistral-ocr',
    parts: [{
      model: context.model, quantities: {}, contextTokens: 0, extras: pages === 0 ? [] : [{ kind, quantity: String(pages), unit: 'page' }],
      unknown: reader.unknown.filter((key) => key.billable), problem: reader.problem,
    }],
    total: 0,
    served: { model: context.model, tier: null, region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};

function isAnnotated(body: JsonObject | null): boolean {
  if (typeof body?.['document_annotation'] === 'string') return true;
  const pages = Array.isArray(body?.['pages']) ? body['pages'] : [];
  return pages.some((page) => isJsonObject(page) && Array.isArray(page['images']) && page['images'].some((image) => isJsonObject(image) && typeof image['image_annotation'] === 'string'));
}
