import { describe, expect, it } from 'vitest';
import { planRuns, type PlannedRun } from './plan-runs';
import { findCall, steerCall } from './steer-call';

const [base] = planRuns([{ atMs: 0, contextTokens: 5_000, generatedTokens: 100 }], { seed: 1, environments: ['production'] });
const run: PlannedRun = {
  ...base!, index: 3, workflow: 'ticket_reply', servedTier: null,
  calls: [{ name: 'reply', size: { input: 5_000, cacheRead: 3_000, cacheWrite: 500, output: 164, reasoning: 64 } }],
  failures: [{ call: 'reply', model: 'claude-haiku-4-5', status: 529, times: 2 }],
};
const usageOf = (flavour: Parameters<typeof steerCall>[3]) => JSON.parse(steerCall(run, 'reply', 'gpt-5-mini', flavour)['x-fake-usage']!) as unknown;

describe('steerCall', () => {
  it('splits the input as Anthropic does: cache apart from the rest', () => {
    expect(usageOf('messages')).toEqual({
      input_tokens: 1_500, cache_read_input_tokens: 3_000, cache_creation_input_tokens: 500, output_tokens: 164,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 500 },
    });
  });

  it('keeps the cache within the input as OpenAI does, in whole steps', () => {
    expect(usageOf('chat')).toMatchObject({ prompt_tokens: 5_000, prompt_tokens_details: { cached_tokens: 2_944 }, completion_tokens_details: { reasoning_tokens: 64 } });
    expect(usageOf('responses')).toMatchObject({ input_tokens: 5_000, input_tokens_details: { cached_tokens: 2_944 }, output_tokens: 164 });
    expect(usageOf('embeddings')).toEqual({ prompt_tokens: 5_000 });
  });

  it('fails the planned call of the planned model only', () => {
    expect(steerCall(run, 'reply', 'claude-haiku-4-5', 'messages')).toMatchObject({ 'x-fake-error': '529', 'x-fake-error-times': '2', 'x-fake-label': 'ticket_reply' });
    expect(steerCall(run, 'reply', 'claude-sonnet-5', 'messages')).not.toHaveProperty('x-fake-error');
    expect(() => findCall(run, 'look-up')).toThrow(/no call "look-up"/);
  });
});
