/**
 * What a plan version says: one JSON object that is parsed here and nowhere else, published once and never changed. Decimals are text, so that a
 * price of 0.0000001 stays what it is.
 */
import { compareRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import { z } from 'zod';
import { INTERVALS, WINDOWS } from './calendar-window';

const NAMES_MAX = 100;

/** A decimal that is not negative, kept as it was written. */
const decimal = z.string().max(40).refine((text) => {
  const value = parseDecimal(text);
  return value !== null && compareRational(value, ZERO) >= 0;
}, 'it must be a decimal number, zero or more, such as 0.002');
const positive = decimal.refine((text) => compareRational(parseDecimal(text)!, ZERO) > 0, 'it must be more than zero');
const name = z.string().trim().min(1).max(255);
const id = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'it must begin with a lower-case letter and have lower-case letters, digits and _ only');
const whole = z.int().min(1).max(1_000_000_000_000);

/** `upTo` counts what is above the included amount; the last tier has none. `flat` is charged once when the tier is entered. */
const tier = z.strictObject({ upTo: positive.nullable(), price: decimal, flat: decimal.optional() });
export type Tier = z.infer<typeof tier>;

/** Each tier above the one before, the last without an end: every quantity then has a price. */
const tiers = z.array(tier).min(1).max(50).superRefine((list, ctx) => {
  let before: Rational = ZERO;
  list.forEach(({ upTo }, i) => {
    const isLast = i === list.length - 1;
    if ((upTo === null) !== isLast) ctx.addIssue({ code: 'custom', path: [i, 'upTo'], message: isLast ? 'the last tier must have no end (null): every quantity needs a price' : 'only the last tier has no end' });
    if (upTo === null) return;
    const end = parseDecimal(upTo)!;
    if (compareRational(end, before) <= 0) ctx.addIssue({ code: 'custom', path: [i, 'upTo'], message: 'each tier must end above the one before' });
    before = end;
  });
});

/** `per` 1000 with a price of 0.002: exactly 0.000002 each, never rounded up to a thousand. */
const overage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), price: decimal, per: positive.default('1') }),
  /** Each tier's price holds for the part of the quantity within it. */
  z.strictObject({ kind: z.literal('graduated'), tiers, per: positive.default('1') }),
  /** The price of the tier that the quantity reaches holds for all of it. */
  z.strictObject({ kind: z.literal('volume'), tiers, per: positive.default('1') }),
]);
export type Overage = z.infer<typeof overage>;

/** What happens when an allowance is used up. */
const exhausted = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('hard') }),
  z.strictObject({ mode: z.literal('soft'), overage }),
]);

const allowance = z.strictObject({
  id,
  /** The unit in the singular, as a customer reads it: `report`, `answered question`. */
  unit: name,
  /** `units`: what outcomes state. `tokens`: only where the plan sells them; no other plan shows any. */
  measure: z.enum(['units', 'tokens']).default('units'),
  /** Workflows that count here; absent, all that no other allowance of the measure names. */
  workflows: z.array(name).min(1).max(NAMES_MAX).optional(),
  window: z.enum(WINDOWS).default('period'),
  included: decimal,
  exhausted,
});
export type Allowance = z.infer<typeof allowance>;

const rateLimit = z.strictObject({
  id,
  /** What is counted apart. */
  key: z.enum(['customer', 'user', 'api_key', 'workflow']),
  limit: whole,
  windowSeconds: z.int().min(1).max(86_400),
  /** `sliding_window`: at most `limit` in any window. `token_bucket`: refilled evenly, and `burst` at once. */
  algorithm: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('sliding_window') }), z.strictObject({ kind: z.literal('token_bucket'), burst: whole })]),
});

export const MODEL_TIERS = ['standard', 'premium', 'reasoning', 'search'] as const;

const credits = z.strictObject({
  /** Granted at the start of each period. */
  granted: positive,
  /** How long a grant may be burned. */
  expires: z.enum(['month', 'quarter', 'year', 'never']),
  /** What a usable outcome of a workflow burns; the others burn `weight`. */
  weights: z.record(name, decimal).default({}),
  weight: decimal.default('1'),
});

export const planDefinitionSchema = z.strictObject({
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'it must be a currency code such as USD'),
  baseFee: decimal,
  interval: z.enum(Object.keys(INTERVALS) as [keyof typeof INTERVALS, ...(keyof typeof INTERVALS)[]]),
  allowances: z.array(allowance).max(NAMES_MAX).default([]),
  credits: credits.nullable().default(null),
  rateLimits: z.array(rateLimit).max(NAMES_MAX).default([]),
  /** Absent: every model. */
  models: z.strictObject({ tiers: z.array(z.enum(MODEL_TIERS)).default([]), named: z.array(name).max(1_000).default([]) }).optional(),
  /** Features and tools by name: what is not here is in the plan. */
  gates: z.record(name, z.boolean()).default({}),
  limits: z.strictObject({
    contextTokens: whole.optional(),
    /** Quantities that the caller names at begin: `files`, `pages`, `tool_calls`. */
    quantities: z.record(name, whole).default({}),
  }).default({ quantities: {} }),
  costCaps: z.array(z.strictObject({ window: z.enum(['day', 'month']), usd: positive, mode: z.enum(['soft', 'degrade', 'hard']).default('soft') })).max(10).default([]),
  /** Unusable outcomes are free of charge. */
  chargeOnlyUsable: z.boolean().default(true),
  /** How the invoice line is rounded to the currency's smallest coin. */
  rounding: z.enum(['half_even', 'half_up', 'down', 'up']).default('half_even'),
}).superRefine((plan, ctx) => {
  const once = (path: 'allowances' | 'rateLimits', ids: readonly string[]): void => ids.forEach((each, i) => {
    if (ids.indexOf(each) !== i) ctx.addIssue({ code: 'custom', path: [path, i, 'id'], message: `"${each}" stands twice` });
  });
  once('allowances', plan.allowances.map((each) => each.id));
  once('rateLimits', plan.rateLimits.map((each) => each.id));
  // One outcome burns one allowance, else it would be charged twice.
  const takers = new Map<string, number>();
  plan.allowances.forEach(({ measure, workflows = [''] }, i) => workflows.forEach((workflow, j) => {
    const key = `${measure}:${workflow}`;
    if (!takers.has(key)) takers.set(key, i);
    else ctx.addIssue({ code: 'custom', path: workflow === '' ? ['allowances', i, 'workflows'] : ['allowances', i, 'workflows', j], message: workflow === '' ? 'two allowances without workflows would count the same outcome twice' : `"${workflow}" counts for another allowance already` });
  }));
});

export type PlanDefinition = z.infer<typeof planDefinitionSchema>;
/** Before defaults are filled in. */
export type PlanDefinitionInput = z.input<typeof planDefinitionSchema>;

/** As the database gives it back: in the order of the schema, with the defaults of members that are younger than the version. */
export function storedDefinition(stored: unknown): PlanDefinition {
  const parsed = planDefinitionSchema.safeParse(stored);
  return parsed.success ? parsed.data : (stored as PlanDefinition);
}

/** The allowance that an outcome or call of a workflow burns; null when the plan meters it by none. */
export function allowanceOf(plan: Pick<PlanDefinition, 'allowances'>, measure: Allowance['measure'], workflow: string): Allowance | null {
  const candidates = plan.allowances.filter((each) => each.measure === measure);
  return candidates.find(({ workflows }) => workflows?.includes(workflow)) ?? candidates.find(({ workflows }) => workflows === undefined) ?? null;
}
