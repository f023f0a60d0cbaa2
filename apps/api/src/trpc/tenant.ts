import { inputs, readTeamSettings, updateTeam } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const change = z.object({ name: inputs.teamNameSchema.optional(), timeZone: inputs.timeZoneSchema.optional(), lateWindowDays: inputs.lateWindowDaysSchema.optional() });
const team = z.object({ name: z.string(), timeZone: z.string(), lateWindowDays: z.number() });

export const tenantRouter = router({
  get: can('members.read').output(team).query(({ ctx }) => readTeamSettings(ctx.tenancy, ctx.acting)),

  update: can('team.manage').input(change).output(team).mutation(({ ctx, input }) => updateTeam(ctx.tenancy, ctx.acting, input)),
});
