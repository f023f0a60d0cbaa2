/**
 * A stand-in for Anthropic's reporting: the Usage and Cost Analytics API and the older reports of the Admin API. It holds facts (what was used by whom, and what it cost) and
 * groups them as it is asked. Amounts are fractional cents as decimal strings.
 */
import { type BillingAnswer, type BillingFake, type BillingRequest, listOf, startBillingServer } from './billing-server';

export interface AnthropicFact {
  /** ISO. */
  readonly at: string;
  readonly model: string | null;
  readonly apiKeyId: string | null;
  readonly workspaceId: string | null;
  readonly serviceTier?: 'standard' | 'batch' | 'priority';
  readonly contextWindow?: '0-200k' | '200k-1M';
  readonly inferenceGeo?: 'global' | 'us';
  readonly costType?: 'tokens' | 'web_search' | 'code_execution';
  readonly uncached?: number;
  readonly cacheRead?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite1h?: number;
  readonly output?: number;
  readonly searches?: number;
  readonly requests?: number;
  /** Cents, as a decimal string: "41280.000000" is $412.80. */
  readonly cents?: string;
}

export interface AnthropicBillingOptions {
  readonly facts?: readonly AnthropicFact[];
  readonly adminKey?: string;
  /** A key that calls models, and may not read reports. */
  readonly plainKey?: string;
  /** False: an organisation without the analytics API, which answers 404. */
  readonly hasAnalytics?: boolean;
  /** Until when figures are final. */
  readonly refreshedAt?: string | null;
  /** Every so many pages one is empty, and more follow. */
  readonly emptyEvery?: number;
  /** Fewer rows a page than asked for, so that paging is seen. */
  readonly rowsMax?: number;
  readonly port?: number;
}

export interface AnthropicBillingFake extends BillingFake {
  readonly adminKey: string;
  /** Changed in place between two syncs: a restatement. */
  facts: AnthropicFact[];
  refreshedAt: string | null;
  hasAnalytics: boolean;
}

