/** The wire form of `POST /v1/runs` and `POST /v1/check`, and of an extension. These zod schemas are the only statement of it: ajv compiled from them validates, the API's description reads them. */
import { canonicalJson, DomainError } from '@outlay/kernel';
import { newId, sha256 } from '@outlay/kernel/ids';
import { runOf } from '@outlay/ledger';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { z } from 'zod';
import type { RunAsk } from './run-ask';

const label = z.string().min(1).max(255);
const shortLabel = z.string().min(1).max(128);
const decimal = z.union([z.string().regex(/^\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?$/), z.number().min(0).max(1e15)]);
const count = z.int().min(0).max(2_000_000_000);
const names = z.array(label).max(100);

const EXPIRES_SECONDS = { min: 10, max: 86_400, default: 600 } as const;

export const beginSchema = z.strictObject({
  run_id: label.optional().describe('Yours, used again on every retry; without one Outlay makes one.'),
  customer_id: label.optional(),
  user_id: label.optional(),
  workflow: label.optional(),
  feature: label.optional(),
  environment: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/).optional(),
  models: names.optional().describe('Your own route, in its order; joined with the workflow\'s.'),
  features: names.optional(),
  tools: names.optional(),
  input_tokens: count.optional().describe('What one call sends at most.'),
  input_bytes: count.optional().describe('Bytes of text that one call sends at most: at most one token each.'),
  max_output_tokens: count.optional(),
  max_calls: z.int().min(1).max(10_000).optional(),
  quantities: z.record(z.string().min(1).max(64), count).optional().describe('By your own names, such as files or pages.'),
  units: decimal.optional().describe('Units of the outcome; 1 when absent.'),
  estimate_usd: decimal.optional(),
  expires_in_seconds: z.int().min(EXPIRES_SECONDS.min).max(EXPIRES_SECONDS.max).optional(),
  caps: z.strictObject({
    max_context_tokens: z.int().min(1).max(2_000_000_000).optional(),
    soft_daily_cost_usd: decimal.optional(),
    hard_daily_cost_usd: decimal.optional(),
    max_run_cost_usd: decimal.optional(),
  }).optional().describe('Joins the caps that the team has set: the strictest wins.'),
  entitlement: z.unknown().optional().describe('Yours, kept in the snapshot beside ours, which decides.'),
  active_price_id: label.optional(),
  tags: z.record(z.string().max(64), z.union([z.string().max(255), z.number(), z.boolean()])).optional(),
  prompt_version: shortLabel.optional(),
  policy_version: shortLabel.optional(),
  app_version: shortLabel.optional(),
});

export const extendSchema = z.strictObject({
  output_tokens: z.int().min(1).max(2_000_000_000).optional().describe('So many more output tokens, priced at the dearest model that the run may call.'),
  cost_usd: decimal.optional(),
  tokens: z.int().min(1).max(2_000_000_000).optional(),
  seconds: z.int().min(EXPIRES_SECONDS.min).max(EXPIRES_SECONDS.max).optional().describe('How long from now the hold lives; it never gets shorter.'),
});

export type BeginInput = z.infer<typeof beginSchema>;
export type ExtendInput = z.infer<typeof extendSchema>;

/** A run that asks to begin. */
export interface RunRequest {
  readonly runId: string;
  readonly runRef: string | null;
  /** The caller chose the id: it may have been used before. */
  readonly isNamed: boolean;
  /** As the caller wrote it. */
  readonly input: BeginInput;
  readonly ask: RunAsk;
  readonly expiresMs: number;
  /** SHA-256 of what was asked. */
  readonly hash: string;
}

/** The key that asks. */
export interface Asker {
  readonly tenantId: string;
  readonly keyId: string;
  readonly environment: string;
}

const ENTITLEMENT_BYTES_MAX = 8 * 1_024;

/** Errors: `invalid_input` naming the field. */
export function readBegin(asker: Asker, body: unknown, nowMs: number): RunRequest {
  const input = parse(validateBegin, body, 'run');
  if (input.entitlement !== undefined && Buffer.byteLength(JSON.stringify(input.entitlement)) > ENTITLEMENT_BYTES_MAX) {
    throw new DomainError('invalid_input', { field: 'entitlement', message: `"entitlement" may have at most ${ENTITLEMENT_BYTES_MAX} bytes.` });
  }
  const run = input.run_id === undefined ? { id: newId(nowMs), ref: null } : runOf(asker.tenantId, input.run_id);
  return {
    runId: run.id, runRef: run.ref, isNamed: input.run_id !== undefined, input,
    ask: askOf(asker, input),
    expiresMs: nowMs + (input.expires_in_seconds ?? EXPIRES_SECONDS.default) * 1_000,
    hash: sha256(canonicalJson(input, true)),
  };
}

export function readExtend(body: unknown): ExtendInput {
  const input = parse(validateExtend, body, 'extension');
  if (Object.keys(input).length === 0) throw new DomainError('invalid_input', { field: 'body', message: 'Say what the run needs: "output_tokens", "cost_usd", "tokens" or "seconds".' });
  return input;
}

function askOf(asker: Asker, input: BeginInput): RunAsk {
  const { caps = {} } = input;
  const text = (value: string | number | undefined): string | null => (value === undefined ? null : String(value));
  return {
    environment: asker.environment, apiKeyId: asker.keyId, statedEnvironment: input.environment ?? null,
    customerId: input.customer_id ?? null, userId: input.user_id ?? null, workflow: input.workflow ?? null, feature: input.feature ?? null,
    models: input.models ?? [], features: input.features ?? [], tools: input.tools ?? [],
    inputTokens: input.input_tokens ?? null, inputBytes: input.input_bytes ?? null, maxOutputTokens: input.max_output_tokens ?? null, maxCalls: input.max_calls ?? null,
    quantities: input.quantities ?? {}, units: text(input.units), estimateUsd: text(input.estimate_usd),
    caps: {
      maxContextTokens: caps.max_context_tokens ?? null, softDailyCostUsd: text(caps.soft_daily_cost_usd), hardDailyCostUsd: text(caps.hard_daily_cost_usd), maxRunCostUsd: text(caps.max_run_cost_usd),
    },
  };
}

const ajv = new Ajv2020({ allErrors: false, strict: false, allowUnionTypes: true, verbose: false });
const validateBegin = ajv.compile<BeginInput>(z.toJSONSchema(beginSchema, { io: 'input' }));
const validateExtend = ajv.compile<ExtendInput>(z.toJSONSchema(extendSchema, { io: 'input' }));

/** Null members count as absent. */
function parse<T>(validate: { (body: unknown): body is T; errors?: ErrorObject[] | null | undefined }, body: unknown, what: string): T {
  const members = body !== null && typeof body === 'object' && !Array.isArray(body) ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) : body;
  if (validate(members)) return members;
  throw faultOf(validate.errors?.[0], what);
}

function faultOf(error: ErrorObject | undefined, what: string): DomainError {
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  if (error?.keyword === 'additionalProperties') {
    const name = String(error.params['additionalProperty']);
    const field = path === '' ? name : `${path}.${name}`;
    return new DomainError('invalid_input', { field, message: `There is no field "${field}" in the ${what}. Check its spelling.` });
  }
  if (path === '') return new DomainError('invalid_input', { field: 'body', message: `The ${what} must be a JSON object.` });
  return new DomainError('invalid_input', { field: path, message: `"${path}" ${error?.message ?? 'is not valid'}.` });
}
