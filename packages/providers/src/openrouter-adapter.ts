/**
 * OpenRouter: activity by finished UTC day, model and endpoint, with tokens and dollars in one answer. Needs a management key. What runs on a customer's own provider key (BYOK) is on that
 * provider's bill, and only OpenRouter's fee for it is here.
 */
import { DAY_MS, formatUsd, MINUTE_MS, type TokenClass, toPico } from '@outlay/kernel';
import { z } from 'zod';
import { type Adapter, type AdapterContext, type CostRow, type Page, SyncFault, type TestFinding, type UsageBucket } from './adapter';
import { callProvider, readAmount } from './call-provider';

const DEFAULT_URL = 'https://openrouter.ai';
const REFUSED = 'OpenRouter refused the key. Activity needs a management key: openrouter.ai, Settings, Management keys.';
const MAKE_KEY = 'Create a management key: openrouter.ai, Settings, Management keys.';
/** Today is not finished, and nothing before is there. */
const BACK_DAYS = 30;
const AGAIN_DAYS = 3;

const amount = z.union([z.number(), z.string()]);
const activity = z.object({
  data: z.array(z.object({
    date: z.string(), model: z.string(), model_permaslug: z.string().nullish(), endpoint_id: z.string().nullish(), provider_name: z.string().nullish(), workspace_id: z.string().nullish(),
    usage: amount, requests: z.number(), prompt_tokens: z.number(), completion_tokens: z.number(), reasoning_tokens: z.number().nullish(),
  })),
});
const credits = z.object({ data: z.object({ total_credits: amount, total_usage: amount }) });
type Item = z.infer<typeof activity>['data'][number];

export const openrouterAdapter: Adapter = {
  provider: 'openrouter',
  streams: [{ id: 'costs', everyMs: 60 * MINUTE_MS, correctsWithinMs: BACK_DAYS * DAY_MS }],
  test: testOpenrouter,
  pull: pullActivity,
};

async function testOpenrouter(context: AdapterContext): Promise<TestFinding[]> {
  if (!context.credentials.startsWith('sk-or-') && urlOf(context) === DEFAULT_URL) return [{ ok: false, what: 'Kind of key', message: 'This does not look like a key of OpenRouter.', nextStep: MAKE_KEY }];
  const findings: TestFinding[] = [];
  const attempt = async (what: string, run: () => Promise<string>): Promise<void> => {
    try {
      findings.push({ ok: true, what, message: await run(), nextStep: null });
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      findings.push({ ok: false, what, message: error.words, nextStep: error.kind === 'credentials' ? MAKE_KEY : error.kind === 'not_found' ? 'Check the base URL: it ends before /api/v1.' : 'Try again in a minute.' });
    }
  };
  const [yesterday] = daysOf(null, context.nowMs).slice(-1);
  await attempt('Activity', async () => {
    await callProvider(context, callOf(context, `activity?date=${yesterday}`), activity);
    return 'Activity by day and model can be read.';
  });
  if (findings[0]!.ok) await attempt('Credits', async () => {
    const { data } = await callProvider(context, callOf(context, 'credits'), credits);
    const [total, used] = [readAmount(data.total_credits), readAmount(data.total_usage)];
    return total === null || used === null ? 'Credits can be read.' : `${formatUsd(toPico(total) - toPico(used))} of credits are left.`;
  });
  return findings;
}

/** One page a day, whole. */
async function* pullActivity(context: AdapterContext, _stream: string, watermark: string | null): AsyncGenerator<Page> {
  for (const day of daysOf(watermark, context.nowMs)) {
    const { data } = await callProvider(context, callOf(context, `activity?date=${day}`), activity);
    const items = data.filter(({ date }) => date.slice(0, 10) === day);
    const from = `${day}T00:00:00.000Z`;
    const to = new Date(Date.parse(from) + DAY_MS).toISOString();
    yield { usage: items.map((item) => usageOf(day, item)), costs: items.map((item) => costOf(day, item)), watermark: to, finalUntil: null, complete: { of: 'costs', from, to } };
    // The same day's usage, said whole too.
    yield { usage: [], costs: [], watermark: to, finalUntil: null, complete: { of: '1d', from, to } };
  }
}

/** Pure: finished UTC days from the watermark on, and some before it again. */
function daysOf(watermark: string | null, nowMs: number): string[] {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const from = Math.max(today - BACK_DAYS * DAY_MS, watermark === null ? 0 : Math.floor(Date.parse(watermark) / DAY_MS) * DAY_MS - AGAIN_DAYS * DAY_MS);
  return Array.from({ length: Math.max(Math.round((today - from) / DAY_MS), 0) }, (_, index) => new Date(from + index * DAY_MS).toISOString().slice(0, 10));
}

function dimensionsOf(item: Item): Record<string, string | null> {
  return { model: item.model, endpoint_id: item.endpoint_id ?? null, provider_name: item.provider_name ?? null, workspace_id: item.workspace_id ?? null };
}

/** Pure. Reasoning is part of the completion. */
function usageOf(day: string, item: Item): UsageBucket {
  const reasoning = item.reasoning_tokens ?? 0;
  const tokens: Partial<Record<TokenClass, number>> = { input_uncached: item.prompt_tokens, output_text: Math.max(item.completion_tokens - reasoning, 0), output_reasoning: reasoning };
  return {
    width: '1d', bucket: `${day}T00:00:00.000Z`, dimensions: dimensionsOf(item), model: item.model, apiKey: null, project: item.workspace_id ?? null, requests: item.requests,
    tokens: Object.fromEntries(Object.entries(tokens).filter(([, count]) => count > 0)), extras: {},
  };
}

function costOf(day: string, item: Item): CostRow {
  const amountUsd = readAmount(item.usage);
  if (amountUsd === null) throw new SyncFault('unexpected', 'OpenRouter sent an amount that is no number. Nothing of its day was stored.');
  return { day, dimensions: dimensionsOf(item), model: item.model, apiKey: null, project: item.workspace_id ?? null, lineItem: item.provider_name ?? null, amountUsd, quantity: readAmount(item.requests) };
}

function urlOf({ settings }: AdapterContext): string {
  const url = settings['baseUrl'];
  return typeof url === 'string' && url !== '' ? url.replace(/\/+$/, '').replace(/\/api\/v1$/, '') : DEFAULT_URL;
}

function callOf(context: AdapterContext, path: string): { url: string; headers: Record<string, string>; refused: string; exact: readonly string[] } {
  return { url: `${urlOf(context)}/api/v1/${path}`, refused: REFUSED, exact: ['usage', 'total_credits', 'total_usage'], headers: { authorization: `Bearer ${context.credentials}` } };
}