const BETA = 'analytics-usage-cost-2026-08-24';
const WIDTH_MS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;
type Width = keyof typeof WIDTH_MS;
const TYPES: Readonly<Record<number, string>> = { 400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error', 404: 'not_found_error', 429: 'rate_limit_error', 529: 'overloaded_error' };

/** All dimensions of the analytics API; null where they are not asked for. */
const DIMENSIONS = [
  'actor', 'actor_type', 'agent_id', 'api_key_id', 'claude_tag_category', 'claude_tag_user_id', 'context_window', 'deployment_id', 'environment_id', 'inference_geo', 'model', 'organization_id', 'product',
  'rbac_group_id', 'service_tier', 'session_id', 'slack_channel_id', 'speed', 'user_profile_id', 'workspace_id',
] as const;
const LEGACY_LIMITS: Readonly<Record<Width, readonly [standard: number, most: number]>> = { '1d': [7, 31], '1h': [24, 168], '1m': [60, 1_440] };

interface Sum { uncached: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number; output: number; searches: number; requests: number; micros: bigint }
interface Row { readonly startMs: number; readonly group: Record<string, string | null>; readonly sum: Sum }

export async function startFakeAnthropicBilling(options: AnthropicBillingOptions = {}): Promise<AnthropicBillingFake> {
  const adminKey = options.adminKey ?? 'sk-ant-admin01-fake';
  const state = { facts: [...(options.facts ?? [])], refreshedAt: options.refreshedAt ?? null, hasAnalytics: options.hasAnalytics ?? true };

  const refuse = (status: number, message?: string): BillingAnswer => {
    const type = TYPES[status] ?? 'api_error';
    return { status, body: { type: 'error', error: { type, message: message ?? (status === 429 ? 'This organization has exceeded its rate limit for usage reports.' : 'The request failed.') }, request_id: 'req_fake' } };
  };

  function route(request: BillingRequest): BillingAnswer {
    const { method, path, query, headers } = request;
    const key = headers['x-api-key'] ?? /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
    if (key === undefined) return refuse(401, 'x-api-key header is required');
    if (key === options.plainKey) return refuse(403, 'This API key does not have permission to read usage and cost reports.');
    if (key !== adminKey) return refuse(401, 'invalid x-api-key');
    if (!headers['anthropic-version']) return refuse(400, 'anthropic-version: header is required');
    const report = /^\/v1\/organizations\/(analytics\/usage|analytics\/cost|usage_report\/messages|cost_report)$/.exec(path)?.[1];
    if (method !== 'GET' || report === undefined) return refuse(404, `Not found: ${path}`);
    const startMs = Date.parse(query.get('starting_at') ?? '');
    if (Number.isNaN(startMs)) return refuse(400, 'starting_at: Field required');
    return report.startsWith('analytics/') ? routeAnalytics(request, report === 'analytics/cost', startMs) : routeLegacy(query, report === 'cost_report', startMs);
  }

  function routeAnalytics({ query, headers }: BillingRequest, isCost: boolean, startMs: number): BillingAnswer {
    if (!state.hasAnalytics) return refuse(404, 'The analytics API is not available for this organization.');
    if (!(headers['anthropic-beta'] ?? '').split(',').map((name) => name.trim()).includes(BETA)) return refuse(400, `anthropic-beta: ${BETA} is required`);
    const width = (query.get('time_bucket_width') ?? null) as Width | null;
    const groups = listOf(query, 'group_by');
    const limit = Number(query.get('limit') ?? 20);
    if (width !== null && !(width in WIDTH_MS)) return refuse(400, 'time_bucket_width: must be 1m, 1h or 1d');
    if (width !== null && !query.has('ending_at')) return refuse(400, 'ending_at: required when time_bucket_width is set');
    const endMs = Date.parse(query.get('ending_at') ?? new Date(startMs + 31 * WIDTH_MS['1d']).toISOString());
    if (endMs - startMs > 31 * WIDTH_MS['1d']) return refuse(400, 'The range may span at most 31 days.');
    if (width === '1m' && endMs - startMs > WIDTH_MS['1d']) return refuse(400, 'The range may span at most 24 hours with time_bucket_width=1m.');
    if (startMs < Date.parse('2026-01-01T00:00:00Z')) return refuse(400, 'starting_at: no earlier than 2026-01-01');
    if (!(limit >= 1 && limit <= 1_000)) return refuse(400, 'limit: between 1 and 1000');
    const free = isCost ? ['cost_type', 'token_type'] : [];
    const unknown = groups.find((name) => !([...DIMENSIONS, ...free] as string[]).includes(name));
    if (unknown !== undefined) return refuse(400, `group_by[]: unknown dimension ${unknown}`);
    if (groups.filter((name) => !free.includes(name)).length > 5) return refuse(400, 'group_by[]: at most 5 dimensions');
    const rows = groupFacts(splitFacts(state.facts, isCost && groups.includes('token_type')), { startMs, endMs, widthMs: width === null ? null : WIDTH_MS[width], groups: groups.filter((name) => name !== 'actor') });
    const given = rows.filter(({ sum }) => (isCost ? sum.micros !== 0n : true));
    if (query.get('order_by') === 'time' && width !== null) given.sort((a, b) => (query.get('order') === 'asc' ? a.startMs - b.startMs : b.startMs - a.startMs));
    else given.sort((a, b) => Number(b.sum.micros - a.sum.micros));
    const named = (group: Row['group']) => Object.fromEntries([...DIMENSIONS, ...(isCost ? ['cost_type', 'token_type'] : [])].map((name) => [name, group[name] ?? null]));
    return page(given, Math.min(limit, options.rowsMax ?? limit), query.get('page'), ({ startMs: atMs, group, sum }) => ({
      starting_at: iso(atMs), ending_at: iso(width === null ? endMs : atMs + WIDTH_MS[width]), group: named(group),
      ...(isCost ? { cost: { amount: centsOf(sum.micros), list_amount: centsOf(sum.micros), currency: 'USD', requests: sum.requests > 0 ? sum.requests : null } } : { usage: { ...usageOf(sum), total_tokens: sum.uncached + sum.cacheRead + sum.cacheWrite5m + sum.cacheWrite1h + sum.output, requests: sum.requests } }),
    }), { data_refreshed_at: state.refreshedAt });
  }

  function routeLegacy(query: URLSearchParams, isCost: boolean, startMs: number): BillingAnswer {
    const width = (query.get('bucket_width') ?? '1d') as Width;
    if (!(width in WIDTH_MS) || (isCost && width !== '1d')) return refuse(400, 'bucket_width: not supported');
    const [standard, most] = LEGACY_LIMITS[width];
    const limit = Number(query.get('limit') ?? standard);
    if (!(limit >= 1 && limit <= most)) return refuse(400, `limit: between 1 and ${most}`);
    const asked = listOf(query, 'group_by');
    const unknown = asked.find((name) => !(isCost ? ['workspace_id', 'description'] : ['api_key_id', 'workspace_id', 'model', 'service_tier', 'context_window', 'inference_geo']).includes(name));
    if (unknown !== undefined) return refuse(400, `group_by[]: unknown ${unknown}`);
    const widthMs = WIDTH_MS[width];
    const endMs = Date.parse(query.get('ending_at') ?? new Date(startMs + limit * widthMs).toISOString());
    // A description names model, kind and window, so what is grouped by it is grouped by these.
    const groups = isCost ? asked.flatMap((name) => (name === 'description' ? ['model', 'cost_type', 'token_type', 'service_tier', 'context_window', 'inference_geo'] : [name])) : asked;
    const facts = splitFacts(state.facts, isCost && asked.includes('description'));
    // Priority Tier's cost is in no cost report.
    const rows = groupFacts(isCost ? facts.filter(({ serviceTier }) => serviceTier !== 'priority') : facts, { startMs, endMs, widthMs, groups }).filter(({ sum }) => !isCost || sum.micros !== 0n);
    const buckets = Array.from({ length: Math.ceil((endMs - startMs) / widthMs) }, (_, index) => startMs + index * widthMs);
    return page(buckets, Math.min(limit, options.rowsMax ?? limit), query.get('page'), (atMs) => ({
      starting_at: iso(atMs), ending_at: iso(atMs + widthMs),
      results: rows.filter((row) => row.startMs === atMs).map(({ group, sum }) => {
        const of = (name: string): string | null => group[name] ?? null;
        const shared = { model: of('model'), service_tier: of('service_tier'), context_window: of('context_window'), workspace_id: of('workspace_id') };
        return isCost
          ? { ...shared, amount: centsOf(sum.micros), currency: 'USD', cost_type: of('cost_type'), token_type: of('token_type'), inference_geo: of('inference_geo'), description: asked.includes('description') ? describe(group) : null }
          : { ...shared, ...usageOf(sum), api_key_id: of('api_key_id') };
      }),
    }));
  }

  /** By rows or by buckets, as many as fit; the cursor is where it goes on. */
  function page<T>(all: readonly T[], size: number, cursor: string | null, draw: (item: T) => unknown, more: Readonly<Record<string, unknown>> = {}): BillingAnswer {
    const match = /^page_(\d+)_(\d+)$/.exec(cursor ?? 'page_0_0');
    if (!match) return refuse(400, 'page: not a cursor of this report');
    const [from, number] = [Number(match[1]), Number(match[2])];
    const isEmpty = options.emptyEvery !== undefined && number % options.emptyEvery === options.emptyEvery - 1;
    const to = isEmpty ? from : Math.min(from + size, all.length);
    const hasMore = to < all.length;
    return { status: 200, body: { data: all.slice(from, to).map(draw), has_more: hasMore, next_page: hasMore ? `page_${to}_${number + 1}` : null, ...more } };
  }

  const server = await startBillingServer({ route, refuse }, options.port);
  return Object.assign(state, server, { adminKey });
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function usageOf(sum: Sum): Record<string, unknown> {
  return {
    uncached_input_tokens: sum.uncached, cache_read_input_tokens: sum.cacheRead, cache_creation: { ephemeral_5m_input_tokens: sum.cacheWrite5m, ephemeral_1h_input_tokens: sum.cacheWrite1h },
    output_tokens: sum.output, server_tool_use: { web_search_requests: sum.searches },
  };
}

/** Millionths of a cent, as Anthropic writes them: six digits. */
function microsOf(cents: string): bigint {
  const [whole = '0', fraction = ''] = cents.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)) * (whole.startsWith('-') ? -1n : 1n);
}

