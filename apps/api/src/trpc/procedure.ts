/** The ladder of procedures: anybody, a signed-in person, a member of the active team, a member whose role has an ability. */
import { initTRPC, TRPCError } from '@trpc/server';
import { DomainError } from '@outlay/kernel';
import { actingOf, roleCan, type Ability } from '@outlay/tenancy';
import type { TrpcContext } from './context';
import { domainErrorOf, errorDataOf, toTrpcError } from './error-shape';

/** Who may call a procedure; tests walk the router and ask for it. */
export type Access = 'public' | 'signed-in' | 'member' | Ability;

interface Meta {
  readonly access: Access;
}

const PING_MS = 15_000;

const t = initTRPC.context<TrpcContext>().meta<Meta>().create({
  defaultMeta: { access: 'public' },
  // Never a stack trace in an answer, whatever NODE_ENV says.
  isDev: false,
  sse: { ping: { enabled: true, intervalMs: PING_MS }, client: { reconnectAfterInactivityMs: 3 * PING_MS } },
  errorFormatter: ({ shape, error, path, ctx }) => ({
    message: shape.message,
    code: shape.code,
    data: errorDataOf(error, path, shape.data.httpStatus, ctx?.origin.requestId ?? ''),
  }),
});

export const router = t.router;

export const publicProcedure = t.procedure.use(async ({ next, ctx, path }) => {
  const result = await next();
  if (result.ok) return result;
  const known = domainErrorOf(result.error);
  if (known.retryAfterSeconds !== undefined) ctx.retryAfter(known.retryAfterSeconds);
  const error = toTrpcError(result.error);
  if (error.code === 'INTERNAL_SERVER_ERROR' || error.code === 'SERVICE_UNAVAILABLE') {
    ctx.deps.log.error({ requestId: ctx.origin.requestId, procedure: path, err: known.cause ?? known }, 'procedure failed');
  }
  throw error;
});

/** Errors: `not_signed_in`. */
export const signedIn = publicProcedure.meta({ access: 'signed-in' }).use(async ({ next, ctx }) => {
  const identity = await ctx.identity();
  if (!identity) throw refusal('not_signed_in');
  return await next({ ctx: { person: identity } });
});

/** Errors: `role_missing` for a person without a team. */
export const inTeam = signedIn.meta({ access: 'member' }).use(async ({ next, ctx }) => {
  const acting = actingOf(ctx.person, ctx.origin.requestId);
  if (!acting || !ctx.person.active) throw refusal('role_missing', 'You are in no team. Create one, or ask for an invitation.');
  return await next({ ctx: { acting, team: ctx.person.active } });
});

/** A member whose role has this ability. Errors: `role_missing`. */
export function can(ability: Ability): typeof inTeam {
  return inTeam.meta({ access: ability }).use(async ({ next, ctx, type }) => {
    if (!roleCan(ctx.acting.role, ability)) throw refusal('role_missing');
    const result = await next({ ctx });
    // Other processes hear of it from the database a moment later; here the next call must meet it already.
    if (type === 'mutation') ctx.deps.policies.forget(ctx.acting.tenantId);
    // What one person changes, the screens of the others show as soon as what a worker does.
    if (type === 'mutation' && result.ok) ctx.deps.activity.publish(ctx.acting.tenantId, 1);
    return result;
  });
}

function refusal(code: 'not_signed_in' | 'role_missing', message?: string): TRPCError {
  return toTrpcError(new TRPCError({ code: 'FORBIDDEN', cause: new DomainError(code, { message }) }));
}
