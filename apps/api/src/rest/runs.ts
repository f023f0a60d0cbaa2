/** Runs over HTTP: begin, extend, finish, release, the dry run, and what a customer has and has used. Parse, authorise, one use case, and the answer's headers. */
import { DomainError } from '@outlay/kernel';
import { type BeginAnswer, listDecisions, REASONS, type Told, type ToldDenial } from '@outlay/gate';
import { LIMITS, parseQuery, runOf } from '@outlay/ledger';
import type { Policies, WorkflowPolicy } from '@outlay/plans';
import type { VerifiedKey } from '@outlay/tenancy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { toDomainError } from '../http/errors';
import { valueOrInvalid } from '../http/value-or-invalid';
import { requireKey } from './auth';
import { acceptGzipJson } from './read-json-body';

const params = z.object({ id: z.string().min(1).max(255) });
/** Of `GET /v1/decisions`. */
export const decisionsQuery = z.strictObject({
  runId: z.string().max(255).optional(), requestId: z.string().max(128).optional(), customerId: z.string().max(255).optional(), workflow: z.string().max(255).optional(),
  verdict: z.enum(['allow', 'warn', 'degrade', 'deny', 'stopped']).optional(), reason: z.string().max(64).optional(), cursor: z.uuid().optional(), limit: z.int().min(1).max(100).optional(),
});

const PAGE_ROWS = 50;

export function installRuns(app: FastifyInstance, { db, gate, policies, tenancy, activity, metrics }: ApiDeps): void {
  const decisions = metrics.counter('gate_decisions_total', 'Decisions of the gate.', ['verdict', 'reason']);

  app.register((scope, _options, done) => {
    acceptGzipJson(scope, LIMITS.bodyBytes);

    scope.post('/v1/runs', async (request, reply) => {
      const key = await requireKey(tenancy.keys, request, 'gate');
      const answer = await orUnavailable(request, () => gate.begin(key, request.body, request.id));
      if (isUnavailable(answer)) return sendUnavailable(request, reply, answer);
      decisions.inc({ verdict: answer.decision, reason: answer.reason ?? '' });
      if (answer.decision === 'deny') return sendTold(request, reply, answer);
      const withPolicy = { ...answer, on_gate_unavailable: await policyOf(policies, key.tenantId, request.body) };
      return sendTold(request, reply, withPolicy);
    });

    scope.post('/v1/runs/:id/extend', async (request, reply) => {
      const key = await requireKey(tenancy.keys, request, 'gate');
      const { id } = parse(params, request.params);
      const answer = await orUnavailable(request, () => gate.extend(key, id, request.body, request.id));
      return isUnavailable(answer) ? sendUnavailable(request, reply, answer) : sendTold(request, reply, answer);
    });

    scope.post('/v1/check', async (request, reply) => {
      const key = await requireKey(tenancy.keys, request, 'gate');
      const told = await gate.check(key, request.body);
      setRateHeaders(reply, told);
      return { allowed: told.decision !== 'deny', ...told, request_id: request.id };
    });

    scope.post('/v1/runs/:id/finish', { bodyLimit: LIMITS.bodyBytes }, async (request) => {
      const key = await requireKey(tenancy.keys, request, 'gate');
      const { id } = parse(params, request.params);
      const answer = await gate.finish(key, id, request.body);
      const stored = [...answer.results, answer.outcome].filter(({ verdict }) => verdict === 'accepted' || verdict === 'unpriced').length;
      if (stored > 0) activity.publish(key.tenantId, stored);
      return { ...answer, request_id: request.id };
    });
    done();
  });

  app.delete('/v1/runs/:id', async (request) => {
    const key = await requireKey(tenancy.keys, request, 'gate');
    const { id } = parse(params, request.params);
    return { run_id: id, released: await gate.release(key.tenantId, runOf(key.tenantId, id).id, 'released'), request_id: request.id };
  });

  app.get('/v1/customers/:id/entitlements', async (request) => {
    const key = await requireEither(tenancy, request);
    return { ...await gate.entitlements(key.tenantId, parse(params, request.params).id), request_id: request.id };
  });

  app.get('/v1/customers/:id/usage', async (request) => {
    const key = await requireEither(tenancy, request);
    return { ...await gate.usage(key.tenantId, parse(params, request.params).id), request_id: request.id };
  });

  app.get('/v1/decisions', async (request) => {
    const key = await requireEither(tenancy, request);
    const query = valueOrInvalid(parseQuery(decisionsQuery, request.query as Record<string, unknown>));
    const limit = query.limit ?? PAGE_ROWS;
    const runId = query.runId === undefined ? undefined : runOf(key.tenantId, query.runId).id;
    const rows = await db.withTenant(key.tenantId, (tx) => listDecisions(tx, { ...query, runId, environment: key.environment, before: query.cursor, limit: limit + 1 }, true));
    return {
      data: rows.slice(0, limit).map((row) => ({
        id: row.id, run_id: row.runRef ?? row.runId, kind: row.kind, at: new Date(row.atMs).toISOString(), request_id: row.requestId, environment: row.environment, customer_id: row.customerId || null,
        user_id: row.userId, workflow: row.workflow || null, decision: row.verdict, reason: row.reason, by: row.blockedBy, rule_version: row.ruleVersion, snapshot_hash: row.snapshotHash, answer: row.answer,
      })),
      next_cursor: rows.length > limit ? rows[limit - 1]!.id : null, request_id: request.id,
    };
  });
}