function centsOf(micros: bigint): string {
  const size = micros < 0n ? -micros : micros;
  return `${micros < 0n ? '-' : ''}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, '0')}`;
}

type TypedFact = AnthropicFact & { readonly tokenType?: string };

/** Where cost is asked by token class, a fact of several classes is one row each; its cents stand with the first, which is all that a reader of sums can tell. */
function splitFacts(facts: readonly AnthropicFact[], byTokenType: boolean): TypedFact[] {
  if (!byTokenType) return [...facts];
  return facts.map((fact) => ((fact.costType ?? 'tokens') === 'tokens' ? { ...fact, tokenType: (fact.output ?? 0) > (fact.uncached ?? 0) ? 'output_tokens' : 'uncached_input_tokens' } : fact));
}

function valueOf(fact: TypedFact, name: string): string | null {
  const values: Record<string, string | null> = {
    model: fact.model, api_key_id: fact.apiKeyId, workspace_id: fact.workspaceId, service_tier: fact.serviceTier ?? 'standard', context_window: fact.contextWindow ?? '0-200k',
    inference_geo: fact.inferenceGeo ?? null, cost_type: fact.costType ?? 'tokens', token_type: fact.tokenType ?? null,
  };
  return values[name] ?? null;
}

function groupFacts(facts: readonly TypedFact[], { startMs, endMs, widthMs, groups }: { readonly startMs: number; readonly endMs: number; readonly widthMs: number | null; readonly groups: readonly string[] }): Row[] {
  const rows = new Map<string, Row>();
  for (const fact of facts) {
    const atMs = Date.parse(fact.at);
    if (atMs < startMs || atMs >= endMs) continue;
    const bucketMs = widthMs === null ? startMs : Math.floor(atMs / widthMs) * widthMs;
    const group = Object.fromEntries(groups.map((name) => [name, valueOf(fact, name)]));
    const key = JSON.stringify([bucketMs, group]);
    const row = rows.get(key) ?? { startMs: bucketMs, group, sum: { uncached: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, searches: 0, requests: 0, micros: 0n } };
    const { sum } = row;
    sum.uncached += fact.uncached ?? 0;
    sum.cacheRead += fact.cacheRead ?? 0;
    sum.cacheWrite5m += fact.cacheWrite5m ?? 0;
    sum.cacheWrite1h += fact.cacheWrite1h ?? 0;
    sum.output += fact.output ?? 0;
    sum.searches += fact.searches ?? 0;
    sum.requests += fact.requests ?? 1;
    sum.micros += microsOf(fact.cents ?? '0');
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => a.startMs - b.startMs);
}

function describe(group: Row['group']): string {
  if (group['cost_type'] === 'web_search') return 'Web Search Usage';
  if (group['cost_type'] === 'code_execution') return 'Code Execution Usage';
  return [`${group['model'] ?? 'Unknown model'} Usage`, group['token_type'] === 'output_tokens' ? 'Output Tokens' : 'Input Tokens', group['context_window'] === '200k-1M' ? '>200k' : null, group['service_tier'] === 'batch' ? 'Batch' : null].filter((part) => part !== null).join(' - ');
}
