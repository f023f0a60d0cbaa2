/** Workflows: what their outcomes cost, how their runs spread, and what a team says of them. */
import { listRuns, listWorkflows, overviewFilterSchema, readWorkflowFigures, RUN_ORDERS, RUN_STATES, RUNS_PAGE_MAX, saveWorkflowSettings, toEventFilter, type WorkflowSettings, type WorkflowsInput } from '@outlay/ledger';
import { z } from 'zod';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';

const { range, from, to, environment, customerId } = overviewFilterSchema.shape;
const span = z.strictObject({ range, from, to, environment, customerId });
const workflow = z.string().min(1, 'Name a workflow.').max(255).refine((text) => !text.includes('\0'), 'A workflow\'s name has no NUL character.');
const ofWorkflow = span.extend({ workflow });
const runList = ofWorkflow.extend({
  state: z.enum(RUN_STATES).optional(), order: z.enum(RUN_ORDERS).optional(), cursor: z.string().max(200).optional(), limit: z.int().min(1).max(RUNS_PAGE_MAX).optional(),
  /** Sent by tRPC's endless lists. Ours go one way only. */
  direction: z.literal('forward').optional(),
});
/** What is wrong with a setting says the ledger, by field and in a sentence; here only its form. */
const settings = z.strictObject({
  workflow: z.string().max(1_000), unitName: z.string().max(1_000), targetCostUsd: z.string().max(100).nullable(), timeToLiveMs: z.number(), usableMeans: z.string().max(10_000),
  route: z.array(z.strictObject({ model: z.string().max(1_000), cheaper: z.boolean() })).max(100).optional(), onGateUnavailable: z.enum(['allow', 'deny', 'degrade']).optional(),
});

export const workflowsRouter = router({
  list: can('ledger.read').input(span).query(async ({ ctx, input }) => {
    const list = await listWorkflows(ctx.deps.db, ctx.acting.tenantId, toInput(input, ctx.team.timeZone), Date.now());
    return { ...list, workflows: list.workflows.map((each) => ({ ...each, settings: toSettings(each.settings) })) };
  }),

  get: can('ledger.read').input(ofWorkflow).query(async ({ ctx, input: { workflow: name, ...input } }) => {
    const figures = await readWorkflowFigures(ctx.deps.db, ctx.acting.tenantId, name, toInput(input, ctx.team.timeZone), Date.now());
    const toRanked = (place: 'p50' | 'p95' | 'max') => {
      const run = figures.ranked[place];
      return run === undefined ? null : { ...run, costPico: String(run.costPico) };
    };
    return { ...figures, workflow: name, settings: toSettings(figures.settings), ranked: { p50: toRanked('p50'), p95: toRanked('p95'), max: toRanked('max') } };
  }),

  runs: can('ledger.read').input(runList).query(({ ctx, input }) => {
    const { workflow: name, state, order, cursor, limit, direction: _direction, ...rest } = input;
    return listRuns(ctx.deps.db, ctx.acting.tenantId, { ...toInput(rest, ctx.team.timeZone), workflow: name, state, order, cursor, limit }, Date.now());
  }),

  save: can('workflows.manage').input(settings).mutation(async ({ ctx, input: { workflow: name, ...input } }) => toSettings(await saveWorkflowSettings(ctx.deps.db, ctx.acting, name, input))),
});

/** `range` stays: the figures snap it to whole steps, as Overview's do. */
function toInput({ range: name, ...rest }: z.infer<typeof span>, timeZone: string): WorkflowsInput {
  return { ...valueOrInvalid(toEventFilter(rest, { timeZone, nowMs: Date.now() })), ...(name === undefined ? {} : { range: name }) };
}

function toSettings(saved: WorkflowSettings) {
  return { ...saved, targetCostPico: saved.targetCostPico === null ? null : String(saved.targetCostPico) };
}
