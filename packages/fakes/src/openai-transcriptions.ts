/** `POST /v1/audio/transcriptions` and `/v1/audio/translations`: billed by token, or by the second. */
import { answerJson, type Answer, type Billing, type Exchange, type Frame } from './answer';
import type { FakeError } from './contract';
import { mergeJson, numberAt, objectAt, type JsonObject } from './json';
import { readModel } from './openai-request';
import { splitText, writeProse } from './prose';

/** A second of the sound that tests send, as if it were 16-bit mono at 16 kHz. */
const BYTES_PER_SECOND = 32_000;
const TOKENS_PER_SECOND = 10;
const WORDS = 24;

export function answerTranscriptions(exchange: Exchange): Answer | FakeError {
  const { request: { body }, steer, random } = exchange;
  const model = readModel(exchange, 'transcription');
  if ('status' in model) return model;
  const file = objectAt(body, 'file');
  if (!file) return { status: 400, code: 'missing_required_parameter', message: "Missing required parameter: 'file'." };
  const seconds = Math.max(1, Math.round((numberAt(file, 'bytes') ?? 0) / BYTES_PER_SECOND));
  const text = steer.text ?? writeProse(random, WORDS, 1)[0]!.text;
  const usage = writeUsage(model.entry.tiers.default?.seconds !== undefined, seconds, steer.usage ?? {});
  const billing: Billing = {
    api: 'transcriptions', responseId: null, modelRequested: model.requested, model: model.served, tier: 'default', usage, outputTokens: WORDS, usageAt: () => usage,
  };
  if (body?.stream !== 'true') return answerJson({ text, usage }, billing);
  const frames: Frame[] = [...splitText(text, WORDS, 4).map((piece) => ({ type: 'transcript.text.delta', delta: piece.text })), { type: 'transcript.text.done', text, usage }].map(
    (event) => ({ text: `data: ${JSON.stringify(event)}\n\n`, outputTokens: WORDS, content: true, usage: 'usage' in event }),
  );
  return { kind: 'stream', frames, errorFrame: 'data: {"error":{"type":"server_error","message":"failed"}}\n\n', billing };
}

function writeUsage(bySecond: boolean, seconds: number, steered: JsonObject): JsonObject {
  if (bySecond) return mergeJson({ type: 'duration', seconds }, steered);
  const audio = seconds * TOKENS_PER_SECOND;
  const merged = mergeJson({ type: 'tokens', input_tokens: audio, input_token_details: { text_tokens: 0, audio_tokens: audio }, output_tokens: WORDS, total_tokens: 0 }, steered);
  return { ...merged, total_tokens: (numberAt(merged, 'input_tokens') ?? 0) + (numberAt(merged, 'output_tokens') ?? 0) };
}
