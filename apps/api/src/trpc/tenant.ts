import { inputs, updateTeam } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const change = z.object({ name: inputs.teamNameSchema.optional(), timeZone: inputs.timeZoneSchema.optional(), lateWindowDays: inputs.lateWindowDaysSchema.optional() });

export const tenantRouter = router({
  update: can('team.manage').input(change).output(z.object({ name: z.string(), timeZone: z.string(), lateWindowDays: z.number() }))
    .mutation(({ ctx, input }) => updateTeam(ctx.tenancy, ctx.acting, input)),
});
