/** Saved views of the ledger explorer: a team's own filters under a name. */
import { listViews, nameView, overwriteView, removeView, type SavedView, saveView, viewNameSchema, viewSearchSchema } from '@outlay/ledger';
import { z } from 'zod';
import { can, router } from './procedure';
import { byId, DONE, done } from './shapes';

export const viewsRouter = router({
  list: can('ledger.read').query(async ({ ctx }) => (await listViews(ctx.deps.db, ctx.acting.tenantId)).map(toView)),

  save: can('views.manage').input(z.strictObject({ name: viewNameSchema, search: viewSearchSchema })).mutation(async ({ ctx, input }) => toView(await saveView(ctx.deps.db, ctx.acting, input))),

  rename: can('views.manage').input(byId.extend({ name: viewNameSchema })).mutation(async ({ ctx, input }) => toView(await nameView(ctx.deps.db, ctx.acting, input))),

  overwrite: can('views.manage').input(byId.extend({ search: viewSearchSchema })).mutation(async ({ ctx, input }) => toView(await overwriteView(ctx.deps.db, ctx.acting, input))),

  remove: can('views.manage').input(byId).output(done).mutation(async ({ ctx, input }) => {
    await removeView(ctx.deps.db, ctx.acting, input.id);
    return DONE;
  }),
});

function toView({ id, name, search, createdAt }: SavedView) {
  return { id, name, search, createdAt: createdAt.toISOString() };
}
