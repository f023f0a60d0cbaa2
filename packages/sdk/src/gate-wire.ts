/** The gate's wire form (`POST /v1/runs` and below, snake_case) and how it becomes the SDK's words. Pure. */
import { retryAfterMs } from './backoff.js';
import { type Denial, OutlayDenied, OutlayError } from './errors.js';
import { tagFields } from './events.js';
import type { DenialReason, GatePolicy, HoldState, LimitState } from './gate-types.js';
import type { Caps, UsageTags } from './types.js';

/** What is known of a run before it begins. */
export interface RunAsk {
  readonly runId: string;
  readonly tags: UsageTags;
  readonly models?: readonly string[];
  readonly features?: readonly string[];
  readonly tools?: readonly string[];
  readonly inputTokens?: number;
  readonly inputBytes?: number;
  readonly maxOutputTokens?: number;
  readonly maxCalls?: number;
  readonly quantities?: Readonly<Record<string, number>>;
  readonly units?: number | string;
  readonly estimatedCost?: number | string;
  readonly caps?: Caps;
  readonly entitlement?: unknown;
  readonly activePriceId?: string;
}

/** More for a run that is open. Nothing: it only lives longer. */
export interface ExtendAsk {
  readonly outputTokens?: number;
  readonly tokens?: number;
  readonly cost?: number | string;
}

export interface Permit {
  readonly decision: 'allow' | 'warn' | 'degrade';
  readonly message: string | undefined;
  readonly nextStep: string | undefined;
  readonly upgrade: boolean;
  readonly models: readonly string[];
  readonly hold: HoldState | undefined;
  readonly limits: readonly LimitState[];
  readonly warnings: readonly { readonly limitId: string | undefined; readonly message: string }[];
  readonly refusedTools: readonly string[];
  readonly policy: GatePolicy | undefined;
  readonly requestId: string | undefined;
}

export type GateAnswer =
  | { readonly kind: 'permit'; readonly permit: Permit }
  | { readonly kind: 'denied'; readonly denied: OutlayDenied }
  /** The gate is not for this key, or this Outlay has none yet. */
  | { readonly kind: 'off'; readonly why: string }
  /** What was asked cannot be right: the caller's mistake. */
  | { readonly kind: 'invalid'; readonly error: OutlayError }
  | { readonly kind: 'unavailable'; readonly why: string };

type Wire = Readonly<Record<string, unknown>>;

const REASON_STATUS: Readonly<Record<DenialReason, number>> = {
  quota_exhausted: 402, credits_exhausted: 402, hard_cap_reached: 402, risk_blocked: 402, model_not_allowed: 403, feature_not_in_plan: 403, customer_suspended: 403,
  environment_mismatch: 403, context_too_large: 413, rate_limited: 429, key_revoked: 401, gate_unavailable: 503,
};
const POLICIES = new Set<unknown>(['allow', 'deny', 'degrade'] satisfies GatePolicy[]);

export function beginBody(ask: RunAsk, holdSeconds: number): Wire {
  const { caps } = ask;
  const { request_id: _own, ...tags } = tagFields(ask.tags);
  return {
    run_id: ask.runId,
    ...tags,
    models: ask.models && ask.models.length > 0 ? ask.models : undefined,
    features: ask.features,
    tools: ask.tools,
    input_tokens: ask.inputTokens === undefined ? undefined : Math.ceil(ask.inputTokens),
    input_bytes: ask.inputBytes,
    max_output_tokens: ask.maxOutputTokens,
    max_calls: ask.maxCalls,
    quantities: ask.quantities,
    units: ask.units,
    estimate_usd: ask.estimatedCost,
    expires_in_seconds: holdSeconds,
    caps: caps && {
      max_context_tokens: caps.maxContextTokens,
      soft_daily_cost_usd: caps.softDailyCost,
      hard_daily_cost_usd: caps.hardDailyCost,
      max_run_cost_usd: caps.maxRunCost,
    },
    entitlement: ask.entitlement,
    active_price_id: ask.activePriceId,
  };
}

