/** Raw usages as the providers send them, made at random with a total that is known beforehand. Tests only. */
import * as fc from 'fast-check';
import type { JsonObject } from '../usage';

export interface UsageCase {
  readonly provider: string;
  readonly api: string | undefined;
  readonly model: string;
  readonly usage: JsonObject;
  readonly expectedTotal: number;
}

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300_000 }));

const openAiChat: fc.Arbitrary<UsageCase> = fc.record({
  text: count, cached: count, write30m: count, write12h: count, writeOther: count, audio: count, image: count,
  said: count, reasoning: count, spoken: count, rejected: count,
}).map((n) => {
  const prompt = n.text + n.cached + n.write30m + n.write12h + n.writeOther + n.audio + n.image;
  const completion = n.said + n.reasoning + n.spoken;
  return {
    provider: 'openai', api: 'chat', model: 'gpt-4o', expectedTotal: prompt + completion,
    usage: {
      prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion,
      prompt_tokens_details: {
        cached_tokens: n.cached, cache_write_tokens: n.write30m + n.write12h + n.writeOther,
        cache_write_tokens_details: { ttl_30m_tokens: n.write30m, ttl_12h_tokens: n.write12h }, audio_tokens: n.audio, image_tokens: n.image,
      },
      completion_tokens_details: { reasoning_tokens: n.reasoning, audio_tokens: n.spoken, rejected_prediction_tokens: n.rejected, accepted_prediction_tokens: 0 },
    },
  };
});

const openAiResponses: fc.Arbitrary<UsageCase> = fc.record({ text: count, cached: count, written: count, said: count, reasoning: count }).map((n) => ({
  provider: 'openai', api: 'responses', model: 'gpt-5', expectedTotal: n.text + n.cached + n.written + n.said + n.reasoning,
  usage: {
    input_tokens: n.text + n.cached + n.written, input_tokens_details: { cached_tokens: n.cached, cache_write_tokens: n.written },
    output_tokens: n.said + n.reasoning, output_tokens_details: { reasoning_tokens: n.reasoning }, total_tokens: n.text + n.cached + n.written + n.said + n.reasoning,
  },
}));

const embeddings: fc.Arbitrary<UsageCase> = count.map((n) => ({
  provider: 'openai', api: 'embeddings', model: 'text-embedding-3-small', expectedTotal: n, usage: { prompt_tokens: n, total_tokens: n },
}));

const anthropicTokens = fc.record({ input: count, read: count, write5m: count, write1h: count, writeOther: count, output: count }).map((n) => ({
  sum: n.input + n.read + n.write5m + n.write1h + n.writeOther + n.output,
  output: n.output,
  usage: {
    input_tokens: n.input, cache_read_input_tokens: n.read, cache_creation_input_tokens: n.write5m + n.write1h + n.writeOther,
    cache_creation: { ephemeral_5m_input_tokens: n.write5m, ephemeral_1h_input_tokens: n.write1h }, output_tokens: n.output,
  },
}));

const anthropic: fc.Arbitrary<UsageCase> = fc.record({ tokens: anthropicTokens, thinking: fc.double({ min: 0, max: 1, noNaN: true }) }).map(({ tokens, thinking }) => ({
  provider: 'anthropic', api: 'default', model: 'claude-sonnet-4-5', expectedTotal: tokens.sum,
  usage: { ...tokens.usage, output_tokens_details: { thinking_tokens: Math.floor(tokens.output * thinking) }, service_tier: 'standard', inference_geo: 'global' },
}));

/** The top-level usage is the message's own; compactions and the advisor stand only in the iterations. */
const anthropicIterations: fc.Arbitrary<UsageCase> = fc.record({
  message: anthropicTokens, compactions: fc.array(anthropicTokens, { maxLength: 2 }), advisor: fc.option(anthropicTokens, { nil: null }),
}).map(({ message, compactions, advisor }) => ({
  provider: 'anthropic', api: 'default', model: 'claude-sonnet-5',
  expectedTotal: message.sum + compactions.reduce((sum, tokens) => sum + tokens.sum, 0) + (advisor?.sum ?? 0),
  usage: {
    ...message.usage,
    iterations: [
      ...compactions.map((tokens) => ({ type: 'compaction', ...tokens.usage })),
      ...(advisor ? [{ type: 'advisor_message', model: 'claude-opus-5', ...advisor.usage }] : []),
      { type: 'message', model: 'claude-sonnet-5', ...message.usage },
    ],
  },
}));

const MODALITIES = ['TEXT', 'AUDIO', 'IMAGE', 'DOCUMENT', 'VIDEO'] as const;
const byModality = fc.tuple(count, count, count, count, count);

const gemini: fc.Arbitrary<UsageCase> = fc.record({ fresh: byModality, cached: byModality, tool: byModality, answer: byModality, thoughts: count }).map((n) => {
  const add = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
  const details = (numbers: readonly number[]): object[] => numbers.map((tokenCount, index) => ({ modality: MODALITIES[index], tokenCount })).filter((detail) => detail.tokenCount > 0);
  const prompt = n.fresh.map((number, index) => number + n.cached[index]!);
  const total = add(prompt) + add(n.tool) + add(n.answer) + n.thoughts;
  return {
    provider: 'google', api: 'default', model: 'gemini-2.5-flash', expectedTotal: total,
    usage: {
      promptTokenCount: add(prompt), promptTokensDetails: details(prompt), cachedContentTokenCount: add(n.cached), cacheTokensDetails: details(n.cached),
      toolUsePromptTokenCount: add(n.tool), toolUsePromptTokensDetails: details(n.tool), candidatesTokenCount: add(n.answer), candidatesTokensDetails: details(n.answer),
      thoughtsTokenCount: n.thoughts, totalTokenCount: total, trafficType: 'ON_DEMAND',
    },
  };
});

/** One arbitrary a provider format. */
export const arbitraryUsage = {
  'OpenAI Chat Completions': openAiChat,
  'OpenAI Responses': openAiResponses,
  'OpenAI embeddings': embeddings,
  'Anthropic Messages': anthropic,
  'Anthropic Messages with iterations': anthropicIterations,
  'Gemini generateContent': gemini,
} satisfies Record<string, fc.Arbitrary<UsageCase>>;
