/** `POST /v1/images/generations` and `/v1/images/edits`, plain and streamed: models that bill by token. */
import type { ImagesResponse } from 'openai/resources/images';
import { answerJson, type Answer, type Billing, type Exchange, type Frame } from './answer';
import type { FakeError } from './contract';
import { mergeJson, numberAt, stringAt, type JsonObject } from './json';
import { readModel } from './openai-request';
import { countTokens } from './prose';

const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Tokens of a square picture by quality. */
const TOKENS: Readonly<Record<string, number>> = { low: 272, medium: 1_056, high: 4_160 };
const EDIT_INPUT_TOKENS = 323;

export function answerImages(exchange: Exchange): Answer | FakeError {
  const { request: { body, path }, steer, nowMs } = exchange;
  const model = readModel(exchange, 'image');
  if ('status' in model) return model;
  const prompt = stringAt(body, 'prompt');
  if (!prompt) return { status: 400, code: 'missing_required_parameter', message: "Missing required parameter: 'prompt'." };
  const edits = path.endsWith('/edits');
  const count = Number(body?.n ?? 1);
  const asked = stringAt(body, 'quality');
  const quality = asked === 'low' || asked === 'medium' ? asked : 'high';
  const text = countTokens(prompt);
  const images = edits ? EDIT_INPUT_TOKENS : 0;
  const output = numberAt(steer.usage, 'output_tokens') ?? count * TOKENS[quality]!;
  const merged = mergeJson({ input_tokens: text + images, input_tokens_details: { text_tokens: text, image_tokens: images }, output_tokens: output, total_tokens: 0 }, steer.usage ?? {});
  const usage: JsonObject = { ...merged, total_tokens: (numberAt(merged, 'input_tokens') ?? 0) + output };
  const billing: Billing = {
    api: 'images', responseId: null, modelRequested: model.requested, model: model.served, tier: 'default', usage, outputTokens: output, usageAt: () => usage,
  };
  const shape = { size: '1024x1024', quality, background: 'opaque', output_format: 'png' } as const;
  const created = Math.floor(nowMs / 1000);
  if (body?.stream === true || body?.stream === 'true') return streamImage(edits ? 'image_edit' : 'image_generation', { ...shape, created_at: created }, Number(body.partial_images ?? 0), billing);
  const answer: ImagesResponse = { created, ...shape, data: Array.from({ length: count }, () => ({ b64_json: PICTURE })), usage: usage as unknown as ImagesResponse.Usage };
  return answerJson(answer, billing);
}

function streamImage(kind: string, shape: JsonObject, partials: number, billing: Billing): Answer {
  const frames: Frame[] = [];
  const push = (name: string, extra: JsonObject, usage: boolean): void => {
    const type = `${kind}.${name}`;
    frames.push({ text: `event: ${type}\ndata: ${JSON.stringify({ type, b64_json: PICTURE, ...shape, ...extra })}\n\n`, outputTokens: billing.outputTokens, content: true, usage });
  };
  for (let index = 0; index < partials; index += 1) push('partial_image', { partial_image_index: index }, false);
  push('completed', { usage: billing.usage }, true);
  return { kind: 'stream', frames, errorFrame: 'event: error\ndata: {"type":"error","error":{"type":"image_generation_server_error","message":"failed"}}\n\n', billing };
}
