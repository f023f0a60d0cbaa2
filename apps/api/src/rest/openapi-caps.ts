/** The description of caps; the parts that it is made of are handed in by `openapi.ts`. */
import { CAP_METRICS, CAP_MODES, CAP_SCOPES, WINDOWS } from '@outlay/plans';
import type { DescribeParts } from './openapi-credits';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };
const time: Schema = { type: 'string', format: 'date-time' };
const timeOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const windowOrNull: Schema = { enum: [...WINDOWS, null], description: 'Calendar windows; null for runs, which are counted while they are open.' };
const subject: Schema = { ...textOrNull, description: 'Null: each one of the scope by itself. Of scope tenant always null; of scope key the id of an API key.' };
const limit: Schema = { type: ['string', 'number'], description: 'Dollars for cost, a decimal for units, else a whole number.' };

const CAP_EXAMPLE = { scope: 'customer', subject: null, metric: 'cost', window: 'day', mode: 'soft', limit: '4.00', name: 'Four dollars a day' };

export function describeCaps({ answer, failures, objectOf }: DescribeParts, parameters: readonly Schema[]): Schema {
  const cap = {
    id: text, name: text, scope: { enum: CAP_SCOPES }, subject, metric: { enum: CAP_METRICS }, window: windowOrNull, mode: { enum: CAP_MODES }, limit: { ...limit, type: 'string' },
    source: { enum: ['person', 'api', 'alert', 'demo'] }, expires_at: timeOrNull, disabled_at: timeOrNull, created_at: time, created_by: text, updated_at: time,
  };
  const idParameter: Schema = { name: 'id', in: 'path', required: true, description: 'The id of the cap, a UUID; for a new cap one that you make.', schema: { type: 'string', format: 'uuid' } };
  return {
    '/v1/caps': {
      get: {
        operationId: 'listCaps', summary: 'Every cap of the team, with what is used', description: 'Ability: read.', parameters,
        responses: {
          200: answer('In the order of their making.', objectOf({
            data: { type: 'array', items: objectOf({ ...cap, used: { ...textOrNull, description: 'As limit; null where each one counts for itself.' }, window_end: timeOrNull, overshoot: { ...text, description: 'By how much it may be passed.' } }) },
            request_id: text,
          })),
          ...failures(400, 401, 403, 429, 500, 503),
        },
      },
    },
    '/v1/caps/{id}': {
      put: {
        operationId: 'saveCap', summary: 'Make or change a cap', description: 'Holds from the next begin on. Soft unless you say otherwise. Ability: admin.',
        parameters: [idParameter],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                ...objectOf({ name: text, scope: cap.scope, subject, metric: cap.metric, window: windowOrNull, mode: cap.mode, limit, expires_at: timeOrNull }, ['scope', 'metric', 'limit']), additionalProperties: false,
              },
              example: CAP_EXAMPLE,
            },
          },
        },
        responses: { 200: answer('As it holds now.', objectOf({ cap: objectOf(cap), request_id: text })), ...failures(400, 401, 403, 409, 429, 500, 503) },
      },
      delete: {
        operationId: 'removeCap', summary: 'Remove a cap', description: 'Ability: admin.', parameters: [idParameter],
        responses: { 200: answer('It is gone.', objectOf({ id: text, removed: { type: 'boolean' }, request_id: text })), ...failures(400, 401, 403, 404, 429, 500, 503) },
      },
    },
  };
}
