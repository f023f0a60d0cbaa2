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
const MAKE_KEY = 'Create an Admin API key (sk-ant-admin...): Claude Console, Settings, Admin keys. Only organisation admins can.';
const REFUSED = 'Anthropic refused the key. Usage and cost need an Admin API key (sk-ant-admin...): Console, Settings, Admin keys.';
const CENTS: Rational = { num: 100n, den: 1n };

/** How far a first sync goes back, how far each later one reads again, and how far back it goes after a long pause. */
const SPANS = {
  usage_1m: { width: '1m', firstMs: 3 * HOUR_MS, againMs: 20 * MINUTE_MS, backMaxMs: 3 * HOUR_MS, bucketMs: MINUTE_MS, spanMaxMs: DAY_MS, legacyLimit: 1_440 },
  usage_1h: { width: '1h', firstMs: 30 * DAY_MS, againMs: 3 * DAY_MS, backMaxMs: 300 * DAY_MS, bucketMs: HOUR_MS, spanMaxMs: 31 * DAY_MS, legacyLimit: 168 },
  costs: { width: '1d', firstMs: 31 * DAY_MS, againMs: 4 * DAY_MS, backMaxMs: 300 * DAY_MS, bucketMs: DAY_MS, spanMaxMs: 31 * DAY_MS, legacyLimit: 31 },
} as const;
/** Nothing earlier is there to be asked. */
const OLDEST_MS = Date.parse('2026-01-01T00:00:00Z');
type StreamId = keyof typeof SPANS;

const text = z.string().nullish();
const count = z.number().nullish();
const group = z.record(z.string(), z.unknown()).nullish();
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
    results: z.array(z.object({ amount: z.string(), currency: z.string(), description: text, cost_type: text, model: text, token_type: text, service_tier: text, context_window: text, inference_geo: text, workspace_id: text })),
  })), ...envelope,
});

export const anthropicAdapter: Adapter = {
  provider: 'anthropic',
  streams: [{ id: 'usage_1m', everyMs: MINUTE_MS }, { id: 'usage_1h', everyMs: 15 * MINUTE_MS, correctsWithinMs: 35 * DAY_MS }, { id: 'costs', everyMs: HOUR_MS, correctsWithinMs: 35 * DAY_MS }],
  test: testAnthropic,
  pull: async function* pull(context, streamId, watermark) {
    const stream: StreamId = streamId === 'costs' || streamId === 'usage_1h' ? streamId : 'usage_1m';
    if (context.settings['api'] === 'legacy') return yield* pullLegacy(context, stream, watermark);
    let hasPage = false;
    try {
      for await (const page of pullAnalytics(context, stream, watermark)) {
        hasPage = true;
        yield page;
      }
    } catch (error) {
      // Not every organisation has the newer API: the older one is asked instead. It names its rows otherwise, so never within one pull; of what another pull stored, `complete` takes back the rest.
      if (!(error instanceof SyncFault) || error.kind !== 'not_found' || hasPage) throw error;
      yield* pullLegacy(context, stream, watermark);
    }
  },
};

async function testAnthropic(context: AdapterContext): Promise<TestFinding[]> {
  const what = 'Kind of key';
  if (!context.credentials.startsWith('sk-ant-') && urlOf(context) === DEFAULT_URL) return [{ ok: false, what, message: 'This does not look like a key of Anthropic.', nextStep: MAKE_KEY }];
  const isAdmin = context.credentials.startsWith('sk-ant-admin');
  const findings: TestFinding[] = isAdmin ? [{ ok: true, what, message: 'An admin key.', nextStep: null }] : [];
  const since = new Date(Math.floor((context.nowMs - DAY_MS) / DAY_MS) * DAY_MS).toISOString();
  const until = new Date(Math.floor(context.nowMs / DAY_MS) * DAY_MS).toISOString();
  const range = `starting_at=${since}&ending_at=${until}&limit=1`;
  const analytics = [
    { what: 'Usage (analytics)', ask: () => callProvider(context, callOf(context, `analytics/usage?${range}&time_bucket_width=1d`), analyticsUsage) },
    { what: 'Cost (analytics)', ask: () => callProvider(context, callOf(context, `analytics/cost?${range}&time_bucket_width=1d`), analyticsCost) },
  ];
  const legacy = [
    { what: 'Usage (Admin API reports)', ask: () => callProvider(context, callOf(context, `usage_report/messages?${range}&bucket_width=1d`), legacyUsage) },
    { what: 'Cost (Admin API reports)', ask: () => callProvider(context, callOf(context, `cost_report?${range}&bucket_width=1d`), legacyCost) },
  ];
  const first = context.settings['api'] === 'legacy' ? 'absent' : await tryAll(analytics);
  const tried = first === 'absent' ? await tryAll(legacy) : first;
  if (tried === 'absent') return [...findings, { ok: false, what: 'Reports', message: `${hostOf(context)} has neither the analytics API nor the older reports.`, nextStep: 'Check the base URL: it ends before /v1.' }];
  // An ordinary key may have been given the right to read reports; only an answer tells.
  if (!isAdmin && tried.some(({ fault }) => fault?.kind === 'credentials')) return [{ ok: false, what, message: 'This is an ordinary API key: it calls models, but may not read usage and cost.', nextStep: MAKE_KEY }];
  return [...findings, ...tried.map(({ what: tried_, fault }): TestFinding => (fault === null ? { ok: true, what: tried_, message: `${tried_} can be read.`, nextStep: null } : { ok: false, what: tried_, message: fault.words, nextStep: fault.kind === 'credentials' ? MAKE_KEY : 'Try again in a minute.' }))];
}

