/** Examples of the wider field, as the providers' own documentation prints them. */
import { describe, expect, it } from 'vitest';
import { normaliseUsage, type UsageInput } from './normalise-usage';
import type { NormalisedUsage } from './usage';

function normalise(input: UsageInput): NormalisedUsage {
  const result = normaliseUsage(input);
  if (!result.ok) throw new Error(`${result.error.field}: ${result.error.reason}`);
  return result.value;
}

const parts = (input: UsageInput): NormalisedUsage['parts'][number] => normalise(input).parts[0]!;

describe('OpenAI images', () => {
  it('bills text and image in, image out', () => {
    const body = { created: 1, data: [{ b64_json: '' }], usage: { input_tokens: 50, input_tokens_details: { text_tokens: 10, image_tokens: 40 }, output_tokens: 4160, total_tokens: 4210 } };
    expect(parts({ provider: 'openai', model: 'gpt-image-1', body }).quantities).toEqual({ input_uncached: 10, input_image: 40, output_image: 4160 });
  });

  it('tells text from images in the output where the usage does', () => {
    const usage = { input_tokens: 5, input_tokens_details: { text_tokens: 5, image_tokens: 0 }, output_tokens: 100, output_tokens_details: { text_tokens: 20, image_tokens: 80 }, total_tokens: 105 };
    expect(parts({ provider: 'openai', api: 'images', usage }).quantities).toEqual({ input_uncached: 5, output_text: 20, output_image: 80 });
  });

  it('counts the pictures of a body without usage, by quality and size', () => {
    expect(parts({ provider: 'openai', api: 'images', model: 'dall-e-3', body: { quality: 'hd', size: '1024x1792', data: [{ url: 'a' }, { url: 'b' }] } }).extras)
      .toEqual([{ kind: 'image_hd_1024x1792', quantity: '2', unit: 'image' }]);
    expect(parts({ provider: 'openai', api: 'images', model: 'dall-e-3', body: { data: [{ url: 'a' }] } }).extras).toEqual([{ kind: 'image', quantity: '1', unit: 'image' }]);
  });
});

describe('OpenAI sound', () => {
  it('reads response.done of Realtime, cached tokens by modality', () => {
    const usage = {
      total_tokens: 253, input_tokens: 132, output_tokens: 121,
      input_token_details: { text_tokens: 119, audio_tokens: 13, image_tokens: 0, cached_tokens: 64, cached_tokens_details: { text_tokens: 60, audio_tokens: 4, image_tokens: 0 } },
      output_token_details: { text_tokens: 30, audio_tokens: 91 },
    };
    const body = { type: 'response.done', response: { model: 'gpt-realtime', usage } };
    expect(parts({ provider: 'openai', body })).toMatchObject({
      model: 'gpt-realtime', problem: null, quantities: { input_uncached: 59, cache_read: 60, input_audio: 9, cache_read_audio: 4, output_text: 30, output_audio: 91 },
    });
  });

  it('reads transcriptions by tokens and by seconds', () => {
    const usage = { type: 'tokens', input_tokens: 14, input_token_details: { text_tokens: 0, audio_tokens: 14 }, output_tokens: 45, total_tokens: 59 };
    expect(parts({ provider: 'openai', usage }).quantities).toEqual({ input_audio: 14, output_text: 45 });
    expect(parts({ provider: 'openai', usage: { type: 'duration', seconds: 9.5 } }).extras).toEqual([{ kind: 'input_audio_second', quantity: '9.5', unit: 'second' }]);
  });

  it('answers speech in audio', () => {
    expect(parts({ provider: 'openai', api: 'speech', usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 } }).quantities).toEqual({ input_uncached: 14, output_audio: 101 });
    expect(parts({ provider: 'openai', api: 'speech', usage: { characters: 1200 } }).extras).toEqual([{ kind: 'character', quantity: '1200', unit: 'character' }]);
  });

  it('bills xAI\'s voices by seconds and messages', () => {
    expect(parts({ provider: 'x-ai', api: 'realtime', usage: { billable_audio_seconds: 12.25, input_text_messages: 2 } }).extras)
      .toEqual([{ kind: 'audio_second', quantity: '12.25', unit: 'second' }, { kind: 'text_message', quantity: '2', unit: 'message' }]);
  });

  it('keeps cached tokens that do not fit as a problem', () => {
    const usage = { input_tokens: 10, output_tokens: 0, total_tokens: 10, input_token_details: { text_tokens: 10, audio_tokens: 0, cached_tokens: 4, cached_tokens_details: { text_tokens: 0, audio_tokens: 4 } } };
    expect(parts({ provider: 'openai', api: 'realtime', usage }).problem).toContain('cached_tokens (4)');
  });
});

