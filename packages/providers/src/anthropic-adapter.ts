/**
 * Anthropic: the Usage and Cost Analytics API, and the older Admin API where an organisation has no other. Amounts are fractional cents as decimal strings; input classes are
 * additive already. A page may be empty while more follow; `data_refreshed_at` says until when figures are final.
 */
import { DAY_MS, divideRational, MINUTE_MS, type Rational, type TokenClass } from '@outlay/kernel';
import { z } from 'zod';
import { type Adapter, type AdapterContext, type BucketWidth, type CostRow, type Page, SyncFault, type TestFinding, type UsageBucket } from './adapter';
import { callProvider, pagesOf, readAmount } from './call-provider';

const HOUR_MS = 60 * MINUTE_MS;
const DEFAULT_URL = 'https://api.anthropic.com';
const ANALYTICS_BETA = 'analytics-usage-cost-2026-08-24';
const REFUSED = 'Anthropic refused the key. Usage and cost need an Admin API key (sk-ant-admin...): Console, Settings, Admin keys.';
const CENTS: Rational = { num: 100n, den: 1n };

const SPANS = {
  usage_1m: { width: '1m', firstMs: 3 * HOUR_MS, againMs: 20 * MINUTE_MS, bucketMs: MINUTE_MS, spanMaxMs: DAY_MS, legacyLimit: 1_440 },
  usage_1h: { width: '1h', firstMs: 30 * DAY_MS, againMs: 3 * DAY_MS, bucketMs: HOUR_MS, spanMaxMs: 31 * DAY_MS, legacyLimit: 168 },
  costs: { width: '1d', firstMs: 31 * DAY_MS, againMs: 4 * DAY_MS, bucketMs: DAY_MS, spanMaxMs: 31 * DAY_MS, legacyLimit: 31 },
} as const;
type StreamId = keyof typeof SPANS;

const text = z.string().nullish();
const count = z.number().nullish();
const group = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish();
const creation = z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish();
const envelope = { has_more: z.boolean(), next_page: z.string().nullable() };
const analyticsUsage = z.object({
  data: z.array(z.object({
    starting_at: z.string(), ending_at: text, group,
    usage: z.object({ uncached_input_tokens: count, cache_read_input_tokens: count, cache_creation: creation, output_tokens: count, requests: count, server_tool_use: z.record(z.string(), count).nullish() }),
  })), ...envelope, data_refreshed_at: text,
});
const analyticsCost = z.object({
  data: z.array(z.object({ starting_at: z.string(), ending_at: text, group, cost: z.object({ amount: z.string(), list_amount: text, currency: z.string(), requests: count }) })), ...envelope, data_refreshed_at: text,
});
const legacyUsage = z.object({
  data: z.array(z.object({
    starting_at: z.string(), ending_at: text,
    results: z.array(z.object({
      uncached_input_tokens: count, cache_read_input_tokens: count, cache_creation: creation, output_tokens: count, server_tool_use: z.record(z.string(), count).nullish(),
      api_key_id: text, workspace_id: text, model: text, service_tier: text, context_window: text,
    })),
  })), ...envelope,
});
const legacyCost = z.object({
  data: z.array(z.object({
    starting_at: z.string(), ending_at: text,
    results: z.array(z.object({ amount: z.string(), currency: z.string(), description: text, cost_type: text, model: text, token_type: text, service_tier: text, context_window: text, workspace_id: text })),
  })), ...envelope,
});

export const anthropicAdapter: Adapter = {
  provider: 'anthropic',
  streams: [{ id: 'usage_1m', everyMs: MINUTE_MS }, { id: 'usage_1h', everyMs: 15 * MINUTE_MS }, { id: 'costs', everyMs: HOUR_MS }],
  test: testAnthropic,
  pull: async function* pull(context, streamId, watermark) {
    const stream: StreamId = streamId === 'costs' || streamId === 'usage_1h' ? streamId : 'usage_1m';
    const isLegacy = context.settings['api'] === 'legacy';
    if (isLegacy) return yield* pullLegacy(context, stream, watermark);
    try {
      yield* pullAnalytics(context, stream, watermark);
    } catch (error) {
      // Not every organisation has the newer API; before its first page nothing was stored, so the older one may be asked instead.
      if (!(error instanceof SyncFault) || error.kind !== 'not_found') throw error;
      yield* pullLegacy(context, stream, watermark);
    }
  },
};

