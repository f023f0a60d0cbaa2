/** `GET /v1/caps`, `PUT` and `DELETE /v1/caps/{id}`: a team's caps for programs. The caller makes the id, so that saying it twice makes one cap. */
import { DomainError } from '@outlay/kernel';
import { type Cap, CAP_METRICS, CAP_MODES, CAP_SCOPES, type ListedCap, listCaps, removeCap, saveCap, statedLimit, WINDOWS } from '@outlay/plans';
import { parseQuery } from '@outlay/ledger';
import { keyLabel } from '@outlay/tenancy';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { valueOrInvalid } from '../http/value-or-invalid';
import { requireKey } from './auth';

export const capsQuery = z.strictObject({ scope: z.enum(CAP_SCOPES).optional() });
const params = z.object({ id: z.uuid('The id of a cap is a UUID.') });
const body = z.strictObject({
  name: z.string().optional(), scope: z.enum(CAP_SCOPES), subject: z.string().nullish(), metric: z.enum(CAP_METRICS), window: z.enum(WINDOWS).nullish(), mode: z.enum(CAP_MODES).optional(),
  limit: z.union([z.string(), z.number()]), expires_at: z.string().nullish(),
});

export function installCaps(app: FastifyInstance, { db, tenancy, policies }: ApiDeps): void {
  app.get('/v1/caps', async (request) => {
    const { tenantId } = await requireKey(tenancy.keys, request, 'read');
    const { scope } = valueOrInvalid(parseQuery(capsQuery, request.query as Record<string, unknown>));
    const caps = await listCaps(db, tenantId);
    return { data: caps.filter((cap) => scope === undefined || cap.scope === scope).map((cap) => ({ ...toCap(cap), ...standing(cap) })), request_id: request.id };
  });

  app.put('/v1/caps/:id', async (request) => {
    const key = await requireKey(tenancy.keys, request, 'admin');
    const { id } = parse(params, request.params);
    const { expires_at: expiresAt, limit, ...stated } = parse(body, request.body);
    const by = { tenantId: key.tenantId, actorId: null, actor: await db.withTenant(key.tenantId, (tx) => keyLabel(tx, key.keyId)), requestId: request.id };
    try {
      const cap = await saveCap(db, by, { ...stated, id, limit: String(limit), expiresAt }, { source: 'api', creates: true });
      policies.forget(key.tenantId);
      return { cap: toCap(cap), request_id: request.id };
    } catch (error) {
      throw error instanceof DomainError && error.field === 'expiresAt' ? new DomainError(error.code, { message: error.message, field: 'expires_at' }) : error;
    }
  });

  app.delete('/v1/caps/:id', async (request) => {
    const key = await requireKey(tenancy.keys, request, 'admin');
    const { id } = parse(params, request.params);
    await removeCap(db, { tenantId: key.tenantId, actorId: null, actor: await db.withTenant(key.tenantId, (tx) => keyLabel(tx, key.keyId)), requestId: request.id }, id);
    policies.forget(key.tenantId);
    return { id, removed: true, request_id: request.id };
  });
}

function toCap(cap: Cap) {
  const { id, name, scope, subject, metric, window, mode, source, expiresAt, disabledAt, createdAt, createdBy, updatedAt } = cap;
  return { id, name, scope, subject, metric, window, mode, limit: statedLimit(cap), source, expires_at: expiresAt, disabled_at: disabledAt, created_at: createdAt, created_by: createdBy, updated_at: updatedAt };
}

function standing(cap: ListedCap) {
  return { used: cap.used === null ? null : statedLimit({ metric: cap.metric, limit: cap.used }), window_end: cap.windowEnd, overshoot: cap.overshoot };
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DomainError('invalid_input', { field: issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined), message: issue.message });
}
