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
  /** What the team says of it. */
  readonly unit: string;
  readonly targetUsd: string;
  readonly usableMeans: string;
}

export const WORKFLOWS: readonly Workflow[] = [
  {
    name: 'ticket_reply', weight: 46, features: [['inbox', 7], ['widget', 3]], model: MODELS.gptLarge, fallback: MODELS.haiku, calls: [1, 1], input: 2_600, output: 280,
    reasoningShare: 0.2, usable: 0.95, promptVersions: ['reply-v11', 'reply-v12'],
    unit: 'reply', targetUsd: '0.015', usableMeans: 'The agent sent the reply to the customer, edited or not.',
  },
  {
    name: 'pdf_question', weight: 30, features: [['ask', 8], ['compare', 2]], model: MODELS.haiku, fallback: MODELS.gptMini, calls: [1, 2], input: 6_200, output: 420,
    reasoningShare: 0, usable: 0.93, promptVersions: ['pdf-v4', 'pdf-v5'],
    unit: 'answered question', targetUsd: '0.03', usableMeans: 'The reader did not ask the same again, and did not vote the answer down.',
  },
  {
    name: 'report_generation', weight: 9, features: [['weekly', 3], ['on-demand', 2]], model: MODELS.sonnet, fallback: MODELS.gptLarge, calls: [3, 6], input: 9_500, output: 1_700,
    reasoningShare: 0, usable: 0.9, promptVersions: ['report-v7', 'report-v8'],
    unit: 'report', targetUsd: '0.35', usableMeans: 'The report was opened or downloaded within a week.',
  },
  {
    name: 'product_tagging', weight: 15, features: [['import', 1]], model: MODELS.flash, fallback: MODELS.gptChat, calls: [1, 1], input: 800, output: 60,
    reasoningShare: 0, usable: 0.985, promptVersions: ['tags-v2'],
    unit: 'tagged product', targetUsd: '0.002', usableMeans: "Every tag is one of the shop's own.",
  },
];

export interface Customer {
  readonly id: string;
  /** How much of the traffic is theirs. */
  readonly weight: number;
  readonly segment: 'enterprise' | 'business' | 'starter';
}

const customer = (segment: Customer['segment'], id: string, weight: number): Customer => ({ id, weight, segment });

/** The first one turns into the outlier. */
export const CUSTOMERS: readonly Customer[] = [
  customer('business', 'umbra-analytics', 9),
  customer('enterprise', 'northwind-insurance', 20), customer('enterprise', 'halden-logistics', 14), customer('enterprise', 'corvo-bank', 11), customer('enterprise', 'mirabel-health', 9),
  customer('business', 'lindqvist-legal', 7), customer('business', 'tandem-travel', 6), customer('business', 'oakridge-media', 5), customer('business', 'pelican-foods', 4),
  customer('business', 'brightside-energy', 3.5), customer('business', 'sorano-design', 3), customer('business', 'castellan-hr', 2.5), customer('business', 'quarry-labs', 2),
  customer('starter', 'juniper-books', 1.6), customer('starter', 'fennel-and-co', 1.3), customer('starter', 'tidewater-tours', 1), customer('starter', 'maple-street-dental', 0.8),
  customer('starter', 'hexa-studio', 0.6), customer('starter', 'orchard-tutors', 0.4), customer('starter', 'pixel-parlor', 0.3),
];

/** A user of a customer: big customers have more of them, and a few write most. */
export function pickUser(random: Random, customerId: string, weight: number): string {
  const people = 4 + Math.round(weight * 3);
  return `${customerId}-u${Math.floor(people * random.next() ** 2) + 1}`;
}
