/** How OpenAI's answers tell usage: Chat Completions, Responses, Embeddings, Images, Transcriptions; whole or as a stream. */
import { asArray, asObject, asText, type CallFacts, countOutput, defined, errorClassIn, type Json } from './facts.js';
import { CHAT_OUTPUT, RESPONSES_OUTPUT } from './limit-output.js';
import type { ApiRoute, StreamReader } from './routes.js';

function readBody(facts: CallFacts, body: Json): void {
  facts.usage = asObject(body['usage']) ?? facts.usage;
  facts.modelServed = asText(body['model']) ?? facts.modelServed;
  facts.serviceTierServed = asText(body['service_tier']) ?? facts.serviceTierServed;
  facts.responseId = asText(body['id']) ?? facts.responseId;
}

/** Tools of OpenAI's own are billed apart from tokens; opening a page that a search found is not. */
const BILLED_ITEMS: Readonly<Record<string, readonly [kind: string, unit: string]>> = {
  web_search_call: ['web_search', 'search'],
  file_search_call: ['file_search', 'search'],
  code_interpreter_call: ['code_interpreter', 'call'],
  image_generation_call: ['image_generation', 'call'],
};

function readResponse(facts: CallFacts, body: Json): void {
  readBody(facts, body);
  const counts = new Map<string, number>();
  for (const one of asArray(body['output'])) {
    const item = asObject(one);
    const type = asText(item?.['type']) ?? '';
    const action = asText(asObject(item?.['action'])?.['type']) ?? 'search';
    if (BILLED_ITEMS[type] && (type !== 'web_search_call' || action === 'search')) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  facts.extras = [...counts].map(([type, quantity]) => ({ kind: BILLED_ITEMS[type]![0], quantity, unit: BILLED_ITEMS[type]![1] }));
}

/** Older models bill by the picture and state no usage: what was asked for says the rest. */
function readImages(facts: CallFacts, body: Json, request: Json | undefined): void {
  readBody(facts, body);
  const images = asArray(body['data']).length;
  if (facts.usage || images === 0) return;
  const model = asText(request?.['model']) ?? 'dall-e-2';
  const size = asText(body['size']) ?? asText(request?.['size']) ?? (model.startsWith('dall-e') ? '1024x1024' : undefined);
  facts.usage = defined({ images, size, quality: asText(body['quality']) ?? asText(request?.['quality']) });
}

/** The last event of a picture, or of a transcript, has the usage. */
function readFinalUsage(facts: CallFacts): StreamReader {
  return (_raw, event) => {
    const type = asText(event?.['type']) ?? '';
    if (type.endsWith('.delta')) countOutput(facts, event?.['delta']);
    if (type === 'error' || event?.['error']) readError(facts, asObject(event?.['error']) ?? event);
    if (type.endsWith('.completed') || type.endsWith('text.done')) {
      readBody(facts, event ?? {});
      facts.generated = true;
      facts.complete = true;
    }
    return false;
  };
}

function readError(facts: CallFacts, error: Json | undefined): void {
  facts.failed = true;
  facts.errorClass = errorClassIn(error, 'stream_error');
}

/** Chunks; the last has the usage and no choices. */
function readChatStream(facts: CallFacts, request: Json | undefined): StreamReader {
  const choices = typeof request?.['n'] === 'number' ? request['n'] : 1;
  const finished = new Set<unknown>();
  return ({ data }, chunk) => {
    if (data.startsWith('[DONE]')) {
      facts.complete = true;
      return false;
    }
    if (!chunk) return false;
    if (chunk['error']) readError(facts, asObject(chunk['error']));
    readBody(facts, chunk);
    const deltas = asArray(chunk['choices']);
    for (const choice of deltas) {
      const delta = asObject(asObject(choice)?.['delta']);
      countOutput(facts, delta?.['content'], delta?.['refusal'], delta?.['reasoning_content'], delta?.['reasoning']);
      for (const tool of asArray(delta?.['tool_calls'])) {
        const fn = asObject(asObject(tool)?.['function']);
        countOutput(facts, fn?.['name'], fn?.['arguments']);
      }
      if (asObject(choice)?.['finish_reason']) finished.add(asObject(choice)?.['index']);
    }
    facts.generated = finished.size >= choices;
    return deltas.length === 0 && asObject(chunk['usage']) !== undefined;
  };
}

/** Typed events; usage stands in the one that ends the response. */
function readResponseStream(facts: CallFacts): StreamReader {
  return (_raw, event) => {
    const type = asText(event?.['type']) ?? '';
    if (type.endsWith('.delta')) countOutput(facts, event?.['delta']);
    if (type === 'error') readError(facts, asObject(event?.['error']) ?? event);
    const response = asObject(event?.['response']);
    if (!response) return false;
    readResponse(facts, response);
    if (type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed') {
      facts.complete = true;
      facts.generated = true;
      if (type === 'response.failed') readError(facts, asObject(response['error']));
    }
    return false;
  };
}

/** Asks for the usage chunk, in the request's own words otherwise. Undefined when the caller asked already. */
function askForUsage(request: Json): Json | undefined {
  const options = asObject(request['stream_options']);
  if (request['stream'] !== true || options?.['include_usage'] === true) return undefined;
  return { ...request, stream_options: { ...options, include_usage: true } };
}

const noStream: (facts: CallFacts) => StreamReader = () => () => false;

export const OPENAI_ROUTES: readonly ApiRoute[] = [
  { path: /\/chat\/completions$/, api: 'chat', readBody, readStream: readChatStream, askForUsage, output: CHAT_OUTPUT },
  { path: /\/responses$/, api: 'responses', readBody: readResponse, readStream: readResponseStream, output: RESPONSES_OUTPUT },
  { path: /\/responses\/compact$/, api: 'responses', readBody: readResponse, readStream: readResponseStream },
  { path: /\/embeddings$/, api: 'embeddings', readBody, readStream: noStream },
  { path: /\/images\/(generations|edits|variations)$/, api: 'images', readBody: readImages, readStream: readFinalUsage },
  { path: /\/audio\/transcriptions$/, api: 'transcriptions', readBody, readStream: readFinalUsage },
  { path: /\/audio\/translations$/, api: 'translations', readBody, readStream: readFinalUsage },
];

/** Cost nothing, or are billed elsewhere: no warning for them. */
export const OPENAI_FREE =
  /\/(moderations|files|uploads|models|batches|vector_stores|fine_tuning|assistants|threads|containers|conversations|evals|organization|webhooks|responses\/input_tokens|responses\/[^/]+\/cancel|chatkit|skills|realtime\/client_secrets)(\/|$)/;

/** Hosts that speak OpenAI's protocol, by the catalogue's provider ids. */
const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)openai\.com$/, 'openai'],
  [/\.(openai|services\.ai|cognitiveservices)\.azure\.com$/, 'azure'],
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)mistral\.ai$/, 'mistral'],
  [/(^|\.)x\.ai$/, 'x-ai'],
  [/(^|\.)together\.(ai|xyz)$/, 'together'],
  [/(^|\.)fireworks\.ai$/, 'fireworks'],
  [/(^|\.)googleapis\.com$/, 'google'],
];

/** `openai` for hosts that are not listed: gateways and test servers speak its protocol. */
export function providerOfHost(baseUrl: unknown): string {
  let host = '';
  try {
    host = new URL(String(baseUrl)).hostname;
  } catch {
    return 'openai';
  }
  return HOSTS.find(([pattern]) => pattern.test(host))?.[1] ?? 'openai';
}
