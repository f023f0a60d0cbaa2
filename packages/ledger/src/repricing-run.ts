/**
 * A re-pricing run: which rows (a filter at a cut), by which prices (what was known at a moment), what it would change and how far it is.
 * All of that is fixed when it is planned, so that it does what its preview said, however often it is interrupted.
 */
import { err, ok, type Result } from '@outlay/kernel';
import { z } from 'zod';
import type { FieldError } from './event-parser';

const label = z.string().min(1).max(255).refine((text) => !text.includes('\0'), 'it must not contain a NUL character');

/** Rows that a run is about: calls whose valid state has all of these. */
export const repricingFilterSchema = z.strictObject({
  /** Over `occurred_at`: [fromMs, toMs) in Unix ms. */
  fromMs: z.int().optional(), toMs: z.int().optional(),
  environment: label.optional(), workflow: label.optional(), customerId: label.optional(), provider: label.optional(), model: label.optional(),
  costBasis: z.enum(['priced', 'unpriced', 'estimated', 'provider_reported']).optional(),
  /** Calls that were served under one of these names: all that one model of the price book prices. Fixed when the run is planned. */
  served: z.array(z.strictObject({ provider: label, model: label })).min(1).max(1_000).optional(),
});
export type RepricingFilter = z.infer<typeof repricingFilterSchema>;

export const REPRICING_STATES = ['planned', 'running', 'done', 'failed', 'cancelled'] as const;
export type RepricingState = (typeof REPRICING_STATES)[number];

/** `healing`: made by Outlay when unpriced rows have a price by now. */
export type RepricingKind = 'manual' | 'healing';

/** Sums of one model, workflow or all. Pico-dollars as decimal text; a row without price costs 0 before. */
interface PreviewLine {
  readonly rows: number;
  readonly beforePico: string;
  readonly afterPico: string;
}

export interface RepricingPreview extends PreviewLine {
  /** Valid rows of the filter at the cut; `rows` of them would be corrected. */
  readonly seen: number;
  readonly unchanged: number;
  /** Rows that had no price, and have one now. */
  readonly healed: number;
  /** Rows for which the book has no price: they stay as they are. */
  readonly unpriced: number;
  /** The farthest from each other first; at most `PREVIEW_LINES_MAX`. */
  readonly byModel: readonly (PreviewLine & { readonly provider: string; readonly model: string })[];
  readonly byWorkflow: readonly (PreviewLine & { readonly workflow: string })[];
}

export interface RepricingRun {
  readonly id: string;
  readonly kind: RepricingKind;
  readonly state: RepricingState;
  readonly filter: RepricingFilter;
  readonly reason: string;
  readonly cut: string;
  readonly knownAt: Date;
  /** Runs as soon as its preview is there. */
  readonly startsItself: boolean;
  /** Null while it is being computed. */
  readonly preview: RepricingPreview | null;
  /** The last row that was walked. */
  readonly cursor: string | null;
  /** Valid rows walked by the run, and what became of those that its prices change. */
  readonly seen: number;
  readonly corrected: number;
  /** Somebody else corrected them after the cut. */
  readonly changedMeanwhile: number;
  readonly refused: number;
  /** Of the corrected rows, pico-dollars. */
  readonly beforePico: bigint;
  readonly afterPico: bigint;
  readonly error: string | null;
  readonly createdBy: string | null;
  readonly createdByName: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly requestId: string;
  /** Times a worker took it up since it last got on. */
  readonly attempts: number;
}

/** The filter that somebody sends, or what is wrong with it. */
export function parseRepricingFilter(raw: unknown): Result<RepricingFilter, FieldError> {
  const parsed = repricingFilterSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].join('.');
    return err({ field, reason: 'invalid', message: unknown === undefined ? `"${field}": ${issue.message}` : `There is no filter "${unknown}" here.` });
  }
  const { fromMs, toMs } = parsed.data;
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) return err({ field: 'toMs', reason: 'before_from', message: 'The end is exclusive and must be later than the beginning.' });
  return ok(parsed.data);
}
