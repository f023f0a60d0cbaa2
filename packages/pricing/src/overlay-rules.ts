/**
 * What the catalogue leaves out: prices of service tiers and regions, and rates that follow from another one. Multipliers of the
 * catalogue's own rows, each with its source and the day it was checked. A test compares them with Portkey's price list.
 * Model names are the catalogue's ids; a tier that is not listed here has no price, and its calls stay unpriced.
 */
import type { TokenClass } from '@outlay/kernel';
import type { RateClass } from './price-version';

interface OverlaySource {
  readonly provider: string;
  /** Catalogue ids; `*` for all of the provider, with `except`. */
  readonly models: readonly string[];
  readonly except?: readonly string[];
  readonly source: string;
  /** Day on which the rule was compared with its source. */
  readonly checkedOn: string;
}

/** A rate that a row lacks, as a multiple of one that it has. */
export interface RateRule extends OverlaySource {
  readonly class: TokenClass;
  readonly of: TokenClass;
  readonly multiplier: string;
}

/** A rate that a row lacks, stated outright. */
export interface UnitRule extends OverlaySource {
  readonly class: RateClass;
  /** Dollars ... */
  readonly price: string;
  /** ... for so many units. */
  readonly per: number;
}

/** A service tier: every token rate times the multiplier. Searches and other units keep their price. */
export interface TierRule extends OverlaySource {
  readonly tier: string;
  /** A decimal or a fraction: `0.5`, `5/3`. */
  readonly multiplier: string;
  /** Cached input: `scaled` like the rest (default), at the `standard` price, or `none` (no discount in this tier). */
  readonly cacheRead?: 'standard' | 'none';
  /** The tier does not serve long contexts: no price above the first bracket. */
  readonly shortContextOnly?: true;
}

/** A region that charges a surcharge on every tier. */
export interface RegionRule extends OverlaySource {
  readonly region: string;
  readonly multiplier: string;
}

const OPENAI = { provider: 'openai', source: 'https://platform.openai.com/docs/pricing', checkedOn: '2026-08-21' } as const;
const ANTHROPIC = { provider: 'anthropic', source: 'https://platform.claude.com/docs/en/about-claude/pricing', checkedOn: '2026-08-21' } as const;
const GEMINI = { provider: 'google', source: 'https://ai.google.dev/gemini-api/docs/optimization', checkedOn: '2026-08-21' } as const;
const VERTEX = { provider: 'google', source: 'https://cloud.google.com/vertex-ai/generative-ai/pricing', checkedOn: '2026-08-21' } as const;

const VERTEX_CLAUDE = [
  'claude-3-5-haiku', 'claude-3-5-sonnet', 'claude-3-7-sonnet', 'claude-3-haiku', 'claude-3-opus', 'claude-4-opus', 'claude-4-sonnet', 'claude-sonnet-4-5',
  'claude-sonnet-4-6', 'claude-opus-4-6', 'claude-opus-4-7', 'claude-opus-4-8', 'claude-opus-5', 'claude-opus-5-5', 'claude-fable-5', 'claude-fable-5-1',
  'anthropic/claude-3-sonnet', 'anthropic/claude-opus-4-0', 'anthropic/claude-haiku-4-5', 'anthropic/claude-opus-4-5', 'anthropic/claude-sonnet-5',
];

export const RATE_RULES: readonly RateRule[] = [
  // Google lists an audio price only where it differs from the price of text, image and video.
  { ...GEMINI, source: 'https://ai.google.dev/gemini-api/docs/pricing', models: ['*'], class: 'input_audio', of: 'input_uncached', multiplier: '1' },
  // The only output of a speech model is audio, and the only one of these image models an image.
  { ...GEMINI, source: 'https://ai.google.dev/gemini-api/docs/pricing', models: ['gemini-2.5-flash-lite-preview-tts', 'gemini-2.5-flash-tts', 'gemini-2.5-pro-tts'], class: 'output_audio', of: 'output_text', multiplier: '1' },
  { ...OPENAI, models: ['gpt-4o-mini-tts'], class: 'output_audio', of: 'output_text', multiplier: '1' },
  { ...OPENAI, models: ['gpt-image-1', 'gpt-image-1-mini', 'gpt-image-2'], class: 'output_image', of: 'output_text', multiplier: '1' },
  // Claude on Vertex AI: writing for an hour costs twice the input, as at Anthropic.
  { ...VERTEX, models: VERTEX_CLAUDE, class: 'cache_write_1h', of: 'input_uncached', multiplier: '2' },
];

const GPT_FLEX = ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'gpt-5.1', 'gpt-5.2', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano', 'gpt-5.4-pro', 'gpt-5.5', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna'];
const GEMINI_OLDER = ['gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-2.5-pro', 'gemini-3-flash-preview', 'gemini-3-pro-preview', 'gemini-3.1-pro-preview'];
const GEMINI_NEWER = ['gemini-3.1-flash-lite', 'gemini-3.5-flash', 'gemini-3.5-flash-lite', 'gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash'];
const GEMINI_IMAGE = ['gemini-2.5-flash-image', 'gemini-3-pro-image-preview', 'gemini-3.1-flash-image-preview', 'gemini-3.1-flash-lite-image'];

