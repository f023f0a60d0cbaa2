/** The description of runs, customers' usage and decisions; the parts that it is made of are handed in by `openapi.ts`. */
import { beginSchema, extendSchema, finishSchema, type ReasonCode, REASONS } from '@outlay/gate';
import { z } from 'zod';
import type { DescribeParts } from './openapi-credits';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };
const flag: Schema = { type: 'boolean' };
const whole: Schema = { type: 'integer' };
const wholeOrNull: Schema = { type: ['integer', 'null'] };
const timeOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const amount: Schema = { type: 'string', description: 'An exact decimal: cost in US dollars, else units, tokens, calls, open runs or credits, as `metric` says.' };
const usdOrNull: Schema = { type: ['string', 'null'], description: 'US dollars, exact.' };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const inPath = (description: string): Schema => ({ name: 'id', in: 'path', required: true, description, schema: text });
const runParameter = inPath('Your own id of the run, or the one that begin answered.');
const customerParameter = inPath('Your own id of the customer.');

function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

const BEGIN_EXAMPLE = { run_id: 'question-4711', customer_id: 'acme', user_id: 'ada', workflow: 'pdf_question', models: ['gpt-4o-mini'], input_tokens: 1_200, max_output_tokens: 400, max_calls: 2 };
const CHECK_EXAMPLE = { customer_id: 'acme', workflow: 'pdf_question', estimate_usd: '0.02' };
const EXTEND_EXAMPLE = { output_tokens: 400, seconds: 900 };
const FINISH_EXAMPLE = {
  outcome: 'usable', units: 1, occurred_at: '2026-11-01T09:30:02Z',
  calls: [{ idempotency_key: 'question-4711-gated-1', occurred_at: '2026-11-01T09:30:00Z', provider: 'openai', model_requested: 'gpt-4o-mini', usage: { prompt_tokens: 1_200, completion_tokens: 180, total_tokens: 1_380 } }],
};

/** Codes of the gate's own refusals by status; a key that is wrong is refused before. */
function reasonsOf(status: number): string {
  return (Object.keys(REASONS) as ReasonCode[]).filter((code) => REASONS[code].http === status).join(', ');
}

const REASON_SCHEMA: Schema = { enum: Object.keys(REASONS) };
const DENIAL_STATUSES = [402, 403, 413, 429, 503] as const;

