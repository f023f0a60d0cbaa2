/** `GET /v1/openapi.json`: OpenAPI 3.1, made from the very schemas that validate, so that it cannot say something else. */
import { ERRORS } from '@outlay/kernel';
import { correctionSchema, LIMITS, LISTED_FIELDS, type EventFieldKind, SUMMARY_MEASURES, toParameterName, usageEventSchema } from '@outlay/ledger';
import { z } from 'zod';
import { capsQuery } from './caps';
import { describeCaps } from './openapi-caps';
import { describeCredits } from './openapi-credits';
import { describeCustomers } from './openapi-customers';
import { EXAMPLES } from './openapi-examples';
import { describeRuns } from './openapi-runs';
import { pricesQuery } from './prices-read';
import { CLOUD_EVENT_TYPES, USAGE_TYPE } from './read-cloud-events';
import { decisionsQuery } from './runs';
import { csvQuery, exportQuery, pageQuery, pricesCsvQuery, summaryCsvQuery, summaryQuery } from './usage-read';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };
const usd: Schema = { type: ['string', 'null'], description: 'US dollars as an exact decimal; null while unpriced.' };
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const listOf = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
const objectOf = (properties: Schema, required: readonly string[] = Object.keys(properties)): Schema => ({ type: 'object', properties, required });

const FIELD_SCHEMAS: Record<EventFieldKind, Schema> = {
  uuid: { type: ['string', 'null'], format: 'uuid' }, text: textOrNull, int2: { type: ['integer', 'null'] }, int4: { type: ['integer', 'null'] }, int8: { type: ['integer', 'null'] },
  numeric: { type: ['string', 'null'], description: 'An exact decimal.' }, bool: { type: 'boolean' }, timestamptz: { type: ['string', 'null'], format: 'date-time' },
  jsonb: {}, bytea: { type: ['string', 'null'], description: 'Hexadecimal.' }, money: usd,
};

function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

const SCHEMAS: Readonly<Record<string, Schema>> = {
  UsageEvent: schemaOf(usageEventSchema),
  CloudEvent: objectOf({
    specversion: { const: '1.0' }, id: text, source: text, type: { const: USAGE_TYPE }, time: { type: 'string', format: 'date-time' }, subject: { ...text, description: 'The customer, when data names none.' },
    data: { type: 'object', description: 'A UsageEvent. Without id and idempotency_key the envelope\'s source and id are its key; without occurred_at its time is used.' },
  }, ['specversion', 'id', 'source', 'type', 'data']),
  EventResult: objectOf({
    index: { type: 'integer' }, id: textOrNull, verdict: { enum: ['accepted', 'duplicate', 'conflict', 'unpriced', 'rejected'] }, cost_usd: usd,
    reason: text, field: text, message: text, input_hash: text, stored_hash: text,
  }, ['index', 'id', 'verdict']),
  Correction: schemaOf(correctionSchema),
  CorrectionResult: objectOf({
    index: { type: 'integer' }, original_id: textOrNull, verdict: { enum: ['accepted', 'duplicate', 'conflict', 'rejected'] }, revision: { type: 'integer' },
    reversal_id: text, restatement_id: text, reason: text, field: text, message: text,
  }, ['index', 'original_id', 'verdict']),
  EventRow: objectOf({
    ...Object.fromEntries(LISTED_FIELDS.map(({ name, kind }) => [name, FIELD_SCHEMAS[kind]])),
    valid: { type: 'boolean', description: 'No later correction took the row out.' },
  }),
  PriceLine: objectOf({ class: text, quantity: text, unit_price: text, amount: text, words: text }),
  EventDetail: objectOf({
    data: ref('EventRow'), lines: listOf(ref('PriceLine')), price_version: { type: ['object', 'null'] }, unpriced_reason: textOrNull, raw_usage: {}, snapshot: {},
    corrections: listOf(ref('EventRow')), run: { type: ['object', 'null'] }, request_id: text,
  }),
  PriceVersion: objectOf({
    id: { ...text, description: 'What ledger rows name in price_version_id.' }, version: text, provider: text, model: text, tier: text, region: { ...text, description: 'Empty: everywhere.' },
    context_from: { type: 'integer', description: 'Tokens from which on this bracket holds, for the whole request.' },
    effective_from: { ...textOrNull, description: 'Null: ever since.' }, known_from: textOrNull, source: text, source_version: text,
    rates: listOf(objectOf({ class: text, price: { ...text, description: 'US dollars as an exact decimal.' }, per: { type: 'integer' } })),
    negotiated: { type: 'boolean', description: 'Your own price, which stands before the global one.' },
  }),
  Measures: objectOf(Object.fromEntries(SUMMARY_MEASURES.map((name) => [name, { type: name.endsWith('_usd') || name.startsWith('units') ? ['string', 'null'] : ['number', 'null'] }]))),
  Error: objectOf({
    error: objectOf({ code: { enum: Object.keys(ERRORS) }, message: text, field: text, retryable: { type: 'boolean' }, request_id: text }, ['code', 'message', 'retryable', 'request_id']),
  }),
};

