/** Which provider a model is of, where an export does not say: by the names that only one provider uses. Pure. */
import { canonicalProvider } from '@outlay/pricing';

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^(claude)/, 'anthropic'],
  [/^(gpt-|chatgpt|o[134](-|$)|text-embedding-|dall-e|whisper|tts-|omni-moderation|computer-use|codex-)/, 'openai'],
  [/^(gemini|imagen|veo|learnlm)/, 'google'],
  [/^(mistral|mixtral|codestral|ministral|pixtral|magistral|devstral)/, 'mistral'],
  [/^deepseek/, 'deepseek'],
  [/^grok/, 'x-ai'],
  [/^(command|embed-|rerank-|c4ai)/, 'cohere'],
  [/^sonar/, 'perplexity'],
];

/** `provider` as the export says it, else a prefix of the model (`openai/gpt-4o`), else its name. `unknown` is a provider without prices. */
export function providerOfModel(provider: string | undefined, model: string | undefined): { provider: string; model: string | undefined } {
  const [prefix, ...rest] = (model ?? '').split('/');
  const named = rest.length > 0 && prefix !== '' ? canonicalProvider(prefix!) : undefined;
  const stated = provider === undefined || /^(custom|unknown|)$/i.test(provider) ? undefined : canonicalProvider(provider);
  // A router's model has its maker in front: that is part of the model's name there.
  if (stated !== undefined) return { provider: stated, model: named === stated ? rest.join('/') : model };
  if (named !== undefined) return { provider: named, model: rest.join('/') };
  const name = (model ?? '').toLowerCase();
  return { provider: BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown', model };
}
