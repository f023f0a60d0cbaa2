import { createKey, inputs, KEY_ABILITIES, listKeys, revokeKey } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';
import { byId, DONE, done, instant } from './shapes';

const key = z.object({
  id: z.string(), name: z.string(), environment: z.string(), abilities: z.array(z.enum(KEY_ABILITIES)).readonly(), prefix: z.string(), createdBy: z.string(), createdAt: instant,
  expiresAt: instant.nullable(), revokedAt: instant.nullable(), lastUsedAt: instant.nullable(),
});

const newKey = z.object({
  name: inputs.keyNameSchema, environment: inputs.environmentSchema, abilities: inputs.keyAbilitiesSchema, expiresInDays: inputs.expiresInDaysSchema.optional(),
});

export const keysRouter = router({
  list: can('keys.read').output(z.array(key)).query(({ ctx }) => listKeys(ctx.tenancy, ctx.acting)),

  create: can('keys.manage').input(newKey).output(z.object({ id: z.string(), secret: z.string() }))
    .mutation(({ ctx, input }) => createKey(ctx.tenancy, ctx.acting, input)),

  revoke: can('keys.manage').input(byId).output(done).mutation(async ({ ctx, input }) => {
    await revokeKey(ctx.tenancy, ctx.acting, input.id);
    return DONE;
  }),
});
