/**
 * The price list of the fakes: what they would bill. Written by hand from the providers' public price pages (August
 * 2026), and summed here in whole pico-dollars. It exists to check Outlay from outside: never import the price book
 * here, and never this from the price book.
 */
import { formatPico } from '@outlay/kernel';
import type { Provider } from './contract';

/** Exact decimals: dollars per million tokens; searches in dollars each. */
export interface Rates {
  readonly input: string;
  readonly output: string;
  readonly cachedInput?: string;
  /** OpenAI's, which has no time to live of its own. */
  readonly cacheWrite?: string;
  readonly cacheWrite5m?: string;
  readonly cacheWrite1h?: string;
  readonly webSearch?: string;
  /** Where sound and pictures have rates of their own; else they count as `input` and `output`. */
  readonly inputAudio?: string;
  readonly cachedInputAudio?: string;
  readonly inputImage?: string;
  readonly outputImage?: string;
  /** Dollars per second of sound. */
  readonly seconds?: string;
}

/** The rates of a tier; a request whose whole input reaches `long.fromTokens` is billed at `long.rates` throughout. */
interface TierRates extends Rates {
  readonly long?: { readonly fromTokens: number; readonly rates: Rates };
}

export interface ModelEntry {
  readonly provider: Provider;
  /** The dated name under which the provider answers. */
  readonly snapshot: string;
  readonly kind: 'chat' | 'embedding' | 'image' | 'transcription';
  /** Whether it thinks before it answers. */
  readonly reasoning: boolean;
  readonly contextTokens: number;
  /** By service tier as named in the answer. */
  readonly tiers: Readonly<Record<string, TierRates>>;
}

const openai = (snapshot: string, contextTokens: number, reasoning: boolean, tiers: ModelEntry['tiers']): ModelEntry => ({
  provider: 'openai', snapshot, kind: 'chat', reasoning, contextTokens, tiers,
});

const anthropic = (snapshot: string, contextTokens: number, rates: Rates): ModelEntry => ({
  provider: 'anthropic', snapshot, kind: 'chat', reasoning: true, contextTokens, tiers: { standard: rates },
});

const google = (contextTokens: number, reasoning: boolean, rates: TierRates): ModelEntry => ({
  provider: 'google', snapshot: '', kind: 'chat', reasoning, contextTokens, tiers: { standard: rates },
});

const sheet: Readonly<Record<string, ModelEntry>> = {
  'gpt-5.6-luna': openai('gpt-5.6-luna', 1_050_000, true, {
    default: {
      input: '0.2', cachedInput: '0.02', cacheWrite: '0.25', output: '1.2',
      long: { fromTokens: 272_000, rates: { input: '0.4', cachedInput: '0.04', cacheWrite: '0.5', output: '1.8' } },
    },
  }),
  'gpt-5.4-mini': openai('gpt-5.4-mini-2026-03-17', 400_000, true, {
    default: { input: '0.75', cachedInput: '0.075', output: '4.5' },
    flex: { input: '0.375', cachedInput: '0.0375', output: '2.25' },
    priority: { input: '1.5', cachedInput: '0.15', output: '9' },
  }),
  'gpt-5': openai('gpt-5-2025-08-07', 400_000, true, {
    default: { input: '1.25', cachedInput: '0.125', output: '10' },
    flex: { input: '0.625', cachedInput: '0.0625', output: '5' },
    priority: { input: '2.5', cachedInput: '0.25', output: '20' },
  }),
  'gpt-5-mini': openai('gpt-5-mini-2025-08-07', 400_000, true, {
    default: { input: '0.25', cachedInput: '0.025', output: '2' },
    flex: { input: '0.125', cachedInput: '0.0125', output: '1' },
    priority: { input: '0.45', cachedInput: '0.045', output: '3.6' },
  }),
  'gpt-5-nano': openai('gpt-5-nano-2025-08-07', 400_000, true, {
    default: { input: '0.05', cachedInput: '0.005', output: '0.4' },
    flex: { input: '0.025', cachedInput: '0.0025', output: '0.2' },
  }),
  'gpt-4.1-mini': openai('gpt-4.1-mini-2025-04-14', 1_000_000, false, {
    default: { input: '0.4', cachedInput: '0.1', output: '1.6' },
    priority: { input: '0.7', cachedInput: '0.175', output: '2.8' },
  }),
  'gpt-4o-mini': openai('gpt-4o-mini-2024-07-18', 128_000, false, {
    default: { input: '0.15', cachedInput: '0.075', output: '0.6' },
    priority: { input: '0.25', cachedInput: '0.125', output: '1' },
  }),
  'text-embedding-3-small': {
    provider: 'openai', snapshot: 'text-embedding-3-small', kind: 'embedding', reasoning: false, contextTokens: 8_192,
    tiers: { default: { input: '0.02', output: '0' } },
  },
  'gpt-image-1': {
    provider: 'openai', snapshot: 'gpt-image-1', kind: 'image', reasoning: false, contextTokens: 32_000,
    tiers: { default: { input: '5', cachedInput: '1.25', inputImage: '10', output: '40' } },
  },
  'gpt-4o-transcribe': {
    provider: 'openai', snapshot: 'gpt-4o-transcribe', kind: 'transcription', reasoning: false, contextTokens: 16_000,
    tiers: { default: { input: '2.5', inputAudio: '6', output: '10' } },
  },
  'whisper-1': {
    provider: 'openai', snapshot: 'whisper-1', kind: 'transcription', reasoning: false, contextTokens: 16_000,
    tiers: { default: { input: '0', output: '0', seconds: '0.0001' } },
  },
  'claude-opus-5-5': anthropic('claude-opus-5-5', 1_000_000, {
    input: '4', cacheWrite5m: '5', cacheWrite1h: '8', cachedInput: '0.2', output: '20', webSearch: '0.01',
  }),
  'claude-sonnet-5': anthropic('claude-sonnet-5', 1_000_000, {
    input: '2', cacheWrite5m: '2.5', cacheWrite1h: '4', cachedInput: '0.2', output: '10', webSearch: '0.01',
  }),
  'claude-sonnet-4-5': anthropic('claude-sonnet-4-5-20250929', 200_000, {
    input: '3', cacheWrite5m: '3.75', cacheWrite1h: '6', cachedInput: '0.3', output: '15', webSearch: '0.01',
  }),
  'claude-haiku-4-5': anthropic('claude-haiku-4-5-20251001', 200_000, {
    input: '1', cacheWrite5m: '1.25', cacheWrite1h: '2', cachedInput: '0.1', output: '5', webSearch: '0.01',
  }),
  'gemini-2.5-flash': google(1_048_576, true, { input: '0.3', cachedInput: '0.03', output: '2.5', inputAudio: '1', cachedInputAudio: '0.1' }),
  'gemini-2.5-pro': google(1_048_576, true, {
    input: '1.25', cachedInput: '0.125', output: '10',
    long: { fromTokens: 200_001, rates: { input: '2.5', cachedInput: '0.25', output: '15' } },
  }),
  'gemini-2.5-flash-image': google(32_768, false, { input: '0.3', output: '2.5', outputImage: '30' }),
  'gemini-embedding-001': {
    provider: 'google', snapshot: '', kind: 'embedding', reasoning: false, contextTokens: 2_048, tiers: { standard: { input: '0.15', output: '0' } },
  },
};

