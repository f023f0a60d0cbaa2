/** What is wrong, what is watched, and what people answer. Money in facts and explanations is pico-dollars as text. */
import {
  acknowledgeAlert, actOnAlert, ALERT_STATES, alertActionSchema, backtestRule, getAlert, listAlerts, listRules, muteAlert, removeRule, RULE_KINDS, RULE_SCOPES, saveRule, setRuleEnabled, SPIKE_SCOPES, spikeSettingsSchema, undoAction,
} from '@outlay/insights';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const id = z.uuid();
/** What is wrong with a value says the room, by field and in a sentence; here only its form. */
const text = z.string().max(2_000);
const statedRule = z.strictObject({
  id: id.optional(), kind: z.enum(RULE_KINDS), name: text.optional(), scope: z.enum(RULE_SCOPES).optional(), subject: text.nullable().optional(), settings: z.record(z.string().max(60), z.unknown()).optional(),
  channelIds: z.array(id).max(50).optional(), action: z.looseObject({ kind: z.enum(['lower_cap', 'force_cheaper', 'throttle', 'suspend_customer']) }).nullable().optional(),
  renotifyMinutes: z.number().int().nullable().optional(), quietHours: z.strictObject({ from: text, to: text }).nullable().optional(), mutedUntil: text.nullable().optional(), enabled: z.boolean().optional(),
});

export const alertsRouter = router({
  /** The newest first; without `state` all that is not resolved. */
  list: can('alerts.read').input(z.strictObject({ state: z.enum([...ALERT_STATES, 'all']).optional(), kind: z.enum(RULE_KINDS).optional(), cursor: text.nullish(), direction: z.literal('forward').optional() })).query(async ({ ctx, input: { state, kind, cursor } }) =>
    await listAlerts(ctx.deps.db, ctx.acting.tenantId, { state, kind, cursor: cursor ?? undefined })),

  get: can('alerts.read').input(z.strictObject({ id })).query(async ({ ctx, input }) => await getAlert(ctx.deps.db, ctx.acting.tenantId, input.id)),

  acknowledge: can('alerts.act').input(z.strictObject({ id })).mutation(async ({ ctx, input }) => {
    await acknowledgeAlert(ctx.deps.db, auditedBy(ctx.acting), input.id);
  }),

  /** `hours`: 0 ends a mute. */
  mute: can('alerts.act').input(z.strictObject({ id, hours: z.number() })).mutation(async ({ ctx, input }) => {
    await muteAlert(ctx.deps.db, auditedBy(ctx.acting), input.id, input.hours);
  }),

  /** Holds from the next begin on. Errors: `conflict` where it cannot help, with the reason. */
  act: can('alerts.act').input(z.strictObject({ id, action: alertActionSchema })).mutation(async ({ ctx, input }) => {
    const taken = await actOnAlert(ctx.deps.db, auditedBy(ctx.acting), input.id, input.action);
    ctx.deps.policies.forget(ctx.acting.tenantId);
    return taken;
  }),

  undo: can('alerts.act').input(z.strictObject({ eventId: id })).mutation(async ({ ctx, input }) => {
    const undone = await undoAction(ctx.deps.db, auditedBy(ctx.acting), input.eventId);
    ctx.deps.policies.forget(ctx.acting.tenantId);
    return undone;
  }),

  /** How often a rule about spikes would have fired in the last 30 days of the team's own ledger. */
  backtest: can('alerts.read').input(z.strictObject({
    rule: z.strictObject({ kind: z.literal('spike'), scope: z.enum(SPIKE_SCOPES), subject: text.nullable().default(null), settings: spikeSettingsSchema, builtIn: z.boolean().default(false) }),
  })).mutation(({ ctx, input: { rule: { kind: _kind, ...rule } } }) => backtestRule(ctx.deps.db, { tenantId: ctx.acting.tenantId, timeZone: ctx.team.timeZone }, rule, Date.now())),

  rules: can('alerts.read').query(async ({ ctx }) => await listRules(ctx.deps.db, ctx.acting.tenantId)),

  /** What the input leaves out stays, of a new rule as its kind has it. */
  saveRule: can('alerts.manage').input(statedRule).mutation(async ({ ctx, input }) => await saveRule(ctx.deps.db, auditedBy(ctx.acting), input)),

  setRuleEnabled: can('alerts.manage').input(z.strictObject({ id, enabled: z.boolean() })).mutation(async ({ ctx, input }) => await setRuleEnabled(ctx.deps.db, auditedBy(ctx.acting), input.id, input.enabled)),

  removeRule: can('alerts.manage').input(z.strictObject({ id })).mutation(async ({ ctx, input }) => await removeRule(ctx.deps.db, auditedBy(ctx.acting), input.id)),
});
