/** Embeddings: `embedContent`, `batchEmbedContents`, and Vertex's `predict`, which also makes images. */
import { answerJson, type Answer, type Exchange } from './answer';
import type { FakeError } from './contract';
import { modelNotFound } from './google-generate';
import { arrayAt, mergeJson, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { findModel } from './price-sheet';
import { countTokens } from './prose';
import type { Random } from './random';

const DIMENSIONS = 768;

export function answerEmbed(exchange: Exchange, name: string): Answer | FakeError {
  const { request: { body, path }, steer, random } = exchange;
  if (findModel('google', name)?.kind !== 'embedding') return modelNotFound(name);
  const batch = path.endsWith(':batchEmbedContents');
  const contents = batch ? arrayAt(body, 'requests').map((request) => objectAt(request, 'content')) : [objectAt(body, 'content')];
  if (contents.length === 0 || contents.includes(undefined)) return { status: 400, message: '* EmbedContentRequest.content: content is not specified\n' };
  const tokens = contents.map((content) => countTokens(arrayAt(content, 'parts')));
  const total = tokens.reduce((sum, count) => sum + count, 0);
  const usage = mergeJson({ promptTokenCount: total, promptTokenDetails: [{ modality: 'TEXT', tokenCount: total }] }, steer.usage ?? {});
  const embeddings = tokens.map(() => ({ values: writeVector(random) }));
  const answer = batch ? { embeddings, usageMetadata: usage } : { embedding: embeddings[0], usageMetadata: usage };
  return answerJson(answer, embedBilling(name, usage));
}

/** Text embeddings say their tokens beside each vector; Imagen says nothing: it is billed by the picture. */
export function answerPredict(exchange: Exchange, name: string): Answer | FakeError {
  const { request: { body }, random } = exchange;
  const instances = arrayAt(body, 'instances');
  if (instances.length === 0) return { status: 400, message: 'Empty instances.' };
  if (name.startsWith('imagen-')) {
    const count = numberAt(objectAt(body, 'parameters'), 'sampleCount') ?? 1;
    const predictions = Array.from({ length: count }, () => ({ mimeType: 'image/png', bytesBase64Encoded: 'iVBORw0KGgo=' }));
    return answerJson({ predictions }, null);
  }
  if (findModel('google', name)?.kind !== 'embedding') return modelNotFound(name);
  const tokens = instances.map((instance) => countTokens(stringAt(instance, 'content')));
  const predictions = tokens.map((count) => ({ embeddings: { values: writeVector(random), statistics: { truncated: false, token_count: count } } }));
  const total = tokens.reduce((sum, count) => sum + count, 0);
  return answerJson({ predictions, metadata: { billableCharacterCount: total * 4 } }, embedBilling(name, { promptTokenCount: total }));
}

function embedBilling(name: string, usage: JsonObject): NonNullable<Parameters<typeof answerJson>[1]> {
  return { api: 'embed', responseId: null, modelRequested: name, model: name, tier: 'standard', usage, outputTokens: 0, usageAt: () => usage };
}

function writeVector(random: Random): number[] {
  const raw = Array.from({ length: DIMENSIONS }, () => random.next() - 0.5);
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}
