/** OpenAI's chat stream, as chunks -> pieces. Pure. */
import { asArray, asObject, asText, type Json } from '../facts.js';
import type { AnswerPiece } from './answer-piece.js';

/** Keeps the ids of tool calls, which only their first chunk names. */
export function createOpenAIReader(): (chunk: Json) => readonly AnswerPiece[] {
  const calls = new Map<unknown, { readonly id: string; readonly name: string }>();
  return (chunk) => asArray(chunk['choices']).slice(0, 1).flatMap((one) => readChoice(asObject(one) ?? {}, calls));
}

function readChoice(choice: Json, calls: Map<unknown, { readonly id: string; readonly name: string }>): AnswerPiece[] {
  const pieces: AnswerPiece[] = [];
  const delta = asObject(choice['delta']);
  const hidden = asText(delta?.['reasoning_content']) ?? asText(delta?.['reasoning']);
  if (hidden !== undefined) pieces.push({ kind: 'hidden', text: hidden });
  // A refusal is what the model says to the person.
  const text = asText(delta?.['content']) ?? asText(delta?.['refusal']);
  if (text !== undefined) pieces.push({ kind: 'text', text });
  for (const one of asArray(delta?.['tool_calls'])) {
    const call = asObject(one);
    const fn = asObject(call?.['function']);
    const index = call?.['index'];
    const known = calls.get(index) ?? { id: asText(call?.['id']) ?? `call_${String(index)}`, name: asText(fn?.['name']) ?? '' };
    calls.set(index, known);
    pieces.push({ kind: 'tool', ...known, arguments: asText(fn?.['arguments']) ?? '' });
  }
  const reason = choice['finish_reason'];
  if (reason) pieces.push({ kind: 'stop', how: reason === 'length' ? 'length' : reason === 'tool_calls' || reason === 'function_call' ? 'tools' : 'completed' });
  return pieces;
}
