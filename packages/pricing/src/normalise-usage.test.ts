import { describe, expect, it } from 'vitest';
import { normaliseUsage, type UsageInput } from './normalise-usage';
import type { NormalisedUsage, UsageError } from './usage';

function normalise(input: UsageInput): NormalisedUsage {
  const result = normaliseUsage(input);
  if (!result.ok) throw new Error(`${result.error.field}: ${result.error.reason}`);
  return result.value;
}

function fault(input: UsageInput): UsageError {
  const result = normaliseUsage(input);
  if (result.ok) throw new Error('expected an error');
  return result.error;
}

describe('OpenAI Chat Completions', () => {
  it('takes cached, written, audio and reasoning tokens out of the totals that hold them', () => {
    const { parts, total } = normalise({
      provider: 'openai', api: 'chat', model: 'gpt-5.6-sol',
      usage: {
        prompt_tokens: 1000, completion_tokens: 300, total_tokens: 1300,
        prompt_tokens_details: { cached_tokens: 400, cache_write_tokens: 100, audio_tokens: 50, text_tokens: 950 },
        completion_tokens_details: { reasoning_tokens: 120, audio_tokens: 30, accepted_prediction_tokens: 7, rejected_prediction_tokens: 9 },
      },
    });
    expect(parts).toEqual([{
      model: 'gpt-5.6-sol', contextTokens: 1000, extras: [], unknown: [], problem: null,
      quantities: { input_uncached: 450, cache_read: 400, cache_write_other: 100, input_audio: 50, output_text: 150, output_reasoning: 120, output_audio: 30 },
    }]);
    expect(total).toBe(1300);
  });

  it('splits cache writes by their time to live', () => {
    const { parts } = normalise({
      provider: 'openai', api: 'chat',
      usage: { prompt_tokens: 100, completion_tokens: 0, prompt_tokens_details: { cache_write_tokens: 90, cache_write_tokens_details: { ttl_30m_tokens: 50, ttl_12h_tokens: 30 } } },
    });
    expect(parts[0]!.quantities).toEqual({ input_uncached: 10, cache_write_30m: 50, cache_write_12h: 30, cache_write_other: 10 });
  });

  it('reads thinking that stands only in the total: Gemini\'s OpenAI endpoint, and xAI', () => {
    const gemini = normalise({ provider: 'google', api: 'chat', usage: { prompt_tokens: 66, completion_tokens: 6, total_tokens: 100 } });
    expect(gemini.parts[0]!.quantities).toEqual({ input_uncached: 66, output_text: 6, output_reasoning: 28 });
    const xai = normalise({ provider: 'x-ai', api: 'chat', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } } });
    expect(xai.parts[0]!.quantities).toEqual({ input_uncached: 10, output_text: 5, output_reasoning: 20 });
  });

  it('keeps a total that its parts do not make, as a problem', () => {
    const { parts } = normalise({ provider: 'openai', api: 'chat', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 } });
    expect(parts[0]!.problem).toBe('usage.total_tokens (40) is not prompt_tokens + completion_tokens (15).');
  });

  it('keeps a subset larger than its total, as a problem', () => {
    const { parts } = normalise({ provider: 'openai', api: 'chat', usage: { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 11 } } });
    expect(parts[0]!.problem).toBe('usage.prompt_tokens_details hold more tokens than usage.prompt_tokens (10).');
  });

  it('reads the cached subset by its other names', () => {
    expect(normalise({ provider: 'deepseek', usage: { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 } }).parts[0]!.quantities)
      .toEqual({ input_uncached: 6, cache_read: 4, output_text: 1 });
  });

  it('takes OpenRouter\'s own figure beside ours', () => {
    expect(normalise({ provider: 'openrouter', usage: { prompt_tokens: 10, completion_tokens: 1, cost: 0.0000779 } }).providerCostUsd).toBe('0.0000779');
  });
});

