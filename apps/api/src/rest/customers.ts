/** Customers and plans for programs: record and change customers, give them plans and overrides, suspend them, read what they cost. */
import { DomainError, formatRational } from '@outlay/kernel';
import { parseQuery } from '@outlay/ledger';
import {
  assignPlan, type By, CUSTOMERS_PAGE_MAX, type DefinitionPatch, getCustomer, type LiveCharge, type ListedCustomer, listCustomers, listPlans, putCustomer, readCharge, resumeCustomer, setOverride, suspendCustomer,
} from '@outlay/plans';
import { keyLabel } from '@outlay/tenancy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { valueOrInvalid } from '../http/value-or-invalid';
import { requireKey } from './auth';

const params = z.object({ id: z.string().min(1).max(255) });
export const customersQuery = z.strictObject({ after: z.string().max(255).optional(), limit: z.int().min(1).max(CUSTOMERS_PAGE_MAX).optional(), segment: z.string().min(1).max(255).optional() });
export const plansQuery = z.strictObject({ state: z.enum(['active', 'all']).optional() });
const text = z.string().max(2_000);
const at = z.string().max(64);
export const customerBody = z.strictObject({ name: text.optional(), segment: text.nullable().optional(), time_zone: text.nullable().optional(), anchor_day: at.optional(), plan: text.optional() });
export const planBody = z.strictObject({ plan: text, effective_from: at.optional() });
export const suspendBody = z.strictObject({ reason: text });
export const overrideBody = z.strictObject({ patch: z.record(z.string(), z.unknown()), effective_from: at.optional(), note: text.optional() });
const chargeQuery = z.strictObject({ at: z.iso.datetime({ offset: true }).optional() });

/** What the API calls a field, by what the use case calls it. */
const FIELD_NAMES: Readonly<Record<string, string>> = { customerId: 'id', subject: 'id', timeZone: 'time_zone', anchorDay: 'anchor_day', when: 'effective_from', effectiveFrom: 'effective_from' };

export function installCustomers(app: FastifyInstance, { db, tenancy, policies }: ApiDeps): void {
  const read = async (request: FastifyRequest): Promise<string> => (await requireKey(tenancy.keys, request, 'read')).tenantId;

  /** One change by a key with `admin`; answers the customer as it now is. From the next call on it holds. */
  async function change(request: FastifyRequest, run: (by: By, customerId: string) => Promise<unknown>) {
    const key = await requireKey(tenancy.keys, request, 'admin');
    const { id } = parse(params, request.params);
    const actor = await db.withTenant(key.tenantId, (tx) => keyLabel(tx, key.keyId));
    try {
      await run({ tenantId: key.tenantId, actorId: null, actor, requestId: request.id }, id);
    } catch (error) {
      if (!(error instanceof DomainError) || error.field === undefined) throw error;
      throw new DomainError(error.code, { message: error.message, field: FIELD_NAMES[error.field] ?? error.field });
    } finally {
      policies.forget(key.tenantId);
    }
    return { ...toCustomer(await getCustomer(db, key.tenantId, id)), request_id: request.id };
  }

  app.get('/v1/customers', async (request) => {
    const tenantId = await read(request);
    const { customers, next } = await listCustomers(db, tenantId, valueOrInvalid(parseQuery(customersQuery, request.query as Record<string, unknown>)));
    return { data: customers.map(toCustomer), next_after: next, request_id: request.id };
  });

  app.get('/v1/customers/:id', async (request) => {
    const tenantId = await read(request);
    return { ...toCustomer(await getCustomer(db, tenantId, parse(params, request.params).id)), request_id: request.id };
  });

  app.put('/v1/customers/:id', (request) => change(request, (by, customerId) => {
    const { time_zone: timeZone, anchor_day: anchorDay, ...rest } = parse(customerBody, request.body);
    return putCustomer(db, by, { customerId, timeZone, anchorDay, ...rest });
  }));

  app.post('/v1/customers/:id/plan', (request) => change(request, (by, customerId) => {
    const { plan, effective_from: when = 'now' } = parse(planBody, request.body);
    return assignPlan(db, by, { customerId, plan, when });
  }));

  app.post('/v1/customers/:id/suspend', (request) => change(request, (by, customerId) => suspendCustomer(db, by, customerId, parse(suspendBody, request.body).reason)));

  app.post('/v1/customers/:id/resume', (request) => change(request, (by, customerId) => resumeCustomer(db, by, customerId)));

  app.put('/v1/customers/:id/override', (request) => change(request, (by, subject) => {
    const { patch, effective_from: effectiveFrom, note } = parse(overrideBody, request.body);
    return setOverride(db, by, { scope: 'customer', subject, patch: patch as DefinitionPatch, effectiveFrom, note });
  }));

  app.delete('/v1/customers/:id/override', (request) => change(request, (by, subject) => setOverride(db, by, { scope: 'customer', subject, patch: null })));

  app.get('/v1/customers/:id/charge', async (request) => {
    const tenantId = await read(request);
    const { id } = parse(params, request.params);
    const { at: asked } = parse(chargeQuery, request.query);
    const charge = await readCharge(db, tenantId, id, asked === undefined ? Date.now() : Date.parse(asked));
    return { customer_id: id, charge: charge === null ? null : toCharge(charge), request_id: request.id };
  });

  app.get('/v1/plans', async (request) => {
    const tenantId = await read(request);
    const { state = 'active' } = valueOrInvalid(parseQuery(plansQuery, request.query as Record<string, unknown>));
    const plans = await listPlans(db, tenantId);
    const toVersion = ({ versionId, number, effectiveFrom, definition }: NonNullable<(typeof plans)[number]['live']>) => ({ id: versionId, number, effective_from: effectiveFrom, definition });
    return {
      data: plans.filter(({ archivedAt }) => state === 'all' || archivedAt === null).map((plan) => ({
        id: plan.id, key: plan.key, name: plan.name, words: plan.words, default: plan.isDefault, archived_at: plan.archivedAt, customers: plan.customers,
        live: plan.live === null ? null : toVersion(plan.live), scheduled: plan.scheduled.map(toVersion),
      })),
      request_id: request.id,
    };
  });
}

function toCustomer(customer: ListedCustomer) {
  return {
    customer_id: customer.customerId, name: customer.name, segment: customer.segment, time_zone: customer.timeZone, anchor_day: customer.anchorDay, suspended: customer.suspended,
    risk_lifted_until: customer.riskLiftedUntil, plan: customer.plan, source: customer.source, created_at: customer.createdAt,
  };
}

/** Amounts are exact decimals of the plan's currency, rounded nowhere. */
function toCharge({ window, period, segments, currency, total }: LiveCharge) {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    period: { start: iso(window.startMs), end: iso(window.endMs), from: iso(period.fromMs), to: iso(period.toMs) }, currency, total: formatRational(total),
    segments: segments.map(({ entitlement, fromMs, toMs, share, charge }) => ({
      plan: { key: entitlement.plan.key, name: entitlement.plan.name, version: entitlement.version.number }, from: iso(fromMs), to: iso(toMs), share: `${share.num}/${share.den}`,
      total: formatRational(charge.total),
      lines: charge.lines.map((line) => ({
        kind: line.kind, allowance: line.allowanceId, window: line.window, used: formatRational(line.used), included: formatRational(line.included), over: formatRational(line.over), amount: formatRational(line.amount),
        parts: line.parts.map((part) => ({ quantity: formatRational(part.quantity), price: part.price, per: part.per, amount: formatRational(part.amount) })),
      })),
    })),
  };
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DomainError('invalid_input', { field: issue.path.join('.') || undefined, message: issue.message });
}
