/** A stand-in for the OpenAI API, as far as Outlay meets it. */
import { answerJson, type Answer, type Dialect, type Exchange, type LimitState } from './answer';
import type { Fake, FakeError, FakeOptions } from './contract';
import { startFakeServer } from './fake-server';
import { answerChat } from './openai-chat';
import { answerEmbeddings } from './openai-embeddings';
import { answerImages } from './openai-images';
import { answerResponses } from './openai-responses';
import { answerTranscriptions } from './openai-transcriptions';
import { findModel, priceSheet } from './price-sheet';

/** What is documented for each status: type, code, sentence. */
const ERRORS: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  400: ['invalid_request_error', null, 'The request was not valid.'],
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.'],
  403: ['invalid_request_error', 'unsupported_country_region_territory', 'Country, region, or territory not supported'],
  404: ['invalid_request_error', null, 'Not found.'],
  408: ['invalid_request_error', null, 'The request timed out.'],
  409: ['invalid_request_error', null, 'The resource was changed by another request.'],
  413: ['invalid_request_error', null, 'The request body is too large.'],
  422: ['invalid_request_error', null, 'The request could not be processed.'],
  429: ['requests', 'rate_limit_exceeded', 'Rate limit reached on requests per min (RPM). Please try again shortly.'],
  500: ['server_error', null, 'The server had an error while processing your request. Sorry about that!'],
  502: ['server_error', null, 'Bad gateway.'],
  503: ['server_error', null, 'The engine is currently overloaded, please try again later.'],
  504: ['server_error', null, 'The request timed out upstream.'],
};

const dialect: Dialect = {
  baseUrlPath: '/v1',
  requestIdHeader: 'x-request-id',
  makeRequestId: (random) => `req_${random.id(32).toLowerCase()}`,
  headers: (_nowMs, limit) => ({ 'openai-version': '2020-10-01', 'openai-organization': 'org-fake', ...(limit ? limitHeaders(limit) : {}) }),
  authorise({ headers }, apiKey) {
    const key = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (!key) {
      return { status: 401, code: null, message: "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)." };
    }
    return (apiKey === undefined ? key.startsWith('sk-invalid') : key !== apiKey) ? { status: 401 } : null;
  },
  refuse(error) {
    const [type, code, message] = ERRORS[error.status] ?? [error.status >= 500 ? 'server_error' : 'invalid_request_error', null, 'The request failed.'];
    const given = error.type ?? type;
    return { type: given, body: { error: { message: error.message ?? message, type: given, param: null, code: error.code === undefined ? code : error.code } } };
  },
  route(exchange) {
    const { method, path } = exchange.request;
    if (method === 'POST' && path === '/v1/chat/completions') return answerChat(exchange);
    if (method === 'POST' && path === '/v1/responses') return answerResponses(exchange);
    if (method === 'POST' && path === '/v1/embeddings') return answerEmbeddings(exchange);
    if (method === 'POST' && (path === '/v1/images/generations' || path === '/v1/images/edits')) return answerImages(exchange);
    if (method === 'POST' && (path === '/v1/audio/transcriptions' || path === '/v1/audio/translations')) return answerTranscriptions(exchange);
    if (method === 'GET' && path.startsWith('/v1/models')) return answerModels(exchange);
    return { status: 404, message: `Invalid URL (${method} ${path})` };
  },
};

function limitHeaders({ limit, remaining, resetMs }: LimitState): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(Math.max(0, remaining)),
    'x-ratelimit-reset-requests': resetMs < 1000 ? `${resetMs}ms` : `${Math.round(resetMs / 1000)}s`,
  };
}

function answerModels({ request }: Exchange): Answer | FakeError {
  const describe = (id: string) => ({ id, object: 'model' as const, created: 1_754_524_800, owned_by: 'system' });
  const name = request.path.slice('/v1/models/'.length);
  if (name === '') {
    const ids = Object.entries(priceSheet).filter(([, entry]) => entry.provider === 'openai').flatMap(([id, entry]) => [...new Set([id, entry.snapshot])]);
    return answerJson({ object: 'list', data: ids.map(describe) }, null);
  }
  if (findModel('openai', name)) return answerJson(describe(name), null);
  return { status: 404, code: 'model_not_found', message: `The model '${name}' does not exist` };
}

/**
 * Starts a fake OpenAI on 127.0.0.1. Its official client: `new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL })`.
 * Rejects when the port is taken.
 */
export function startFakeOpenAI(options: FakeOptions = {}): Promise<Fake> {
  return startFakeServer('openai', dialect, options);
}
