/** Demo data: a team of one's own to look around in, how far its history is, and its removal. */
import { newStory } from '@outlay/ledger/demo';
import { type DemoFill, inputs, openDemoTeam, readDemoFill, refillDemoTeam, removeDemoTeam } from '@outlay/tenancy';
import { z } from 'zod';
import { inTeam, router, signedIn } from './procedure';
import { DONE, done, id } from './shapes';

const TEAM_NAME = 'Demo team';
const team = z.strictObject({ tenantId: id });

const progress = z.object({
  /** `interrupted`: whoever filled it is gone, and somebody goes on within a minute. */
  state: z.enum(['waiting', 'running', 'interrupted', 'done', 'failed', 'stopping']),
  recorded: z.number(),
  events: z.number(),
  failure: z.string().nullable(),
  /** Whether the person who asks may remove it here. */
  removable: z.boolean(),
});

export const demoRouter = router({
  /** Somebody who has a demo team enters that one. */
  create: signedIn.input(z.strictObject({ timeZone: inputs.timeZoneSchema })).output(z.object({ tenantId: z.string() })).mutation(async ({ ctx, input }) => {
    const story = newStory(Date.now(), { events: ctx.deps.demoEvents });
    const { tenantId } = await openDemoTeam(ctx.tenancy, ctx.person, { teamName: TEAM_NAME, timeZone: input.timeZone, story }, ctx.origin);
    ctx.deps.onWork('seed-demo', tenantId);
    return { tenantId };
  }),

  /** Of the active team; null when it holds real data, or made-up data that nobody fills any more. */
  progress: inTeam.output(progress.nullable()).query(async ({ ctx }) => {
    const fill = await readDemoFill(ctx.deps.db, ctx.acting.tenantId);
    if (fill === null) return null;
    const { recorded, events, failure } = fill;
    return { state: stateOf(fill), recorded, events, failure, removable: fill.madeBy === ctx.acting.id && ctx.acting.role === 'owner' };
  }),

  refill: signedIn.input(team).output(done).mutation(async ({ ctx, input }) => {
    await refillDemoTeam(ctx.tenancy, ctx.person, input.tenantId);
    ctx.deps.onWork('seed-demo', input.tenantId);
    return DONE;
  }),

  /** Answers the team in which the person works from now on; null when they are in no other. */
  remove: signedIn.input(team).output(z.object({ tenantId: z.string().nullable() })).mutation(async ({ ctx, input }) => {
    const tenantId = await removeDemoTeam(ctx.tenancy, ctx.person, input.tenantId);
    ctx.deps.onWork('seed-demo', input.tenantId);
    return { tenantId };
  }),
});

function stateOf({ state, held }: DemoFill): z.infer<typeof progress>['state'] {
  return state === 'running' && !held ? 'interrupted' : state;
}
