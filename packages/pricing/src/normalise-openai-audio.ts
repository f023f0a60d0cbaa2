/**
 * OpenAI's usages that know about sound. Realtime's `response.done` and transcriptions share one form, `*_token_details`; a
 * transcription may instead be billed by its `seconds`. Speech answers in audio, or is billed by characters of text.
 */
import { err, ok, type TokenQuantities } from '@outlay/kernel';
import { readModalInput, readModalOutput } from './modal-tokens';
import { NORMALISER_VERSION, type JsonObject, type NormaliseContext, type NormalisedUsage, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, readAmount, readCount, readSection, requireCount, sumInput, withoutZeros, type UsageReader } from './usage-reader';

const TOKEN_KEYS = [
  'type', 'input_tokens', 'output_tokens', 'total_tokens', 'input_token_details', 'output_token_details',
  // xAI's realtime bills sound by the second and typed messages by the piece.
  'billable_audio_seconds', 'input_text_messages',
];
const AUDIO_KEYS = new Set([...TOKEN_KEYS, 'seconds']);
const SPEECH_KEYS = new Set([...TOKEN_KEYS, 'characters']);

export const normaliseOpenAiAudio: Normaliser = (usage, context) => {
  const reader = createUsageReader();
  flagUnknown(reader, usage, AUDIO_KEYS, context.path);
  if (usage['type'] === 'duration') {
    const seconds = readAmount(reader, usage, 'seconds', context.path);
    return finish(reader, context, 'openai-audio', {}, 0, seconds === '0' ? [] : [{ kind: 'input_audio_second', quantity: seconds, unit: 'second' }]);
  }
  const quantities = readTokens(reader, usage, context, 'output_text');
  const extras: UsageExtra[] = [];
  const seconds = readAmount(reader, usage, 'billable_audio_seconds', context.path);
  if (seconds !== '0') extras.push({ kind: 'audio_second', quantity: seconds, unit: 'second' });
  const messages = readCount(reader, usage, 'input_text_messages', context.path);
  if (messages > 0) extras.push({ kind: 'text_message', quantity: String(messages), unit: 'message' });
  return finish(reader, context, 'openai-audio', quantities, totalOf(reader, usage, context), extras);
};

export const normaliseOpenAiSpeech: Normaliser = (usage, context) => {
  const reader = createUsageReader();
  flagUnknown(reader, usage, SPEECH_KEYS, context.path);
  if (usage['characters'] === undefined) {
    return finish(reader, context, 'openai-speech', readTokens(reader, usage, context, 'output_audio'), totalOf(reader, usage, context), []);
  }
  const characters = requireCount(reader, usage, 'characters', context.path);
  return finish(reader, context, 'openai-speech', {}, 0, characters === 0 ? [] : [{ kind: 'character', quantity: String(characters), unit: 'character' }]);
};

function readTokens(reader: UsageReader, usage: JsonObject, { path }: NormaliseContext, rest: 'output_text' | 'output_audio'): TokenQuantities {
  const count = usage['billable_audio_seconds'] === undefined ? requireCount : readCount;
  const inputTokens = count(reader, usage, 'input_tokens', path);
  const outputTokens = count(reader, usage, 'output_tokens', path);
  const input = readModalInput(reader, inputTokens, readSection(reader, usage, 'input_token_details', path), `${path}.input_token_details`);
  const output = readModalOutput(reader, outputTokens, readSection(reader, usage, 'output_token_details', path), `${path}.output_token_details`, rest);
  return { ...input, ...output };
}

function totalOf(reader: UsageReader, usage: JsonObject, { path }: NormaliseContext): number {
  const sum = readCount(reader, usage, 'input_tokens', path) + readCount(reader, usage, 'output_tokens', path);
  const total = usage['total_tokens'] === undefined || usage['total_tokens'] === null ? sum : readCount(reader, usage, 'total_tokens', path);
  if (total !== sum) reader.problem ??= `${path}.total_tokens (${total}) is not input_tokens + output_tokens (${sum}).`;
  return total;
}

function finish(
  reader: UsageReader, { model }: NormaliseContext, format: 'openai-audio' | 'openai-speech', tokens: TokenQuantities, total: number, extras: readonly UsageExtra[],
): ReturnType<Normaliser> {
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros(tokens);
  const usage: NormalisedUsage = {
    normaliserVersion: NORMALISER_VERSION,
    format,
    parts: [{ model, quantities, contextTokens: sumInput(quantities), extras, unknown: reader.unknown.filter((key) => key.billable), problem: reader.problem }],
    total,
    served: { model, tier: null, region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  };
  return ok(usage);
}
