/** The description of a customer's credits; the parts that it is made of are handed in by `openapi.ts`. */
import { GIVEN_KINDS, LOT_KINDS, POSTING_KINDS } from '@outlay/plans';

type Schema = Readonly<Record<string, unknown>>;

export interface DescribeParts {
  readonly answer: (description: string, schema: Schema) => Schema;
  readonly failures: (...statuses: readonly number[]) => Record<string, Schema>;
  readonly objectOf: (properties: Schema, required?: readonly string[]) => Schema;
}

const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };
const time: Schema = { type: 'string', format: 'date-time' };
const timeOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const credits: Schema = { type: 'string', description: 'Credits as an exact decimal.' };
const customerParameter: Schema = { name: 'id', in: 'path', required: true, description: 'Your own id of the customer.', schema: text };

export const CREDIT_EXAMPLE = { kind: 'top_up', amount: '500', idempotency_key: 'order-10023', expires_at: '2027-12-31T00:00:00Z', note: 'Order 10023' };

export function describeCredits({ answer, failures, objectOf }: DescribeParts): Schema {
  const listOf = (items: Schema): Schema => ({ type: 'array', items });
  return {
    '/v1/customers/{id}/credits': {
      get: {
        operationId: 'readCredits', summary: 'A customer\'s credits: lots, and every posting with the balance after it', description: 'The newest postings first. Ability: read.',
        parameters: [customerParameter, { name: 'cursor', in: 'query', required: false, schema: text }],
        responses: {
          200: answer('One page.', objectOf({
            customer_id: text, balance: credits, available: credits, overdraft: { ...credits, description: 'Zero or below: what lots could not cover. The next grant pays it.' },
            lots: listOf(objectOf({ id: text, kind: { enum: LOT_KINDS }, priority: { type: 'integer' }, remaining: credits, expires_at: timeOrNull, rollover_days: { type: ['integer', 'null'] }, created_at: time, note: text })),
            rows: listOf(objectOf({
              posting_id: text, kind: { enum: POSTING_KINDS }, at: time, run_id: textOrNull, note: text, amount: credits, balance_after: credits,
              entries: listOf(objectOf({ account: { enum: ['lot', 'granted', 'burned', 'expired', 'overdraft'] }, lot_id: textOrNull, amount: credits })),
            })),
            next_cursor: textOrNull, request_id: text,
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
      post: {
        operationId: 'giveCredits', summary: 'Give a customer credits', description: 'Once for each idempotency_key: the same again books nothing, something else under the same key is a conflict. Ability: admin.',
        parameters: [customerParameter],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                ...objectOf({
                  kind: { enum: GIVEN_KINDS }, amount: { type: ['string', 'number'], description: 'A decimal of at most 12 places.' }, idempotency_key: text,
                  priority: { type: 'integer', description: 'Lower burns first. Promotions are at -10, the rest at 0.' }, expires_at: timeOrNull,
                  rollover_days: { type: ['integer', 'null'], description: 'For so many days what is left at the end lives on in a new lot.' }, note: text,
                }, ['kind', 'amount', 'idempotency_key']),
                additionalProperties: false,
              },
              example: CREDIT_EXAMPLE,
            },
          },
        },
        responses: {
          200: answer('Booked, now or before.', objectOf({ customer_id: text, posting_id: text, lot_id: text, again: { type: 'boolean' }, available: credits, overdraft: credits, request_id: text })),
          ...failures(400, 401, 403, 404, 409, 429, 500, 503),
        },
      },
    },
  };
}