describe('OpenAI Responses and embeddings', () => {
  it('reads the body: served model, served tier, billed tools', () => {
    const { parts, served } = normalise({
      provider: 'openai', api: 'responses', model: 'gpt-5',
      body: {
        model: 'gpt-5-2025-08-07', service_tier: 'priority',
        output: [
          { type: 'web_search_call', action: { type: 'search' } }, { type: 'web_search_call', action: { type: 'open_page' } },
          { type: 'file_search_call' }, { type: 'message' },
        ],
        usage: { input_tokens: 20, input_tokens_details: { cached_tokens: 8 }, output_tokens: 9, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 29 },
      },
    });
    expect(served).toEqual({ model: 'gpt-5-2025-08-07', tier: 'priority', region: null });
    expect(parts[0]).toMatchObject({
      model: 'gpt-5-2025-08-07', quantities: { input_uncached: 12, cache_read: 8, output_text: 4, output_reasoning: 5 },
      extras: [{ kind: 'web_search', quantity: '1', unit: 'search' }, { kind: 'file_search', quantity: '1', unit: 'search' }],
    });
  });

  it('never takes `auto` for a served tier', () => {
    expect(normalise({ provider: 'openai', body: { model: 'gpt-5', service_tier: 'auto', usage: { prompt_tokens: 1, completion_tokens: 1 } } }).served.tier).toBeNull();
  });

  it('reads a prompt without completion as embeddings', () => {
    const { format, parts } = normalise({ provider: 'openai', usage: { prompt_tokens: 4, total_tokens: 4 } });
    expect(format).toBe('openai-embeddings');
    expect(parts[0]!.quantities).toEqual({ input_uncached: 4 });
  });
});

describe('Anthropic Messages', () => {
  it('adds cache reads and writes by time to live, and takes thinking out of the output', () => {
    const { parts, served, total } = normalise({
      provider: 'anthropic',
      body: {
        model: 'claude-opus-4-8',
        usage: {
          input_tokens: 4, cache_read_input_tokens: 9134, cache_creation_input_tokens: 300, cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 90 },
          output_tokens: 156, output_tokens_details: { thinking_tokens: 100 }, server_tool_use: { web_search_requests: 2, web_fetch_requests: 5 },
          service_tier: 'standard', speed: 'fast', inference_geo: 'us',
        },
      },
    });
    expect(parts[0]).toMatchObject({
      quantities: { input_uncached: 4, cache_read: 9134, cache_write_5m: 200, cache_write_1h: 90, cache_write_other: 10, output_text: 56, output_reasoning: 100 },
      contextTokens: 9438, extras: [{ kind: 'web_search', quantity: '2', unit: 'search' }],
    });
    expect(served).toEqual({ model: 'claude-opus-4-8', tier: 'fast', region: 'us' });
    expect(total).toBe(4 + 9134 + 300 + 156);
  });

  const tokens = (input_tokens: number, output_tokens: number): object => ({ input_tokens, output_tokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, cache_creation: null });

  it('bills from the iterations: compaction to the same model, the advisor to its own, the answer first', () => {
    const { parts, total } = normalise({
      provider: 'anthropic',
      body: {
        model: 'claude-sonnet-5',
        usage: {
          ...tokens(23_000, 1_000), output_tokens_details: { thinking_tokens: 400 },
          iterations: [
            { type: 'advisor_message', model: 'claude-opus-5', ...tokens(500, 50) },
            { type: 'compaction', ...tokens(180_000, 3_500) },
            { type: 'message', model: 'claude-sonnet-5', ...tokens(23_000, 1_000) },
          ],
        },
      },
    });
    expect(parts.map(({ model, quantities, contextTokens, problem }) => ({ model, quantities, contextTokens, problem }))).toEqual([
      { model: 'claude-sonnet-5', quantities: { input_uncached: 203_000, output_text: 4_100, output_reasoning: 400 }, contextTokens: 180_000, problem: null },
      { model: 'claude-opus-5', quantities: { input_uncached: 500, output_text: 50 }, contextTokens: 500, problem: null },
    ]);
    expect(total).toBe(203_000 + 4_500 + 550);
  });

  it('does not trust iterations that forget tokens of the usage around them, nor a kind it does not know', () => {
    const forgetful = normalise({ provider: 'anthropic', usage: { ...tokens(100, 10), iterations: [{ type: 'message', ...tokens(90, 10) }] } });
    expect(forgetful.parts[0]!.problem).toBe('usage.iterations hold fewer tokens (100) than the usage around them (110).');
    const strange = normalise({ provider: 'anthropic', usage: { ...tokens(90, 10), iterations: [{ type: 'dreaming', ...tokens(90, 10) }] } });
    expect(strange.parts[0]!.problem).toContain('iterations[0].type "dreaming" is not known');
  });

  it('does not price a redeemed fallback credit', () => {
    const { parts } = normalise({ provider: 'anthropic', usage: { ...tokens(90, 10), fallback_credit: { status: { type: 'redeemed' } } } });
    expect(parts[0]!.problem).toContain('fallback_credit was redeemed');
    expect(normalise({ provider: 'anthropic', usage: { ...tokens(90, 10), fallback_credit: { status: { type: 'not_applied', reason: 'expired' } } } }).parts[0]!.problem).toBeNull();
  });
});

