/** Price rows for tests, with everything but the point of the test filled in. */
import { namePriceVersion, type PriceVersion, type PriceVersionContent } from '../price-version';

export function priceRow(over: Partial<PriceVersionContent> & { readonly input?: string; readonly output?: string } = {}): PriceVersion {
  const { input = '2', output = '8', ...content } = over;
  const model = content.model ?? 'm-1';
  return namePriceVersion({
    provider: 'acme', model, match: { when: { equals: model } }, tier: 'standard', region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom: -Infinity,
    withdrawn: false, source: 'test', sourceVersion: '1',
    rates: content.withdrawn ? [] : [{ class: 'input_uncached', price: input, per: 1_000_000 }, { class: 'output_text', price: output, per: 1_000_000 }],
    ...content,
  });
}

export function instant(text: string): number {
  return Date.parse(text);
}
