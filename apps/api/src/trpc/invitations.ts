import { acceptInvitation, inputs, peekInvitation } from '@outlay/tenancy';
import { z } from 'zod';
import { publicProcedure, router } from './procedure';
import { role } from './shapes';

const token = inputs.linkTokenSchema;

export const invitationsRouter = router({
  peek: publicProcedure.input(z.object({ token })).output(z.object({ teamName: z.string(), email: z.string(), role, hasAccount: z.boolean() }))
    .query(({ ctx, input }) => peekInvitation(ctx.tenancy, input.token, ctx.origin)),

  // An account that exists gives its own password, which may be older than today's rule; the use case asks the rule of new ones.
  accept: publicProcedure.input(z.object({ token, name: inputs.personNameSchema.optional(), password: inputs.givenPasswordSchema.optional() }))
    .output(z.object({ tenantId: z.string() })).mutation(async ({ ctx, input }) => {
      const { tenantId, session } = await acceptInvitation(ctx.tenancy, input, await ctx.identity(), ctx.origin);
      if (session) await ctx.enter(session);
      return { tenantId };
    }),
});
