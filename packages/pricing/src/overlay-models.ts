/** Models that the catalogue leaves out because they are not billed by tokens, or only partly. Dollars, each with source and day. */
import type { ModelMatch } from './model-match';
import { PORTKEY } from './overlay-clouds';
import { namePriceVersion, type PriceRate, type PriceVersion } from './price-version';
import { STANDARD } from './service-tier';

interface OwnModel {
  readonly provider: string;
  readonly model: string;
  readonly match: ModelMatch;
  readonly source: string;
  readonly checkedOn: string;
  readonly rates: readonly PriceRate[];
}

const OPENAI = { provider: 'openai', source: PORTKEY, checkedOn: '2026-11-21' } as const;

const image = (quality: string, size: string, price: string): PriceRate => ({ class: `image_${quality}_${size}`, price, per: 1 });
const million = (name: string, price: string): PriceRate => ({ class: name, price, per: 1_000_000 });

/**
 * Not here, on purpose: `mistral-large-latest`. The catalogue (2026-09-23) prices it as Large 2 ($2 and $6), models.dev (2026-07-02) and Portkey as Large 3 ($0.5 and $1.5, from
 * 2025-12-02 on), but Portkey has that price for Large 2 too, and Large 4 came out in October 2026. No page of Mistral's says what the name stands for today, so the dearest of
 * them stays: a cap trips early, never late. A response that names the model it was served by is priced by that.
 */
const OWN_MODELS: readonly OwnModel[] = [
  {
    ...OPENAI, model: 'dall-e-3', match: { when: { equals: 'dall-e-3' } },
    rates: [
      image('standard', '1024x1024', '0.04'), image('standard', '1024x1792', '0.08'), image('standard', '1792x1024', '0.08'),
      image('hd', '1024x1024', '0.08'), image('hd', '1024x1792', '0.12'), image('hd', '1792x1024', '0.12'),
    ],
  },
  {
    ...OPENAI, model: 'dall-e-2', match: { when: { equals: 'dall-e-2' } },
    rates: [image('standard', '1024x1024', '0.02'), image('standard', '512x512', '0.018'), image('standard', '256x256', '0.016')],
  },
  { ...OPENAI, model: 'tts-1', match: { when: { or: [{ equals: 'tts-1' }, { equals: 'tts-1-1106' }] } }, rates: [million('character', '15')] },
  { ...OPENAI, model: 'tts-1-hd', match: { when: { or: [{ equals: 'tts-1-hd' }, { equals: 'tts-1-hd-1106' }] } }, rates: [million('character', '30')] },
  {
    ...OPENAI, model: 'gpt-4o-transcribe-diarize', match: { when: { equals: 'gpt-4o-transcribe-diarize' } },
    rates: [million('input_uncached', '2.5'), million('input_audio', '6'), million('output_text', '10')],
  },
];

/** As rows known since `knownFrom`, effective ever since; a model that the list already has keeps the list's price. */
export function ownModelPrices(list: readonly PriceVersion[], source: string, knownFrom: number): readonly PriceVersion[] {
  const listed = new Set(list.map((row) => `${row.provider}\n${row.model}`));
  return OWN_MODELS.filter(({ provider, model }) => !listed.has(`${provider}\n${model}`)).map((own) => namePriceVersion({
    provider: own.provider, model: own.model, match: own.match, tier: STANDARD, region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom, withdrawn: false,
    source: `${source} ${own.source}`, sourceVersion: own.checkedOn, rates: own.rates,
  }));
}