export function describeRuns({ answer, failures, objectOf }: DescribeParts, decisionParameters: readonly Schema[], usageResult: Schema): Schema {
  const limit = objectOf({
    id: text, name: text, kind: { enum: ['cap', 'plan_cap', 'risk', 'allowance', 'credits', 'inline'] }, scope: { enum: ['tenant', 'environment', 'workflow', 'customer', 'user', 'feature', 'model', 'key', 'run'] },
    subject: textOrNull, metric: { enum: ['cost', 'units', 'tokens', 'calls', 'runs', 'credits'] }, mode: { enum: ['soft', 'degrade', 'hard'] }, window: { enum: ['day', 'week', 'month', 'period', null] },
    window_start: timeOrNull, window_end: timeOrNull, used: { ...amount, description: `Before this run. ${String(amount['description'])}` }, held: amount, asked: amount, limit: amount, remaining: amount,
    overshoot: { ...amount, description: 'By how much this run may pass the limit although it is allowed: 0 for a bounded hold under a hard limit.' }, ungated_usd: { ...usdOrNull, description: 'What counted in the limit without a begin. Null here: no counter knows it, and a decision does not wait for it to be summed. The console shows it on the pages of caps and of a customer.' }, unit: textOrNull, passed: flag,
  });
  const rate = objectOf({ id: text, key: text, limit: whole, remaining: whole, reset_seconds: whole });
  const plan: Schema = { oneOf: [objectOf({ key: text, name: text, version: whole }), { type: 'null' }] };
  const shared = { limits: listOf(limit), rate_limits: listOf(rate), plan, snapshot_hash: textOrNull, rule_version: whole, request_id: text };
  const permission = {
    ...shared, run_id: text, decision: { enum: ['allow', 'warn', 'degrade'] }, reason: { enum: [...Object.keys(REASONS), null] }, message: textOrNull, next_step: textOrNull, upgrade: flag,
    models: { ...listOf(text), description: 'The models that may be called, in order.' },
    hold: objectOf({ expires_at: text, bounded: flag, cost_usd: usdOrNull, units: text, tokens: wholeOrNull, calls: wholeOrNull, max_output_tokens: { ...wholeOrNull, description: 'What each call may send as its limit of output.' } }),
    warnings: listOf(objectOf({ limit_id: text, message: text })), refused_tools: { ...listOf(text), description: 'Tools that the plan does not have: leave them out.' },
  };
  const denialFields = { ...shared, run_id: textOrNull, decision: { const: 'deny' }, reason: REASON_SCHEMA, message: text, next_step: text, upgrade: flag, by: textOrNull, retry_after_seconds: wholeOrNull };
  const denial = objectOf({ ...denialFields, error: objectOf({ code: REASON_SCHEMA, message: text, next_step: text, retryable: flag, request_id: text }) },
    ['run_id', 'decision', 'reason', 'message', 'next_step', 'upgrade', 'by', 'limits', 'retry_after_seconds', 'request_id', 'error']);
  const refusals = failures(400, 401, 403, 404, 409, 413, 429, 500, 503);
  const denials = Object.fromEntries(DENIAL_STATUSES.map((status) => {
    const plain = refusals[String(status)] as { content: { 'application/json': { schema: Schema } } } | undefined;
    return [status, answer(`${reasonsOf(status)}: a denial with reason, sentence, next step and every limit's state.`, plain === undefined ? denial : { anyOf: [denial, plain.content['application/json'].schema] })];
  }));
  const allowance = { id: text, unit: text, used: text, held: text, included: text, remaining: text, window_start: timeOrNull, window_end: timeOrNull, state: { enum: ['ok', 'near', 'used_up', 'over'] }, when_used_up: { enum: ['hard', 'soft'] } };
  const body = (schema: z.ZodType, example: unknown): Schema => ({ required: true, content: { 'application/json': { schema: schemaOf(schema), example } } });
  return {
    '/v1/runs': {
      post: {
        operationId: 'beginRun', summary: 'Begin a run: may it spend, and how much', description: 'Decides and holds in one step. The same run_id with the same request gets the same answer again. Ability: gate.',
        requestBody: body(beginSchema, BEGIN_EXAMPLE),
        responses: { 200: answer('Allowed, perhaps with a warning or a cheaper model.', objectOf({ ...permission, again: flag, on_gate_unavailable: { enum: ['allow', 'deny', 'degrade'], description: 'What the workflow\'s policy says for a time when the gate cannot be asked.' } })), ...failures(400, 401, 409, 500), ...denials },
      },
    },
    '/v1/runs/{id}/extend': {
      post: {
        operationId: 'extendRun', summary: 'More for an open run', description: 'A denial leaves its hold as it was. Ability: gate.', parameters: [runParameter], requestBody: body(extendSchema, EXTEND_EXAMPLE),
        responses: { 200: answer('Extended; `hold` is what it holds altogether.', objectOf(permission)), ...failures(400, 401, 404, 409, 500), ...denials },
      },
    },
    '/v1/runs/{id}/finish': {
      post: {
        operationId: 'finishRun', summary: 'End a run: calls and outcome are recorded, its hold is settled', description: 'May come late, twice, after the hold expired or for a run that never began. Ability: gate.', parameters: [runParameter],
        requestBody: body(finishSchema, FINISH_EXAMPLE),
        responses: {
          200: answer('A verdict for each call and for the outcome.', objectOf({
            run_id: text, results: listOf(usageResult), outcome: usageResult, settled: objectOf({ cost_usd: text, reserved_usd: usdOrNull, released_usd: usdOrNull }), credits: objectOf({ burned: text, remaining: text }), request_id: text,
          }, ['run_id', 'results', 'outcome', 'settled', 'request_id'])),
          ...failures(400, 401, 403, 413, 429, 500, 503),
        },
      },
    },
    '/v1/runs/{id}': {
      delete: {
        operationId: 'releaseRun', summary: 'Free what a run holds', description: 'For a run that will not go on and has no outcome. Ability: gate.', parameters: [runParameter],
        responses: { 200: answer('False: it held nothing.', objectOf({ run_id: text, released: flag, request_id: text })), ...failures(400, 401, 403, 429, 500, 503) },
      },
    },
    '/v1/check': {
      post: {
        operationId: 'checkRun', summary: 'Would it be allowed', description: 'As begin, but holds nothing and keeps nothing. A denial is an answer: always 200. Ability: gate.', requestBody: body(beginSchema, CHECK_EXAMPLE),
        responses: { 200: answer('The decision that a begin would get now.', { anyOf: [objectOf({ allowed: { const: true }, ...permission }), objectOf({ allowed: { const: false }, ...denialFields })] }), ...failures(400, 401, 403, 429, 500, 503) },
      },
    },
    '/v1/customers/{id}/entitlements': {
      get: {
        operationId: 'readEntitlements', summary: 'What a customer\'s plan has', description: 'Ability: gate or read.', parameters: [customerParameter],
        responses: {
          200: answer('The plan with overrides.', objectOf({
            customer_id: text, plan, features: { type: 'object', additionalProperties: flag }, models: { oneOf: [objectOf({ tiers: listOf(text), named: listOf(text) }), { type: 'null' }] },
            limits: objectOf({ context_tokens: wholeOrNull, quantities: { type: 'object', additionalProperties: whole } }),
            allowances: listOf(objectOf({ id: text, unit: text, included: text, window: text, when_used_up: { enum: ['hard', 'soft'] } })), rate_limits: listOf(objectOf({ id: text, key: text, limit: whole, window_seconds: whole })),
            suspended: flag, request_id: text,
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
    },
    '/v1/customers/{id}/usage': {
      get: {
        operationId: 'readCustomerUsage', summary: 'What a customer has used of its plan', description: 'Units and credits only, fit for the customer\'s own eyes. Ability: gate or read.', parameters: [customerParameter],
        responses: {
          200: answer('As of now, open runs included.', objectOf({
            customer_id: text, plan, allowances: listOf(objectOf(allowance)), credits: { oneOf: [objectOf({ remaining: text, unit: { const: 'credit' }, next_expiry: timeOrNull }), { type: 'null' }] },
            warning: textOrNull, denied: textOrNull, request_id: text,
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
    },
    '/v1/decisions': {
      get: {
        operationId: 'listDecisions', summary: 'What was decided, newest first', description: 'Find a denial by its request_id. `verdict=stopped`: all but allow. Ability: gate or read.', parameters: decisionParameters,
        responses: {
          200: answer('One page.', objectOf({
            data: listOf(objectOf({
              id: text, run_id: text, kind: { enum: ['begin', 'extend'] }, at: text, request_id: text, environment: text, customer_id: textOrNull, user_id: textOrNull, workflow: textOrNull,
              decision: { enum: ['allow', 'warn', 'degrade', 'deny'] }, reason: { enum: [...Object.keys(REASONS), null] }, by: textOrNull, rule_version: whole, snapshot_hash: textOrNull, answer: { type: 'object', description: 'As it was told then.' },
            })),
            next_cursor: textOrNull, request_id: text,
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
    },
  };
}
