/** A stand-in for OpenRouter's account API: activity of the last 30 finished UTC days, credits, and which kind of key it is. Dollars are JSON numbers. */
import { type BillingAnswer, type BillingFake, type BillingRequest, startBillingServer } from './billing-server';

export interface OpenRouterActivity {
  /** UTC, `2026-11-20`. */
  readonly date: string;
  readonly model: string;
  readonly permaslug?: string;
  readonly endpointId: string;
  readonly providerName: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Among the completion's. */
  readonly reasoningTokens?: number;
  /** Dollars. */
  readonly usage: number;
  /** What the customer's own key at the provider was charged. */
  readonly byokUsage?: number;
}

export interface OpenRouterBillingOptions {
  readonly activity?: readonly OpenRouterActivity[];
  readonly managementKey?: string;
  /** A key that calls models, and may not read activity. */
  readonly plainKey?: string;
  readonly credits?: { readonly total: number; readonly used: number };
  readonly now?: () => number;
  readonly port?: number;
}

export interface OpenRouterBillingFake extends BillingFake {
  readonly managementKey: string;
  activity: OpenRouterActivity[];
}

const DAY_MS = 86_400_000;

export async function startFakeOpenRouterBilling(options: OpenRouterBillingOptions = {}): Promise<OpenRouterBillingFake> {
  const { managementKey = 'sk-or-v1-management', now = Date.now, credits = { total: 100, used: 25.5 } } = options;
  const state = { activity: [...(options.activity ?? [])] };
  const refuse = (status: number, message?: string): BillingAnswer => ({ status, body: { error: { code: status, message: message ?? (status === 429 ? 'Rate limit exceeded' : 'Internal Server Error') } } });

  function route({ method, path, query, headers }: BillingRequest): BillingAnswer {
    const key = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
    if (key === undefined) return refuse(401, 'No cookie auth credentials found');
    if (key !== managementKey && key !== options.plainKey) return refuse(401, 'User not found.');
    if (method !== 'GET' || !/^\/api\/v1\/(activity|credits)$/.test(path)) return refuse(404, 'Not Found');
    if (key === options.plainKey) return refuse(403, 'Only management keys can perform this operation');
    if (path === '/api/v1/credits') return { status: 200, body: { data: { total_credits: credits.total, total_usage: credits.used } } };
    const today = Math.floor(now() / DAY_MS) * DAY_MS;
    const asked = query.get('date');
    if (asked !== null && !/^\d{4}-\d\d-\d\d$/.test(asked)) return refuse(400, 'Invalid date format');
    const [fromMs, toMs] = [today - 30 * DAY_MS, today];
    if (asked !== null && (Date.parse(asked) < fromMs || Date.parse(asked) >= toMs)) return refuse(400, 'Date must be within the last 30 (completed) UTC days');
    const rows = state.activity.filter(({ date }) => (asked === null ? Date.parse(date) >= fromMs && Date.parse(date) < toMs : date === asked));
    return {
      status: 200, body: {
        data: rows.map((row) => ({
          date: row.date, model: row.model, model_permaslug: row.permaslug ?? row.model, endpoint_id: row.endpointId, provider_name: row.providerName, usage: row.usage, byok_usage_inference: row.byokUsage ?? 0,
          requests: row.requests, prompt_tokens: row.promptTokens, completion_tokens: row.completionTokens, reasoning_tokens: row.reasoningTokens ?? 0,
        })),
      },
    };
  }

  const server = await startBillingServer({ route, refuse }, options.port);
  return Object.assign(state, server, { managementKey });
}
