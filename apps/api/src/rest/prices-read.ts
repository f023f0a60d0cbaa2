/** `GET /v1/prices`: what models cost at a time, by the book that prices this team's rows. */
import { labelQueryShape, parseQuery } from '@outlay/ledger';
import { pricesInForce } from '@outlay/pricing';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { valueOrInvalid } from '../http/value-or-invalid';
import { requireReader } from './auth';
import { describePriceVersion } from './describe-price-version';

const MODELS_PER_PAGE = 100;
const MODELS_MAX = 500;

/** `cursor` and `limit` count models. */
export const pricesQuery = z.strictObject({
  provider: labelQueryShape.provider, model: labelQueryShape.model, at: z.iso.datetime({ offset: true, error: 'state a time such as 2026-11-21T00:00:00Z' }).optional(),
  cursor: z.string().regex(/^\d{1,6}$/, 'send the next_cursor of an answer').optional(), limit: z.int().min(1).max(MODELS_MAX).optional(),
});

export function installPricesRead(app: FastifyInstance, { tenancy, prices }: Pick<ApiDeps, 'tenancy' | 'prices'>): void {
  app.get('/v1/prices', async (request) => {
    const { tenantId } = await requireReader(tenancy, request, 'prices.read');
    const { at, cursor, limit = MODELS_PER_PAGE, ...filter } = valueOrInvalid(parseQuery(pricesQuery, request.query as Record<string, unknown>));
    const atMs = at === undefined ? Date.now() : Date.parse(at);
    await prices.refresh(tenantId);
    const { book } = await prices.of(tenantId);
    const models = pricesInForce(book, filter, atMs);
    const from = Number(cursor ?? 0);
    return {
      data: models.slice(from, from + limit).flatMap(({ current }) => current.flatMap(({ negotiated, rows }) => rows.map((row) => ({ ...describePriceVersion(row), negotiated })))),
      at: new Date(atMs).toISOString(), next_cursor: from + limit < models.length ? String(from + limit) : null, request_id: request.id,
    };
  });
}
