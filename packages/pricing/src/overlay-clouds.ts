/** The overlay's rules that come from another price list: other hosts, and units that the catalogue leaves out; see overlay-rules. */
import type { RateRule, TierRule, UnitRule } from './overlay-rules';

/** Taken from another price list, not from the providers' own pages: those were not at hand on that day. */
export const PORTKEY = 'https://github.com/Portkey-AI/models';
const BEDROCK = { provider: 'aws', source: PORTKEY, checkedOn: '2026-11-21' } as const;
const XAI = { provider: 'x-ai', source: PORTKEY, checkedOn: '2026-11-21' } as const;

const BEDROCK_CLAUDE = ['global', 'regional'].flatMap((scope) => [
  `${scope}.anthropic.claude-haiku-4-5-20251001-v1:0`, `${scope}.anthropic.claude-opus-4-5-v1:0`, `${scope}.anthropic.claude-opus-4-6-v1:0`, `${scope}.anthropic.claude-opus-4-7-v1:0`,
  `${scope}.anthropic.claude-opus-4-8-v1:0`, `${scope}.anthropic.claude-opus-5`, `${scope}.anthropic.claude-opus-5-5`, `${scope}.anthropic.claude-sonnet-4-5-20250929-v1:0`,
  `${scope}.anthropic.claude-sonnet-4-6-v1:0`, `${scope}.anthropic.claude-sonnet-5-v1:0`, `${scope}.anthropic.claude-fable-5-v1:0`, `${scope}.anthropic.claude-fable-5-1-v1:0`,
]);

const BEDROCK_CLAUDE_OLDER = [
  'global.anthropic.claude-sonnet-4-20250514-v1:0', 'regional.anthropic.claude-sonnet-4-20250514-v1:0', 'regional.anthropic.claude-3-5-haiku-20241022-v1:0', 'regional.anthropic.claude-3-5-sonnet-20240620-v1:0',
  'regional.anthropic.claude-3-5-sonnet-20241022-v2:0', 'regional.anthropic.claude-3-7-sonnet-20250219-v1:0', 'regional.anthropic.claude-3-haiku-20240307-v1:0', 'regional.anthropic.claude-3-opus-20240229-v1:0',
];

export const CLOUD_RATE_RULES: readonly RateRule[] = [
  // Claude on Bedrock, from 4.5 on: writing for an hour costs twice the input, as at Anthropic.
  { ...BEDROCK, models: BEDROCK_CLAUDE, class: 'cache_write_1h', of: 'input_uncached', multiplier: '2' },
];

const BEDROCK_ALL_TIERS = [
  'meta.llama4-maverick-17b-instruct-v1:0', 'meta.llama4-scout-17b-instruct-v1:0', 'mistral.devstral-2-123b', 'mistral.magistral-small-2509', 'mistral.ministral-3-14b-instruct',
  'mistral.ministral-3-3b-instruct', 'mistral.ministral-3-8b-instruct', 'mistral.mistral-7b-instruct-v0:2', 'mistral.mistral-large-2402-v1:0', 'mistral.mistral-large-3-675b-instruct',
  'mistral.mistral-small-2402-v1:0', 'mistral.mixtral-8x7b-instruct-v0:1', 'mistral.pixtral-large-2502-v1:0', 'mistral.voxtral-mini-3b-2507', 'mistral.voxtral-small-24b-2507',
  'openai.gpt-oss-120b-1:0', 'openai.gpt-oss-20b-1:0', 'qwen.qwen3-32b-v1:0', 'qwen.qwen3-coder-30b-a3b-v1:0', 'qwen.qwen3-coder-480b-a35b-v1:0', 'qwen.qwen3-vl-235b-a22b-v1:0',
];
const BEDROCK_BATCH = [
  'amazon.nova-lite-v1:0', 'amazon.nova-micro-v1:0', 'amazon.nova-pro-v1:0', 'meta.llama3-1-70b-instruct-v1:0', 'meta.llama3-1-8b-instruct-v1:0', 'meta.llama3-2-11b-instruct-v1:0',
  'meta.llama3-2-1b-instruct-v1:0', 'meta.llama3-2-3b-instruct-v1:0', 'meta.llama3-2-90b-instruct-v1:0', 'meta.llama3-3-70b-instruct-v1:0',
];

export const CLOUD_TIER_RULES: readonly TierRule[] = [
  { ...BEDROCK, tier: 'batch', multiplier: '0.5', cacheRead: 'standard', models: [...BEDROCK_ALL_TIERS, ...BEDROCK_BATCH, ...BEDROCK_CLAUDE, ...BEDROCK_CLAUDE_OLDER] },
  { ...BEDROCK, tier: 'flex', multiplier: '0.5', models: BEDROCK_ALL_TIERS },
  { ...BEDROCK, tier: 'priority', multiplier: '1.75', models: BEDROCK_ALL_TIERS },
];

const GROK = ['grok-4-0709', 'grok-4-1-fast-non-reasoning', 'grok-4-1-fast-reasoning', 'grok-4-fast-non-reasoning', 'grok-4-fast-reasoning', 'grok-4.20', 'grok-4.20-multi-agent', 'grok-4.3', 'grok-4.5', 'grok-4.6'];

const OPENAI_AUDIO = { provider: 'openai', source: PORTKEY, checkedOn: '2026-11-21' } as const;

export const CLOUD_UNIT_RULES: readonly UnitRule[] = [
  // The catalogue lists only the text prices of these; the rates of the snapshots since 2024-12-17.
  { ...OPENAI_AUDIO, models: ['gpt-4o-audio-preview'], class: 'input_audio', price: '40', per: 1_000_000 },
  { ...OPENAI_AUDIO, models: ['gpt-4o-audio-preview'], class: 'output_audio', price: '80', per: 1_000_000 },
  { ...OPENAI_AUDIO, models: ['gpt-4o-mini-audio-preview'], class: 'input_audio', price: '10', per: 1_000_000 },
  { ...OPENAI_AUDIO, models: ['gpt-4o-mini-audio-preview'], class: 'output_audio', price: '20', per: 1_000_000 },
  { ...XAI, models: GROK, class: 'web_search', price: '5', per: 1000 },
  { ...XAI, models: GROK, class: 'x_search', price: '5', per: 1000 },
  { ...XAI, models: GROK, class: 'code_execution', price: '5', per: 1000 },
  { ...XAI, models: GROK, class: 'attachment_search', price: '10', per: 1000 },
  { ...XAI, models: GROK, class: 'file_search', price: '2.5', per: 1000 },
];