describe('hosts of OpenAI\'s formats', () => {
  const counts = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

  it('OpenRouter: its own cost, the provider\'s beside its fee where the key is the caller\'s, searches', () => {
    expect(normalise({ provider: 'openrouter', usage: { ...counts, cost: 1e-7 } }).providerCostUsd).toBe('0.0000001');
    const byok = normalise({ provider: 'openrouter', usage: { ...counts, cost: 0.0005, is_byok: true, cost_details: { upstream_inference_cost: 0.01 }, server_tool_use: { web_search_requests: 3 } } });
    expect(byok.providerCostUsd).toBe('0.0105');
    expect(byok.parts[0]!.extras).toEqual([{ kind: 'web_search', quantity: '3', unit: 'search' }]);
  });

  it('xAI: cost in ticks, thinking beside the completion, tools by name, and no tool unseen', () => {
    const usage = {
      prompt_tokens: 100, completion_tokens: 10, total_tokens: 150, completion_tokens_details: { reasoning_tokens: 40 }, prompt_tokens_details: { cached_tokens: 60, text_tokens: 100 },
      cost_in_usd_ticks: 37_756_000, num_server_side_tools_used: 4, server_side_tool_usage_details: { web_search_calls: 2, x_search_calls: 1, mcp_calls: 1 },
    };
    const { providerCostUsd, parts: [part] } = normalise({ provider: 'xai', usage });
    expect(providerCostUsd).toBe('0.0037756');
    expect(part).toMatchObject({
      quantities: { input_uncached: 40, cache_read: 60, output_text: 10, output_reasoning: 40 }, unknown: [],
      extras: [{ kind: 'web_search', quantity: '2', unit: 'call' }, { kind: 'x_search', quantity: '1', unit: 'call' }],
    });
    expect(parts({ provider: 'x-ai', usage: { ...counts, num_server_side_tools_used: 2 } }).unknown).toEqual([{ key: 'usage.num_server_side_tools_used', quantity: 2, billable: true }]);
  });

  it('Perplexity: reasoning, citations and searches stand beside the total', () => {
    const usage = { prompt_tokens: 33, completion_tokens: 7163, total_tokens: 7196, citation_tokens: 19_975, num_search_queries: 28, reasoning_tokens: 193_947, cost: { total_cost: 1.5 } };
    const { total, providerCostUsd, parts: [part] } = normalise({ provider: 'perplexity', usage });
    expect(part).toMatchObject({
      quantities: { input_uncached: 33, output_text: 7163, output_reasoning: 193_947 },
      extras: [{ kind: 'output_citation', quantity: '19975', unit: 'token' }, { kind: 'web_search', quantity: '28', unit: 'search' }],
    });
    expect([total, providerCostUsd]).toEqual([33 + 7163 + 19_975 + 193_947, '1.5']);
  });

  it('DeepSeek: hits and misses must make the prompt', () => {
    expect(parts({ provider: 'deepseek', usage: { ...counts, prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 50 } }).problem).toContain('prompt_cache_hit_tokens');
  });

  it('Groq: the last chunk of a stream keeps its usage in x_groq', () => {
    expect(parts({ provider: 'groq', body: { model: 'llama-3.3-70b-versatile', x_groq: { usage: { ...counts, queue_time: 0.1 } } } })).toMatchObject({ model: 'llama-3.3-70b-versatile', unknown: [] });
  });

  it('Mistral: hours of sound, pages of OCR', () => {
    expect(parts({ provider: 'mistral', usage: { ...counts, prompt_audio_seconds: 30 } }).extras).toEqual([{ kind: 'input_audio_second', quantity: '30', unit: 'second' }]);
    expect(parts({ provider: 'mistral', usage: { ...counts, prompt_audio_seconds: {} } }).extras).toEqual([]);
    expect(parts({ provider: 'mistral', body: { model: 'mistral-ocr-latest', pages: [], usage_info: { pages_processed: 29, doc_size_bytes: 1_000 } } }))
      .toMatchObject({ extras: [{ kind: 'document_page', quantity: '29', unit: 'page' }], unknown: [] });
  });

  it('a key of one host means nothing from another', () => {
    expect(parts({ provider: 'openai', usage: { ...counts, cost: 0.01 } }).unknown).toEqual([{ key: 'usage.cost', quantity: 0.01, billable: true }]);
  });
});

