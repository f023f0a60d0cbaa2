/**
 * OpenAI: organisation usage (buckets of a minute and an hour, without money) and costs (days). Both need an admin key. Usage counts cached and written input inside of
 * `input_tokens`; here the classes are disjoint. Figures of a bucket grow and are corrected later, so a trailing window is read again.
 */
import { DAY_MS, MINUTE_MS, type TokenClass } from '@outlay/kernel';
import { z } from 'zod';
import { type Adapter, type AdapterContext, type BucketWidth, type CostRow, type Page, SyncFault, type TestFinding, type UsageBucket } from './adapter';
import { callProvider, pagesOf, readAmount } from './call-provider';

const HOUR_MS = 60 * MINUTE_MS;
const DEFAULT_URL = 'https://api.openai.com/v1';
const REFUSED = 'OpenAI refused the key. Costs and usage need an admin key (sk-admin-...) of an organisation owner: Settings, Organization, Admin keys.';

/** How far a first sync goes back, how far each later one reads again, how far one goes back that was away for long. A span of `limit` buckets is read from all endpoints before the next. */
const SPANS = {
  usage_1m: { width: '1m', firstMs: 3 * HOUR_MS, againMs: 20 * MINUTE_MS, mostMs: DAY_MS, limit: 1_440, bucketMs: MINUTE_MS },
  usage_1h: { width: '1h', firstMs: 35 * DAY_MS, againMs: 4 * DAY_MS, mostMs: 90 * DAY_MS, limit: 168, bucketMs: HOUR_MS },
  costs: { width: '1d', firstMs: 60 * DAY_MS, againMs: 4 * DAY_MS, mostMs: 365 * DAY_MS, limit: 180, bucketMs: DAY_MS },
} as const;
const CORRECTS_MS = 35 * DAY_MS;

/** Which endpoint, and how it is grouped. By the minute only the two whose spend can run away in one. */
const USAGE_ENDPOINTS = [
  { path: 'completions', groupBy: ['project_id', 'api_key_id', 'model', 'batch', 'service_tier'] },
  { path: 'embeddings', groupBy: ['project_id', 'api_key_id', 'model'] },
  { path: 'images', groupBy: ['project_id', 'api_key_id', 'model', 'size', 'source'] },
  { path: 'audio_speeches', groupBy: ['project_id', 'api_key_id', 'model'] },
  { path: 'audio_transcriptions', groupBy: ['project_id', 'api_key_id', 'model'] },
] as const;
const BY_THE_MINUTE: readonly string[] = ['completions', 'images'];

const id = z.string().nullish();
const count = z.number().nullish();
const usageResult = z.object({
  object: z.string(), model: id, project_id: id, api_key_id: id, batch: z.boolean().nullish(), service_tier: id, size: id, source: id, num_model_requests: count,
  input_tokens: count, input_uncached_tokens: count, input_cached_tokens: count, input_cache_write_tokens: count, input_cache_write_30m_tokens: count, input_cache_write_12h_tokens: count,
  input_text_tokens: count, input_audio_tokens: count, input_image_tokens: count, input_cached_text_tokens: count, input_cached_audio_tokens: count, input_cached_image_tokens: count,
  output_tokens: count, output_text_tokens: count, output_audio_tokens: count, output_image_tokens: count, images: count, characters: count, seconds: count,
});
const costResult = z.object({
  object: z.string(), amount: z.object({ value: z.union([z.string(), z.number()]), currency: z.string().optional() }).nullish(), line_item: id, project_id: id, api_key_id: id,
  quantity: z.union([z.number(), z.string()]).nullish(),
});
const pageOf = <T extends z.ZodType>(result: T) => z.object({
  data: z.array(z.object({ start_time: z.number(), end_time: z.number(), results: z.array(result) })), has_more: z.boolean(), next_page: z.string().nullable(),
});
const usagePage = pageOf(usageResult);
const costPage = pageOf(costResult);

export const openaiAdapter: Adapter = {
  provider: 'openai',
  streams: [{ id: 'usage_1m', everyMs: MINUTE_MS }, { id: 'usage_1h', everyMs: 15 * MINUTE_MS, correctsWithinMs: CORRECTS_MS }, { id: 'costs', everyMs: HOUR_MS, correctsWithinMs: CORRECTS_MS }],
  test: testOpenai,
  pull: (context, streamId, watermark) => (streamId === 'costs' ? pullCosts(context, watermark) : pullUsage(context, streamId === 'usage_1m' ? 'usage_1m' : 'usage_1h', watermark)),
};

