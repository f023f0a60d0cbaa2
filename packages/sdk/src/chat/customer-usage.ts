/**
 * What a customer may see of its own use: outcome units and credits, never cost, and tokens only where the plan sells them. Read with care from the
 * gate's answers (snake_case) and from what a route sent to the browser: both have the same names.
 */
import { asArray, asObject, asText, type Json } from '../facts.js';

export interface AllowanceUsage {
  readonly id: string;
  /** Name of the unit: `report`, `question`, ... */
  readonly unit: string;
  readonly used: number;
  /** What open runs may still use. */
  readonly held: number;
  readonly included: number;
  readonly remaining: number;
  /** ISO times; null for an allowance without a window. */
  readonly windowStart: string | null;
  readonly windowEnd: string | null;
  readonly state: 'ok' | 'near' | 'used_up' | 'over';
  /** `hard`: then the plan ends; `soft`: more is charged. */
  readonly whenUsedUp: 'hard' | 'soft';
}

export interface CreditUsage {
  readonly remaining: number;
  readonly unit: string;
  /** ISO time at which the next of them expire. */
  readonly nextExpiry: string | null;
}

export interface PlanName {
  readonly key: string;
  readonly name: string;
  readonly version: number;
}

/** Why something was not done, and what to do about it. */
export interface Denial {
  /** Stable code: `quota_exhausted`, `rate_limited`, ... */
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string | null;
  /** A larger plan would help. */
  readonly upgrade: boolean;
  readonly retryAfterSeconds: number | null;
  /** Correlation id: your support finds the decision by it. */
  readonly requestId: string | null;
}

export interface CustomerUsage {
  readonly customerId: string;
  readonly plan: PlanName | null;
  readonly allowances: readonly AllowanceUsage[];
  readonly credits: CreditUsage | null;
  /** One sentence when a limit is near. */
  readonly warning: string | null;
  readonly denied: Denial | null;
}

export interface CustomerEntitlements {
  readonly customerId: string;
  readonly plan: PlanName | null;
  /** What the plan says about a feature by name; one that is not listed is not limited. */
  readonly features: Readonly<Record<string, boolean>>;
  readonly tools: Readonly<Record<string, boolean>>;
  /** Limits by your own names: `files`, `pages`. */
  readonly quantities: Readonly<Record<string, number>>;
  readonly suspended: boolean;
}

export function readUsage(body: Json): CustomerUsage {
  const told = asObject(body['credits']);
  const allowances = asArray(body['allowances']).map((one) => readAllowance(asObject(one) ?? {}));
  const credits = told ? { remaining: number(told['remaining']), unit: asText(told['unit']) ?? 'credit', nextExpiry: timeOf(told['next_expiry']) } : null;
  const sentence = asText(body['denied']);
  return {
    customerId: asText(body['customer_id']) ?? '',
    plan: readPlan(body['plan']),
    allowances,
    credits,
    warning: asText(body['warning']) ?? null,
    denied: sentence === undefined ? readDenial(body['denied']) : denialOf(sentence, allowances, credits),
  };
}

/** The gate states one sentence; what it is about stands beside it. */
function denialOf(message: string, allowances: readonly AllowanceUsage[], credits: CreditUsage | null): Denial {
  const reason = allowances.some(({ state }) => state === 'used_up') ? 'quota_exhausted' : credits && credits.remaining <= 0 ? 'credits_exhausted' : 'customer_suspended';
  return { reason, message, nextStep: null, upgrade: reason !== 'customer_suspended', retryAfterSeconds: null, requestId: null };
}

/** The other way, field by field: what is not named here does not leave the server. */
export function writeUsage(usage: CustomerUsage): Json {
  return {
    customer_id: usage.customerId,
    plan: usage.plan,
    allowances: usage.allowances.map((one) => ({
      id: one.id, unit: one.unit, used: one.used, held: one.held, included: one.included, remaining: one.remaining,
      window_start: one.windowStart, window_end: one.windowEnd, state: one.state, when_used_up: one.whenUsedUp,
    })),
    credits: usage.credits && { remaining: usage.credits.remaining, unit: usage.credits.unit, next_expiry: usage.credits.nextExpiry },
    warning: usage.warning,
    denied: usage.denied && writeDenial(usage.denied),
  };
}

export function readEntitlements(body: Json): CustomerEntitlements {
  return {
    customerId: asText(body['customer_id']) ?? '',
    plan: readPlan(body['plan']),
    features: readFlags(body['features']),
    tools: readFlags(body['tools']),
    quantities: readNumbers(asObject(body['limits'])?.['quantities'] ?? body['quantities']),
    suspended: body['suspended'] === true,
  };
}

export function writeEntitlements(entitlements: CustomerEntitlements): Json {
  const { customerId, plan, features, tools, quantities, suspended } = entitlements;
  return { customer_id: customerId, plan, features, tools, limits: { quantities }, suspended };
}

export function readDenial(value: unknown): Denial | null {
  const body = asObject(value);
  const error = asObject(body?.['error']);
  const reason = asText(body?.['reason']) ?? asText(error?.['code']);
  if (!body || reason === undefined) return null;
  return {
    reason,
    message: asText(body['message']) ?? asText(error?.['message']) ?? reason,
    nextStep: asText(body['next_step']) ?? null,
    upgrade: body['upgrade'] === true,
    retryAfterSeconds: typeof body['retry_after_seconds'] === 'number' ? body['retry_after_seconds'] : null,
    requestId: asText(body['request_id']) ?? null,
  };
}

export function writeDenial(denial: Denial): Json {
  return {
    reason: denial.reason, message: denial.message, next_step: denial.nextStep, upgrade: denial.upgrade,
    retry_after_seconds: denial.retryAfterSeconds, request_id: denial.requestId,
  };
}

function readAllowance(body: Json): AllowanceUsage {
  const state = body['state'];
  return {
    id: asText(body['id']) ?? '',
    unit: asText(body['unit']) ?? 'unit',
    used: number(body['used']),
    held: number(body['held']),
    included: number(body['included']),
    remaining: number(body['remaining']),
    windowStart: timeOf(body['window_start']),
    windowEnd: timeOf(body['window_end']),
    state: state === 'near' || state === 'used_up' || state === 'over' ? state : 'ok',
    whenUsedUp: body['when_used_up'] === 'soft' ? 'soft' : 'hard',
  };
}

function readPlan(value: unknown): PlanName | null {
  const plan = asObject(value);
  return plan ? { key: asText(plan['key']) ?? '', name: asText(plan['name']) ?? '', version: number(plan['version']) } : null;
}

function readFlags(value: unknown): Record<string, boolean> {
  if (Array.isArray(value)) return Object.fromEntries(value.filter((name) => typeof name === 'string').map((name) => [name, true]));
  return Object.fromEntries(Object.entries(asObject(value) ?? {}).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'));
}

function readNumbers(value: unknown): Record<string, number> {
  return Object.fromEntries(Object.entries(asObject(value) ?? {}).filter(([, amount]) => amount !== null).map(([name, amount]) => [name, number(amount)]));
}

/** Amounts are decimal text on the gate's wire; a person reads them as numbers. */
function number(value: unknown): number {
  const amount = Number(value ?? 0);
  return Number.isFinite(amount) ? amount : 0;
}

function timeOf(value: unknown): string | null {
  return asText(value) ?? null;
}
