/**
 * The wire form of one usage event, as `POST /v1/usage` takes it. This zod schema is the only statement of it; the hot route
 * validates with ajv compiled from the same schema (`event-parser.ts`), docs and SDK tests read it too.
 * No member has a default and none is transformed: `input_hash` is the hash of what the sender said.
 */
import { TOKEN_CLASSES } from '@outlay/kernel';
import { z } from 'zod';

const label = z.string().min(1).max(255);
const shortLabel = z.string().min(1).max(128);
/** A decimal as a string (exact) or a JSON number (read by its shortest form). Never negative. */
const decimal = z.union([z.string().regex(/^\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?$/), z.number().min(0).max(1e15)]);
const count = z.int().min(0).max(2_000_000_000);
/** ISO 8601 with an offset: a time without a zone means a different instant to each reader. */
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/);

const quantities = z.strictObject(Object.fromEntries(TOKEN_CLASSES.map((name) => [name, count.optional()])));

export const extraSchema = z.strictObject({
  kind: shortLabel,
  quantity: decimal,
  unit: shortLabel,
  cost: decimal.optional().describe('USD. Without it the price book prices the kind, or the event is unpriced.'),
});

export const usageEventSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).optional().describe('A UUIDv7 made before the call and reused on every retry of delivery. Exactly one of `id` and `idempotency_key`; an outcome needs neither.'),
  idempotency_key: label.optional(),
  kind: z.enum(['usage', 'outcome']).optional(),
  occurred_at: instant,
  run_id: label.optional(),
  attempt: z.int().min(1).max(10_000).optional(),
  attempt_kind: z.enum(['first', 'retry', 'fallback']).optional(),
  request_id: shortLabel.optional(),
  provider_request_id: label.optional(),
  environment: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/).optional(),
  customer_id: label.optional(),
  user_id: label.optional(),
  workflow: label.optional(),
  feature: label.optional(),
  tags: z.record(z.string().max(64), z.union([z.string().max(255), z.number(), z.boolean()])).optional(),
  prompt_version: shortLabel.optional(),
  policy_version: shortLabel.optional(),
  app_version: shortLabel.optional(),
  provider: shortLabel.optional(),
  api: shortLabel.optional(),
  provider_account: label.optional(),
  model_requested: label.optional(),
  model_served: label.optional(),
  service_tier_requested: shortLabel.optional(),
  service_tier_served: shortLabel.optional(),
  region: shortLabel.optional(),
  source: z.enum(['sdk', 'api']).optional(),
  status: z.enum(['succeeded', 'failed', 'aborted', 'unknown']).optional(),
  error_class: shortLabel.optional(),
  latency_ms: count.optional(),
  ttft_ms: count.optional(),
  usage: z.record(z.string(), z.unknown()).optional().describe('Exactly as the provider sent it.'),
  quantities: quantities.optional().describe('Disjoint token classes, for senders without the provider\'s own object. Not together with `usage`.'),
  estimated: z.boolean().optional().describe('The sender counted what it saw of a stream that broke: counts for caps, never for money.'),
  extras: z.array(extraSchema).max(64).optional(),
  provider_cost: decimal.optional().describe('USD, the provider\'s own figure.'),
  outcome: z.enum(['usable', 'unusable']).optional(),
  units: decimal.optional(),
  snapshot: z.record(z.string(), z.unknown()).optional().describe('What the run was made under: the caller\'s entitlement, caps and whatever it wants to keep beside them.'),
  active_price_id: label.optional(),
});

export type UsageEventInput = z.infer<typeof usageEventSchema>;

export const LIMITS = {
  eventsPerRequest: 1_000,
  bodyBytes: 4 * 1024 * 1024,
  usageBytes: 16 * 1024,
  snapshotBytes: 8 * 1024,
  tagsCount: 32,
  tagsBytes: 4 * 1024,
} as const;
