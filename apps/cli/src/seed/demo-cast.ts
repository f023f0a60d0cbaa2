/** Who and what plays in the demo: models with the form of their usage, workflows, customers. */
import type { Random } from './random';

export interface Tokens {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

export interface Model {
  readonly provider: string;
  readonly api: string;
  readonly requested: string;
  readonly served: string;
  /** Milliseconds for each token of the answer. */
  readonly pace: number;
  /** The usage as this provider writes it; null when nothing can read it, and the sender counts itself. */
  readonly usage: ((tokens: Tokens) => Record<string, unknown>) | null;
}

const openaiResponses = ({ input, cached, output, reasoning }: Tokens): Record<string, unknown> => ({
  input_tokens: input, input_tokens_details: { cached_tokens: cached }, output_tokens: output, output_tokens_details: { reasoning_tokens: reasoning }, total_tokens: input + output,
});
const openaiChat = ({ input, cached, output }: Tokens): Record<string, unknown> => ({
  prompt_tokens: input, completion_tokens: output, total_tokens: input + output, prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
});
const anthropicMessages = ({ input, cached, output }: Tokens): Record<string, unknown> => {
  const written = cached > 0 ? 0 : Math.floor(input / 4);
  return {
    input_tokens: input - cached - written, cache_creation_input_tokens: written, cache_read_input_tokens: cached, output_tokens: output,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 }, service_tier: 'standard',
  };
};
const gemini = ({ input, cached, output, reasoning }: Tokens): Record<string, unknown> => ({
  promptTokenCount: input, candidatesTokenCount: output - reasoning, totalTokenCount: input + output,
  ...(cached > 0 ? { cachedContentTokenCount: cached } : {}), ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
});
const embeddings = ({ input }: Tokens): Record<string, unknown> => ({ prompt_tokens: input, total_tokens: input });

export const MODELS = {
  gptMini: { provider: 'openai', api: 'responses', requested: 'gpt-5-mini', served: 'gpt-5-mini-2025-08-07', pace: 9, usage: openaiResponses },
  gptLarge: { provider: 'openai', api: 'responses', requested: 'gpt-5.4', served: 'gpt-5.4', pace: 16, usage: openaiResponses },
  gptChat: { provider: 'openai', api: 'chat', requested: 'gpt-4.1-mini', served: 'gpt-4.1-mini-2025-04-14', pace: 8, usage: openaiChat },
  haiku: { provider: 'anthropic', api: 'messages', requested: 'claude-haiku-4-5', served: 'claude-haiku-4-5-20251001', pace: 7, usage: anthropicMessages },
  sonnet: { provider: 'anthropic', api: 'messages', requested: 'claude-sonnet-4-5', served: 'claude-sonnet-4-5-20250929', pace: 14, usage: anthropicMessages },
  flash: { provider: 'google', api: 'gemini', requested: 'gemini-2.5-flash', served: 'gemini-2.5-flash', pace: 5, usage: gemini },
  embed: { provider: 'openai', api: 'embeddings', requested: 'text-embedding-3-small', served: 'text-embedding-3-small', pace: 0, usage: embeddings },
  /** In no price book: it is recorded, waits in quarantine, and counts at a ceiling. */
  unpriced: { provider: 'novalab', api: 'default', requested: 'aurora-2-preview', served: 'aurora-2-preview', pace: 11, usage: null },
} as const satisfies Record<string, Model>;

export interface Workflow {
  readonly name: string;
  readonly weight: number;
  readonly features: readonly (readonly [string, number])[];
  readonly model: Model;
  readonly fallback: Model;
  /** Calls of a run that goes well. */
  readonly calls: readonly [min: number, max: number];
  readonly input: number;
  readonly output: number;
  readonly reasoningShare: number;
  readonly usable: number;
  readonly promptVersions: readonly string[];
}

export const WORKFLOWS: readonly Workflow[] = [
  {
    name: 'ticket_reply', weight: 46, features: [['inbox', 7], ['widget', 3]], model: MODELS.gptMini, fallback: MODELS.haiku, calls: [1, 1], input: 1_900, output: 260,
    reasoningShare: 0.3, usable: 0.95, promptVersions: ['reply-v11', 'reply-v12'],
  },
  {
    name: 'pdf_question', weight: 30, features: [['ask', 8], ['compare', 2]], model: MODELS.haiku, fallback: MODELS.gptMini, calls: [1, 2], input: 6_200, output: 420,
    reasoningShare: 0, usable: 0.93, promptVersions: ['pdf-v4', 'pdf-v5'],
  },
  {
    name: 'report_generation', weight: 9, features: [['weekly', 3], ['on-demand', 2]], model: MODELS.sonnet, fallback: MODELS.gptLarge, calls: [3, 6], input: 9_500, output: 1_700,
    reasoningShare: 0, usable: 0.9, promptVersions: ['report-v7', 'report-v8'],
  },
  {
    name: 'product_tagging', weight: 15, features: [['import', 1]], model: MODELS.flash, fallback: MODELS.gptChat, calls: [1, 1], input: 800, output: 60,
    reasoningShare: 0, usable: 0.985, promptVersions: ['tags-v2'],
  },
];

/** Weight: how much of the traffic is theirs. The first one turns into the outlier. */
export const CUSTOMERS: readonly (readonly [customer: string, weight: number])[] = [
  ['umbra-analytics', 9], ['northwind', 20], ['globex', 14], ['initech', 11], ['acme', 9], ['hooli', 7], ['stark-labs', 6], ['wayne-media', 5], ['vandelay', 4], ['dunder', 3.5],
  ['pied-piper', 3], ['massive', 2.5], ['soylent', 2], ['tyrell', 1.6], ['cyberdyne', 1.3], ['oscorp', 1], ['wonka', 0.8], ['gekko', 0.6], ['duff', 0.4], ['zorg', 0.3],
];

/** A user of a customer: big customers have more of them, and a few write most. */
export function pickUser(random: Random, customer: string, weight: number): string {
  const people = 4 + Math.round(weight * 3);
  return `${customer}-u${Math.floor(people * random.next() ** 2) + 1}`;
}
