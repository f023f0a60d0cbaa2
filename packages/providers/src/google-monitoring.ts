/** Tokens by the minute and the hour, from Cloud Monitoring: what Vertex AI and the Gemini API served, by project and model. No money, no requests, no keys: the bill comes hours later. */
import { DAY_MS, MINUTE_MS, type TokenClass } from '@outlay/kernel';
import { z } from 'zod';
import { type AdapterContext, type BucketWidth, type Page, SyncFault, type UsageBucket } from './adapter';
import { callProvider, pagesOf } from './call-provider';
import type { ServiceAccount } from './google-account';

const DEFAULT_URL = 'https://monitoring.googleapis.com';
const HOUR_MS = 60 * MINUTE_MS;

interface Metric {
  readonly type: string;
  readonly source: 'vertex' | 'gemini_api';
  readonly groupBy: readonly string[];
  readonly model: (labels: Labels) => string | null;
  readonly tokens: (labels: Labels) => TokenClass | null;
}
interface Labels { readonly metric: Readonly<Record<string, string>>; readonly resource: Readonly<Record<string, string>> }

const ofModel = (type: string, tokens: TokenClass): Metric => ({ type: `generativelanguage.googleapis.com/${type}`, source: 'gemini_api', groupBy: ['metric.label.model'], model: ({ metric }) => metric['model'] ?? null, tokens: () => tokens });
/** Input of the Gemini API is counted by the tier of the project: one of these has it. */
const METRICS: readonly Metric[] = [
  {
    type: 'aiplatform.googleapis.com/publisher/online_serving/token_count', source: 'vertex', groupBy: ['resource.label.model_user_id', 'metric.label.type'], model: ({ resource }) => resource['model_user_id'] ?? null,
    tokens: ({ metric }) => (metric['type'] === 'input' ? 'input_uncached' : metric['type'] === 'output' ? 'output_text' : null),
  },
  ofModel('generate_content_usage_output_token_count', 'output_text'),
  ofModel('quota/generate_content_paid_tier_input_token_count/usage', 'input_uncached'),
  ofModel('quota/generate_content_paid_tier_2_input_token_count/usage', 'input_uncached'),
  ofModel('quota/generate_content_paid_tier_3_input_token_count/usage', 'input_uncached'),
];

const SPANS = {
  usage_1m: { width: '1m', bucketMs: MINUTE_MS, firstMs: 3 * HOUR_MS, againMs: 15 * MINUTE_MS, mostMs: DAY_MS },
  usage_1h: { width: '1h', bucketMs: HOUR_MS, firstMs: 30 * DAY_MS, againMs: 6 * HOUR_MS, mostMs: 40 * DAY_MS },
} as const satisfies Record<string, { width: BucketWidth; bucketMs: number; firstMs: number; againMs: number; mostMs: number }>;

const labels = z.record(z.string(), z.string()).optional();
const answer = z.object({
  timeSeries: z.array(z.object({
    metric: z.object({ labels }).optional(), resource: z.object({ labels }).optional(),
    points: z.array(z.object({ interval: z.object({ endTime: z.string() }), value: z.object({ int64Value: z.string().optional(), doubleValue: z.number().optional() }) })).optional(),
  })).optional(),
  nextPageToken: z.string().optional(),
});

/** The projects whose models are watched: those of the setting, else the key's own. */
export function projectsOf({ settings }: AdapterContext, account: ServiceAccount): string[] {
  const named = typeof settings['projects'] === 'string' ? settings['projects'].split(',').map((name) => name.trim()).filter((name) => name !== '') : [];
  return named.length > 0 ? named : [account.project];
}

export async function tryMonitoring(context: AdapterContext, account: ServiceAccount, bearer: string, project: string): Promise<void> {
  const endMs = Math.floor(context.nowMs / HOUR_MS) * HOUR_MS;
  await ask(context, account, bearer, { project, metric: METRICS[0]!, fromMs: endMs - HOUR_MS, toMs: endMs, bucketMs: HOUR_MS, cursor: null });
}

