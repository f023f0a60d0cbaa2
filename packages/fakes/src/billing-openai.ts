/**
 * A stand-in for OpenAI's reporting: organisation usage and costs. It holds facts (what was used by whom, what it cost) and cuts and groups them as it is asked. Facts may be changed between
 * two requests: today grows, and the past is restated.
 */
import { addRational, formatRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import { type BillingAnswer, type BillingFake, type BillingRequest, listOf, startBillingServer } from './billing-server';
import { findModel } from './price-sheet';

const ENDPOINTS = [
  'completions', 'embeddings', 'moderations', 'images', 'audio_speeches', 'audio_transcriptions', 'vector_stores', 'code_interpreter_sessions', 'file_search_calls', 'web_search_calls',
] as const;
export type OpenAIEndpoint = (typeof ENDPOINTS)[number];

export interface OpenAIUse {
  /** ISO. */
  readonly at: string;
  /** `completions` when absent. */
  readonly endpoint?: OpenAIEndpoint;
  readonly model?: string;
  readonly project?: string;
  readonly apiKey?: string;
  readonly user?: string;
  readonly tier?: string;
  readonly batch?: boolean;
  /** 1 when absent. */
  readonly requests?: number;
  /** Cached and written input among it, as OpenAI counts. */
  readonly input?: number;
  readonly cached?: number;
  readonly written?: number;
  readonly output?: number;
  readonly audioInput?: number;
  readonly audioOutput?: number;
  readonly images?: number;
  readonly size?: string;
  readonly characters?: number;
  readonly seconds?: number;
}

export interface OpenAICost {
  /** `2026-11-21`, UTC. */
  readonly day: string;
  readonly lineItem: string;
  readonly project?: string;
  readonly apiKey?: string;
  readonly user?: string;
  /** An exact decimal, negative for a credit. */
  readonly usd: string;
  readonly quantity?: string;
}

/** As the specification says; as the API has sent them since 2026; as it sends them where a decimal type writes them. */
export type AmountStyle = 'number' | 'string' | 'long';

export interface OpenAIBillingOptions {
  readonly uses?: readonly OpenAIUse[];
  readonly costs?: readonly OpenAICost[];
  readonly adminKey?: string;
  /** A key that calls models, and may not read costs. */
  readonly projectKey?: string;
  readonly amounts?: AmountStyle;
  /** Fewer buckets a page than asked for, so that paging is seen. */
  readonly bucketsMax?: number;
  /** The same cursor again and again: what a client must not follow for ever. */
  readonly loops?: boolean;
  readonly now?: () => number;
  readonly port?: number;
}

export interface OpenAIBillingFake extends BillingFake {
  /** What the official client takes as `baseURL`, and Outlay as base URL. */
  readonly baseURL: string;
  readonly adminKey: string;
  uses: OpenAIUse[];
  costs: OpenAICost[];
  amounts: AmountStyle;
}

const WIDTH_S = { '1m': 60, '1h': 3_600, '1d': 86_400 } as const;
type Width = keyof typeof WIDTH_S;
const LIMITS: Readonly<Record<Width, readonly [standard: number, most: number]>> = { '1d': [7, 31], '1h': [24, 168], '1m': [60, 1_440] };
const COST_LIMITS = [7, 180] as const;
const GROUPS = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier', 'size', 'source', 'api_source'] as const;
const COST_GROUPS = ['project_id', 'user_id', 'line_item', 'api_key_id', 'api_source'];
const TYPES: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  400: ['invalid_request_error', null], 401: ['invalid_request_error', 'invalid_api_key'], 403: ['invalid_request_error', 'insufficient_permissions'], 404: ['invalid_request_error', null], 429: ['requests', 'rate_limit_exceeded'],
};