async function testAnthropic(context: AdapterContext): Promise<TestFinding[]> {
  if (!context.credentials.startsWith('sk-ant-admin') && urlOf(context) === DEFAULT_URL) {
    const message = context.credentials.startsWith('sk-ant-') ? 'This is an ordinary API key: it calls models, but may not read usage and cost.' : 'This does not look like a key of Anthropic.';
    return [{ ok: false, what: 'Kind of key', message, nextStep: 'Create an Admin API key (sk-ant-admin...): Claude Console, Settings, Admin keys. Only organisation admins can.' }];
  }
  const findings: TestFinding[] = [{ ok: true, what: 'Kind of key', message: 'An admin key.', nextStep: null }];
  const since = new Date(Math.floor((context.nowMs - DAY_MS) / HOUR_MS) * HOUR_MS).toISOString();
  const until = new Date(Math.floor(context.nowMs / HOUR_MS) * HOUR_MS).toISOString();
  const attempt = async (what: string, call: () => Promise<unknown>): Promise<SyncFault | null> => {
    try {
      await call();
      findings.push({ ok: true, what, message: `${what} can be read.`, nextStep: null });
      return null;
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      return error;
    }
  };
  const range = `starting_at=${since}&ending_at=${until}`;
  const analytics = context.settings['api'] === 'legacy' ? new SyncFault('not_found', '') : await attempt('Usage and Cost Analytics API', () => callProvider(context, callOf(context, `analytics/usage?${range}&time_bucket_width=1h&limit=1`), analyticsUsage));
  if (analytics !== null && analytics.kind !== 'not_found') findings.push(failed('Usage and Cost Analytics API', analytics));
  if (analytics?.kind === 'not_found') {
    const legacy = await attempt('Usage and cost reports (Admin API)', () => callProvider(context, callOf(context, `usage_report/messages?${range}&bucket_width=1h&limit=1`), legacyUsage));
    if (legacy !== null) findings.push(failed('Usage and cost reports (Admin API)', legacy));
  }
  return findings;
}

function failed(what: string, fault: SyncFault): TestFinding {
  const nextStep = fault.kind === 'credentials' ? 'Use an Admin API key, or a key with read:analytics.' : fault.kind === 'not_found' ? 'Check the base URL.' : 'Try again in a minute.';
  return { ok: false, what, message: fault.words, nextStep };
}

async function* pullAnalytics(context: AdapterContext, stream: StreamId, watermark: string | null): AsyncGenerator<Page> {
  const { width, bucketMs, spanMaxMs } = SPANS[stream];
  const isCost = stream === 'costs';
  const groups = isCost ? ['model', 'workspace_id', 'api_key_id', 'service_tier', 'cost_type', 'token_type'] : ['model', 'workspace_id', 'api_key_id', 'service_tier', 'inference_geo'];
  for (const [fromMs, toMs] of spansOf(stream, watermark, context.nowMs, spanMaxMs)) {
    const query = new URLSearchParams({ starting_at: new Date(fromMs).toISOString(), ending_at: new Date(toMs).toISOString(), time_bucket_width: width, limit: '1000' });
    for (const name of groups) query.append('group_by[]', name);
    const until = new Date(Math.floor(toMs / bucketMs) * bucketMs).toISOString();
    const path = (cursor: string | null): string => `analytics/${isCost ? 'cost' : 'usage'}?${query}${cursor === null ? '' : `&page=${encodeURIComponent(cursor)}`}`;
    if (isCost) {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), analyticsCost), nextOf, hostOf(context))) {
        yield { usage: [], costs: page.data.map((row) => costRow(row.starting_at, dimensionsOf(row.group), row.cost.amount, row.cost.currency)), watermark: until, finalUntil: page.data_refreshed_at ?? null };
      }
    } else {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), analyticsUsage), nextOf, hostOf(context))) {
        yield { usage: page.data.map((row) => usageBucket(width, row.starting_at, dimensionsOf(row.group), row.usage, row.usage.requests ?? 0)), costs: [], watermark: until, finalUntil: page.data_refreshed_at ?? null };
      }
    }
  }
}

async function* pullLegacy(context: AdapterContext, stream: StreamId, watermark: string | null): AsyncGenerator<Page> {
  const { width, bucketMs, spanMaxMs, legacyLimit } = SPANS[stream];
  const isCost = stream === 'costs';
  const groups = isCost ? ['workspace_id', 'description'] : ['api_key_id', 'workspace_id', 'model', 'service_tier'];
  for (const [fromMs, toMs] of spansOf(stream, watermark, context.nowMs, spanMaxMs)) {
    const query = new URLSearchParams({ starting_at: new Date(fromMs).toISOString(), ending_at: new Date(toMs).toISOString(), bucket_width: width, limit: String(legacyLimit) });
    for (const name of groups) query.append('group_by[]', name);
    const until = new Date(Math.floor(toMs / bucketMs) * bucketMs).toISOString();
    const path = (cursor: string | null): string => `${isCost ? 'cost_report' : 'usage_report/messages'}?${query}${cursor === null ? '' : `&page=${encodeURIComponent(cursor)}`}`;
    if (isCost) {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), legacyCost), nextOf, hostOf(context))) {
        const costs = page.data.flatMap((bucket) => bucket.results.map(({ amount, currency, ...named }) => costRow(bucket.starting_at, dimensionsOf(named), amount, currency)));
        yield { usage: [], costs, watermark: until, finalUntil: null };
      }
    } else {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), legacyUsage), nextOf, hostOf(context))) {
        const usage = page.data.flatMap((bucket) => bucket.results.map(({ api_key_id, workspace_id, model, service_tier, context_window, ...said }) =>
          // The older report does not count requests.
          usageBucket(width, bucket.starting_at, dimensionsOf({ api_key_id, workspace_id, model, service_tier, context_window }), said, 0)));
        yield { usage, costs: [], watermark: until, finalUntil: null };
      }
    }
  }
}

