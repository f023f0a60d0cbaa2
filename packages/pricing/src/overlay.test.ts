/** The overlay against a price list that we did not write: Portkey's, in cents a token. */
import { beforeAll, describe, expect, it } from 'vitest';
import { compareRational, formatRational, parseDecimal, type Rational } from '@outlay/kernel';
import { cataloguePriceBook } from './catalogue';
import { ALL_TIER_RULES } from './overlay';
import { compile, findPrice, type PriceBook } from './price-book';
import { instant } from './testing/price-rows';
import { hasSharedData, readSharedData } from './testing/shared-data';

const AT = instant('2026-08-20T20:00:00Z');

interface Rates { readonly [key: string]: { readonly price: number } }
interface Config { readonly pricing_config: { readonly pay_as_you_go: Rates & { readonly additional_units?: Rates } } }
type Mode = Config | { readonly context_tiers: Readonly<Record<string, Config>> };
interface PortkeyModel {
  readonly pricing_config: Config['pricing_config'] & { readonly batch_config?: Rates };
  readonly custom_pricing?: {
    readonly context_tier_map?: Readonly<Record<string, string>>;
    readonly regions: Readonly<Record<string, { readonly execution_modes: Readonly<Record<string, Mode>> }>>;
  };
}

const CLASSES: Readonly<Record<string, string>> = { request_token: 'input_uncached', response_token: 'output_text', cache_read_input_token: 'cache_read', cache_write_input_token: 'cache_write_other' };

interface PricedMode {
  readonly region: string;
  readonly tier: string;
  readonly contextTokens: number;
  readonly rates: Rates;
}

interface Comparison {
  readonly name: string;
  readonly ours: string | null;
  readonly theirs: string;
  readonly agrees: boolean;
}

/** Every rate of theirs for a tier or region whose standard price, in the same bracket, we share; beside ours. */
function compareFile(book: PriceBook, provider: string, file: string): readonly Comparison[] {
  const found: Comparison[] = [];
  for (const [model, entry] of Object.entries(readSharedData<Record<string, PortkeyModel>>(file))) {
    const rateOf = (mode: Omit<PricedMode, 'rates'>, name: string): string | null => {
      const row = findPrice(book, { provider, model, ...mode, at: AT });
      return row === null ? null : compile(row).rates.get(name)?.price ?? null;
    };
    const modes = modesOf(entry);
    for (const mode of modes.filter(({ region, tier }) => region !== '' || tier !== 'standard')) {
      const standard = { ...mode, region: '', tier: 'standard' };
      const base = modes.find((other) => other.region === '' && other.tier === 'standard' && other.contextTokens === mode.contextTokens)?.rates;
      for (const [key, name] of Object.entries(CLASSES)) {
        const [theirs, theirBase, ourBase] = [mode.rates[key]?.price, base?.[key]?.price, rateOf(standard, name)];
        if (theirs === undefined || theirBase === undefined || ourBase === null || compareRational(dollars(theirBase), parseDecimal(ourBase)!) !== 0) continue;
        const ours = rateOf(mode, name);
        found.push({ name: `${model} ${mode.region} ${mode.tier} ${mode.contextTokens} ${name}`, ours, theirs: formatRational(dollars(theirs)), agrees: ours !== null && agree(ours, dollars(theirs)) });
      }
    }
  }
  return found;
}

function modesOf({ custom_pricing: custom, pricing_config: flat }: PortkeyModel): readonly PricedMode[] {
  if (custom === undefined) {
    const standard = { region: '', tier: 'standard', contextTokens: 0, rates: flat.pay_as_you_go };
    return flat.batch_config === undefined ? [standard] : [standard, { ...standard, tier: 'batch', rates: flat.batch_config }];
  }
  const starts = new Map(Object.entries(custom.context_tier_map ?? {}).map(([start, name]) => [name, start === '0' ? 0 : Number(start) + 1]));
  return Object.entries(custom.regions).flatMap(([region, { execution_modes: modes }]) =>
    Object.entries(modes).flatMap(([tier, mode]) =>
      Object.entries('context_tiers' in mode ? mode.context_tiers : { '': mode }).map(([bracket, config]) => ({
        region: region === 'default' ? '' : region.split(',')[0]!, tier, contextTokens: starts.get(bracket) ?? 0, rates: config.pricing_config.pay_as_you_go,
      }))));
}

