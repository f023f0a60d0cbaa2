/** `POST /v1/embeddings`. */
import type { CreateEmbeddingResponse } from 'openai/resources/embeddings';
import { answerJson, type Answer, type Exchange } from './answer';
import type { FakeError } from './contract';
import { mergeJson, numberAt, type JsonObject } from './json';
import { readModel } from './openai-request';
import { countTokens } from './prose';
import type { Random } from './random';

const DIMENSIONS = 1_536;

export function answerEmbeddings(exchange: Exchange): Answer | FakeError {
  const { request, steer, random } = exchange;
  const model = readModel(exchange, 'embedding');
  if ('status' in model) return model;
  const given = request.body?.input;
  const inputs = listInputs(given);
  if (inputs.length === 0) return { status: 400, message: "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference." };
  const tokens = inputs.map((input) => (Array.isArray(input) ? input.length : countTokens(input)));
  const tooLong = tokens.find((count) => count > model.entry.contextTokens);
  if (tooLong !== undefined) {
    return { status: 400, message: `This model's maximum context length is ${model.entry.contextTokens} tokens, however you requested ${tooLong} tokens.` };
  }
  const prompt = numberAt(steer.usage, 'prompt_tokens') ?? tokens.reduce((sum, count) => sum + count, 0);
  const usage = mergeJson({ prompt_tokens: prompt, total_tokens: prompt }, steer.usage ?? {});
  const dimensions = numberAt(request.body, 'dimensions') ?? DIMENSIONS;
  const base64 = request.body?.encoding_format === 'base64';
  const body = {
    object: 'list' as const,
    data: inputs.map((_, index) => ({ object: 'embedding' as const, index, embedding: writeVector(random, dimensions, base64) })),
    model: model.served,
    usage: usage as unknown as CreateEmbeddingResponse['usage'],
  };
  return answerJson(body, {
    api: 'embeddings', responseId: null, modelRequested: model.requested, model: model.served, tier: 'default', usage, outputTokens: 0, usageAt: (): JsonObject => usage,
  });
}

/** One text, several texts, the tokens of one text, or the tokens of several. */
function listInputs(given: unknown): unknown[] {
  if (typeof given === 'string') return given === '' ? [] : [given];
  if (!Array.isArray(given)) return [];
  return given.every((part) => typeof part === 'number') && given.length > 0 ? [given] : given;
}

/** A unit vector; as base64 of little-endian floats it is what the official client asks for by default. */
function writeVector(random: Random, dimensions: number, base64: boolean): number[] | string {
  const raw = Float32Array.from({ length: dimensions }, () => random.next() - 0.5);
  const length = Math.hypot(...raw);
  const unit = raw.map((value) => value / length);
  return base64 ? Buffer.from(unit.buffer).toString('base64') : [...unit];
}
