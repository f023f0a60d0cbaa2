import { changeRole, inputs, inviteMember, leaveTeam, listMembers, removeMember, revokeInvitation } from '@outlay/tenancy';
import { z } from 'zod';
import { can, inTeam, router } from './procedure';
import { byId, DONE, done, id, instant, role } from './shapes';

const members = z.object({
  members: z.array(z.object({ userId: z.string(), name: z.string(), email: z.string(), role, joinedAt: instant, lastSeenAt: instant.nullable(), you: z.boolean() })),
  invitations: z.array(z.object({ id: z.string(), email: z.string(), role, invitedBy: z.string(), createdAt: instant, expiresAt: instant })),
});

export const membersRouter = router({
  list: can('members.read').output(members).query(({ ctx }) => listMembers(ctx.tenancy, ctx.acting)),

  invite: can('members.manage').input(z.object({ email: inputs.emailSchema, role: inputs.roleSchema })).output(z.object({ id: z.string() }))
    .mutation(({ ctx, input }) => inviteMember(ctx.tenancy, ctx.acting, input)),

  revokeInvitation: can('members.manage').input(byId).output(done).mutation(async ({ ctx, input }) => {
    await revokeInvitation(ctx.tenancy, ctx.acting, input.id);
    return DONE;
  }),

  changeRole: can('members.manage').input(z.object({ userId: id, role: inputs.roleSchema })).output(done).mutation(async ({ ctx, input }) => {
    await changeRole(ctx.tenancy, ctx.acting, input.userId, input.role);
    return DONE;
  }),

  remove: can('members.manage').input(z.object({ userId: id })).output(done).mutation(async ({ ctx, input }) => {
    await removeMember(ctx.tenancy, ctx.acting, input.userId);
    return DONE;
  }),

  leave: inTeam.output(done).mutation(async ({ ctx }) => {
    await leaveTeam(ctx.tenancy, ctx.acting);
    return DONE;
  }),
});