/** What is to happen when the gate cannot be asked: told while it can. */
async function policyOf(policies: Policies, tenantId: string, body: unknown): Promise<WorkflowPolicy['onGateUnavailable']> {
  const { workflow } = body as { readonly workflow?: string };
  const known = policies.tenant(tenantId);
  const { workflows } = known instanceof Promise ? await known : known;
  return workflows.get(workflow ?? '')?.onGateUnavailable ?? 'allow';
}

/** A key that gates may show what it gates by, as one that reads may. */
async function requireEither(tenancy: ApiDeps['tenancy'], request: FastifyRequest): Promise<VerifiedKey> {
  const key = await tenancy.keys.verify(request.headers.authorization, request.ip);
  if ((['gate', 'read', 'admin'] as const).some((ability) => key.abilities.includes(ability))) return key;
  throw new DomainError('ability_missing', { message: 'This API key lacks the ability "gate" or "read". Create a key that has it in Settings, API keys.' });
}

interface Unavailable {
  readonly unavailable: DomainError;
}

/** A gate that cannot decide says so as a decision: whoever asked has a policy for it. */
async function orUnavailable<T extends BeginAnswer | Told>(request: FastifyRequest, decide: () => Promise<T>): Promise<T | Unavailable> {
  try {
    return await decide();
  } catch (error) {
    const known = toDomainError(error);
    if (known.code !== 'unavailable' && known.code !== 'overloaded') throw error;
    request.log.error({ err: known.cause ?? known }, 'the gate could not decide');
    return { unavailable: known };
  }
}

function isUnavailable(answer: object): answer is Unavailable {
  return 'unavailable' in answer;
}

function sendUnavailable(request: FastifyRequest, reply: FastifyReply, { unavailable }: Unavailable): FastifyReply {
  const { http, sentence, nextStep, upgrade } = REASONS.gate_unavailable;
  const seconds = unavailable.retryAfterSeconds ?? 1;
  return reply.code(http).header('retry-after', String(seconds)).send({
    run_id: null, decision: 'deny', reason: 'gate_unavailable', message: sentence, next_step: nextStep, upgrade, by: null, limits: [], rate_limits: [], retry_after_seconds: seconds, request_id: request.id,
    error: { code: 'gate_unavailable', message: sentence, next_step: nextStep, retryable: true, request_id: request.id },
  });
}

function sendTold(request: FastifyRequest, reply: FastifyReply, told: Told): FastifyReply {
  setRateHeaders(reply, told);
  if (told.decision !== 'deny') return reply.send({ ...told, request_id: request.id });
  const { http } = REASONS[told.reason];
  // A later moment at which it may go on is told for all; only where waiting is the whole answer, a client should wait by itself.
  if (told.reason === 'rate_limited' && told.retry_after_seconds !== null) reply.header('retry-after', String(told.retry_after_seconds));
  return reply.code(http).send({ ...told, request_id: request.id, error: errorOf(told, request.id) });
}

function errorOf({ reason, message, next_step }: ToldDenial, requestId: string): Record<string, unknown> {
  return { code: reason, message, next_step, retryable: reason === 'rate_limited', request_id: requestId };
}

/** The rate limit that is nearest to its end. */
function setRateHeaders(reply: FastifyReply, { rate_limits }: Told): void {
  const nearest = [...rate_limits].sort((a, b) => a.remaining - b.remaining)[0];
  if (nearest === undefined) return;
  reply.header('ratelimit-limit', String(nearest.limit)).header('ratelimit-remaining', String(nearest.remaining)).header('ratelimit-reset', String(nearest.reset_seconds));
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DomainError('invalid_input', { field: issue.path.join('.') || undefined, message: issue.message });
}