/** Cents a token -> dollars a million, with the noise of their floats cut off. */
function dollars(centsPerToken: number): Rational {
  return parseDecimal((centsPerToken * 10_000).toFixed(9))!;
}

/** Equal, or theirs is ours rounded: they list cached and written tokens with two or three digits. */
function agree(ours: string, theirs: Rational): boolean {
  const [one, other] = [Number(ours), Number(theirs.num) / Number(theirs.den)];
  return Math.abs(one - other) < 1e-9 || [2, 3, 4].some((digits) => Math.abs(Number(one.toFixed(digits)) - other) < 1e-9 || Math.abs(Math.ceil(one * 10 ** digits) / 10 ** digits - other) < 1e-9);
}

/** What we leave unpriced or see otherwise, and why. */
const KNOWN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /^gpt-5\.4\S* us (batch|flex) 0 cache_read$/, why: 'they take 1.1 x a price that they had rounded from 0.125 to 0.13 before' },
  { pattern: /^claude-sonnet-4-5\S* \S* ?batch 200001 /, why: 'the batch discount applies to the long-context price too; they list half of the short one' },
  { pattern: /^(?:us\.)?(?:meta|mistral|openai|qwen|zai|moonshot|moonshotai|amazon|deepseek|minimax|google|nvidia|writer|cohere)\.\S+ [a-z]{2}-\S+ /, why: 'Bedrock charges open models by region; the book has the base price only' },
  { pattern: /^(?:amazon\.titan-|meta\.llama3-(?:8|70)b-)/, why: 'retired, and not served in batch: unpriced there' },
  { pattern: /^gemini-embedding-001 {2}batch/, why: 'Gemini API and Vertex AI discount it differently, and an event does not say which one served it: unpriced' },
];

describe.each([
  ['openai', 'prices/portkey/openai.json', 200],
  ['anthropic', 'prices/portkey/anthropic.json', 60],
  ['google', 'prices/portkey/google.json', 20],
  ['google', 'prices/portkey/vertex-ai.json', 200],
  ['aws', 'prices/portkey/bedrock.json', 60],
])('%s', (provider, file, least) => {
  let book: PriceBook;
  beforeAll(async () => {
    book = await cataloguePriceBook();
  });

  it.skipIf(!hasSharedData(file))(`agrees with ../shared/data/${file} (skipped without it)`, () => {
    const compared = compareFile(book, provider, file);
    const differing = compared.filter(({ agrees, name }) => !agrees && !KNOWN.some(({ pattern }) => pattern.test(name)));
    expect(differing.map(({ name, ours, theirs }) => `${name}: ours ${ours}, theirs ${theirs}`)).toEqual([]);
    expect(compared.length).toBeGreaterThan(least);
  });
});

describe('the rules', () => {
  it('name models that the catalogue has, and say where they come from', async () => {
    const book = await cataloguePriceBook();
    for (const rule of ALL_TIER_RULES) {
      for (const model of rule.models) {
        if (model !== '*') expect(book.versions.some((row) => row.provider === rule.provider && row.model === model && row.tier === rule.tier), `${rule.provider} ${model} ${rule.tier}`).toBe(true);
      }
      expect(rule.source).toMatch(/^https:\/\//);
      expect(rule.checkedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  });

  it('give no model two prices of one tier', async () => {
    const { versions } = await cataloguePriceBook();
    const keys = versions.map(({ provider, model, tier, region, contextFrom, effectiveFrom, match }) => [provider, model, tier, region, contextFrom, effectiveFrom, match.utcFrom ?? ''].join(' '));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