export async function startFakeOpenAIBilling(options: OpenAIBillingOptions = {}): Promise<OpenAIBillingFake> {
  const { adminKey = 'sk-admin-fake-0123456789', projectKey = 'sk-proj-fake-0123456789', now = Date.now } = options;
  const state: Pick<OpenAIBillingFake, 'uses' | 'costs' | 'amounts'> = { uses: [...(options.uses ?? [])], costs: [...(options.costs ?? [])], amounts: options.amounts ?? 'string' };

  function route({ method, path, query, headers }: BillingRequest): BillingAnswer {
    const key = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
    if (key === undefined) return refuse(401, "You didn't provide an API key.");
    if (key === projectKey) return refuse(403, 'You have insufficient permissions for this operation. Missing scopes: api.usage.read.');
    if (key !== adminKey) return refuse(401, `Incorrect API key provided: ${key.slice(0, 8)}****. You can find your API key at https://platform.openai.com/account/api-keys.`);
    const report = /^\/v1\/organization\/(costs|usage\/([a-z_]+))$/.exec(path);
    const endpoint = ENDPOINTS.find((name) => name === report?.[2]);
    if (method !== 'GET' || report === null || (report[1] !== 'costs' && endpoint === undefined)) return refuse(404, `Invalid URL (${method} ${path})`);
    const startS = Number(query.get('start_time') ?? Number.NaN);
    if (!Number.isInteger(startS)) return refuse(400, "Missing required parameter: 'start_time'.");
    const width = (query.get('bucket_width') ?? '1d') as Width;
    if (!(width in WIDTH_S) || (endpoint === undefined && width !== '1d')) return refuse(400, `Invalid value for 'bucket_width': '${width}'.`);
    const [standard, most] = endpoint === undefined ? COST_LIMITS : LIMITS[width];
    const limit = Number(query.get('limit') ?? standard);
    if (!Number.isInteger(limit) || limit < 1 || limit > most) return refuse(400, `Invalid 'limit': must be between 1 and ${most} for bucket_width=${width}.`);
    const groups = listOf(query, 'group_by');
    const unknown = groups.find((name) => !(endpoint === undefined ? COST_GROUPS : (GROUPS as readonly string[])).includes(name));
    if (unknown !== undefined) return refuse(400, `Invalid value for 'group_by': '${unknown}'.`);
    if (endpoint === undefined && groups.includes('user_id') && groups.includes('project_id')) return refuse(400, "Grouping by 'user_id' together with 'project_id' is not supported.");
    const endS = Number(query.get('end_time') ?? Math.floor(now() / 1_000));
    return answerPage({ query, startS, endS: Math.min(endS, Math.floor(now() / 1_000) + WIDTH_S[width]), widthS: WIDTH_S[width], limit: Math.min(limit, options.bucketsMax ?? limit) }, (fromS, toS) => (endpoint === undefined
      ? costResults(state.costs, query, groups, fromS, toS, state.amounts) : usageResults(state.uses, endpoint, query, groups, fromS, toS)));
  }

  interface Asked {
    readonly query: URLSearchParams;
    readonly startS: number;
    readonly endS: number;
    readonly widthS: number;
    readonly limit: number;
  }

  function answerPage({ query, startS, endS, widthS, limit }: Asked, resultsOf: (fromS: number, toS: number) => object[]): BillingAnswer {
    const cursor = query.get('page');
    const firstS = cursor === null ? Math.floor(startS / widthS) * widthS : Number(Buffer.from(cursor.replace(/^page_/, ''), 'base64url').toString());
    if (!Number.isInteger(firstS)) return refuse(400, "Invalid value for 'page'.");
    const data: object[] = [];
    let atS = firstS;
    for (; atS < endS && data.length < limit; atS += widthS) data.push({ object: 'bucket', start_time: atS, end_time: atS + widthS, results: resultsOf(atS, atS + widthS) });
    const more = atS < endS;
    const next = options.loops === true ? (cursor ?? `page_${Buffer.from(String(firstS)).toString('base64url')}`) : more ? `page_${Buffer.from(String(atS)).toString('base64url')}` : null;
    return { status: 200, body: { object: 'page', data, has_more: next !== null, next_page: next }, headers: { 'x-request-id': 'req_fake' } };
  }

  const server = await startBillingServer({ route, refuse }, options.port);
  return Object.assign(state, { url: server.url, baseURL: `${server.url}/v1`, adminKey, requests: server.requests, fail: server.fail, close: server.close });
}

function refuse(status: number, message?: string): BillingAnswer {
  const [type, code] = TYPES[status] ?? ['server_error', null];
  return { status, body: { error: { message: message ?? (status === 429 ? 'Rate limit reached. Please try again shortly.' : 'The server had an error while processing your request.'), type, param: null, code } } };
}

function usageResults(uses: readonly OpenAIUse[], endpoint: OpenAIEndpoint, query: URLSearchParams, groups: readonly string[], fromS: number, toS: number): object[] {
  const filters = { project_id: listOf(query, 'project_ids'), api_key_id: listOf(query, 'api_key_ids'), model: listOf(query, 'models'), user_id: listOf(query, 'user_ids') };
  const sums = new Map<string, { named: Record<string, unknown>; counts: Record<string, number> }>();
  for (const use of uses) {
    const atS = Date.parse(use.at) / 1_000;
    if ((use.endpoint ?? 'completions') !== endpoint || atS < fromS || atS >= toS) continue;
    const all: Record<string, unknown> = {
      project_id: use.project ?? null, user_id: use.user ?? null, api_key_id: use.apiKey ?? null, model: use.model ?? null, batch: use.batch ?? false, service_tier: use.tier ?? 'default', size: use.size ?? null, source: 'image.generation',
    };
    if (Object.entries(filters).some(([name, wanted]) => wanted.length > 0 && !wanted.includes(String(all[name])))) continue;
    const named = Object.fromEntries(namesOf(endpoint).map((name) => [name, groups.includes(name) ? all[name] : null]));
    const key = JSON.stringify(named);
    const sum = sums.get(key) ?? { named, counts: {} };
    for (const [name, count] of Object.entries(countsOf(endpoint, use))) sum.counts[name] = (sum.counts[name] ?? 0) + count;
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ named, counts }) => ({ object: `organization.usage.${endpoint}.result`, ...named, ...counts }));
}