/** A span is cut where the API takes no longer one; the last part ends with the bucket of now, which is not over. */
function spansOf(stream: StreamId, watermark: string | null, nowMs: number, spanMaxMs: number): [number, number][] {
  const { firstMs, againMs, bucketMs } = SPANS[stream];
  const fromMs = Math.floor((watermark === null ? nowMs - firstMs : Math.max(Date.parse(watermark) - againMs, nowMs - firstMs)) / bucketMs) * bucketMs;
  const toMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
  const spans: [number, number][] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += spanMaxMs) spans.push([startMs, Math.min(startMs + spanMaxMs, toMs)]);
  return spans;
}

/** Pure: classes are disjoint as Anthropic sends them; a cache written for five minutes or an hour has its own price. */
export function usageBucket(width: BucketWidth, startingAt: string, dimensions: Record<string, string | null>, said: { readonly uncached_input_tokens?: number | null | undefined; readonly cache_read_input_tokens?: number | null | undefined; readonly cache_creation?: z.infer<typeof creation>; readonly output_tokens?: number | null | undefined; readonly server_tool_use?: Record<string, number | null | undefined> | null | undefined }, requests: number): UsageBucket {
  const tokens: Partial<Record<TokenClass, number>> = {
    input_uncached: said.uncached_input_tokens ?? 0, cache_read: said.cache_read_input_tokens ?? 0, cache_write_5m: said.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    cache_write_1h: said.cache_creation?.ephemeral_1h_input_tokens ?? 0, output_text: said.output_tokens ?? 0,
  };
  const searches = said.server_tool_use?.['web_search_requests'] ?? 0;
  return {
    width, bucket: new Date(startingAt).toISOString(), dimensions, model: dimensions['model'] ?? null, apiKey: dimensions['api_key_id'] ?? null, project: dimensions['workspace_id'] ?? null, requests,
    tokens: Object.fromEntries(Object.entries(tokens).filter(([, tokensOf]) => tokensOf > 0)), extras: searches > 0 ? { web_search: searches } : {},
  };
}

/** Pure. "123.45" is $1.2345: the lowest unit, as a decimal string. */
export function costRow(startingAt: string, dimensions: Record<string, string | null>, amount: string, currency: string): CostRow {
  const cents = readAmount(amount);
  if (cents === null) throw new SyncFault('unexpected', 'Anthropic sent an amount that is no number. Nothing was stored.');
  if (currency.toUpperCase() !== 'USD') throw new SyncFault('unexpected', `Anthropic bills in ${currency.slice(0, 10)}, and Outlay reads US dollars only. Nothing was stored.`);
  return {
    day: new Date(startingAt).toISOString().slice(0, 10), dimensions, model: dimensions['model'] ?? null, apiKey: dimensions['api_key_id'] ?? null, project: dimensions['workspace_id'] ?? null,
    lineItem: dimensions['description'] ?? dimensions['token_type'] ?? dimensions['cost_type'] ?? null, amountUsd: divideRational(cents, CENTS), quantity: null,
  };
}

function dimensionsOf(named: Readonly<Record<string, string | number | boolean | null | undefined>> | null | undefined): Record<string, string | null> {
  return Object.fromEntries(Object.entries(named ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value === null ? null : String(value)]])));
}

function nextOf({ has_more, next_page }: { readonly has_more: boolean; readonly next_page: string | null }): string | null {
  return has_more ? next_page : null;
}

function urlOf({ settings }: AdapterContext): string {
  const url = settings['baseUrl'];
  return typeof url === 'string' && url !== '' ? url.replace(/\/+$/, '') : DEFAULT_URL;
}

function hostOf(context: AdapterContext): string {
  return new URL(urlOf(context)).host;
}

/** Both ways to send the key: the newer API reads a bearer token, the older one x-api-key. */
function callOf(context: AdapterContext, path: string): { url: string; headers: Record<string, string>; refused: string } {
  return {
    url: `${urlOf(context)}/v1/organizations/${path}`, refused: REFUSED,
    headers: { 'x-api-key': context.credentials, 'anthropic-version': '2023-06-01', ...(path.startsWith('analytics/') ? { 'anthropic-beta': ANALYTICS_BETA } : {}) },
  };
}
