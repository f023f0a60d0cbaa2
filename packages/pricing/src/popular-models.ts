/** The hundred models in most use, by provider, as their own APIs call them: what a comparison of price lists covers by default. */
const BY_PROVIDER: Readonly<Record<string, string>> = {
  openai: 'gpt-3.5-turbo gpt-4-turbo gpt-4.1 gpt-4.1-mini gpt-4.1-nano gpt-4o gpt-4o-mini gpt-5 gpt-5-mini gpt-5-nano gpt-5-pro gpt-5-codex gpt-5.1 gpt-5.1-codex gpt-5.2 gpt-5.2-pro gpt-5.3-codex '
    + 'gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.4-pro gpt-5.5 gpt-5.5-pro gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna o1 o3 o3-mini o3-pro o4-mini gpt-image-1 gpt-realtime gpt-audio '
    + 'text-embedding-3-small text-embedding-3-large',
  anthropic: 'claude-3-haiku-20240307 claude-3-7-sonnet-20250219 claude-haiku-4-5 claude-sonnet-4-20250514 claude-sonnet-4-5 claude-sonnet-4-6 claude-sonnet-5 claude-opus-4-1 claude-opus-4-5 claude-opus-4-6 '
    + 'claude-opus-4-7 claude-opus-4-8 claude-opus-5 claude-fable-5',
  google: 'gemini-2.0-flash gemini-2.0-flash-lite gemini-2.5-flash gemini-2.5-flash-lite gemini-2.5-pro gemini-2.5-flash-image gemini-3-flash-preview gemini-3-pro-preview gemini-3.1-flash-lite '
    + 'gemini-3.1-pro-preview gemini-3.5-flash gemini-embedding-001',
  'x-ai': 'grok-4-0709 grok-4-fast-reasoning grok-4-fast-non-reasoning grok-4.3',
  deepseek: 'deepseek-v4-flash deepseek-v4-pro',
  mistral: 'codestral-latest magistral-medium-latest ministral-8b-latest mistral-large-latest mistral-medium-latest mistral-small-latest mistral-embed',
  groq: 'llama-3.1-8b-instant llama-3.3-70b-versatile meta-llama/llama-4-scout-17b-16e-instruct openai/gpt-oss-120b openai/gpt-oss-20b qwen/qwen3-32b',
  aws: 'amazon.nova-lite-v1:0 amazon.nova-micro-v1:0 amazon.nova-pro-v1:0 us.anthropic.claude-haiku-4-5-20251001-v1:0 us.anthropic.claude-sonnet-4-5-20250929-v1:0 '
    + 'global.anthropic.claude-sonnet-4-5-20250929-v1:0 us.anthropic.claude-opus-4-8 meta.llama3-3-70b-instruct-v1:0 openai.gpt-oss-120b-1:0',
  azure: 'gpt-4o gpt-4o-mini gpt-4.1 gpt-5 gpt-5-mini gpt-5.1',
  together: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
  openrouter: 'anthropic/claude-sonnet-4.5 openai/gpt-5',
  perplexity: 'sonar',
};

export interface ComparedModel {
  readonly provider: string;
  readonly model: string;
}

export const POPULAR_MODELS: readonly ComparedModel[] = Object.entries(BY_PROVIDER).flatMap(([provider, models]) => models.split(' ').map((model) => ({ provider, model })));
