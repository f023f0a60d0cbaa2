/** One run: its calls in time, how it ended, and what it cost. */
import { getRun, type RunPageDetail } from '@outlay/ledger';
import { z } from 'zod';
import { toEventFacts } from './event-shape';
import { can, router } from './procedure';

/** The run's id, or what its sender called it. */
const run = z.string().min(1, 'Name a run.').max(255).refine((text) => !text.includes('\0'), 'A run\'s name has no NUL character.');

export const runsRouter = router({
  get: can('ledger.read').input(z.strictObject({ run })).query(async ({ ctx, input }) => toRun(await getRun(ctx.deps.db, ctx.acting.tenantId, input.run))),
});

function toRun(found: RunPageDetail) {
  return {
    freshAt: found.freshAt,
    runId: found.run_id, runRef: found.run_ref, environment: found.environment, customerId: found.customer_id || null, workflow: found.workflow || null,
    unitName: found.settings.unitName, targetCostPico: found.settings.targetCostPico === null ? null : String(found.settings.targetCostPico),
    costPico: String(found.cost_pico), ceilingPico: String(found.ceiling_pico), calls: found.calls, retries: found.retries, unpriced: found.unpriced,
    outcome: found.outcome as 'usable' | 'unusable' | null, outcomeAt: found.outcome_at?.toISOString() ?? null, units: found.units,
    firstAt: found.first_at.toISOString(), lastAt: found.last_at.toISOString(), openUntil: found.open_until.toISOString(),
    events: found.events.map((event) => {
      const { tags: _tags, writerSlot: _slot, batch: _batch, inputHash: _hash, ...shown } = toEventFacts(event);
      return shown;
    }),
    moreEvents: found.moreEvents,
  };
}
