/** Provider connections: what people connect, how their syncs stand, and what providers report and bill beside the ledger. Keys come in and never go out. */
import {
  type ComparedRow, compareProviders, type ConnectionUsage, connectProvider, listConnections, type ListedConnection, listSyncs, readConnectionUsage, removeConnection, requestSync, setPaused, type StoredSync, testConnection, updateConnection,
} from '@outlay/providers';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';
import { providerImports } from './provider-imports';

const id = z.uuid();
const byId = z.strictObject({ id });
/** What is wrong with a value says the room, by field and in a sentence; here only its form. */
const text = z.string().max(2_000);
const settings = z.record(z.string().max(100), z.union([text, z.boolean(), z.null()]));
const credentials = z.string().max(40_000);
const provider = z.enum(['openai', 'anthropic', 'google', 'openrouter']);

export const providersRouter = router({
  ...providerImports,

  list: can('providers.read').query(async ({ ctx }) => (await listConnections(ctx.deps.db, ctx.acting.tenantId)).map(toConnection)),

  /** With `id` and without credentials the stored key is tried. */
  test: can('providers.manage').input(z.strictObject({ provider, settings, credentials: credentials.optional(), id: id.optional() })).mutation(async ({ ctx, input }) => ({
    findings: (await testConnection(ctx.deps, ctx.acting.tenantId, input)).map((finding) => ({ ...finding })),
  })),

  /** Its first sync begins at once. */
  connect: can('providers.manage').input(z.strictObject({ provider, name: text.default(''), settings, credentials })).mutation(async ({ ctx, input }) => {
    const by = auditedBy(ctx.acting);
    const made = await connectProvider(ctx.deps, by, input);
    const { syncId } = await requestSync(ctx.deps.db, by, made.id);
    ctx.deps.onSync({ tenantId: by.tenantId, connectionId: made.id, syncId });
    return { id: made.id, syncId };
  }),

  /** Without credentials the key stays, unless the address is another one. */
  update: can('providers.manage').input(z.strictObject({ id, name: text.optional(), settings: settings.optional(), credentials: credentials.optional() })).mutation(async ({ ctx, input }) => {
    await updateConnection(ctx.deps, auditedBy(ctx.acting), input);
  }),

  pause: can('providers.manage').input(byId).mutation(async ({ ctx, input }) => {
    await setPaused(ctx.deps, auditedBy(ctx.acting), input.id, true);
  }),

  resume: can('providers.manage').input(byId).mutation(async ({ ctx, input }) => {
    await setPaused(ctx.deps, auditedBy(ctx.acting), input.id, false);
  }),

  /** The key is deleted; what the provider said until now stays. */
  remove: can('providers.manage').input(byId).mutation(async ({ ctx, input }) => {
    await removeConnection(ctx.deps, auditedBy(ctx.acting), input.id);
  }),

  /** One that runs already is answered with its own id. */
  syncNow: can('providers.manage').input(byId).mutation(async ({ ctx, input }) => {
    const { tenantId } = ctx.acting;
    const { syncId, isNew } = await requestSync(ctx.deps.db, auditedBy(ctx.acting), input.id);
    if (isNew) ctx.deps.onSync({ tenantId, connectionId: input.id, syncId });
    return { syncId };
  }),

  syncs: can('providers.read').input(byId).query(async ({ ctx, input }) => (await listSyncs(ctx.deps.db, ctx.acting.tenantId, input.id)).map(toSync)),

  /** Buckets as the provider counts them, a span at once: three hours of minutes, a week of hours, ninety days. Errors: `not_found`, `invalid_input`. */
  usage: can('providers.read').input(z.strictObject({ id, width: z.enum(['1m', '1h', '1d']).optional(), by: z.enum(['model', 'key', 'project']).default('model'), before: z.string().max(40).optional() })).query(async ({ ctx, input }) =>
    toUsage(await readConnectionUsage(ctx.deps.db, ctx.acting.tenantId, input))),

  /** UTC days, `[from, to)`. */
  compare: can('providers.read').input(z.strictObject({ from: text, to: text, groupBy: z.enum(['provider', 'model']) })).query(async ({ ctx, input }) =>
    (await compareProviders(ctx.deps.db, ctx.acting.tenantId, input)).map(toCompared)),
});

function toConnection({ lastSuccessAt, lastAttemptAt, nextSyncAt, createdAt, progress, createdBy, ...rest }: ListedConnection) {
  return {
    ...rest, lastSuccessAt: lastSuccessAt?.toISOString() ?? null, lastAttemptAt: lastAttemptAt?.toISOString() ?? null, nextSyncAt: nextSyncAt?.toISOString() ?? null, createdAt: createdAt.toISOString(),
    createdBy: createdBy.replace(/ <[^<>]*>$/, ''), progress: progress && { ...progress, startedAt: progress.startedAt.toISOString() },
  };
}

function toSync({ id: syncId, cause, state, startedAt, finishedAt, pages, rowsRead, rowsChanged, progress, error }: StoredSync) {
  return { id: syncId, cause, state, startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null, pages, rowsRead, rowsChanged, progress, error };
}

function toUsage({ cells, groups, totals, days, fromMs, toMs, oldest, newest, ...usage }: ConnectionUsage) {
  return {
    ...usage, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), oldest: oldest?.toISOString() ?? null, newest: newest?.toISOString() ?? null,
    cells: cells.map(({ at, pricedPico, ...cell }) => ({ ...cell, at: at.toISOString(), pricedPico: String(pricedPico) })),
    groups: groups.map(({ pricedPico, provisionalPico, ...group }) => ({ ...group, pricedPico: String(pricedPico), provisionalPico: String(provisionalPico) })),
    totals: { ...totals, pricedPico: String(totals.pricedPico), provisionalPico: String(totals.provisionalPico) },
    days: days.map(({ pricedPico, billedPico, ...day }) => ({ ...day, pricedPico: pricedPico?.toString() ?? null, billedPico: billedPico?.toString() ?? null })),
  };
}

function toCompared({ ledger, reported, billed, ...named }: ComparedRow) {
  return {
    ...named, ledger: ledger && { ...ledger, costPico: String(ledger.costPico) }, reported: reported && { ...reported, pricedPico: String(reported.pricedPico) },
    billed: billed && { amountPico: String(billed.amountPico), provisionalPico: String(billed.provisionalPico) },
  };
}