export const TIER_RULES: readonly TierRule[] = [
  { ...OPENAI, tier: 'batch', multiplier: '0.5', models: GPT_FLEX },
  { ...OPENAI, tier: 'batch', multiplier: '0.5', models: ['gpt-5-pro', 'gpt-5.2-pro'] },
  { ...OPENAI, tier: 'batch', multiplier: '0.5', shortContextOnly: true, models: ['gpt-5.5-pro'] },
  {
    ...OPENAI, tier: 'batch', multiplier: '0.5', cacheRead: 'none',
    models: [
      'gpt-3.5-turbo', 'gpt-3.5-turbo-16k', 'gpt-4', 'gpt-4-32k', 'gpt-4-turbo', 'gpt-4-vision-preview', 'gpt-4o', 'gpt-4o-2024-05-13', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano', 'computer-use',
      'o1', 'o1-mini', 'o1-preview', 'o1-pro', 'o3', 'o3-mini', 'o3-pro', 'o3-deep-research', 'o4-mini', 'o4-mini-deep-research',
    ],
  },
  // The oldest ones have no batch discount.
  { ...OPENAI, tier: 'batch', multiplier: '1', models: ['gpt-3.5-0301', 'gpt-3.5-turbo-0613', 'gpt-3.5-turbo-1106'] },
  { ...OPENAI, tier: 'flex', multiplier: '0.5', models: [...GPT_FLEX, 'o3', 'o4-mini'] },
  { ...OPENAI, tier: 'flex', multiplier: '0.5', shortContextOnly: true, models: ['gpt-5.5-pro'] },
  { ...OPENAI, tier: 'priority', multiplier: '1.7', models: ['gpt-4o'] },
  { ...OPENAI, tier: 'priority', multiplier: '5/3', models: ['gpt-4o-mini'] },
  { ...OPENAI, tier: 'priority', multiplier: '1.75', models: ['gpt-4o-2024-05-13', 'gpt-4.1', 'gpt-4.1-mini', 'o3'] },
  { ...OPENAI, tier: 'priority', multiplier: '20/11', models: ['o4-mini'] },
  { ...OPENAI, tier: 'priority', multiplier: '1.8', models: ['gpt-5-mini'] },
  { ...OPENAI, tier: 'priority', multiplier: '2', models: ['gpt-4.1-nano', 'gpt-5', 'gpt-5.1', 'gpt-5.2', 'gpt-5.3-codex', 'gpt-5.4-mini'] },
  { ...OPENAI, tier: 'priority', multiplier: '2', shortContextOnly: true, models: ['gpt-5.4', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna'] },
  { ...OPENAI, tier: 'priority', multiplier: '2.5', shortContextOnly: true, models: ['gpt-5.5'] },

  // Cache multipliers stack with the batch discount.
  { ...ANTHROPIC, source: 'https://platform.claude.com/docs/en/build-with-claude/batch-processing', tier: 'batch', multiplier: '0.5', models: ['*'], except: ['claude-2', 'claude-v1'] },
  { ...ANTHROPIC, source: 'https://platform.claude.com/docs/en/build-with-claude/fast-mode', tier: 'fast', multiplier: '6', models: ['claude-opus-4-6', 'claude-opus-4-7'] },
  { ...ANTHROPIC, source: 'https://platform.claude.com/docs/en/build-with-claude/fast-mode', tier: 'fast', multiplier: '2', models: ['claude-opus-4-8'] },

  // The cache discount of these does not stack with the batch discount: cached tokens keep their standard price.
  { ...GEMINI, tier: 'batch', multiplier: '0.5', cacheRead: 'standard', models: [...GEMINI_OLDER, ...GEMINI_IMAGE, 'gemini-1.5-flash', 'gemini-1.5-pro', 'gemini-2.0-flash', 'gemini-2.0-flash-lite', 'gemini-2.5-flash-preview'] },
  { ...GEMINI, tier: 'flex', multiplier: '0.5', cacheRead: 'standard', models: [...GEMINI_OLDER, ...GEMINI_IMAGE] },
  { ...GEMINI, tier: 'batch', multiplier: '0.5', models: GEMINI_NEWER },
  { ...GEMINI, tier: 'flex', multiplier: '0.5', models: GEMINI_NEWER },
  { ...GEMINI, tier: 'priority', multiplier: '1.8', models: [...GEMINI_OLDER, ...GEMINI_NEWER] },
  { ...VERTEX, tier: 'batch', multiplier: '0.5', models: VERTEX_CLAUDE },
];

export const REGION_RULES: readonly RegionRule[] = [
  {
    ...OPENAI, region: 'residency', multiplier: '1.1',
    models: ['gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano', 'gpt-5.4-pro', 'gpt-5.5', 'gpt-5.5-pro', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna'],
  },
  // From Opus 4.6 on; older models refuse the parameter.
  {
    ...ANTHROPIC, source: 'https://platform.claude.com/docs/en/manage-claude/data-residency', region: 'us', multiplier: '1.1', models: ['*'],
    except: [
      'claude-2', 'claude-v1', 'claude-3-5-haiku-latest', 'claude-3-5-sonnet', 'claude-3-7-sonnet-latest', 'claude-3-haiku', 'claude-3-opus-latest', 'claude-3-sonnet', 'claude-haiku-4-5',
      'claude-opus-4-0', 'claude-opus-4-1', 'claude-opus-4-5', 'claude-sonnet-4-0', 'claude-sonnet-4-5',
    ],
  },
  // Regional and multi-region endpoints, from Claude 4.5 on.
  {
    ...VERTEX, region: 'regional', multiplier: '1.1',
    models: [
      'claude-sonnet-4-5', 'claude-sonnet-4-6', 'claude-opus-4-6', 'claude-opus-4-7', 'claude-opus-4-8', 'claude-opus-5', 'claude-opus-5-5', 'claude-fable-5', 'claude-fable-5-1',
      'anthropic/claude-haiku-4-5', 'anthropic/claude-opus-4-5', 'anthropic/claude-sonnet-5', 'gemini-3.1-flash-lite', 'gemini-3.5-flash', 'gemini-3.5-flash-lite',
    ],
  },
];
