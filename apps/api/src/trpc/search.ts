import { findAnything } from '@outlay/ledger';
import { z } from 'zod';
import { can, router } from './procedure';

const query = z.string().trim().min(1, 'Type what to look for.').max(255);

export const searchRouter = router({
  /** What the command menu shows while somebody types. Money of names is that of the last 30 days. */
  find: can('ledger.read').input(z.strictObject({ query })).query(async ({ ctx, input }) => {
    const { runs, events, request, customers, workflows, models } = await findAnything(ctx.deps.db, ctx.acting.tenantId, input.query, { timeZone: ctx.team.timeZone, nowMs: Date.now() });
    return {
      runs: runs.map(({ costPico, lastAt, ...run }) => ({ ...run, costPico: String(costPico), lastAt: lastAt.toISOString() })),
      events: events.map(({ costPico, occurredAt, ...event }) => ({ ...event, costPico: costPico === null ? null : String(costPico), occurredAt: occurredAt.toISOString() })),
      request: request && { ...request, lastAt: request.lastAt.toISOString() },
      customers: customers.map(({ name, costPico }) => ({ customerId: name, costPico: String(costPico) })),
      workflows: workflows.map(({ name, costPico }) => ({ workflow: name, costPico: String(costPico) })),
      models: models.map(({ name, provider, costPico }) => ({ model: name, provider, costPico: String(costPico) })),
    };
  }),
});
