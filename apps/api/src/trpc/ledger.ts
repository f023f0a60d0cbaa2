import { DomainError } from '@outlay/kernel';
import { correctionSchema, correctUsage, formatCut, getEvent, ledgerFilterSchema, listEvents, type RunDetail, toEventFilter, totalOfRows } from '@outlay/ledger';
import { audit, auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { describeCorrection } from '../rest/describe-correction';
import { isoOrNull } from '../rest/describe-price-version';
import { valueOrInvalid } from '../http/value-or-invalid';
import { toEventFacts, toEventLine } from './event-shape';
import { can, router } from './procedure';

const PAGE_ROWS_MAX = 200;
const page = ledgerFilterSchema.extend({
  cursor: z.string().max(100).optional(), limit: z.int().min(1).max(PAGE_ROWS_MAX).optional(),
  /** Sent by tRPC's endless lists. Ours go one way only. */
  direction: z.literal('forward').optional(),
});

/** What people correct by hand: labels, and the outcome of a run. Quantities and prices are corrected through `/v1`. */
const { customer_id: customerId, user_id: userId, workflow, feature, outcome } = correctionSchema.shape.set.unwrap().shape;
const correction = z.strictObject({
  originalId: z.uuid('This is not the id of an event.'), revision: z.int().min(0), reason: z.string().trim().min(3, 'Say why, in at least 3 characters.').max(500, 'A reason has at most 500 characters.'),
  set: z.strictObject({ customerId, userId, workflow, feature, outcome }).partial(),
});

const DEFAULT_RANGE = '7d';

export const ledgerRouter = router({
  list: can('ledger.read').input(page).query(async ({ ctx, input }) => {
    const { cursor, limit, direction: _direction, ...query } = input;
    const filter = valueOrInvalid(toEventFilter(query, { timeZone: ctx.team.timeZone, nowMs: Date.now() }));
    const { rows, nextCursor } = await listEvents(ctx.deps.db, ctx.acting.tenantId, filter, { cursor, limit });
    return { rows: rows.map(toEventLine), nextCursor };
  }),

  /** What the rows of the filter cost together, and the cut by which a file has the same sum. */
  total: can('ledger.read').input(ledgerFilterSchema).query(async ({ ctx, input }) => {
    const nowMs = Date.now();
    const bounded = input.range === undefined && input.from === undefined ? { ...input, range: DEFAULT_RANGE } as const : input;
    const { fromMs = 0, toMs = nowMs, ...filter } = valueOrInvalid(toEventFilter(bounded, { timeZone: ctx.team.timeZone, nowMs }));
    const { cut, total } = await totalOfRows(ctx.deps.db, ctx.acting.tenantId, { ...filter, fromMs, toMs });
    return {
      from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), cut: formatCut(cut),
      /** Null when adding the rows up would take too long. */
      total: total && { costPico: String(total.costPico), calls: total.calls, unpriced: total.unpriced },
    };
  }),

  /** A correction of labels. Errors: `conflict` when somebody corrected the event meanwhile, `invalid_input` naming the field. */
  correct: can('ledger.correct').input(correction).mutation(async ({ ctx, input: { originalId, revision, reason, set } }) => {
    const { deps, acting, team } = ctx;
    const { db, writer, prices, entitlementsOf, log, activity } = deps;
    const { customerId: customer, userId: user, ...labels } = set;
    const { price } = await prices.of(acting.tenantId);
    const asked = { ...labels, ...(customer === undefined ? {} : { customer_id: customer }), ...(user === undefined ? {} : { user_id: user }) };
    if (Object.keys(asked).length === 0) throw new DomainError('invalid_input', { field: 'set', message: 'Nothing is changed: state at least one label otherwise.' });
    const { results: [result] } = await correctUsage({
      db, writer, price, entitlementsOf,
      // The correction stands in the ledger: a log that fails must not make it look refused.
      onCorrected: async (_sender, { correction: done, before, after, requestId }) => {
        const facts = describeCorrection(before, after);
        await db.withTenant(acting.tenantId, (tx) => audit(tx, {
          ...auditedBy(acting), action: 'usage.corrected', subjectType: 'event', subjectId: done.original_id, before: facts.before, after: { ...facts.after, reason: done.reason },
        })).catch((error: unknown) => log.error({ err: error, requestId, event: done.original_id }, 'A correction could not be written to the audit log.'));
      },
    }, { tenantId: acting.tenantId, keyId: null, environment: '', timeZone: team.timeZone, lateWindowDays: 0 }, { corrections: [{ original_id: originalId, revision, reason, set: asked }] }, acting.requestId);
    const { verdict, field, message, reason: code, restatement_id: restatementId } = result!;
    if (verdict === 'rejected' && code === 'not_found') throw new DomainError('not_found', { message });
    if (verdict === 'rejected') throw new DomainError('invalid_input', { field: camelCase(field?.replace(/^set\./, '') ?? ''), message: message ?? 'The correction was refused.' });
    if (verdict === 'conflict') throw new DomainError('conflict', { message });
    if (verdict === 'accepted') activity.publish(acting.tenantId, 1);
    return { id: restatementId ?? null, revision: result!.revision ?? revision + 1 };
  }),

  get: can('ledger.read').input(z.object({ id: z.uuid('This is not the id of an event.') })).query(async ({ ctx, input }) => {
    const { db, prices } = ctx.deps;
    const { event, lines, version, unpricedReason, rawUsage, snapshot, corrections, run } = await getEvent({ db, ...await prices.of(ctx.acting.tenantId) }, ctx.acting.tenantId, input.id);
    return {
      row: toEventFacts(event),
      lines,
      priceVersion: version && {
        id: version.id, version: version.version, provider: version.provider, model: version.model, tier: version.tier, region: version.region, source: version.source,
        sourceVersion: version.sourceVersion, effectiveFrom: isoOrNull(version.effectiveFrom),
      },
      unpricedReason, rawUsage, snapshot,
      corrections: corrections.map(toEventLine),
      run: run && toRun(run),
    };
  }),
});

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function toRun(run: RunDetail) {
  return {
    runId: run.run_id, runRef: run.run_ref, environment: run.environment, customerId: run.customer_id || null, workflow: run.workflow || null,
    costPico: String(run.cost_pico), ceilingPico: String(run.ceiling_pico), calls: run.calls, retries: run.retries, unpriced: run.unpriced,
    outcome: run.outcome as 'usable' | 'unusable' | null, outcomeAt: run.outcome_at?.toISOString() ?? null, units: run.units, openUntil: run.open_until.toISOString(),
    events: run.events.map(toEventLine), moreEvents: run.moreEvents,
  };
}
