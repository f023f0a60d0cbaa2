/** What the AI SDK calls a provider, in the catalogue's words, and whose answers it speaks. */
import { ANTHROPIC_ROUTES } from './anthropic-routes.js';
import { GOOGLE_ROUTES } from './google-routes.js';
import { OPENAI_ROUTES } from './openai-routes.js';
import type { ApiRoute } from './routes.js';

const PROVIDERS: Readonly<Record<string, string>> = {
  'azure-openai': 'azure',
  vertex: 'google',
  'amazon-bedrock': 'aws',
  bedrock: 'aws',
  xai: 'x-ai',
  togetherai: 'together',
};

export interface SpokenApi {
  readonly provider: string;
  readonly model: string;
  /** Flavour of the API as the ledger's normalisers name it; undefined when only the AI SDK's own digest is understood. */
  readonly api: string | undefined;
  /** Reads the provider's own answer; undefined when nobody knows it. */
  readonly route: ApiRoute | undefined;
}

/** `openai.responses` and `gpt-5`; behind Vercel's gateway the model's name begins with the provider's. */
export function readSpokenApi(name: string, modelId: string): SpokenApi {
  const words = name.toLowerCase().split('.');
  const first = words[0] ?? '';
  if (first === 'gateway') {
    const slash = modelId.indexOf('/');
    const [maker, model] = slash < 0 ? [first, modelId] : [modelId.slice(0, slash), modelId.slice(slash + 1)];
    return { provider: PROVIDERS[maker] ?? maker, model, api: undefined, route: undefined };
  }
  const provider = PROVIDERS[first] ?? first;
  const route = routeOf(words);
  return { provider, model: modelId, api: route && provider === 'google' && words.includes('anthropic') ? 'anthropic' : route?.api, route };
}

function routeOf(words: readonly string[]): ApiRoute | undefined {
  const last = words.at(-1);
  if (last === 'messages') return ANTHROPIC_ROUTES[0];
  if (words[0] === 'google') return last === 'generative-ai' || last === 'chat' ? GOOGLE_ROUTES[0] : undefined;
  if (last === 'responses') return OPENAI_ROUTES.find(({ api }) => api === 'responses');
  return last === 'chat' || last === 'completion' ? OPENAI_ROUTES.find(({ api }) => api === 'chat') : undefined;
}