interface Tried { readonly what: string; readonly fault: SyncFault | null }

/** `absent` where the first of them is unknown to the provider. */
async function tryAll(calls: readonly { readonly what: string; readonly ask: () => Promise<unknown> }[]): Promise<readonly Tried[] | 'absent'> {
  const tried: Tried[] = [];
  for (const { what, ask } of calls) {
    try {
      await ask();
      tried.push({ what, fault: null });
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      if (error.kind === 'not_found' && tried.length === 0) return 'absent';
      tried.push({ what, fault: error });
      if (error.kind === 'credentials') break;
    }
  }
  return tried;
}

async function* pullAnalytics(context: AdapterContext, stream: StreamId, watermark: string | null): AsyncGenerator<Page> {
  const { width, bucketMs } = SPANS[stream];
  const isCost = stream === 'costs';
  const groups = ['model', 'workspace_id', 'api_key_id', 'service_tier', 'inference_geo', ...(isCost ? ['cost_type', 'token_type'] : [])];
  for (const { query, ...span } of spansOf(stream, watermark, context.nowMs)) {
    query.set('time_bucket_width', width);
    query.set('limit', '1000');
    // By time, not by amount: while usage grows, an order by amount changes between two pages.
    query.set('order_by', 'time');
    query.set('order', 'asc');
    for (const name of groups) query.append('group_by[]', name);
    const path = (cursor: string | null): string => `analytics/${isCost ? 'cost' : 'usage'}?${query}${cursor === null ? '' : `&page=${encodeURIComponent(cursor)}`}`;
    if (isCost) {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), analyticsCost), nextOf, hostOf(context))) {
        const costs = page.data.map((row) => costRow(row.starting_at, dimensionsOf(groups, row.group), row.cost.amount, row.cost.currency));
        yield { usage: [], costs, ...endOf(span, stream, nextOf(page) === null), finalUntil: finalOf(page.data_refreshed_at, bucketMs) };
      }
    } else {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), analyticsUsage), nextOf, hostOf(context))) {
        const usage = page.data.map((row) => usageBucket(width, row.starting_at, dimensionsOf(groups, row.group), row.usage, row.usage.requests ?? 0));
        yield { usage, costs: [], ...endOf(span, stream, nextOf(page) === null), finalUntil: finalOf(page.data_refreshed_at, bucketMs) };
      }
    }
  }
}