describe('Gemini generateContent', () => {
  it('adds thoughts and tool prompts, and takes the cached subset out of each modality', () => {
    const { parts, total, served } = normalise({
      provider: 'google', api: 'default',
      body: {
        modelVersion: 'gemini-2.5-flash',
        usageMetadata: {
          promptTokenCount: 3297, cachedContentTokenCount: 2918, candidatesTokenCount: 55, thoughtsTokenCount: 95, toolUsePromptTokenCount: 10, totalTokenCount: 3457,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 83 }, { modality: 'VIDEO', tokenCount: 2893 }, { modality: 'AUDIO', tokenCount: 321 }],
          cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 284 }, { modality: 'TEXT', tokenCount: 73 }, { modality: 'VIDEO', tokenCount: 2561 }],
          toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 10 }],
          trafficType: 'ON_DEMAND_FLEX',
        },
      },
    });
    expect(parts[0]!.quantities).toEqual({
      input_uncached: 20, input_audio: 37, input_video: 332, cache_read: 2634, cache_read_audio: 284, output_text: 55, output_reasoning: 95,
    });
    expect(total).toBe(3457);
    expect(served).toEqual({ model: 'gemini-2.5-flash', tier: 'on_demand_flex', region: null });
  });

  it('counts what the details leave out as text, documents as images, and video output as an extra', () => {
    const { parts } = normalise({
      provider: 'google',
      usage: {
        promptTokenCount: 440, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 41 }, { modality: 'DOCUMENT', tokenCount: 258 }],
        candidatesTokenCount: 100, candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 60 }, { modality: 'VIDEO', tokenCount: 30 }],
      },
    });
    expect(parts[0]).toMatchObject({ quantities: { input_uncached: 182, input_image: 258, output_text: 10, output_image: 60 }, extras: [{ kind: 'output_video', quantity: '30', unit: 'token' }] });
  });

  it('counts grounding searches, which are billed apart', () => {
    const { parts } = normalise({
      provider: 'google',
      body: { modelVersion: 'gemini-3-flash-preview', candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b'] } }], usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } },
    });
    expect(parts[0]!.extras).toEqual([{ kind: 'web_search', quantity: '2', unit: 'search' }]);
  });

  it('flags a modality it does not know', () => {
    const { parts } = normalise({ provider: 'google', usage: { promptTokenCount: 9, promptTokensDetails: [{ modality: 'SMELL', tokenCount: 9 }] } });
    expect(parts[0]!.unknown).toEqual([{ key: 'usage.promptTokensDetails[0].modality', quantity: 9, billable: true }]);
  });
});

describe('unknown keys are kept and flagged', () => {
  it('as billable when they hold a quantity, else as seen', () => {
    const { unknownKeys, parts } = normalise({
      provider: 'openai', api: 'chat',
      usage: {
        prompt_tokens: 10, completion_tokens: 5, mood: 'calm', quantum: { qubits: 3 }, zeroes: 0,
        prompt_tokens_details: { holographic_tokens: 4 }, completion_tokens_details: { written_numbers: '12' },
      },
    });
    expect(unknownKeys).toEqual([
      { key: 'usage.mood', quantity: 0, billable: false },
      { key: 'usage.quantum', quantity: 3, billable: true },
      { key: 'usage.zeroes', quantity: 0, billable: false },
      { key: 'usage.prompt_tokens_details.holographic_tokens', quantity: 4, billable: true },
      { key: 'usage.completion_tokens_details.written_numbers', quantity: 12, billable: true },
    ]);
    expect(parts[0]!.unknown.map(({ key }) => key)).toEqual(unknownKeys.filter(({ billable }) => billable).map(({ key }) => key));
  });

  it('and known ones that cost nothing are not', () => {
    expect(normalise({ provider: 'groq', usage: { prompt_tokens: 1, completion_tokens: 1, queue_time: 0.5, total_time: 0.7 } }).unknownKeys).toEqual([]);
  });
});

