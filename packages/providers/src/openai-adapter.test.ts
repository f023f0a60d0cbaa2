import { expect, it } from 'vitest';
import { quoteNumbers, readAmount } from './call-provider';
import { costOf, usageOf } from './openai-adapter';

it('counts each token once: cached, written and spoken input stand inside of the whole', () => {
  const { tokens, extras, requests } = usageOf('1h', 1_763_726_400, 'completions', {
    object: 'organization.usage.completions.result', input_tokens: 1_000, input_uncached_tokens: 600, input_cached_tokens: 300, input_cache_write_tokens: 100, input_cache_write_30m_tokens: 60, input_audio_tokens: 50,
    input_cached_audio_tokens: 20, output_tokens: 200, output_audio_tokens: 40, num_model_requests: 3,
  });
  expect(tokens).toEqual({ input_uncached: 550, input_audio: 50, cache_read: 280, cache_read_audio: 20, cache_write_30m: 60, cache_write_other: 40, output_text: 160, output_audio: 40 });
  expect(Object.values(tokens).reduce((sum, count) => sum + count, 0)).toBe(1_200);
  expect([extras, requests]).toEqual([{}, 3]);
  // An older answer does not say what is uncached.
  expect(usageOf('1m', 0, 'completions', { object: 'x', input_tokens: 10, input_cached_tokens: 4 }).tokens).toEqual({ input_uncached: 6, cache_read: 4 });
});

it('finds the model in both forms of a line item, and keeps the label', () => {
  const cost = (lineItem: string | null) => costOf(1_763_683_200, { object: 'x', amount: { value: '1.5', currency: 'usd' }, line_item: lineItem });
  expect([cost('gpt-5.4-2026-03-05, cached input').model, cost('gpt-6-astra, input_tokens').model, cost('web search tool calls').model, cost(null).model]).toEqual(['gpt-5.4-2026-03-05', 'gpt-6-astra', null, null]);
  expect(cost('gpt-6-astra, input_tokens')).toMatchObject({ day: '2025-11-21', lineItem: 'gpt-6-astra, input_tokens', dimensions: { line_item: 'gpt-6-astra, input_tokens' } });
  expect(() => costOf(0, { object: 'x', amount: { value: '1', currency: 'eur' } })).toThrow(/US dollars only/);
  expect(() => costOf(0, { object: 'x', amount: { value: 'free' } })).toThrow(/no number/);
});

it('reads amounts in every way they are written', () => {
  expect([readAmount('0E-6176'), readAmount(0), readAmount('0.00')].map((amount) => amount!.num)).toEqual([0n, 0n, 0n]);
  expect(readAmount('1.25E-7')).toEqual({ num: 125n, den: 1_000_000_000n });
  expect(readAmount('twelve')).toBeNull();
});

it('keeps the digits of a number that a float would not hold, and touches no text', () => {
  const text = String.raw`{"value":0.12345678901234567890, "note":"\"value\": 1", "quantity" : -3, "revalue":5}`;
  expect(JSON.parse(quoteNumbers(text, ['value', 'quantity']))).toEqual({ value: '0.12345678901234567890', note: '"value": 1', quantity: '-3', revalue: 5 });
});
