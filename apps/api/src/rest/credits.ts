/** `GET` and `POST /v1/customers/{id}/credits`: a customer's prepaid credits for programs, such as the shop that sells them. */
import { DomainError } from '@outlay/kernel';
import { creditText, GIVEN_KINDS, giveCredits, readStatement } from '@outlay/plans';
import { keyLabel } from '@outlay/tenancy';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { requireKey } from './auth';

const params = z.object({ id: z.string().min(1).max(255) });
const query = z.strictObject({ cursor: z.string().max(100).optional() });
const body = z.strictObject({
  kind: z.enum(GIVEN_KINDS), amount: z.union([z.string(), z.number()]), idempotency_key: z.string().min(1).max(255), priority: z.int().min(-1_000).max(1_000).optional(),
  expires_at: z.string().nullish(), rollover_days: z.int().min(1).nullish(), note: z.string().max(500).optional(),
});

/** What the API calls a field, by what the use case calls it. */
const FIELD_NAMES: Readonly<Record<string, string>> = { customerId: 'id', key: 'idempotency_key', expiresAt: 'expires_at', rolloverDays: 'rollover_days' };

export function installCredits(app: FastifyInstance, { db, tenancy }: ApiDeps): void {
  app.get('/v1/customers/:id/credits', async (request) => {
    const { tenantId } = await requireKey(tenancy.keys, request, 'read');
    const { id } = parse(params, request.params);
    const { lots, rows, nextCursor, ...statement } = await readStatement(db, tenantId, id, { cursor: parse(query, request.query).cursor });
    return {
      customer_id: id, ...statement,
      lots: lots.map((lot) => ({
        id: lot.id, kind: lot.kind, priority: lot.priority, remaining: creditText(lot.remaining), expires_at: isoOf(lot.expiresMs), rollover_days: lot.rolloverDays, created_at: isoOf(lot.createdMs), note: lot.note,
      })),
      rows: rows.map((row) => ({
        posting_id: row.postingId, kind: row.kind, at: row.at.toISOString(), run_id: row.runId, note: row.note, amount: row.amount, balance_after: row.balanceAfter,
        entries: row.entries.map(({ account, lotId, amount }) => ({ account, lot_id: lotId, amount })),
      })),
      next_cursor: nextCursor, request_id: request.id,
    };
  });

  app.post('/v1/customers/:id/credits', async (request) => {
    const key = await requireKey(tenancy.keys, request, 'admin');
    const { id } = parse(params, request.params);
    const given = parse(body, request.body);
    const actor = await db.withTenant(key.tenantId, (tx) => keyLabel(tx, key.keyId));
    try {
      const { balance, postingId, lotId, again } = await giveCredits(db, { tenantId: key.tenantId, actorId: null, actor, requestId: request.id }, {
        customerId: id, kind: given.kind, amount: String(given.amount), key: given.idempotency_key, priority: given.priority, expiresAt: given.expires_at, rolloverDays: given.rollover_days, note: given.note,
      });
      return { customer_id: id, posting_id: postingId, lot_id: lotId, again, available: creditText(balance.available), overdraft: creditText(balance.overdraft), request_id: request.id };
    } catch (error) {
      if (!(error instanceof DomainError) || error.field === undefined) throw error;
      throw new DomainError(error.code, { message: error.message, field: FIELD_NAMES[error.field] ?? error.field });
    }
  });
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DomainError('invalid_input', { field: issue.path.join('.') || undefined, message: issue.message });
}

function isoOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
