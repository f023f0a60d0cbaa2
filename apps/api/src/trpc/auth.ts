import { abilitiesOf, createTeam, inputs, requestPasswordReset, resetPassword, signIn, signUpTeam, switchTenant } from '@outlay/tenancy';
import { z } from 'zod';
import { showsMailbox } from './mailbox';
import { publicProcedure, router, signedIn } from './procedure';
import { DONE, done, id, role } from './shapes';

const me = z.object({
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }).nullable(),
  tenant: z.object({ id: z.string(), name: z.string(), timeZone: z.string(), role, demo: z.boolean() }).nullable(),
  tenants: z.array(z.object({ id: z.string(), name: z.string(), role, demo: z.boolean() })),
  abilities: z.array(z.string()),
  mode: z.enum(['embedded', 'distributed']),
  mailbox: z.boolean(),
});

const signUpInput = z.object({
  teamName: inputs.teamNameSchema, name: inputs.personNameSchema, email: inputs.emailSchema, password: inputs.newPasswordSchema, timeZone: inputs.timeZoneSchema,
});

export const authRouter = router({
  me: publicProcedure.output(me).query(async ({ ctx }) => {
    const identity = await ctx.identity();
    const active = identity?.active ?? null;
    return {
      user: identity?.user ?? null,
      tenant: active && { id: active.tenantId, name: active.name, timeZone: active.timeZone, role: active.role, demo: active.demo },
      tenants: (identity?.memberships ?? []).map((membership) => ({ id: membership.tenantId, name: membership.name, role: membership.role, demo: membership.demo })),
      abilities: active ? abilitiesOf(active.role) : [],
      mode: ctx.deps.mode,
      mailbox: showsMailbox(ctx),
    };
  }),

  signUp: publicProcedure.input(signUpInput).output(done).mutation(async ({ ctx, input }) => {
    const { session } = await signUpTeam(ctx.tenancy, input, ctx.origin);
    await ctx.enter(session);
    return DONE;
  }),

  signIn: publicProcedure.input(z.object({ email: inputs.emailSchema, password: inputs.givenPasswordSchema })).output(done).mutation(async ({ ctx, input }) => {
    await ctx.enter(await signIn(ctx.tenancy, input, ctx.origin));
    return DONE;
  }),

  signOut: publicProcedure.output(done).mutation(async ({ ctx }) => {
    await ctx.leave();
    return DONE;
  }),

  switchTenant: signedIn.input(z.object({ tenantId: id })).output(done).mutation(async ({ ctx, input }) => {
    await switchTenant(ctx.tenancy, ctx.person, input.tenantId);
    return DONE;
  }),

  createTeam: signedIn.input(z.object({ teamName: inputs.teamNameSchema, timeZone: inputs.timeZoneSchema })).output(z.object({ tenantId: z.string() }))
    .mutation(({ ctx, input }) => createTeam(ctx.tenancy, ctx.person, input, ctx.origin)),

  requestPasswordReset: publicProcedure.input(z.object({ email: inputs.emailSchema })).output(done).mutation(async ({ ctx, input }) => {
    await requestPasswordReset(ctx.tenancy, input.email, ctx.origin);
    return DONE;
  }),

  resetPassword: publicProcedure.input(z.object({ token: inputs.linkTokenSchema, password: inputs.newPasswordSchema })).output(done).mutation(async ({ ctx, input }) => {
    await resetPassword(ctx.tenancy, input, ctx.origin);
    return DONE;
  }),
});
