import { expect, it } from 'vitest';
import { type BillClass, classOfLine } from './bill-class';

const line = (lineItem: string | null, token_type: string | null = null): BillClass | null => classOfLine({ lineItem, dimensions: { token_type } });

it.each<[string, BillClass | null]>([
  ['gpt-5.4-2026-03-05, input', 'input'], ['gpt-5.4-2026-03-05, cached input', 'cached'], ['gpt-5.4-2026-03-05, output', 'output'], ['gpt-6-astra, input_tokens', 'input'], ['gpt-6-astra, cache write', 'write'],
  ['gpt-realtime, audio output', 'audio_output'], ['gpt-image-1, image input', 'image_input'], ['web search tool calls', null], ['file search storage', null], ['gpt-4o, training', null],
  ['Gemini 2.5 Flash Text Output - Predictions', 'output'], ['Gemini 2.5 Pro Input Text Caching', 'cached'], ['Credits', null],
])('reads "%s" of a bill as %s', (item, name) => {
  expect(line(item)).toBe(name);
});

it.each<[string, BillClass]>([
  ['uncached_input_tokens', 'input'], ['cache_read_input_tokens', 'cached'], ['cache_creation.ephemeral_5m_input_tokens', 'write_5m'], ['cache_creation.ephemeral_1h_input_tokens', 'write_1h'], ['output_tokens', 'output'],
])('reads the token type %s as %s, whatever the line is called', (type, name) => {
  expect(line('Claude Sonnet 4 Usage, Web Search', type)).toBe(name);
});
