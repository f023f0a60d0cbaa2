/** Anthropic's message stream, as events -> pieces. Pure. */
import { asObject, asText, type Json } from '../facts.js';
import type { AnswerPiece } from './answer-piece.js';

/** Keeps the ids of tool calls, which only their block's start names. */
export function createAnthropicReader(): (event: Json) => readonly AnswerPiece[] {
  const blocks = new Map<unknown, { readonly id: string; readonly name: string }>();
  return (event) => {
    switch (event['type']) {
      case 'content_block_start':
        return startBlock(event, blocks);
      case 'content_block_delta':
        return readDelta(asObject(event['delta']) ?? {}, blocks.get(event['index']));
      case 'message_delta': {
        const reason = asObject(event['delta'])?.['stop_reason'];
        if (!reason) return [];
        return [{ kind: 'stop', how: reason === 'max_tokens' ? 'length' : reason === 'tool_use' ? 'tools' : 'completed' }];
      }
      default:
        return [];
    }
  };
}

function startBlock(event: Json, blocks: Map<unknown, { readonly id: string; readonly name: string }>): AnswerPiece[] {
  const block = asObject(event['content_block']);
  if (block?.['type'] === 'tool_use') {
    const call = { id: asText(block['id']) ?? '', name: asText(block['name']) ?? '' };
    blocks.set(event['index'], call);
    return [{ kind: 'tool', ...call, arguments: '' }];
  }
  const text = block?.['type'] === 'text' ? asText(block['text']) : undefined;
  return text === undefined ? [] : [{ kind: 'text', text }];
}

function readDelta(delta: Json, call: { readonly id: string; readonly name: string } | undefined): AnswerPiece[] {
  const text = asText(delta['text']);
  const json = asText(delta['partial_json']);
  const thinking = asText(delta['thinking']);
  if (text !== undefined) return [{ kind: 'text', text }];
  if (json !== undefined && call) return [{ kind: 'tool', ...call, arguments: json }];
  return thinking === undefined ? [] : [{ kind: 'hidden', text: thinking }];
}
