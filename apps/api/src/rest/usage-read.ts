/** Reading the ledger over `/v1`: lists, one event with its arithmetic, sums, downloads. */
import { Readable } from 'node:stream';
import { DomainError, formatPico } from '@outlay/kernel';
import {
  BOM, type Cut, type ExportFacts, exportEvents, factCells, getEvent, GROUPINGS, type Grouping, labelQueryShape, LISTED_FIELDS, listEvents, type EventFilter, type ListedEvent, openExport, PAGE_ROWS_MAX, parseCut,
  parseQuery, ROW_GROUPINGS, type RowGrouping, summarise, summariseRows, toEventFilter, toFields, usageQuerySchema, type RunDetail,
} from '@outlay/ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { valueOrInvalid } from '../http/value-or-invalid';
import { requireReader, type Reader } from './auth';
import { describePriceVersion } from './describe-price-version';
import { priceCsv } from './price-csv';

export const pageQuery = usageQuerySchema.extend({ cursor: z.string().max(100).optional(), limit: z.int().min(1).max(PAGE_ROWS_MAX).optional() });
export const exportQuery = usageQuerySchema.extend({ cut: z.string().max(2_000).optional() });
/** Of a CSV also its form: `plain` without the columns that say what it is, `bom` for spreadsheets. */
export const csvQuery = exportQuery.extend({ plain: z.literal(true).optional(), bom: z.literal(true).optional() });
const csvForm = { plain: csvQuery.shape.plain, bom: csvQuery.shape.bom };
export const pricesCsvQuery = z.strictObject({ provider: labelQueryShape.provider, model: labelQueryShape.model, ...csvForm });
export const summaryCsvQuery = csvQuery.extend({ groupBy: z.string().max(200).optional() });
export const summaryQuery = z.strictObject({ ...labelQueryShape, groupBy: z.string().max(100).optional() });

export function installUsageRead(app: FastifyInstance, { db, tenancy, prices }: ApiDeps): void {
  const readerOf = (request: FastifyRequest): Promise<Reader> => requireReader(tenancy, request, 'ledger.read');

  app.get('/v1/usage', async (request) => {
    const reader = await readerOf(request);
    const { cursor, limit, ...query } = valueOrInvalid(parseQuery(pageQuery, request.query as Record<string, unknown>));
    const page = await listEvents(db, reader.tenantId, narrow(reader, query), { cursor, limit });
    return { data: page.rows.map(listed), next_cursor: page.nextCursor, request_id: request.id };
  });

  app.get<{ Params: { id: string } }>('/v1/usage/:id', async (request) => {
    const reader = await readerOf(request);
    const detail = await getEvent({ db, ...await prices.of(reader.tenantId) }, reader.tenantId, request.params.id, reader.environment ?? undefined);
    return {
      data: listed(detail.event),
      lines: detail.lines.map(({ unitPrice, ...line }) => ({ ...line, unit_price: unitPrice })),
      price_version: detail.version && describePriceVersion(detail.version),
      unpriced_reason: detail.unpricedReason,
      raw_usage: detail.rawUsage,
      snapshot: detail.snapshot,
      corrections: detail.corrections.map(listed),
      run: detail.run && describeRun(detail.run),
      request_id: request.id,
    };
  });

  app.get('/v1/summary', async (request) => {
    const reader = await readerOf(request);
    const { groupBy, ...query } = valueOrInvalid(parseQuery(summaryQuery, request.query as Record<string, unknown>));
    const groupings = readGroupings(groupBy);
    const summary = await summarise(db, reader, { filter: narrow(reader, query), groupBy: groupings }, Date.now());
    return {
      data: summary.groups.map(({ keys, measures }) => ({ ...keys, ...measures })),
      total: summary.totals,
      from: summary.from, to: summary.to, time_zone: summary.timeZone, group_by: summary.groupBy, fresh_at: summary.freshAt, request_id: request.id,
    };
  });

  for (const format of ['csv', 'jsonl'] as const) {
    app.get(`/v1/export/usage.${format}`, async (request, reply) => {
      const reader = await readerOf(request);
      const { cut, plain, bom, ...query } = readExportQuery(format === 'csv' ? csvQuery : exportQuery, request);
      const { chunks, ...file } = await exportEvents(db, reader.tenantId, narrow(reader, query), format, { cut, plain, bom });
      return sendFile(reply, 'usage', format, file, chunks);
    });
  }

  app.get('/v1/export/summary.csv', async (request, reply) => {
    const reader = await readerOf(request);
    const { cut, plain, bom, groupBy, ...query } = readExportQuery(summaryCsvQuery, request);
    const groupings = readRowGroupings(groupBy);
    const { chunks, ...file } = await summariseRows(db, reader.tenantId, narrow(reader, query), groupings, { cut, plain, bom });
    return sendFile(reply, ['usage-by', ...(groupings.length === 0 ? ['nothing'] : groupings)].join('-'), 'csv', file, chunks);
  });

  installPriceExport(app, { db, tenancy, prices });
}