/** Only whole buckets: the last one grows for some minutes after its end, which the trailing re-pull sees. */
export async function* pullMonitoring(context: AdapterContext, account: ServiceAccount, bearer: string, stream: 'usage_1m' | 'usage_1h', watermark: string | null): AsyncGenerator<Page> {
  const { width, bucketMs, firstMs, againMs, mostMs } = SPANS[stream];
  const floor = (ms: number): number => Math.floor(ms / bucketMs) * bucketMs;
  const toMs = floor(context.nowMs);
  const fromMs = floor(watermark === null ? toMs - firstMs : Math.max(Date.parse(watermark) - againMs, toMs - mostMs));
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const asked = projectsOf(context, account).flatMap((project) => METRICS.map((metric) => ({ project, metric })));
  for (const [index, { project, metric }] of asked.entries()) {
    const pages = pagesOf((cursor) => ask(context, account, bearer, { project, metric, fromMs, toMs, bucketMs, cursor }), ({ nextPageToken }) => nextPageToken || null, hostOf(context));
    for await (const page of pages) {
      const isLast = !page.nextPageToken;
      const usage = (page.timeSeries ?? []).flatMap((series): UsageBucket[] => {
        const named: Labels = { metric: series.metric?.labels ?? {}, resource: series.resource?.labels ?? {} };
        const kind = metric.tokens(named);
        if (kind === null) return [];
        const model = metric.model(named);
        return (series.points ?? []).flatMap(({ interval, value }): UsageBucket[] => {
          const quantity = Math.round(Number(value.int64Value ?? value.doubleValue ?? 0));
          if (!(quantity > 0)) return [];
          return [{
            width, bucket: new Date(floor(Date.parse(interval.endTime)) - bucketMs).toISOString(), dimensions: { source: metric.source, metric: metric.type, project_id: project, model, tokens: kind },
            model, apiKey: null, project, requests: 0, tokens: { [kind]: quantity }, extras: {},
          }];
        });
      });
      yield {
        usage, costs: [], finalUntil: null, watermark: isLast && index === asked.length - 1 ? to : (watermark ?? from),
        complete: isLast ? { of: width, from, to, dimensions: { metric: metric.type, project_id: project } } : null,
      };
    }
  }
}

interface Asked { readonly project: string; readonly metric: Metric; readonly fromMs: number; readonly toMs: number; readonly bucketMs: number; readonly cursor: string | null }

async function ask(context: AdapterContext, account: ServiceAccount, bearer: string, { project, metric, fromMs, toMs, bucketMs, cursor }: Asked): Promise<z.infer<typeof answer>> {
  const query = new URLSearchParams({
    filter: `metric.type="${metric.type}"`, 'interval.startTime': new Date(fromMs).toISOString(), 'interval.endTime': new Date(toMs).toISOString(), 'aggregation.alignmentPeriod': `${bucketMs / 1_000}s`,
    'aggregation.perSeriesAligner': 'ALIGN_SUM', 'aggregation.crossSeriesReducer': 'REDUCE_SUM', pageSize: '10000', ...(cursor === null ? {} : { pageToken: cursor }),
  });
  for (const field of metric.groupBy) query.append('aggregation.groupByFields', field);
  const role = `${account.email} may not read metrics: it lacks the role Monitoring Viewer (roles/monitoring.viewer) on project ${project}.`;
  try {
    return await callProvider(context, {
      url: `${urlOf(context)}/v3/projects/${encodeURIComponent(project)}/timeSeries?${query}`, refused: role, headers: { authorization: `Bearer ${bearer}` },
      judge: (status, message) => (status === 403 && /has not been used|is disabled/i.test(message) ? new SyncFault('credentials', `The Cloud Monitoring API is not enabled in project ${project}.`) : null),
    }, answer);
  } catch (error) {
    // A metric exists from its first point on: a project without that kind of use does not know it.
    if (error instanceof SyncFault && error.kind === 'not_found' && /metric/i.test(error.words.replace(/^.*It said:/s, ''))) return {};
    throw error;
  }
}

function urlOf({ settings }: AdapterContext): string {
  const base = settings['baseUrl'];
  // One base URL stands for all of Google, but for the address that is BigQuery's own.
  const url = settings['monitoringUrl'] ?? (typeof base === 'string' && /^https:\/\/bigquery\.googleapis\.com(\/|$)/.test(base) ? '' : base);
  return typeof url === 'string' && url !== '' ? url.replace(/\/+$/, '') : DEFAULT_URL;
}

function hostOf(context: AdapterContext): string {
  return new URL(urlOf(context)).host;
}
