import { getEvent, ledgerFilterSchema, listEvents, type RunDetail, toEventFilter } from '@outlay/ledger';
import { z } from 'zod';
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

export const ledgerRouter = router({
  list: can('ledger.read').input(page).query(async ({ ctx, input }) => {
    const { cursor, limit, direction: _direction, ...query } = input;
    const filter = valueOrInvalid(toEventFilter(query, { timeZone: ctx.team.timeZone, nowMs: Date.now() }));
    const { rows, nextCursor } = await listEvents(ctx.deps.db, ctx.acting.tenantId, filter, { cursor, limit });
    return { rows: rows.map(toEventLine), nextCursor };
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

function toRun(run: RunDetail) {
  return {
    runId: run.run_id, runRef: run.run_ref, environment: run.environment, customerId: run.customer_id || null, workflow: run.workflow || null,
    costPico: String(run.cost_pico), ceilingPico: String(run.ceiling_pico), calls: run.calls, retries: run.retries, unpriced: run.unpriced,
    outcome: run.outcome as 'usable' | 'unusable' | null, outcomeAt: run.outcome_at?.toISOString() ?? null, units: run.units, openUntil: run.open_until.toISOString(),
    events: run.events.map(toEventLine), moreEvents: run.moreEvents,
  };
}