async function* pullLegacy(context: AdapterContext, stream: StreamId, watermark: string | null): AsyncGenerator<Page> {
  const { width, legacyLimit } = SPANS[stream];
  const isCost = stream === 'costs';
  const groups = isCost ? ['workspace_id', 'description'] : ['api_key_id', 'workspace_id', 'model', 'service_tier', 'context_window'];
  const named = isCost ? [...groups, 'cost_type', 'model', 'token_type', 'service_tier', 'context_window', 'inference_geo'] : groups;
  for (const { query, ...span } of spansOf(stream, watermark, context.nowMs)) {
    query.set('bucket_width', width);
    query.set('limit', String(legacyLimit));
    for (const name of groups) query.append('group_by[]', name);
    const path = (cursor: string | null): string => `${isCost ? 'cost_report' : 'usage_report/messages'}?${query}${cursor === null ? '' : `&page=${encodeURIComponent(cursor)}`}`;
    if (isCost) {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), legacyCost), nextOf, hostOf(context))) {
        const costs = page.data.flatMap((bucket) => bucket.results.map((result) => costRow(bucket.starting_at, dimensionsOf(named, result), result.amount, result.currency)));
        yield { usage: [], costs, ...endOf(span, stream, nextOf(page) === null), finalUntil: null };
      }
    } else {
      for await (const page of pagesOf((cursor) => callProvider(context, callOf(context, path(cursor)), legacyUsage), nextOf, hostOf(context))) {
        // The older report does not count requests.
        const usage = page.data.flatMap((bucket) => bucket.results.map((result) => usageBucket(width, bucket.starting_at, dimensionsOf(named, result), result, 0)));
        yield { usage, costs: [], ...endOf(span, stream, nextOf(page) === null), finalUntil: null };
      }
    }
  }
}

interface Span {
  readonly query: URLSearchParams;
  readonly from: string;
  readonly to: string;
  /** The watermark until its last page, and with it. */
  readonly before: string;
  readonly after: string;
}

/**
 * A span is cut where the API takes no longer one; the last part ends with the bucket of now, which is not over. The watermark moves only when all pages of a part are read: a worker that dies
 * between two of them leaves the part to be read again, and nothing out.
 */
function spansOf(stream: StreamId, watermark: string | null, nowMs: number): Span[] {
  const { firstMs, againMs, backMaxMs, bucketMs, spanMaxMs } = SPANS[stream];
  const floor = (ms: number): number => Math.floor(ms / bucketMs) * bucketMs;
  const fromMs = floor(Math.max(watermark === null ? nowMs - firstMs : Math.max(Date.parse(watermark) - againMs, nowMs - backMaxMs), OLDEST_MS));
  const untilMs = floor(nowMs);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const spans = [];
  for (let startMs = fromMs; startMs <= untilMs; startMs += spanMaxMs) {
    const endMs = Math.min(startMs + spanMaxMs, untilMs + bucketMs);
    const known = watermark === null ? startMs : Math.max(Date.parse(watermark), startMs);
    const [from, to] = [iso(startMs), iso(endMs)];
    spans.push({ query: new URLSearchParams({ starting_at: from, ending_at: to }), from, to, before: iso(Math.min(known, untilMs)), after: iso(Math.min(Math.max(endMs, known), untilMs)) });
  }
  return spans;
}

function endOf({ from, to, before, after }: Omit<Span, 'query'>, stream: StreamId, isLast: boolean): Pick<Page, 'watermark' | 'complete'> {
  return { watermark: isLast ? after : before, complete: isLast ? { of: stream === 'costs' ? 'costs' : SPANS[stream].width, from, to } : null };
}

/** Down to the bucket: one that only began before it is not final. */
function finalOf(refreshedAt: string | null | undefined, bucketMs: number): string | null {
  const atMs = Date.parse(refreshedAt ?? '');
  return Number.isNaN(atMs) ? null : new Date(Math.floor(atMs / bucketMs) * bucketMs).toISOString();
}

/** Pure: classes are disjoint as Anthropic sends them; a cache written for five minutes or an hour has its own price. */
function usageBucket(width: BucketWidth, startingAt: string, dimensions: Record<string, string | null>, said: { readonly uncached_input_tokens?: number | null | undefined; readonly cache_read_input_tokens?: number | null | undefined; readonly cache_creation?: z.infer<typeof creation>; readonly output_tokens?: number | null | undefined; readonly server_tool_use?: Record<string, number | null | undefined> | null | undefined }, requests: number): UsageBucket {
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

/** Those that were asked for, and no others: a dimension that the provider adds later must not change the key of what is stored. */
function dimensionsOf(asked: readonly string[], named: Readonly<Record<string, unknown>> | null | undefined): Record<string, string | null> {
  return Object.fromEntries(asked.map((name) => [name, typeof named?.[name] === 'string' ? named[name] : null]));
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

function callOf(context: AdapterContext, path: string): { url: string; headers: Record<string, string>; refused: string } {
  return {
    url: `${urlOf(context)}/v1/organizations/${path}`, refused: REFUSED,
    headers: { 'x-api-key': context.credentials, 'anthropic-version': '2023-06-01', ...(path.startsWith('analytics/') ? { 'anthropic-beta': ANALYTICS_BETA } : {}) },
  };
}
