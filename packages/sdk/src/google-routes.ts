/** How Google's answers tell usage: content, whole or as a stream; embeddings; Vertex's predict. */
import { asArray, asObject, asText, type CallFacts, countOutput, errorClassIn, type Json } from './facts.js';
import { GEMINI_OUTPUT } from './limit-output.js';
import type { ApiRoute, StreamReader } from './routes.js';
import type { ModelUsage } from './types.js';

/** `/v1beta/models/NAME:METHOD`; on Vertex with project and location before it. */
function describe(path: string, request: Json | undefined, headers: Headers): Partial<ModelUsage> {
  const location = /\/locations\/([^/]+)\//.exec(path)?.[1];
  return {
    model: decodeURIComponent(/\/([^/]+):[A-Za-z]+$/.exec(path)?.[1] ?? '') || undefined,
    region: location,
    serviceTierRequested: asText(request?.['serviceTier']) ?? headers.get('x-vertex-ai-llm-shared-request-type') ?? undefined,
  };
}

function readBody(facts: CallFacts, body: Json): void {
  const usage = asObject(body['usageMetadata']);
  facts.usage = usage ?? facts.usage;
  facts.modelServed = asText(body['modelVersion']) ?? facts.modelServed;
  facts.responseId = asText(body['responseId']) ?? facts.responseId;
  facts.serviceTierServed = asText(usage?.['serviceTier']) ?? asText(usage?.['trafficType']) ?? facts.serviceTierServed;
  const searches = asArray(body['candidates']).reduce<number>((sum, one) => sum + asArray(asObject(asObject(one)?.['groundingMetadata'])?.['webSearchQueries']).length, 0);
  if (searches > 0) facts.extras = [{ kind: 'web_search', quantity: searches, unit: 'search' }];
}

/** Each chunk repeats the usage so far: the last one holds. */
function readContentStream(facts: CallFacts, request: Json | undefined): StreamReader {
  const wanted = asObject(request?.['generationConfig'])?.['candidateCount'];
  const finished = new Set<unknown>();
  return (_raw, chunk) => {
    if (!chunk) return false;
    const error = asObject(chunk['error']);
    if (error) {
      facts.failed = true;
      facts.errorClass = errorClassIn(error, 'stream_error');
    }
    readBody(facts, chunk);
    for (const one of asArray(chunk['candidates'])) {
      const candidate = asObject(one);
      for (const part of asArray(asObject(candidate?.['content'])?.['parts'])) countPart(facts, asObject(part));
      if (candidate?.['finishReason']) finished.add(candidate['index']);
    }
    // A prompt that was refused has no candidates, and is billed.
    const refused = asText(asObject(chunk['promptFeedback'])?.['blockReason']) !== undefined;
    facts.generated = refused || finished.size >= (typeof wanted === 'number' ? wanted : 1);
    facts.complete = facts.generated && asObject(chunk['usageMetadata']) !== undefined;
    return false;
  };
}

function countPart(facts: CallFacts, part: Json | undefined): void {
  countOutput(facts, part?.['text']);
  const call = asObject(part?.['functionCall']);
  if (call) countOutput(facts, call['name'], JSON.stringify(call['args'] ?? {}));
}

/** Text embeddings count beside each vector; pictures are billed by the piece. */
function readPredictions(facts: CallFacts, body: Json): void {
  const predictions = asArray(body['predictions']).map(asObject);
  const tokens = predictions.map((one) => asObject(asObject(one?.['embeddings'])?.['statistics'])?.['token_count']);
  if (tokens.some((count) => typeof count === 'number')) {
    facts.quantities = { input_uncached: tokens.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0) };
  }
  const pictures = predictions.filter((one) => typeof one?.['bytesBase64Encoded'] === 'string' || typeof one?.['gcsUri'] === 'string').length;
  if (pictures > 0) facts.extras = [{ kind: 'image', quantity: pictures, unit: 'image' }];
}

const noStream: (facts: CallFacts) => StreamReader = () => () => false;

export const GOOGLE_ROUTES: readonly ApiRoute[] = [
  { path: /:(stream)?[gG]enerateContent$/, api: 'default', describe, readBody, readStream: readContentStream, output: GEMINI_OUTPUT },
  { path: /:(batchEmbedContents|embedContent)$/, api: 'default', describe, readBody, readStream: noStream },
  { path: /:predict$/, api: 'default', describe, readBody: readPredictions, readStream: noStream },
];

/** Cost nothing, or are billed elsewhere: no warning for them. */
export const GOOGLE_FREE =
  /:(countTokens|computeTokens|batchGenerateContent|asyncBatchEmbedContent|cancel|register)$|\/(files|upload|cachedContents|batches|batchPredictionJobs|tunedModels|tuningJobs|operations|fileSearchStores|auth_tokens|webhooks)(\/|$)/;
