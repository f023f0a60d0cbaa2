/** A stand-in for the Anthropic API, as far as Outlay meets it. */
import { answerJson, type Answer, type Dialect, type Exchange, type LimitState } from './answer';
import { answerCountTokens, answerMessages } from './anthropic-messages';
import type { Fake, FakeError, FakeOptions } from './contract';
import { startFakeServer } from './fake-server';
import { findModel, priceSheet } from './price-sheet';

/** What is documented for each status: type and sentence. */
const ERRORS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'The request was not valid.'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'Your credit balance is too low to access the Anthropic API.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'Not found.'],
  413: ['request_too_large', 'Request exceeds the maximum size.'],
  429: ['rate_limit_error', "This request would exceed your organization's rate limit. Please try again later."],
  500: ['api_error', 'Internal server error'],
  504: ['timeout_error', 'The request timed out.'],
  529: ['overloaded_error', 'Overloaded'],
};

const dialect: Dialect = {
  baseUrlPath: '',
  requestIdHeader: 'request-id',
  makeRequestId: (random) => `req_01${random.id(22)}`,
  headers: (nowMs, limit) => ({ 'anthropic-organization-id': '00000000-0000-4000-8000-000000000000', ...(limit ? limitHeaders(nowMs, limit) : {}) }),
  authorise({ headers }, apiKey) {
    const key = headers['x-api-key'] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (!key) return { status: 401, message: 'x-api-key header is required' };
    if (apiKey === undefined ? key.startsWith('sk-invalid') : key !== apiKey) return { status: 401 };
    return headers['anthropic-version'] ? null : { status: 400, message: 'anthropic-version: header is required' };
  },
  refuse(error, requestId) {
    const [type, message] = ERRORS[error.status] ?? (error.status >= 500 ? ['api_error', 'Internal server error'] : ['invalid_request_error', 'The request failed.']);
    const given = error.type ?? type;
    return { type: given, body: { type: 'error', error: { type: given, message: error.message ?? message }, request_id: requestId } };
  },
  route(exchange) {
    const { method, path } = exchange.request;
    if (method === 'POST' && path === '/v1/messages') return answerMessages(exchange);
    if (method === 'POST' && path === '/v1/messages/count_tokens') return answerCountTokens(exchange);
    if (method === 'GET' && path.startsWith('/v1/models')) return answerModels(exchange);
    return { status: 404, message: 'Not found' };
  },
};

function limitHeaders(nowMs: number, { limit, remaining, resetMs }: LimitState): Record<string, string> {
  return {
    'anthropic-ratelimit-requests-limit': String(limit),
    'anthropic-ratelimit-requests-remaining': String(Math.max(0, remaining)),
    'anthropic-ratelimit-requests-reset': new Date(nowMs + resetMs).toISOString(),
  };
}

function answerModels({ request }: Exchange): Answer | FakeError {
  const describe = (id: string) => ({
    id, type: 'model' as const, display_name: id, created_at: '2025-09-29T00:00:00Z', capabilities: null, deprecated_at: null, lifecycle: 'active' as const,
    line: null, max_input_tokens: 200_000, max_tokens: 64_000, retires_at: null,
  });
  const name = request.path.slice('/v1/models/'.length);
  if (name === '') {
    const data = Object.values(priceSheet).filter((entry) => entry.provider === 'anthropic').map((entry) => describe(entry.snapshot));
    return answerJson({ data, has_more: false, first_id: data[0]!.id, last_id: data.at(-1)!.id }, null);
  }
  const entry = findModel('anthropic', name);
  return entry ? answerJson(describe(entry.snapshot), null) : { status: 404, message: `model: ${name}` };
}

/**
 * Starts a fake Anthropic on 127.0.0.1. Its official client: `new Anthropic({ apiKey: 'sk-ant-test', baseURL: fake.baseURL })`.
 * Rejects when the port is taken.
 */
export function startFakeAnthropic(options: FakeOptions = {}): Promise<Fake> {
  return startFakeServer('anthropic', dialect, options);
}
