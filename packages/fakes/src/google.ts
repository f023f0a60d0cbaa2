/** A stand-in for Google's Gemini API, and for Vertex AI where they speak alike: content, streams, embeddings. */
import { answerJson, type Answer, type Dialect, type Exchange } from './answer';
import type { Fake, FakeError, FakeOptions } from './contract';
import { startFakeServer } from './fake-server';
import { answerEmbed, answerPredict } from './google-embed';
import { answerGenerate, countContents, modelNotFound } from './google-generate';
import type { JsonObject } from './json';
import { findModel, priceSheet } from './price-sheet';

/** What is documented for each status: the canonical code and a sentence. */
const ERRORS: Readonly<Record<number, readonly [status: string, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  403: ['PERMISSION_DENIED', "Method doesn't allow unregistered callers."],
  404: ['NOT_FOUND', 'Requested entity was not found.'],
  429: ['RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.'],
  499: ['CANCELLED', 'The operation was cancelled.'],
  500: ['INTERNAL', 'An internal error has occurred. Please retry.'],
  503: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  504: ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
};

const RETRY_DELAY_MS = 1_000;
/** `/v1beta/models/NAME:METHOD`, or Vertex: `/v1beta1/projects/P/locations/L/publishers/google/models/NAME:METHOD`. */
const MODEL_PATH = /^\/v1[a-z0-9]*\/(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/google\/)?models\/([^/:]+)(?::([A-Za-z]+))?$/;

const dialect: Dialect = {
  baseUrlPath: '',
  requestIdHeader: 'x-fake-request-id',
  retryHeaders: false,
  makeRequestId: (random) => random.id(24),
  headers: () => ({ vary: 'Origin', server: 'scaffolding on HTTPServer2', 'x-gemini-service-tier': 'standard' }),
  authorise({ headers }, apiKey) {
    const key = headers['x-goog-api-key'] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (!key) return { status: 403, message: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API." };
    return (apiKey === undefined ? key.startsWith('sk-invalid') : key !== apiKey) ? { status: 400, message: 'API key not valid. Please pass a valid API key.' } : null;
  },
  refuse(error) {
    const [status, message] = ERRORS[error.status] ?? (error.status >= 500 ? ERRORS[500]! : ERRORS[400]!);
    const type = error.type ?? status;
    const details = error.status === 429 ? { details: quotaDetails(error.retryAfterMs ?? RETRY_DELAY_MS) } : {};
    return { type, body: { error: { code: error.status, message: error.message ?? message, status: type, ...details } } };
  },
  route(exchange) {
    const { method, path } = exchange.request;
    const [, model, verb] = MODEL_PATH.exec(path) ?? [];
    if (method === 'GET' && (verb === undefined || path.endsWith('/models'))) return answerModels(path, model);
    if (method !== 'POST' || model === undefined) return { status: 404 };
    switch (verb) {
      case 'generateContent': return answerGenerate(exchange, model, false);
      case 'streamGenerateContent': return answerGenerate(exchange, model, true);
      case 'embedContent': case 'batchEmbedContents': return answerEmbed(exchange, model);
      case 'predict': return answerPredict(exchange, model);
      case 'countTokens': return answerCountTokens(exchange, model);
      default: return { status: 404 };
    }
  },
};

function quotaDetails(retryAfterMs: number): readonly JsonObject[] {
  return [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_paid_tier_requests', quotaId: 'GenerateRequestsPerMinutePerProjectPerModel', quotaValue: '10' }],
    },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterMs / 1000}s` },
  ];
}

/** Free: the tokens that a request would have. */
function answerCountTokens(exchange: Exchange, model: string): Answer | FakeError {
  if (!findModel('google', model)) return modelNotFound(model);
  const { total, details } = countContents(exchange.request.body);
  return answerJson({ totalTokens: total, promptTokensDetails: details }, null);
}

function answerModels(path: string, name: string | undefined): Answer | FakeError {
  const describe = (id: string) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods: ['generateContent', 'countTokens'] });
  if (path.endsWith('/models')) return answerJson({ models: Object.entries(priceSheet).filter(([, entry]) => entry.provider === 'google').map(([id]) => describe(id)) }, null);
  return name !== undefined && findModel('google', name) ? answerJson(describe(name), null) : modelNotFound(name ?? '');
}

/**
 * Starts a fake Google on 127.0.0.1. Its official client: `new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: fake.baseURL } })`.
 * Rejects when the port is taken.
 */
export function startFakeGoogle(options: FakeOptions = {}): Promise<Fake> {
  return startFakeServer('google', dialect, options);
}