function parametersOf(schema: z.ZodObject): Schema[] {
  const json = schemaOf(schema) as { properties: Record<string, Schema> };
  return Object.entries(json.properties).map(([name, property]) => ({ name: toParameterName(name), in: 'query', required: false, schema: property }));
}

const HEADERS = { 'x-request-id': { description: 'The correlation id; yours, when you sent one.', schema: text } };

function answer(description: string, schema: Schema, example?: unknown): Schema {
  return { description, headers: HEADERS, content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } } };
}

function failures(...statuses: readonly number[]): Record<string, Schema> {
  const sentences = (status: number): string => Object.entries(ERRORS).filter(([, row]) => row.http === status).map(([code]) => code).join(', ');
  return Object.fromEntries(statuses.map((status) => [String(status), answer(sentences(status), ref('Error'))]));
}

const READ_FAILURES = failures(400, 401, 403, 429, 500, 503);
const FILE_HEADERS = {
  ...HEADERS, 'x-outlay-cut': { description: 'The exact set of rows: ask with it again and get the same bytes.', schema: text }, 'x-outlay-filter': { description: 'The filter as a query string, or `all`.', schema: text },
  'x-outlay-time-zone': { schema: text }, 'x-outlay-prices': { description: 'The state of the price book at the cut.', schema: text },
};
const file = (type: string, description = 'The rows, oldest first, streamed.'): Schema => ({ description, headers: FILE_HEADERS, content: { [type]: { schema: text } } });