async function testOpenai(context: AdapterContext): Promise<TestFinding[]> {
  const { credentials } = context;
  if (!credentials.startsWith('sk-admin-') && urlOf(context) === DEFAULT_URL) {
    const kind = credentials.startsWith('sk-') ? 'This is a project key: it calls models, but may not read costs.' : 'This does not look like a key of OpenAI.';
    return [{ ok: false, what: 'Kind of key', message: kind, nextStep: 'Create an admin key (sk-admin-...): platform.openai.com, Settings, Organization, Admin keys. Only owners can.' }];
  }
  const since = Math.floor((context.nowMs - DAY_MS) / 1_000);
  const tries = [
    { what: 'Costs', path: `costs?start_time=${since}&limit=1`, schema: costPage },
    { what: 'Usage', path: `usage/completions?start_time=${since}&bucket_width=1h&limit=1`, schema: usagePage },
  ] as const;
  const findings: TestFinding[] = [{ ok: true, what: 'Kind of key', message: 'An admin key.', nextStep: null }];
  for (const { what, path, schema } of tries) {
    try {
      await callProvider(context, callOf(context, path), schema);
      findings.push({ ok: true, what, message: `${what} can be read.`, nextStep: null });
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      findings.push({ ok: false, what, message: error.words, nextStep: error.kind === 'credentials' ? 'Use an admin key with the permission api.usage.read.' : error.kind === 'not_found' ? 'Check the base URL.' : 'Try again in a minute.' });
    }
  }
  return findings;
}

async function* pullUsage(context: AdapterContext, stream: 'usage_1m' | 'usage_1h', watermark: string | null): AsyncGenerator<Page> {
  const { width } = SPANS[stream];
  const endpoints = USAGE_ENDPOINTS.filter(({ path }) => stream !== 'usage_1m' || BY_THE_MINUTE.includes(path));
  for (const span of spansOf(stream, watermark, context.nowMs)) {
    for (const { path, groupBy } of endpoints) {
      for await (const page of pagesOf((cursor) => ask(context, `usage/${path}`, groupBy, stream, span, cursor, usagePage), nextOf, new URL(urlOf(context)).host)) {
        const isLast = nextOf(page) === null;
        yield {
          usage: page.data.flatMap((bucket) => bucket.results.map((result) => usageOf(width, bucket.start_time, path, result))), costs: [], finalUntil: null,
          // The stream goes on behind all endpoints together: until the last one is read to its end, it stays where it was.
          watermark: isLast && path === endpoints.at(-1)!.path ? span.watermark : span.from,
          complete: isLast ? { of: width, from: span.from, to: span.to, dimensions: { endpoint: path } } : null,
        };
      }
    }
  }
}

async function* pullCosts(context: AdapterContext, watermark: string | null): AsyncGenerator<Page> {
  for (const span of spansOf('costs', watermark, context.nowMs)) {
    for await (const page of pagesOf((cursor) => ask(context, 'costs', ['project_id', 'line_item', 'api_key_id'], 'costs', span, cursor, costPage), nextOf, new URL(urlOf(context)).host)) {
      const isLast = nextOf(page) === null;
      yield {
        usage: [], costs: page.data.flatMap((bucket) => bucket.results.map((result) => costOf(bucket.start_time, result))), finalUntil: null,
        watermark: isLast ? span.watermark : span.from, complete: isLast ? { of: 'costs', from: span.from, to: span.to } : null,
      };
    }
  }
}

interface Span {
  readonly from: string;
  /** Ends with the bucket of now, which grows. */
  readonly to: string;
  /** Where the stream goes on after it: never behind the bucket of now. */
  readonly watermark: string;
}

/** Pure: what is to be read, oldest first, in parts that a provider answers on one page where it keeps to the limit. */
function spansOf(stream: keyof typeof SPANS, watermark: string | null, nowMs: number): Span[] {
  const { firstMs, againMs, mostMs, bucketMs, limit } = SPANS[stream];
  const floor = (at: number): number => Math.floor(at / bucketMs) * bucketMs;
  const endMs = floor(nowMs) + bucketMs;
  const spans: Span[] = [];
  for (let fromMs = floor(watermark === null ? nowMs - firstMs : Math.max(Date.parse(watermark) - againMs, nowMs - mostMs)); fromMs < endMs; fromMs += limit * bucketMs) {
    const toMs = Math.min(fromMs + limit * bucketMs, endMs);
    spans.push({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), watermark: new Date(Math.min(toMs, floor(nowMs))).toISOString() });
  }
  return spans;
}

function ask<T extends z.ZodType>(context: AdapterContext, path: string, groupBy: readonly string[], stream: keyof typeof SPANS, span: Span, cursor: string | null, schema: T): Promise<z.infer<T>> {
  const { width, limit } = SPANS[stream];
  const query = new URLSearchParams({ start_time: String(Date.parse(span.from) / 1_000), end_time: String(Date.parse(span.to) / 1_000), bucket_width: width, limit: String(limit) });
  for (const name of groupBy) query.append('group_by[]', name);
  if (cursor !== null) query.set('page', cursor);
  return callProvider(context, callOf(context, `${path}?${query}`), schema);
}