function namesOf(endpoint: OpenAIEndpoint): string[] {
  const usual = ['project_id', 'user_id', 'api_key_id', 'model'];
  if (endpoint === 'completions') return [...usual, 'batch', 'service_tier'];
  if (endpoint === 'images') return [...usual, 'size', 'source'];
  return endpoint === 'vector_stores' || endpoint === 'code_interpreter_sessions' ? ['project_id'] : usual;
}

function countsOf(endpoint: OpenAIEndpoint, { requests = 1, input = 0, cached = 0, written = 0, output = 0, audioInput = 0, audioOutput = 0, images = 0, characters = 0, seconds = 0 }: OpenAIUse): Record<string, number> {
  switch (endpoint) {
    case 'completions': return {
      num_model_requests: requests, input_tokens: input, input_cached_tokens: cached, input_cache_write_tokens: written, input_uncached_tokens: input - cached - written, output_tokens: output,
      input_audio_tokens: audioInput, output_audio_tokens: audioOutput, input_text_tokens: input - cached - written - audioInput, output_text_tokens: output - audioOutput,
    };
    case 'embeddings': case 'moderations': return { num_model_requests: requests, input_tokens: input };
    case 'images': return { num_model_requests: requests, images };
    case 'audio_speeches': return { num_model_requests: requests, characters };
    case 'audio_transcriptions': return { num_model_requests: requests, seconds };
    case 'vector_stores': return { usage_bytes: requests };
    case 'code_interpreter_sessions': return { num_sessions: requests };
    case 'file_search_calls': case 'web_search_calls': return { num_requests: requests, num_model_requests: requests };
  }
}

function costResults(costs: readonly OpenAICost[], query: URLSearchParams, groups: readonly string[], fromS: number, toS: number, style: AmountStyle): object[] {
  const filters = { project_id: listOf(query, 'project_ids'), api_key_id: listOf(query, 'api_key_ids'), line_item: listOf(query, 'line_items') };
  const sums = new Map<string, { named: Record<string, string | null>; usd: Rational; quantity: Rational | null }>();
  for (const cost of costs) {
    const atS = Date.parse(`${cost.day}T00:00:00Z`) / 1_000;
    if (atS < fromS || atS >= toS) continue;
    const all: Record<string, string | null> = { project_id: cost.project ?? null, user_id: cost.user ?? null, line_item: cost.lineItem, api_key_id: cost.apiKey ?? null };
    if (Object.entries(filters).some(([name, wanted]) => wanted.length > 0 && !wanted.includes(String(all[name])))) continue;
    const named = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, groups.includes(name) ? value : null]));
    const key = JSON.stringify(named);
    const sum = sums.get(key) ?? { named, usd: ZERO, quantity: groups.includes('line_item') ? ZERO : null };
    sum.usd = addRational(sum.usd, parseDecimal(cost.usd)!);
    sum.quantity = sum.quantity === null || cost.quantity === undefined ? null : addRational(sum.quantity, parseDecimal(cost.quantity)!);
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ named, usd, quantity }) => ({
    object: 'organization.costs.result', amount: { value: amountOf(usd, style), currency: 'usd' }, ...named, quantity: quantity === null ? null : Number(formatRational(quantity)), quantity_unit: quantity === null ? null : 'tokens',
  }));
}

function amountOf(usd: Rational, style: AmountStyle): string | number {
  const text = formatRational(usd);
  if (style === 'number') return Number(text);
  if (style === 'string') return text;
  // A decimal type of 34 digits writes nothing as this, and pads what is something.
  return usd.num === 0n ? '0E-6176' : `${text.includes('.') ? text : `${text}.`}${'0'.repeat(18)}`;
}

/** What these uses cost by the fakes' price sheet, as OpenAI would bill them: a line for each class of tokens. */
export function billOpenAIUses(uses: readonly OpenAIUse[]): OpenAICost[] {
  return uses.flatMap((use) => {
    const entry = findModel('openai', use.model ?? '');
    const rates = entry?.tiers[use.tier ?? 'default'];
    if (!entry || !rates) return [];
    const { input = 0, cached = 0, written = 0, output = 0 } = use;
    const lines = [['input', input - cached - written, rates.input], ['cached input', cached, rates.cachedInput ?? rates.input], ['cache write', written, rates.cacheWrite ?? rates.input], ['output', output, rates.output]] as const;
    return lines.filter(([, count]) => count > 0).map(([name, count, rate]): OpenAICost => {
      const perMillion = parseDecimal(rate)!;
      return {
        day: use.at.slice(0, 10), lineItem: `${entry.snapshot}, ${name}`, usd: formatRational({ num: perMillion.num * BigInt(count), den: perMillion.den * 1_000_000n }), quantity: String(count),
        ...(use.project === undefined ? {} : { project: use.project }), ...(use.apiKey === undefined ? {} : { apiKey: use.apiKey }),
      };
    });
  });
}
