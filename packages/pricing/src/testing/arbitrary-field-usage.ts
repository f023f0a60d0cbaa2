/** Raw usages of the wider field: pictures, sound, hosts of OpenAI's formats, clouds, the AI SDK. Tests only. */
import * as fc from 'fast-check';
import type { UsageCase } from './arbitrary-usage';

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300_000 }));
const modal = fc.record({ text: count, audio: count, image: count });
const sum = (...numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const openAiImages: fc.Arbitrary<UsageCase> = fc.record({ text: count, image: count, outText: count, outImage: count, told: fc.boolean() }).map((n) => {
  const input = n.text + n.image;
  const output = n.outText + n.outImage;
  return {
    provider: 'openai', api: 'images', model: 'gpt-image-1.5', expectedTotal: input + output,
    usage: {
      input_tokens: input, input_tokens_details: { text_tokens: n.text, image_tokens: n.image }, output_tokens: output, total_tokens: input + output,
      ...(n.told ? { output_tokens_details: { text_tokens: n.outText, image_tokens: n.outImage } } : {}),
    },
  };
});

const openAiImagesByPiece: fc.Arbitrary<UsageCase> = fc.integer({ min: 0, max: 10 }).map((images) => ({
  provider: 'openai', api: 'images', model: 'dall-e-3', expectedTotal: 0, usage: { images, quality: 'hd', size: '1024x1024' },
}));

const openAiRealtime: fc.Arbitrary<UsageCase> = fc.record({ fresh: modal, cached: modal, outText: count, outAudio: count, told: fc.boolean() }).map((n) => {
  const cached = sum(n.cached.text, n.cached.audio, n.cached.image);
  const input = sum(n.fresh.text, n.fresh.audio, n.fresh.image) + cached;
  const total = input + n.outText + n.outAudio;
  return {
    provider: 'openai', api: 'realtime', model: 'gpt-realtime', expectedTotal: total,
    usage: {
      total_tokens: total, input_tokens: input, output_tokens: n.outText + n.outAudio,
      input_token_details: {
        text_tokens: n.fresh.text + n.cached.text, audio_tokens: n.fresh.audio + n.cached.audio, image_tokens: n.fresh.image + n.cached.image, cached_tokens: cached,
        ...(n.told ? { cached_tokens_details: { text_tokens: n.cached.text, audio_tokens: n.cached.audio, image_tokens: n.cached.image } } : {}),
      },
      output_token_details: { text_tokens: n.outText, audio_tokens: n.outAudio },
    },
  };
});

const openAiTranscription: fc.Arbitrary<UsageCase> = fc.record({ text: count, audio: count, output: count }).map((n) => ({
  provider: 'openai', api: 'transcriptions', model: 'gpt-4o-transcribe', expectedTotal: n.text + n.audio + n.output,
  usage: { type: 'tokens', input_tokens: n.text + n.audio, input_token_details: { text_tokens: n.text, audio_tokens: n.audio }, output_tokens: n.output, total_tokens: n.text + n.audio + n.output },
}));

const openAiDuration: fc.Arbitrary<UsageCase> = fc.double({ min: 0, max: 7200, noNaN: true }).map((seconds) => ({
  provider: 'openai', api: 'transcriptions', model: 'whisper-1', expectedTotal: 0, usage: { type: 'duration', seconds },
}));

const openAiSpeech: fc.Arbitrary<UsageCase> = count.map((characters) => ({ provider: 'openai', api: 'speech', model: 'tts-1', expectedTotal: 0, usage: { characters } }));

/** OpenAI's chat usage as hosts send it: the same sums with keys of their own. */
function chatOf(provider: string, model: string, extra: (n: { text: number; cached: number; said: number; thought: number }) => object, thinkingBeside = false): fc.Arbitrary<UsageCase> {
  return fc.record({ text: count, cached: count, said: count, thought: count }).map((n) => {
    const total = n.text + n.cached + n.said + n.thought;
    return {
      provider, api: 'chat', model, expectedTotal: total,
      usage: { prompt_tokens: n.text + n.cached, completion_tokens: n.said + (thinkingBeside ? 0 : n.thought), total_tokens: total, ...extra(n) },
    };
  });
}

const openRouter = chatOf('openrouter', 'anthropic/claude-sonnet-4.5', (n) => ({
  prompt_tokens_details: { cached_tokens: n.cached, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 0 }, completion_tokens_details: { reasoning_tokens: n.thought, image_tokens: 0 },
  cost: 0.0123, is_byok: false, server_tool_use: { web_search_requests: 2 },
}));
const groq = chatOf('groq', 'openai/gpt-oss-120b', (n) => ({
  queue_time: 0.02, prompt_time: 0.1, completion_time: 0.5, total_time: 0.62, prompt_tokens_details: { cached_tokens: n.cached }, completion_tokens_details: { reasoning_tokens: n.thought },
}));
const deepSeek = chatOf('deepseek', 'deepseek-v4-flash', (n) => ({
  prompt_cache_hit_tokens: n.cached, prompt_cache_miss_tokens: n.text, prompt_tokens_details: { cached_tokens: n.cached }, completion_tokens_details: { reasoning_tokens: n.thought },
}));
const mistral = chatOf('mistral', 'mistral-large-latest', (n) => ({ num_cached_tokens: n.cached }));
const xai = chatOf('x-ai', 'grok-4.3', (n) => ({
  prompt_tokens_details: { text_tokens: n.text + n.cached, audio_tokens: 0, image_tokens: 0, cached_tokens: n.cached },
  completion_tokens_details: { reasoning_tokens: n.thought, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  num_sources_used: 0, cost_in_usd_ticks: 37_756_000, num_server_side_tools_used: 1, server_side_tool_usage_details: { web_search_calls: 1, x_search_calls: 0 },
}), true);
const together = chatOf('together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', (n) => ({ cached_tokens: n.cached }));
const fireworks = chatOf('fireworks', 'accounts/fireworks/models/kimi-k2p5', (n) => ({ prompt_tokens_details: { cached_tokens: n.cached } }));
const azure = chatOf('azure', 'gpt-5', (n) => ({ prompt_tokens_details: { cached_tokens: n.cached, audio_tokens: 0 }, completion_tokens_details: { reasoning_tokens: n.thought } }));

const perplexity: fc.Arbitrary<UsageCase> = fc.record({ prompt: count, said: count, thought: count, cited: count }).map((n) => ({
  provider: 'perplexity', api: 'chat', model: 'sonar-deep-research', expectedTotal: n.prompt + n.said + n.thought + n.cited,
  usage: {
    prompt_tokens: n.prompt, completion_tokens: n.said, total_tokens: n.prompt + n.said, reasoning_tokens: n.thought, citation_tokens: n.cited, num_search_queries: 3, search_context_size: 'low',
  },
}));

const bedrock: fc.Arbitrary<UsageCase> = fc.record({ input: count, output: count, read: count, write5m: count, write1h: count, writeOther: count, twice: fc.boolean() }).map((n) => {
  const written = n.write5m + n.write1h + n.writeOther;
  const total = n.input + n.output + n.read + written;
  return {
    provider: 'aws', api: 'converse', model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', expectedTotal: total,
    usage: {
      inputTokens: n.input, outputTokens: n.output, totalTokens: total, cacheReadInputTokens: n.read, cacheWriteInputTokens: written, serverToolUsage: {},
      cacheDetails: [{ ttl: '5m', inputTokens: n.write5m }, { ttl: '1h', inputTokens: n.write1h }],
      ...(n.twice ? { cacheReadInputTokenCount: n.read, cacheWriteInputTokenCount: written } : {}),
    },
  };
});

const NAMES = ['text', 'audio', 'image', 'video'] as const;
const fourModalities = fc.tuple(count, count, count, count);

const geminiLive: fc.Arbitrary<UsageCase> = fc.record({ fresh: fourModalities, answer: fc.tuple(count, count), thoughts: count }).map((n) => {
  const total = sum(...n.fresh, ...n.answer, n.thoughts);
  return {
    provider: 'google', api: 'live', model: 'gemini-live-2.5-flash', expectedTotal: total,
    usage: {
      promptTokenCount: sum(...n.fresh), promptTokensDetails: n.fresh.map((tokenCount, index) => ({ modality: NAMES[index]!.toUpperCase(), tokenCount })),
      responseTokenCount: sum(...n.answer), responseTokensDetails: [{ modality: 'TEXT', tokenCount: n.answer[0] }, { modality: 'AUDIO', tokenCount: n.answer[1] }],
      thoughtsTokenCount: n.thoughts, totalTokenCount: total,
    },
  };
});

const geminiInteractions: fc.Arbitrary<UsageCase> = fc.record({ fresh: fourModalities, cached: fourModalities, answer: fourModalities, tool: count, thoughts: count }).map((n) => {
  const details = (numbers: readonly number[]): object[] => numbers.map((tokens, index) => ({ modality: NAMES[index], tokens }));
  const input = n.fresh.map((tokens, index) => tokens + n.cached[index]!);
  const total = sum(...input, ...n.answer, n.tool, n.thoughts);
  return {
    provider: 'google', api: 'interactions', model: 'gemini-3-flash-preview', expectedTotal: total,
    usage: {
      total_input_tokens: sum(...input), input_tokens_by_modality: details(input), total_cached_tokens: sum(...n.cached), cached_tokens_by_modality: details(n.cached),
      total_output_tokens: sum(...n.answer), output_tokens_by_modality: details(n.answer), total_tool_use_tokens: n.tool, total_thought_tokens: n.thoughts, total_tokens: total,
      grounding_tool_count: [{ type: 'google_search', count: 1 }],
    },
  };
});

const aiSdk: fc.Arbitrary<UsageCase> = fc.record({ fresh: count, read: count, written: count, said: count, thought: count, nested: fc.boolean() }).map((n) => {
  const input = n.fresh + n.read + n.written;
  const output = n.said + n.thought;
  return {
    provider: 'anthropic', api: 'ai-sdk', model: 'claude-sonnet-4-5', expectedTotal: input + output,
    usage: n.nested
      ? { inputTokens: { total: input, noCache: n.fresh, cacheRead: n.read, cacheWrite: n.written }, outputTokens: { total: output, text: n.said, reasoning: n.thought } }
      : {
        inputTokens: input, inputTokenDetails: { noCacheTokens: n.fresh, cacheReadTokens: n.read, cacheWriteTokens: n.written },
        outputTokens: output, outputTokenDetails: { textTokens: n.said, reasoningTokens: n.thought }, totalTokens: input + output,
      },
  };
});

const mistralOcr: fc.Arbitrary<UsageCase> = fc.record({ pages_processed: count, doc_size_bytes: count }).map((usage) => ({
  provider: 'mistral', api: 'ocr', model: 'mistral-ocr-latest', expectedTotal: 0, usage,
}));

export const arbitraryFieldUsage = {
  'OpenAI Images': openAiImages,
  'OpenAI Images by piece': openAiImagesByPiece,
  'OpenAI Realtime': openAiRealtime,
  'OpenAI transcription by tokens': openAiTranscription,
  'OpenAI transcription by duration': openAiDuration,
  'OpenAI speech by characters': openAiSpeech,
  OpenRouter: openRouter,
  Groq: groq,
  DeepSeek: deepSeek,
  Mistral: mistral,
  'Mistral OCR': mistralOcr,
  xAI: xai,
  Together: together,
  Fireworks: fireworks,
  'Azure OpenAI': azure,
  Perplexity: perplexity,
  'Bedrock Converse': bedrock,
  'Gemini Live': geminiLive,
  'Gemini Interactions': geminiInteractions,
  'Vercel AI SDK': aiSdk,
} satisfies Record<string, fc.Arbitrary<UsageCase>>;