describe('clouds', () => {
  it('Bedrock adds cached tokens to its input, by both names of them, and splits writes by time to live', () => {
    const usage = { inputTokens: 22, outputTokens: 13, totalTokens: 2547, cacheReadInputTokens: 2492, cacheReadInputTokenCount: 2492, cacheWriteInputTokens: 20, cacheDetails: [{ ttl: '1h', inputTokens: 15 }], serverToolUsage: {} };
    expect(parts({ provider: 'amazon-bedrock', usage })).toMatchObject({ quantities: { input_uncached: 22, cache_read: 2492, cache_write_1h: 15, cache_write_other: 5, output_text: 13 }, problem: null });
  });

  it('Bedrock streams: the metadata event, and the metrics of an invocation', () => {
    expect(parts({ provider: 'aws', body: { metadata: { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 }, metrics: { latencyMs: 9 } } } }).quantities).toEqual({ input_uncached: 1, output_text: 2 });
    expect(parts({ provider: 'aws', body: { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 5, invocationLatency: 700, firstByteLatency: 300 } } }))
      .toMatchObject({ quantities: { input_uncached: 4, output_text: 5 }, unknown: [] });
  });

  it('Bedrock\'s own tools have no price here', () => {
    expect(parts({ provider: 'aws', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3, serverToolUsage: { webSearchRequests: 1 } } }).unknown).toHaveLength(1);
  });

  it('Claude on Bedrock and Vertex AI speaks Anthropic\'s format', () => {
    const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 0 };
    for (const provider of ['bedrock', 'google-vertex']) expect(normalise({ provider, usage })).toMatchObject({ format: 'anthropic-messages', total: 18 });
  });

  it('Gemini Live calls its answer a response; embeddings call their details promptTokenDetails', () => {
    const live = { promptTokenCount: 10, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 10 }], responseTokenCount: 7, responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 7 }], totalTokenCount: 17 };
    expect(parts({ provider: 'google', body: { usageMetadata: live } }).quantities).toEqual({ input_audio: 10, output_audio: 7 });
    expect(parts({ provider: 'google', usage: { promptTokenCount: 14, promptTokenDetails: [{ modality: 'AUDIO', tokenCount: 14 }] } }).quantities).toEqual({ input_audio: 14 });
  });

  it('Gemini Interactions: thoughts and tools beside, grounding as an extra', () => {
    const usage = {
      total_input_tokens: 20, total_cached_tokens: 8, total_output_tokens: 5, total_thought_tokens: 7, total_tool_use_tokens: 3, total_tokens: 35, grounding_tool_count: [{ type: 'google_search', count: 2 }],
    };
    expect(parts({ provider: 'google', body: { model: 'gemini-3-flash-preview', usage } })).toMatchObject({
      model: 'gemini-3-flash-preview', problem: null, quantities: { input_uncached: 15, cache_read: 8, output_text: 5, output_reasoning: 7 }, extras: [{ kind: 'web_search', quantity: '2', unit: 'search' }],
    });
  });
});

describe('the Vercel AI SDK', () => {
  const raw = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 4, cache_creation: { ephemeral_1h_input_tokens: 4 }, service_tier: 'priority' };

  it('prices from the provider\'s own usage where it carries it', () => {
    const digest = { inputTokens: { total: 17, noCache: 10, cacheRead: 3, cacheWrite: 4 }, outputTokens: { total: 5 }, raw };
    expect(normalise({ provider: 'anthropic.messages', api: 'ai-sdk', model: 'claude-sonnet-4-5', usage: digest })).toMatchObject({
      format: 'anthropic-messages', served: { tier: 'priority' }, parts: [{ quantities: { input_uncached: 10, cache_read: 3, cache_write_1h: 4, output_text: 5 } }],
    });
  });

  it('falls back on its digest', () => {
    const usage = { inputTokens: 17, inputTokenDetails: { noCacheTokens: 10, cacheReadTokens: 3, cacheWriteTokens: 4 }, outputTokens: 5, outputTokenDetails: { textTokens: 2, reasoningTokens: 3 }, totalTokens: 22, raw: undefined };
    expect(parts({ provider: 'openai.chat', usage }).quantities).toEqual({ input_uncached: 10, cache_read: 3, cache_write_other: 4, output_text: 2, output_reasoning: 3 });
  });

  it('version 5 passes on what the provider means by its counts', () => {
    expect(parts({ provider: 'openai', usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, reasoningTokens: 2, cachedInputTokens: 4 } }).quantities).toEqual({ input_uncached: 6, cache_read: 4, output_text: 3, output_reasoning: 2 });
    expect(parts({ provider: 'anthropic', usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 400 } }).quantities).toEqual({ input_uncached: 10, cache_read: 400, output_text: 5 });
    expect(parts({ provider: 'google', usage: { inputTokens: 10, outputTokens: 5, totalTokens: 22, reasoningTokens: 7 } }).quantities).toEqual({ input_uncached: 10, output_text: 5, output_reasoning: 7 });
    expect(parts({ provider: 'openai', usage: { inputTokens: 10, outputTokens: 5, totalTokens: 99 } }).problem).toContain('totalTokens (99)');
  });

  it('reads embeddings', () => {
    expect(parts({ provider: 'openai', usage: { tokens: 12 } }).quantities).toEqual({ input_uncached: 12 });
  });
});