describe('errors name the field', () => {
  const chat = { prompt_tokens: 10, completion_tokens: 5 };
  const responses = { input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5 };
  const anthropic = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0 };
  const gemini = { promptTokenCount: 10, totalTokenCount: 10 };

  it.each([
    ['chat body as responses', { provider: 'openai', api: 'responses', usage: chat }, 'usage.input_tokens'],
    ['chat body as embeddings', { provider: 'openai', api: 'embeddings', usage: chat }, 'usage.completion_tokens'],
    ['embeddings body as chat', { provider: 'openai', api: 'chat', usage: { prompt_tokens: 4, total_tokens: 4 } }, 'usage.completion_tokens'],
    ['responses body as chat', { provider: 'openai', api: 'chat', usage: responses }, 'usage.prompt_tokens'],
    ['anthropic body as responses', { provider: 'openai', api: 'responses', usage: anthropic }, 'usage.cache_read_input_tokens'],
    ['responses body as anthropic', { provider: 'anthropic', api: 'default', usage: responses }, 'usage.input_tokens_details'],
    ['gemini body as anthropic', { provider: 'google', api: 'anthropic', body: { usageMetadata: gemini } }, 'body.usageMetadata.input_tokens'],
    ['anthropic body as gemini', { provider: 'google', api: 'default', body: { usage: anthropic } }, 'body.usage.promptTokenCount'],
    ['an api that the provider has not', { provider: 'openai', api: 'generateContent', usage: chat }, 'api'],
    ['a shape that the provider has not', { provider: 'openai', usage: gemini }, 'usage'],
    ['no usage', { provider: 'openai', api: 'chat' }, 'usage'],
    ['no object', { provider: 'openai', api: 'chat', usage: [] }, 'usage'],
    ['a body without usage', { provider: 'openai', api: 'chat', body: { model: 'gpt-5', usage: null } }, 'body.usage'],
    ['both', { provider: 'openai', api: 'chat', usage: chat, body: { usage: chat } }, 'usage'],
    ['a negative count', { provider: 'openai', api: 'chat', usage: { ...chat, prompt_tokens: -1 } }, 'usage.prompt_tokens'],
    ['a fraction', { provider: 'openai', api: 'chat', usage: { ...chat, completion_tokens: 1.5 } }, 'usage.completion_tokens'],
    ['a text', { provider: 'openai', api: 'chat', usage: { ...chat, prompt_tokens: '10' } }, 'usage.prompt_tokens'],
    ['a nested text', { provider: 'google', usage: { ...gemini, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 'x' }] } }, 'usage.promptTokensDetails[0].tokenCount'],
    ['a missing count', { provider: 'anthropic', usage: { input_tokens: 1 } }, 'usage.output_tokens'],
    ['details that are no object', { provider: 'openai', api: 'chat', usage: { ...chat, prompt_tokens_details: 3 } }, 'usage.prompt_tokens_details'],
  ] satisfies [string, UsageInput, string][])('%s', (_name, input, field) => {
    const error = fault(input);
    expect(error.field).toBe(field);
    expect(error.reason).not.toBe('');
  });

  it('accepts the bare two counts as either API that sums them', () => {
    expect(normalise({ provider: 'openai', api: 'responses', usage: { input_tokens: 3, output_tokens: 2 } }).format).toBe('openai-responses');
    expect(normalise({ provider: 'anthropic', usage: { input_tokens: 3, output_tokens: 2 } }).format).toBe('anthropic-messages');
  });
});