/** The price book by which rows are costed; the same four columns say what the file is. */
function installPriceExport(app: FastifyInstance, { db, tenancy, prices }: Pick<ApiDeps, 'db' | 'tenancy' | 'prices'>): void {
  app.get('/v1/export/prices.csv', async (request, reply) => {
    const reader = await requireReader(tenancy, request, 'prices.read');
    const { plain, bom, ...filter } = valueOrInvalid(parseQuery(pricesCsvQuery, request.query as Record<string, unknown>));
    await prices.refresh(reader.tenantId);
    const { book } = await prices.of(reader.tenantId);
    const file = await openExport(db, reader.tenantId, filter, undefined);
    const cells = factCells(file.facts, plain);
    return sendFile(reply, 'prices', 'csv', file, bom ? prefixed(BOM, priceCsv(book, filter, cells)) : priceCsv(book, filter, cells));
  });
}

function* prefixed(text: string, chunks: Iterable<string>): Generator<string, void, void> {
  yield text;
  yield* chunks;
}

function readExportQuery<T extends typeof exportQuery>(schema: T, request: FastifyRequest) {
  const { cut, ...query } = valueOrInvalid(parseQuery(schema, request.query as Record<string, unknown>)) as z.infer<typeof summaryCsvQuery>;
  return { ...query, cut: cut === undefined ? undefined : valueOrInvalid(parseCut(cut)) };
}

/** Headers say what the columns say, for whoever wants a plain table. */
function sendFile(reply: FastifyReply, name: string, format: 'csv' | 'jsonl', { cut, facts }: { readonly cut: Cut; readonly facts: ExportFacts }, chunks: Iterable<string> | AsyncIterable<string>): FastifyReply {
  return reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}-${cut.takenAt.toISOString().slice(0, 19).replaceAll(':', '')}Z.${format}"`)
    .header('cache-control', 'no-store')
    // Ask for the same cut again and get the same bytes again.
    .header('x-outlay-cut', facts.cut).header('x-outlay-filter', facts.filter).header('x-outlay-time-zone', facts.timeZone).header('x-outlay-prices', facts.prices)
    .send(Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 18 }));
}

/** A key sees its own environment: asking for another one is an error, not an empty answer. */
function narrow<T extends { readonly from?: string; readonly to?: string; readonly environment?: string }>(reader: Reader, query: T): EventFilter {
  if (reader.environment !== null && query.environment !== undefined && query.environment !== reader.environment) {
    throw new DomainError('environment_mismatch', { field: 'environment', message: `This API key reads "${reader.environment}" only. Use a key of "${query.environment}".` });
  }
  const filter = valueOrInvalid(toEventFilter(query, { timeZone: reader.timeZone, nowMs: Date.now() }));
  return reader.environment === null ? filter : { ...filter, environment: reader.environment };
}

function readGroupings(text: string | undefined): Grouping[] {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !Object.hasOwn(GROUPINGS, name));
  if (wrong !== undefined) throw new DomainError('invalid_input', { field: 'group_by', message: `There is no grouping "${wrong}". Known are: ${Object.keys(GROUPINGS).join(', ')}; several with commas.` });
  return [...new Set(names)] as Grouping[];
}

function readRowGroupings(text: string | undefined): RowGrouping[] {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !(ROW_GROUPINGS as readonly string[]).includes(name));
  if (wrong !== undefined) throw new DomainError('invalid_input', { field: 'group_by', message: `There is no grouping "${wrong}". Known are: ${ROW_GROUPINGS.join(', ')}; several with commas.` });
  return [...new Set(names)] as RowGrouping[];
}

function listed(event: ListedEvent): Record<string, unknown> {
  return { ...toFields(event, LISTED_FIELDS), valid: event.valid };
}

function describeRun({ events, moreEvents, cost_pico: cost, ceiling_pico: ceiling, ...run }: RunDetail): Record<string, unknown> {
  return { ...run, cost_usd: formatPico(cost), ceiling_usd: formatPico(ceiling), events: events.map(listed), more_events: moreEvents };
}