/** `publicUrl` is where the api is reached. */
export function buildOpenApi(publicUrl: string, version: string): Schema {
  return {
    openapi: '3.1.0',
    info: { title: 'Outlay', version, description: 'The ledger for paid AI products. Money is an exact decimal text of US dollars, times carry a zone, writes are idempotent.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: publicUrl }],
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, ol_<environment>_...' } }, schemas: SCHEMAS },
    paths: {
      '/v1/usage': {
        post: {
          operationId: 'recordUsage', summary: 'Record usage events', description: `1 to ${LIMITS.eventsPerRequest} events, at most ${LIMITS.bodyBytes / 1_048_576} MB, plain or gzip. Answers a verdict each after the commit; one bad event never rejects its neighbours. Ability: ingest.`,
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: { ...objectOf({ events: listOf(ref('UsageEvent'), { minItems: 1, maxItems: LIMITS.eventsPerRequest }), today: { type: 'boolean', description: 'Answer today\'s cost of each customer in the batch.' } }, ['events']), additionalProperties: false }, example: EXAMPLES.record },
              [CLOUD_EVENT_TYPES[0]]: { schema: ref('CloudEvent'), example: EXAMPLES.cloudEvents[0] },
              [CLOUD_EVENT_TYPES[1]]: { schema: listOf(ref('CloudEvent')), example: EXAMPLES.cloudEvents },
            },
          },
          responses: { 200: answer('A verdict each, in order.', objectOf({ results: listOf(ref('EventResult')), today: { type: 'object', additionalProperties: text }, request_id: text }, ['results', 'request_id'])), ...failures(400, 401, 403, 413, 429, 500, 503) },
        },
        get: { operationId: 'listUsage', summary: 'List ledger rows, newest first', description: 'Ability: read.', parameters: parametersOf(pageQuery), responses: { 200: answer('One page.', objectOf({ data: listOf(ref('EventRow')), next_cursor: textOrNull, request_id: text })), ...READ_FAILURES } },
      },
      '/v1/usage/{id}': {
        get: { operationId: 'getUsage', summary: 'One row with its price arithmetic', description: 'Ability: read.', parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }], responses: { 200: answer('The row.', ref('EventDetail')), ...failures(400, 401, 403, 404, 429, 500, 503) } },
      },
      '/v1/corrections': {
        post: {
          operationId: 'correctUsage', summary: 'Correct recorded events', description: 'A correction is a pair: a reversal takes the valid state out, a restatement puts the right one in. Name the revision that you saw. Ability: admin.',
          requestBody: { required: true, content: { 'application/json': { schema: objectOf({ corrections: listOf(ref('Correction'), { minItems: 1, maxItems: 100 }) }), example: EXAMPLES.correct } } },
          responses: { 200: answer('A verdict each, in order.', objectOf({ results: listOf(ref('CorrectionResult')), request_id: text })), ...failures(400, 401, 403, 413, 429, 500, 503) },
        },
      },
      '/v1/summary': {
        get: {
          operationId: 'summarise', summary: 'Sums over a span', description: 'Without a span: the last 30 days. Equal to the sum over the exported rows, always. Ability: read.', parameters: parametersOf(summaryQuery),
          responses: { 200: answer('The sums.', objectOf({ data: listOf(ref('Measures')), total: ref('Measures'), from: text, to: text, time_zone: text, group_by: listOf(text), fresh_at: text, request_id: text })), ...READ_FAILURES },
        },
      },
      '/v1/prices': {
        get: {
          operationId: 'listPrices', summary: 'What models cost', description: 'Prices in force at a time, now when absent; a model may be named as it is served. Pages count models. Ability: read.', parameters: parametersOf(pricesQuery),
          responses: { 200: answer('A row a tier, region and context bracket, by provider and model.', objectOf({ data: listOf(ref('PriceVersion')), at: text, next_cursor: textOrNull, request_id: text })), ...READ_FAILURES },
        },
      },
      ...describeCustomers({ answer, failures, objectOf, parametersOf }),
      ...describeCredits({ answer, failures, objectOf }),
      ...describeCaps({ answer, failures, objectOf }, parametersOf(capsQuery)),
      ...describeRuns({ answer, failures, objectOf }, parametersOf(decisionsQuery), ref('EventResult')),
      '/v1/export/usage.csv': { get: { operationId: 'exportCsv', summary: 'Every row as CSV', description: 'The last four columns say what the file is: filter, time zone, cut, price book; `plain=true` leaves them out, `bom=true` helps spreadsheets. Ability: read.', parameters: parametersOf(csvQuery), responses: { 200: file('text/csv'), ...READ_FAILURES } } },
      '/v1/export/usage.jsonl': { get: { operationId: 'exportJsonLines', summary: 'Every row as JSON lines', description: 'Ability: read.', parameters: parametersOf(exportQuery), responses: { 200: file('application/x-ndjson'), ...READ_FAILURES } } },
      '/v1/export/prices.csv': { get: { operationId: 'exportPricesCsv', summary: 'The price book as CSV, a line a rate', description: 'A row of the ledger names its price_version_id. Ability: read.', parameters: parametersOf(pricesCsvQuery), responses: { 200: file('text/csv', 'Your own prices first.'), ...READ_FAILURES } } },
      '/v1/export/summary.csv': {
        get: {
          operationId: 'exportSummaryCsv', summary: 'A table by group as CSV, computed from the rows', description: 'Without a span: all rows. No total row: the column cost_usd sums to what the screen shows. Ability: read.', parameters: parametersOf(summaryCsvQuery),
          responses: { 200: file('text/csv', 'The groups, the dearest first.'), ...READ_FAILURES },
        },
      },
    },
  };
}
