/** Plans: drafted, published, scheduled, taken back; their customers follow as the publisher says. */
import {
  createPlan, diffDraft, discardDraft, getPlan, listPlans, makeDefault, PLAN_TEMPLATES, planDefinitionSchema, publishPlan, retirePlan, saveDraft, withdrawPlanVersion,
} from '@outlay/plans';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { planPreviews } from './plan-previews';
import { can, router } from './procedure';

const planId = z.uuid();
const text = z.string().max(2_000);
/** What is wrong with a definition says the room, path by path; a draft need not be valid. */
const definition = z.record(z.string(), z.unknown());

export const plansRouter = router({
  list: can('plans.read').query(({ ctx }) => listPlans(ctx.deps.db, ctx.acting.tenantId)),

  get: can('plans.read').input(z.strictObject({ planId })).query(({ ctx, input }) => getPlan(ctx.deps.db, ctx.acting.tenantId, input.planId)),

  templates: can('plans.read').query(() => PLAN_TEMPLATES.map((template) => ({ ...template, definition: planDefinitionSchema.parse(template.definition) }))),

  diff: can('plans.read').input(z.strictObject({ planId })).query(async ({ ctx, input }) => (await diffDraft(ctx.deps.db, ctx.acting.tenantId, input.planId)).changes),

  create: can('plans.manage').input(z.strictObject({ name: text, key: text.optional(), words: text.optional(), template: text.optional(), copyOf: z.uuid().optional(), definition: definition.optional() }))
    .mutation(({ ctx, input }) => createPlan(ctx.deps.db, auditedBy(ctx.acting), input)),

  saveDraft: can('plans.manage').input(z.strictObject({ planId, definition: definition.optional(), name: text.optional(), words: text.optional() }))
    .mutation(({ ctx, input }) => saveDraft(ctx.deps.db, auditedBy(ctx.acting), input)),

  discardDraft: can('plans.manage').input(z.strictObject({ planId })).mutation(({ ctx, input }) => discardDraft(ctx.deps.db, auditedBy(ctx.acting), input.planId)),

  publish: can('plans.manage').input(z.strictObject({ planId, effectiveFrom: text.optional(), migrates: z.enum(['now', 'renewal', 'grandfather']), note: text.default('') }))
    .mutation(({ ctx, input }) => publishPlan(ctx.deps.db, auditedBy(ctx.acting), input)),

  withdraw: can('plans.manage').input(z.strictObject({ versionId: z.uuid() })).mutation(({ ctx, input }) => withdrawPlanVersion(ctx.deps.db, auditedBy(ctx.acting), input.versionId)),

  setDefault: can('plans.manage').input(z.strictObject({ planId: planId.nullable(), alsoOthers: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => makeDefault(ctx.deps.db, auditedBy(ctx.acting), input.planId, input.alsoOthers)),

  ...planPreviews,

  archive: can('plans.manage').input(z.strictObject({ planId })).mutation(({ ctx, input }) => retirePlan(ctx.deps.db, auditedBy(ctx.acting), input.planId)),
});