function nextOf({ has_more, next_page }: { readonly has_more: boolean; readonly next_page: string | null }): string | null {
  return has_more ? next_page : null;
}

/** Pure: one result of a usage page, its classes disjoint. */
export function usageOf(width: BucketWidth, startSeconds: number, path: string, result: z.infer<typeof usageResult>): UsageBucket {
  const of = (value: number | null | undefined): number => Math.max(value ?? 0, 0);
  const cached = of(result.input_cached_tokens);
  const cachedAudio = of(result.input_cached_audio_tokens);
  const cachedImage = of(result.input_cached_image_tokens);
  const written = of(result.input_cache_write_tokens);
  const written30m = of(result.input_cache_write_30m_tokens);
  const written12h = of(result.input_cache_write_12h_tokens);
  const [audio, image] = [of(result.input_audio_tokens), of(result.input_image_tokens)];
  const [outAudio, outImage] = [of(result.output_audio_tokens), of(result.output_image_tokens)];
  const tokens: Partial<Record<TokenClass, number>> = {
    input_uncached: Math.max((result.input_uncached_tokens ?? of(result.input_tokens) - cached - written) - audio - image, 0),
    cache_read: Math.max(cached - cachedAudio - cachedImage, 0), cache_read_audio: cachedAudio, cache_read_image: cachedImage,
    cache_write_30m: written30m, cache_write_12h: written12h, cache_write_other: Math.max(written - written30m - written12h, 0),
    input_audio: audio, input_image: image, output_text: Math.max(of(result.output_tokens) - outAudio - outImage, 0), output_audio: outAudio, output_image: outImage,
  };
  const extras = { images: of(result.images), characters: of(result.characters), seconds: of(result.seconds) };
  const positive = <K extends string>(record: Partial<Record<K, number>>): Partial<Record<K, number>> => Object.fromEntries(Object.entries(record).filter(([, value]) => (value as number) > 0)) as Partial<Record<K, number>>;
  return {
    width, bucket: new Date(startSeconds * 1_000).toISOString(),
    dimensions: { endpoint: path, project_id: result.project_id ?? null, api_key_id: result.api_key_id ?? null, model: result.model ?? null, batch: typeof result.batch === 'boolean' ? String(result.batch) : null, service_tier: result.service_tier ?? null, size: result.size ?? null, source: result.source ?? null },
    model: result.model ?? null, apiKey: result.api_key_id ?? null, project: result.project_id ?? null, requests: of(result.num_model_requests), tokens: positive(tokens), extras: positive(extras) as Record<string, number>,
  };
}

/** Pure. The line item says the model before its comma; what it is named changes, so the whole label is kept. */
export function costOf(startSeconds: number, result: z.infer<typeof costResult>): CostRow {
  const amountUsd = readAmount(result.amount?.value ?? 0);
  const currency = result.amount?.currency ?? 'usd';
  if (amountUsd === null) throw new SyncFault('unexpected', 'OpenAI sent an amount that is no number. Nothing was stored.');
  if (currency.toLowerCase() !== 'usd') throw new SyncFault('unexpected', `OpenAI bills in ${currency.slice(0, 10)}, and Outlay reads US dollars only. Nothing was stored.`);
  const lineItem = result.line_item ?? null;
  return {
    day: new Date(startSeconds * 1_000).toISOString().slice(0, 10),
    dimensions: { project_id: result.project_id ?? null, api_key_id: result.api_key_id ?? null, line_item: lineItem },
    model: lineItem?.includes(',') ? lineItem.slice(0, lineItem.indexOf(',')).trim() : null, apiKey: result.api_key_id ?? null, project: result.project_id ?? null, lineItem,
    amountUsd, quantity: readAmount(result.quantity ?? ''),
  };
}

function urlOf({ settings }: AdapterContext): string {
  const url = settings['baseUrl'];
  return typeof url === 'string' && url !== '' ? url.replace(/\/+$/, '') : DEFAULT_URL;
}

function callOf(context: AdapterContext, path: string): { url: string; headers: Record<string, string>; refused: string; exact: readonly string[] } {
  const organization = context.settings['organization'];
  return {
    url: `${urlOf(context)}/organization/${path}`, refused: REFUSED, exact: ['value', 'quantity'],
    headers: { authorization: `Bearer ${context.credentials}`, ...(typeof organization === 'string' && organization !== '' ? { 'openai-organization': organization } : {}) },
  };
}