export function extendBody(ask: ExtendAsk, holdSeconds: number): Wire {
  return { output_tokens: ask.outputTokens, tokens: ask.tokens, cost_usd: ask.cost, seconds: holdSeconds };
}

/** What an answer means, whoever gave it: a proxy on the way knows no decisions, so its refusals are no denials. */
export function readGateAnswer(status: number, headers: Headers, text: string): GateAnswer {
  const body = parse(text);
  const failure = asWire(body['error']);
  const code = String(failure['code'] ?? '');
  const why = `HTTP ${status}${typeof failure['message'] === 'string' ? `: ${failure['message']}` : ''}`;
  if (status === 200 && typeof body['decision'] === 'string') return { kind: 'permit', permit: readPermit(body) };
  if (body['decision'] === 'deny' && body['reason'] !== 'gate_unavailable') return { kind: 'denied', denied: new OutlayDenied(readDenial(body, status, headers)) };
  if (status === 401 && code !== '') return { kind: 'denied', denied: new OutlayDenied(readDenial({ ...failure, reason: 'key_revoked', request_id: failure['request_id'] ?? body['request_id'] }, status, headers)) };
  if (status === 404 || code === 'ability_missing') return { kind: 'off', why };
  if (status === 409) return { kind: 'invalid', error: new OutlayError('run_conflict', { field: 'runId', message: String(failure['message'] ?? why) }) };
  if ((status === 400 || status === 413 || status === 422) && code !== '') {
    return { kind: 'invalid', error: new OutlayError('invalid_option', { field: typeof failure['field'] === 'string' ? failure['field'] : undefined, message: String(failure['message'] ?? why) }) };
  }
  return { kind: 'unavailable', why };
}

function readPermit(body: Wire): Permit {
  const decision = body['decision'];
  const policy = body['on_gate_unavailable'];
  return {
    decision: decision === 'warn' || decision === 'degrade' ? decision : 'allow',
    message: asText(body['message']),
    nextStep: asText(body['next_step']),
    upgrade: body['upgrade'] === true,
    models: asTexts(body['models']),
    hold: body['hold'] ? (toCamel(asWire(body['hold'])) as unknown as HoldState) : undefined,
    limits: readLimits(body),
    warnings: asList(body['warnings']).map((one) => ({ limitId: asText(one['limit_id']), message: String(one['message'] ?? '') })),
    refusedTools: asTexts(body['refused_tools']),
    policy: POLICIES.has(policy) ? (policy as GatePolicy) : undefined,
    requestId: asText(body['request_id']),
  };
}

function readDenial(body: Wire, status: number, headers: Headers): Denial {
  const reason = String(body['reason']) as DenialReason;
  const seconds = body['retry_after_seconds'];
  const waitMs = retryAfterMs(headers, Date.now());
  return {
    reason,
    message: asText(body['message']) ?? `The gate denied the run: ${reason}.`,
    nextStep: asText(body['next_step']) ?? '',
    upgrade: body['upgrade'] === true,
    by: asText(body['by']) ?? null,
    limits: readLimits(body),
    runId: asText(body['run_id']),
    requestId: asText(body['request_id']) ?? headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: typeof seconds === 'number' ? seconds : waitMs === undefined ? undefined : Math.ceil(waitMs / 1000),
    status: REASON_STATUS[reason] ?? status,
  };
}

function readLimits(body: Wire): readonly LimitState[] {
  return asList(body['limits']).map((limit) => toCamel(limit) as unknown as LimitState);
}

function toCamel(fields: Wire): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()), value]));
}

function asWire(value: unknown): Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : {};
}

function asList(value: unknown): readonly Wire[] {
  return Array.isArray(value) ? value.map(asWire) : [];
}

function asTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function parse(text: string): Wire {
  try {
    return asWire(JSON.parse(text));
  } catch {
    return {};
  }
}