/** Google answers under the name it was asked by. */
export const priceSheet: Readonly<Record<string, ModelEntry>> = Object.fromEntries(
  Object.entries(sheet).map(([name, entry]) => [name, { ...entry, snapshot: entry.snapshot || name }]),
);

/** The entry of a model by its short or dated name. */
export function findModel(provider: Provider, name: string): ModelEntry | undefined {
  const direct = priceSheet[name];
  if (direct) return direct.provider === provider ? direct : undefined;
  return Object.values(priceSheet).find((entry) => entry.provider === provider && entry.snapshot === name);
}

/** How much of each thing an answer is billed for; the counts never overlap. */
export interface Billed {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly webSearch: number;
  readonly inputAudio?: number;
  readonly cachedInputAudio?: number;
  readonly inputImage?: number;
  readonly outputImage?: number;
  /** Of sound, where it is billed by time. */
  readonly seconds?: number;
}

/** Pico-dollars of an answer; null when the sheet has no price for the model, the tier, or something that was used. */
export function priceBilled(provider: Provider, model: string, tier: string, billed: Billed): bigint | null {
  const tierRates = findModel(provider, model)?.tiers[tier];
  if (!tierRates) return null;
  const inputTokens = billed.input + billed.cachedInput + billed.cacheWrite + billed.cacheWrite5m + billed.cacheWrite1h
    + (billed.inputAudio ?? 0) + (billed.cachedInputAudio ?? 0) + (billed.inputImage ?? 0);
  const rates: Rates = tierRates.long && inputTokens >= tierRates.long.fromTokens ? tierRates.long.rates : tierRates;
  let sum = 0n;
  for (const [thing, quantity] of Object.entries(billed) as [keyof Billed, number][]) {
    if (quantity === 0) continue;
    const rate = rates[thing];
    if (rate === undefined) return null;
    sum += BigInt(quantity) * (thing === 'webSearch' || thing === 'seconds' ? parsePico(rate, 12) : parsePico(rate, 6));
  }
  return sum;
}

/** `digits` 12: dollars each. 6: dollars per million, as pico-dollars each. A rate finer than a pico-dollar is a mistake in the sheet. */
function parsePico(decimal: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  if (!/^\d+$/.test(whole) || !/^\d*$/.test(fraction) || fraction.length > digits) throw new Error(`price sheet: "${decimal}" is no decimal of at most ${digits} places`);
  return BigInt(whole + fraction.padEnd(digits, '0'));
}

export function formatServedUsd(pico: bigint): string {
  return formatPico(pico);
}
