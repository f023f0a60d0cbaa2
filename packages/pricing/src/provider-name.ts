/** One name for a provider: the catalogue's id, whatever a client library or a cloud calls it. */

const ALIASES: Readonly<Record<string, string>> = {
  'azure-openai': 'azure', 'azure_openai': 'azure', 'azure-ai': 'azure', 'microsoft-foundry': 'azure',
  'amazon-bedrock': 'aws', bedrock: 'aws', 'aws-bedrock': 'aws', aws_bedrock: 'aws',
  'google-vertex': 'google', 'vertex-ai': 'google', vertex_ai: 'google', vertex: 'google', gemini: 'google', 'google-generative-ai': 'google',
  xai: 'x-ai', x_ai: 'x-ai',
  'together-ai': 'together', together_ai: 'together', togetherai: 'together',
  'fireworks-ai': 'fireworks', fireworks_ai: 'fireworks',
  'mistral-ai': 'mistral', mistralai: 'mistral',
  moonshot: 'moonshotai', 'perplexity-ai': 'perplexity',
};

/** `amazon-bedrock` -> `aws`, `xai` -> `x-ai`; the Vercel AI SDK's `openai.chat` -> `openai`; any other name stays as it is. */
export function canonicalProvider(provider: string): string {
  const name = provider.trim().toLowerCase();
  const known = ALIASES[name];
  if (known !== undefined) return known;
  // The AI SDK appends the API to the provider: `google.vertex.chat`, `xai.chat`.
  const dot = name.indexOf('.');
  return dot > 0 ? ALIASES[name.slice(0, dot)] ?? name.slice(0, dot) : name;
}
