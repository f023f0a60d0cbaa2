/** The description of customers and plans; the parts that it is made of are handed in by `openapi.ts`. */
import { planDefinitionSchema } from '@outlay/plans';
import { z } from 'zod';
import { customerBody, customersQuery, overrideBody, planBody, plansQuery, suspendBody } from './customers';
import type { DescribeParts } from './openapi-credits';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };
const time: Schema = { type: 'string', format: 'date-time' };
const timeOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const decimal: Schema = { type: 'string', description: 'An exact decimal.' };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const idParameter: Schema = { name: 'id', in: 'path', required: true, description: 'Your own id of the customer.', schema: text };

const CUSTOMER_EXAMPLES = {
  put: { name: 'Acme GmbH', segment: 'startup', time_zone: 'Europe/Berlin', anchor_day: '2026-01-31' },
  plan: { plan: 'pro', effective_from: 'renewal' },
  suspend: { reason: 'The invoice of October is open.' },
  override: { patch: { baseFee: '799', allowances: [{ id: 'actions', included: '150000' }] }, note: 'As agreed with Ana' },
};

function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

export function describeCustomers({ answer, failures, objectOf, parametersOf }: DescribeParts & { readonly parametersOf: (schema: z.ZodObject) => Schema[] }): Schema {
  const plan = orNull(objectOf({ key: text, name: text, version: { type: 'integer' } }));
  const members = {
    customer_id: text, name: text, segment: textOrNull, time_zone: { ...textOrNull, description: 'Null: the team\'s.' }, anchor_day: { type: 'string', format: 'date', description: 'Its periods are counted from this local date.' },
    suspended: orNull(objectOf({ at: time, reason: textOrNull })), risk_lifted_until: timeOrNull, plan, source: { enum: ['api', 'console', 'first_sight', 'demo'] }, created_at: time,
  };
  const customer = objectOf({ ...members, request_id: text });
  const version = objectOf({ id: text, number: { type: 'integer' }, effective_from: time, definition: schemaOf(planDefinitionSchema, 'output') });
  const writeFailures = failures(400, 401, 403, 404, 409, 429, 500, 503);
  const write = (operationId: string, summary: string, body: z.ZodType | null, example: unknown, words: string): Schema => ({
    operationId, summary, description: `${words} Holds from the next call on. Ability: admin.`, parameters: [idParameter],
    ...(body === null ? {} : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body), example } } } }),
    responses: { 200: answer('The customer as it now is.', customer), ...writeFailures },
  });
  const line = objectOf({
    kind: { enum: ['base_fee', 'overage'] }, allowance: textOrNull, window: { ...textOrNull, description: 'First local date of the window.' }, used: decimal, included: decimal, over: decimal, amount: decimal,
    parts: listOf(objectOf({ quantity: decimal, price: { ...textOrNull, description: 'Null on the flat amount of a tier.' }, per: decimal, amount: decimal })),
  });
  const segment = objectOf({
    plan: objectOf({ key: text, name: text, version: { type: 'integer' } }), from: time, to: time, share: { type: 'string', description: 'Part of the period, as a fraction.' }, total: decimal, lines: listOf(line),
  });
  return {
    '/v1/customers': {
      get: {
        operationId: 'listCustomers', summary: 'Customers by their id', description: 'Ability: read.', parameters: parametersOf(customersQuery),
        responses: { 200: answer('One page; ask for the next with after=next_after.', objectOf({ data: listOf(objectOf(members)), next_after: textOrNull, request_id: text })), ...failures(400, 401, 403, 429, 500, 503) },
      },
    },
    '/v1/customers/{id}': {
      get: { operationId: 'getCustomer', summary: 'One customer', description: 'Ability: read.', parameters: [idParameter], responses: { 200: answer('The customer.', customer), ...failures(400, 401, 403, 404, 429, 500, 503) } },
      put: write('putCustomer', 'Record or change a customer', customerBody, CUSTOMER_EXAMPLES.put, 'Asking again changes nothing. Without plan, a new customer comes to the default plan; customers also appear by themselves, with their first event.'),
    },
    '/v1/customers/{id}/plan': {
      post: write('assignPlan', 'Give a customer a plan', planBody, CUSTOMER_EXAMPLES.plan, 'effective_from is a time that is not past, "renewal" (its next period) or absent (now). What was to come after that moment is taken back. What was used stays as it was rated.'),
    },
    '/v1/customers/{id}/suspend': { post: write('suspendCustomer', 'Deny every run of a customer', suspendBody, CUSTOMER_EXAMPLES.suspend, 'Usage that comes in all the same is recorded.') },
    '/v1/customers/{id}/resume': { post: write('resumeCustomer', 'Let a suspended customer go on', null, null, 'Asking again changes nothing.') },
    '/v1/customers/{id}/override': {
      put: write('setOverride', 'Change the plan for one customer', overrideBody, CUSTOMER_EXAMPLES.override, 'A merge patch of the plan\'s definition: null takes a member away, entries of lists are merged by their id. It replaces the one in force.'),
      delete: write('endOverride', 'Take a customer\'s override away', null, null, 'The plan holds as it is.'),
    },
    '/v1/customers/{id}/charge': {
      get: {
        operationId: 'readCharge', summary: 'What a customer\'s period costs so far', description: 'Computed from ledger rows and the snapshots they name, rounded nowhere. Null without a plan. Ability: read.',
        parameters: [idParameter, { name: 'at', in: 'query', required: false, description: 'Of the period that holds this moment; now when absent.', schema: time }],
        responses: {
          200: answer('The charge.', objectOf({
            customer_id: text, request_id: text,
            charge: orNull(objectOf({
              period: objectOf({ start: time, end: time, from: { ...time, description: 'Later than start when the calendar changed within.' }, to: time }),
              currency: { ...textOrNull, description: 'Null when the segments are of several currencies.' }, total: decimal, segments: listOf(segment),
            })),
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
    },
    '/v1/plans': {
      get: {
        operationId: 'listPlans', summary: 'Plans with what is in force and what is to come', description: 'Ability: read.', parameters: parametersOf(plansQuery),
        responses: {
          200: answer('The plans.', objectOf({
            data: listOf(objectOf({ id: text, key: text, name: text, words: text, default: { type: 'boolean' }, archived_at: timeOrNull, customers: { type: 'integer' }, live: orNull(version), scheduled: listOf(version) })), request_id: text,
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
    },
  };
}
