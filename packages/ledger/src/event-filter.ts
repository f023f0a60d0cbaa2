/**
 * What a list, an export or a sum of the ledger is asked for. One set of filters: the console's names are camelCase, `/v1` has
 * the same in snake_case, and both become one `EventFilter`. The SQL of it stands in `event-conditions.ts`.
 */
import { DAY_MS, dayStartMs, err, ok, type Result } from '@outlay/kernel';
import { z } from 'zod';
import type { FieldError } from './event-parser';

const HOUR_MS = DAY_MS / 24;
export const RANGES_MS = { '1h': HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS, '90d': 90 * DAY_MS } as const;
export type RangeName = keyof typeof RANGES_MS;

/** Postgres holds no NUL: no row has one, and asking for it would be an error of the database. */
const withoutNul = [(text: string): boolean => !text.includes('\0'), 'it must not contain a NUL character'] as const;
const label = z.string().min(1).max(255).refine(...withoutNul);
/** An instant with an offset, or a day: the day begins at midnight of the team's zone. */
const moment = z.string().max(40);

const spanShape = { from: moment.optional(), to: moment.optional() };

/** Labels: what a rollup may cover, and what an outcome has too. */
const labelShape = {
  environment: label.optional(), workflow: label.optional(), customerId: label.optional(), userId: label.optional(), feature: label.optional(),
  provider: label.optional(), model: label.optional(),
};

const SMALLINT_MAX = 32_767;

const rowShape = {
  /** `failed_or_aborted`: what the measures call failed. */
  status: z.enum(['succeeded', 'failed', 'aborted', 'failed_or_aborted', 'unknown']).optional(),
  kind: z.enum(['usage', 'outcome', 'reversal', 'restatement']).optional(),
  costBasis: z.enum(['priced', 'unpriced', 'estimated', 'provider_reported']).optional(),
  /** `retry`: the same model again; `fallback`: another one. */
  attemptKind: z.enum(['first', 'retry', 'fallback']).optional(),
  /** Rows that state this outcome. */
  outcome: z.enum(['usable', 'unusable']).optional(),
  /** The run's UUIDv7, or the caller's own name of it. */
  runId: label.optional(),
  requestId: label.optional(),
  promptVersion: label.optional(), policyVersion: label.optional(), appVersion: label.optional(),
  /** What read the usage object; 0: nothing did, the quantities were stated. */
  normaliserVersion: z.int().min(0).max(SMALLINT_MAX).optional(),
  priceVersionId: z.guid('it must be the UUID of a price version').optional(),
  /** Calls without customer or workflow. */
  untagged: z.literal(true).optional(),
  /** An event id, a run, a request id or the provider's request id: whichever exists. */
  search: z.string().trim().min(1).max(255).refine(...withoutNul).optional(),
};

const range = z.enum(Object.keys(RANGES_MS) as [RangeName, ...RangeName[]]).optional();

/** tRPC input of Overview. */
export const overviewFilterSchema = z.strictObject({
  range, ...spanShape, environment: labelShape.environment, workflow: labelShape.workflow, customerId: labelShape.customerId,
  provider: labelShape.provider, model: labelShape.model,
});

/** tRPC input of the ledger explorer. */
export const ledgerFilterSchema = z.strictObject({ range, ...spanShape, ...labelShape, ...rowShape });

/** Query string of `GET /v1/usage` and the exports, under the console's names; `parseQuery` renames. */
export const usageQuerySchema = z.strictObject({ ...spanShape, ...labelShape, ...rowShape });

/** What a sum can be narrowed to. */
export const labelQueryShape = { ...spanShape, ...labelShape } as const;

type Labels = { readonly [name in keyof typeof labelShape]?: string };

/** Ready for the ledger: `[fromMs, toMs)` over `occurred_at`, absent = open; every other member narrows. */
export interface LabelFilter extends Labels {
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface EventFilter extends LabelFilter {
  readonly status?: string;
  readonly kind?: string;
  readonly costBasis?: string;
  readonly attemptKind?: string;
  readonly outcome?: string;
  readonly runId?: string;
  readonly requestId?: string;
  readonly promptVersion?: string;
  readonly policyVersion?: string;
  readonly appVersion?: string;
  readonly normaliserVersion?: number;
  readonly priceVersionId?: string;
  readonly untagged?: true;
  readonly search?: string;
}

type SpanInput = { readonly range?: RangeName; readonly from?: string; readonly to?: string };

/** Turns the span of a parsed input into instants. `range` counts back from now; `from` and `to` win over it. */
export function toEventFilter<T extends SpanInput>(input: T, at: { readonly timeZone: string; readonly nowMs: number }): Result<Omit<T, keyof SpanInput> & LabelFilter, FieldError> {
  const { range: rangeName, from, to, ...rest } = input;
  const fromMs = from === undefined ? (rangeName === undefined || to !== undefined ? undefined : at.nowMs - RANGES_MS[rangeName]) : momentMs(from, at.timeZone);
  const toMs = to === undefined ? undefined : momentMs(to, at.timeZone);
  if (fromMs === null) return err(badMoment('from'));
  if (toMs === null) return err(badMoment('to'));
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    return err({ field: 'to', reason: 'before_from', message: '"to" is exclusive and must be later than "from".' });
  }
  return ok({ ...rest, ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) });
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

function momentMs(text: string, timeZone: string): number | null {
  // "2026-02-30" parses as a day of March in some engines: a real date survives the way back.
  if (DAY.test(text)) return isRealDay(text) ? dayStartMs(text, timeZone) : null;
  if (!INSTANT.test(text) || !isRealDay(text.slice(0, 10))) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

function isRealDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

function badMoment(field: string): FieldError {
  return {
    field, reason: 'wrong_form',
    message: `"${field}" must be an ISO 8601 time with an offset, such as 2026-11-21T09:30:00Z (write + as %2B), or a day, such as 2026-11-21, which begins at midnight of your team's time zone.`,
  };
}

const NUMBERS = new Set(['limit', 'normaliserVersion']);
const BOOLEANS = new Set(['untagged', 'plain', 'bom']);

/**
 * Reads a query string: snake_case names, every value a text. Errors name the parameter as the caller wrote it; an unknown one is
 * an error, because a misspelt filter that is ignored answers another question.
 */
export function parseQuery<T extends z.ZodObject>(schema: T, query: Readonly<Record<string, unknown>>): Result<z.infer<T>, FieldError> {
  const names = new Map(Object.keys(schema.shape).map((name) => [snakeCase(name), name]));
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    const known = names.get(name);
    if (known === undefined) return err({ field: name, reason: 'unknown_parameter', message: `There is no parameter "${name}" here. Known are: ${[...names.keys()].sort().join(', ')}.` });
    if (typeof value !== 'string') return err({ field: name, reason: 'repeated', message: `Send "${name}" once.` });
    input[known] = readText(known, value);
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0]!;
  const field = snakeCase(String(issue.path[0] ?? ''));
  return err({ field, reason: 'invalid', message: `"${field}" ${sentenceOf(issue)}` });
}

function readText(name: string, text: string): unknown {
  if (NUMBERS.has(name)) return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (BOOLEANS.has(name)) return text === 'true' ? true : text === 'false' ? undefined : text;
  return text;
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'must not be empty: leave it out instead.' : `must be at least ${issue.minimum}.`;
  if (issue.code === 'too_big') return issue.origin === 'string' ? `must have at most ${issue.maximum} characters.` : `must be at most ${issue.maximum}.`;
  if (issue.code === 'invalid_type') return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}.`;
  return `is not valid: ${issue.message}.`;
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
