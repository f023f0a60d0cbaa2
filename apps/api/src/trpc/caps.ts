/** Caps that a team sets, and the risk block that holds without any. Limits leave as they are stored (cost in pico-dollars) and come as people write them (dollars). */
import { readHeld, readUngated } from '@outlay/gate';
import { CAP_METRICS, CAP_MODES, CAP_SCOPES, listCaps, readFullest, readRisk, removeCap, type RiskSettings, saveCap, saveRisk, setCapEnabled, WINDOWS } from '@outlay/plans';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const id = z.uuid();
/** What is wrong with a value says the room, by field and in a sentence; here only its form. */
const text = z.string().max(2_000);
const stated = z.strictObject({
  id: id.optional(), name: text.optional(), scope: z.enum(CAP_SCOPES), subject: text.nullable().optional(), metric: z.enum(CAP_METRICS), window: z.enum(WINDOWS).nullable().optional(),
  mode: z.enum(CAP_MODES).optional(), limit: text, expiresAt: text.nullable().optional(),
});

export const capsRouter = router({
  /** `used` and `held` of those that have one subject, as their limits. */
  list: can('gate.read').query(async ({ ctx }) => {
    const caps = await listCaps(ctx.deps.db, ctx.acting.tenantId);
    const held = await readHeld(ctx.deps.db, ctx.acting.tenantId, caps);
    return caps.map((cap) => ({ ...cap, held: held.get(cap.id) ?? null }));
  }),

  /**
   * What is dear to know of caps, for who looks at them: of caps on cost with one subject what counted without a begin (`ungatedPico`; null where too many rows would have to be looked at), of caps
   * that count each one by itself who used most.
   */
  standing: can('gate.read').query(async ({ ctx }) => {
    const { tenantId } = ctx.acting;
    const { db } = ctx.deps;
    const caps = await listCaps(db, tenantId);
    const asks = caps.flatMap(({ metric, windowStart, windowEnd, ...cap }) => (metric === 'cost' && windowStart !== null && windowEnd !== null ? [{ id: cap.id, scope: cap.scope, subject: cap.subject, windowStart, windowEnd }] : []));
    const ungated = await readUngated(db, tenantId, asks, ctx.team.timeZone);
    const fullest = await readFullest(db, tenantId);
    return caps.map((cap) => ({ id: cap.id, ungatedPico: ungated.get(cap.id)?.toString() ?? null, fullest: fullest.get(cap.id) ?? [] }));
  }),

  /** `limit`: dollars for cost, a decimal for units, else a whole number. */
  save: can('caps.manage').input(stated).mutation(async ({ ctx, input }) => {
    const saved = await saveCap(ctx.deps.db, auditedBy(ctx.acting), input, { source: 'person', creates: false });
    ctx.deps.policies.forget(ctx.acting.tenantId);
    return saved;
  }),

  remove: can('caps.manage').input(z.strictObject({ id })).mutation(async ({ ctx, input }) => {
    await removeCap(ctx.deps.db, auditedBy(ctx.acting), input.id);
    ctx.deps.policies.forget(ctx.acting.tenantId);
  }),

  setEnabled: can('caps.manage').input(z.strictObject({ id, enabled: z.boolean() })).mutation(async ({ ctx, input }) => {
    await setCapEnabled(ctx.deps.db, auditedBy(ctx.acting), input.id, input.enabled);
    ctx.deps.policies.forget(ctx.acting.tenantId);
  }),

  risk: can('gate.read').query(async ({ ctx }) => toRisk(await readRisk(ctx.deps.db, ctx.acting.tenantId))),

  saveRisk: can('caps.manage').input(z.strictObject({ enabled: z.boolean(), floorUsd: text, factor: text })).mutation(async ({ ctx, input }) => {
    const saved = await saveRisk(ctx.deps.db, auditedBy(ctx.acting), input);
    ctx.deps.policies.forget(ctx.acting.tenantId);
    return toRisk(saved);
  }),
});

function toRisk({ floorPico, ...risk }: RiskSettings) {
  return { ...risk, floorPico: String(floorPico) };
}
