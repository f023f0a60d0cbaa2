/** Where alerts are told, and what was. Addresses of Slack and webhooks go in and never come out. */
import { CHANNEL_KINDS, listChannels, listDeliveries, removeChannel, replayDelivery, saveChannel, testChannel } from '@outlay/insights';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { can, router } from './procedure';

const id = z.uuid();
const text = z.string().max(2_000);

export const channelsRouter = router({
  list: can('alerts.read').query(async ({ ctx }) => await listChannels(ctx.deps.db, ctx.acting.tenantId)),

  /** `signingSecret`: of a new webhook, shown this once. */
  save: can('channels.manage').input(z.strictObject({
    id: id.optional(), kind: z.enum(CHANNEL_KINDS), name: text.optional(), to: z.union([z.literal('owners'), z.array(text).max(100)]).optional(), url: text.optional(), enabled: z.boolean().optional(),
  })).mutation(async ({ ctx, input }) => await saveChannel(ctx.deps.db, ctx.deps.box, auditedBy(ctx.acting), input)),

  remove: can('channels.manage').input(z.strictObject({ id })).mutation(async ({ ctx, input }) => await removeChannel(ctx.deps.db, auditedBy(ctx.acting), input.id)),

  test: can('channels.manage').input(z.strictObject({ id })).mutation(async ({ ctx, input }) => await testChannel(sendingDeps(ctx.deps), auditedBy(ctx.acting), input.id)),

  /** The newest first. */
  deliveries: can('alerts.read').input(z.strictObject({ channelId: id.optional(), cursor: id.nullish(), direction: z.literal('forward').optional() })).query(async ({ ctx, input }) =>
    await listDeliveries(ctx.deps.db, ctx.acting.tenantId, { channelId: input.channelId, cursor: input.cursor ?? undefined })),

  replay: can('channels.manage').input(z.strictObject({ deliveryId: id })).mutation(async ({ ctx, input }) => await replayDelivery(ctx.deps.db, auditedBy(ctx.acting), input.deliveryId)),
});

function sendingDeps({ db, box, fetch, publicUrl, brand, tenancy }: ApiDeps): Parameters<typeof testChannel>[0] {
  return { db, box, fetch, publicUrl, brand: { name: brand.name, accent: brand.accent }, onLetter: tenancy.onLetter };
}
