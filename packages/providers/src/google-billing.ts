/**
 * What Google bills, from the Cloud Billing export in BigQuery. Rows arrive hours late and are corrected by further rows, so a sync asks which days got rows since the last one, by
 * `export_time`, and reads those days whole. Hours and SKUs are summed to days; cost is net of credits.
 */
import { addRational, DAY_MS, divideRational, MINUTE_MS, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { z } from 'zod';
import { type AdapterContext, type CostRow, type Page, SyncFault } from './adapter';
import { callProvider, type ProviderCall } from './call-provider';
import type { ServiceAccount } from './google-account';

const DEFAULT_URL = 'https://bigquery.googleapis.com';
/** Vertex AI, and the Gemini API as most accounts have it; both by name too. */
const SERVICE_IDS = ['C7E2-9256-1C43', 'AEFD-7695-64FA'];
const SERVICE_NAMES = ['Vertex AI', 'Gemini API'];
const FIRST_MS = 60 * DAY_MS;
const OLDEST_MS = 400 * DAY_MS;
/** Rows of one export may come in over some time. */
const AGAIN_MS = 60 * MINUTE_MS;
const ROWS_PER_PAGE = 5_000;
const WAIT_MS = 20_000;
const WAITS_MAX = 30;
const BYTES_MAX = 20n * 1_024n * 1_024n * 1_024n;

const cell = z.object({ v: z.union([z.string(), z.null()]) });
const answer = z.object({
  jobComplete: z.boolean(), jobReference: z.object({ projectId: z.string().optional(), jobId: z.string(), location: z.string().optional() }).optional(),
  rows: z.array(z.object({ f: z.array(cell) })).optional(), pageToken: z.string().optional(), totalBytesProcessed: z.string().optional(),
  errors: z.array(z.object({ message: z.string().optional(), reason: z.string().optional() })).optional(),
});
type Answer = z.infer<typeof answer>;

const COLUMNS = ['hour', 'project', 'service', 'sku_id', 'sku', 'unit', 'cost_type', 'month', 'currency', 'rate', 'quantity', 'net', 'exported'] as const;
type Line = Readonly<Record<(typeof COLUMNS)[number], string | null>>;

interface BillingTable {
  /** As it stands between backticks. */
  readonly name: string;
}

/** `project.dataset.table`, also with backticks or a colon. Errors: `SyncFault` of kind `not_found`. It is written into the query, so nothing but a name passes. */
function readTable(settings: AdapterContext['settings']): BillingTable {
  const text = typeof settings['table'] === 'string' ? settings['table'].trim().replaceAll('`', '').replace(/^([\w-]+):/, '$1.') : '';
  if (text === '') throw new SyncFault('not_found', 'No table of the billing export is set. In Google Cloud: Billing, Billing export, BigQuery export; then project.dataset.gcp_billing_export_v1_XXXXXX_XXXXXX_XXXXXX.');
  if (!/^[a-z][a-z0-9-]{4,61}[a-z0-9]\.\w{1,1024}\.[\w-]{1,1024}$/i.test(text)) throw new SyncFault('not_found', `"${text.slice(0, 100)}" is no name of a table: project.dataset.table is expected.`);
  return { name: text };
}

function sqlOf({ name }: BillingTable): string {
  const ours = '(service.id IN UNNEST(@services) OR service.description IN UNNEST(@services))';
  const inSpan = 'usage_start_time >= @from AND usage_start_time < @to';
  return [
    "SELECT FORMAT_TIMESTAMP('%FT%TZ', TIMESTAMP_TRUNC(usage_start_time, HOUR)) AS hour, project.id AS project, service.description AS service, sku.id AS sku_id, sku.description AS sku,",
    ' usage.pricing_unit AS unit, cost_type, invoice.month AS month, currency, CAST(CAST(currency_conversion_rate AS NUMERIC) AS STRING) AS rate,',
    ' SUM(CAST(usage.amount_in_pricing_units AS NUMERIC)) AS quantity,',
    ' SUM(CAST(cost AS NUMERIC)) + SUM((SELECT IFNULL(SUM(CAST(c.amount AS NUMERIC)), 0) FROM UNNEST(credits) AS c)) AS net,',
    " FORMAT_TIMESTAMP('%FT%H:%M:%E6SZ', MAX(export_time)) AS exported",
    ` FROM \`${name}\` WHERE ${ours} AND ${inSpan}`,
    `  AND DATE(usage_start_time) IN (SELECT DATE(usage_start_time) FROM \`${name}\` WHERE ${ours} AND ${inSpan} AND export_time >= @since)`,
    ' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 4, 2',
  ].join('\n');
}

interface Span { readonly from: string; readonly to: string; readonly since: string }

function bodyOf(context: AdapterContext, table: BillingTable, { from, to, since }: Span, isDry: boolean): string {
  const { settings } = context;
  const named = typeof settings['services'] === 'string' ? settings['services'].split(',').map((name) => name.trim()).filter((name) => name !== '') : [];
  const services = named.length > 0 ? named : [...SERVICE_IDS, ...SERVICE_NAMES];
  const time = (name: string, value: string) => ({ name, parameterType: { type: 'TIMESTAMP' }, parameterValue: { value } });
  return JSON.stringify({
    query: sqlOf(table), useLegacySql: false, parameterMode: 'NAMED',
    queryParameters: [{ name: 'services', parameterType: { type: 'ARRAY', arrayType: { type: 'STRING' } }, parameterValue: { arrayValues: services.map((value) => ({ value })) } }, time('from', from), time('to', to), time('since', since)],
    ...(typeof settings['location'] === 'string' ? { location: settings['location'] } : {}),
    ...(isDry ? { dryRun: true } : { maximumBytesBilled: String(bytesMax(settings)), timeoutMs: WAIT_MS, maxResults: ROWS_PER_PAGE, requestId: newId(), labels: { app: 'outlay' } }),
  });
}

function bytesMax(settings: AdapterContext['settings']): bigint {
  const given = settings['maxGigabytes'];
  return typeof given === 'string' && /^[1-9]\d{0,4}$/.test(given) ? BigInt(given) * 1_024n * 1_024n * 1_024n : BYTES_MAX;
}

/** Sends nothing but the question what it would cost. Answers the bytes that one sync reads, and the most that may be. */
export async function tryTable(context: AdapterContext, account: ServiceAccount, bearer: string): Promise<{ readonly bytes: bigint; readonly most: bigint }> {
  const table = readTable(context.settings);
  const given = await ask(context, account, bearer, { method: 'POST', path: '/queries', body: bodyOf(context, table, spanOf(null, context.nowMs), true) });
  return { bytes: BigInt(given.totalBytesProcessed ?? '0'), most: bytesMax(context.settings) };
}

function spanOf(watermark: string | null, nowMs: number): Span {
  const floor = (ms: number): string => new Date(Math.floor(ms / DAY_MS) * DAY_MS).toISOString();
  const from = floor(nowMs - (watermark === null ? FIRST_MS : OLDEST_MS));
  return { from, to: floor(nowMs + DAY_MS), since: watermark === null ? from : new Date(Date.parse(watermark) - AGAIN_MS).toISOString() };
}

/** One page a day. The watermark is the newest `export_time`, and moves when all days are read. */
export async function* pullBilling(context: AdapterContext, account: ServiceAccount, bearer: string, watermark: string | null): AsyncGenerator<Page> {
  const span = spanOf(watermark, context.nowMs);
  const before = watermark ?? span.from;
  let newest = before;
  let day: string | null = null;
  let rows = new Map<string, CostRow>();
  const close = (of: string): Page => ({ usage: [], costs: [...rows.values()], watermark: before, finalUntil: null, complete: { of: 'costs', from: `${of}T00:00:00.000Z`, to: new Date(Date.parse(`${of}T00:00:00Z`) + DAY_MS).toISOString() } });
  for await (const line of linesOf(context, account, bearer, bodyOf(context, readTable(context.settings), span, false))) {
    const at = (line.hour ?? '').slice(0, 10);
    if (!/^\d{4}-\d\d-\d\d$/.test(at)) throw new SyncFault('unexpected', 'BigQuery sent a row without its hour. Nothing of it was stored.');
    if (day !== null && at !== day) {
      yield close(day);
      rows = new Map();
    }
    day = at;
    addLine(rows, at, line);
    if (line.exported !== null && Date.parse(line.exported) > Date.parse(newest)) newest = new Date(line.exported).toISOString();
  }
  if (day !== null) yield { ...close(day), watermark: newest };
}

async function* linesOf(context: AdapterContext, account: ServiceAccount, bearer: string, body: string): AsyncGenerator<Line> {
  let given = await ask(context, account, bearer, { method: 'POST', path: '/queries', body });
  const seen = new Set<string>();
  for (let waits = 0; ;) {
    if (given.errors?.length && !given.jobComplete) throw new SyncFault('unexpected', `BigQuery could not run the query: ${(given.errors[0]!.message ?? 'no reason given').slice(0, 200)}`);
    const job = given.jobReference;
    if (given.jobComplete) {
      for (const { f } of given.rows ?? []) {
        if (f.length !== COLUMNS.length) throw new SyncFault('unexpected', 'BigQuery sent a row of another form than asked for. Nothing of it was stored.');
        yield Object.fromEntries(COLUMNS.map((name, index) => [name, f[index]!.v])) as Line;
      }
      if (given.pageToken === undefined) return;
      if (seen.has(given.pageToken)) throw new SyncFault('unexpected', 'BigQuery hands out the same page again and again. Nothing more was read.');
      seen.add(given.pageToken);
    } else if (++waits > WAITS_MAX) throw new SyncFault('unavailable', 'BigQuery did not finish the query within ten minutes.');
    if (job === undefined) throw new SyncFault('unexpected', 'BigQuery did not name the query that it runs.');
    const query = new URLSearchParams({ timeoutMs: String(WAIT_MS), maxResults: String(ROWS_PER_PAGE), ...(job.location === undefined ? {} : { location: job.location }), ...(given.jobComplete ? { pageToken: given.pageToken! } : {}) });
    given = await ask(context, account, bearer, { method: 'GET', path: `/queries/${encodeURIComponent(job.jobId)}?${query}` });
  }
}

/** Pure. Hours and pages of one day and SKU are one row; another currency is turned into dollars by the rate that Google billed at. */
function addLine(rows: Map<string, CostRow>, day: string, line: Line): void {
  const dimensions = { project_id: line.project, service: line.service, sku_id: line.sku_id, unit: line.unit, cost_type: line.cost_type, invoice_month: line.month };
  const key = JSON.stringify(dimensions);
  const known = rows.get(key);
  rows.set(key, {
    day, dimensions, model: modelOf(line.sku), apiKey: null, project: line.project, lineItem: line.sku,
    amountUsd: addRational(known?.amountUsd ?? ZERO, usdOf(line)), quantity: addRational(known?.quantity ?? ZERO, parseDecimal(line.quantity ?? '0') ?? ZERO),
  });
}

function usdOf({ net, currency, rate }: Line): Rational {
  const amount = parseDecimal(net ?? '');
  if (amount === null) throw new SyncFault('unexpected', 'BigQuery sent a cost that is no number. Nothing of its day was stored.');
  if (currency === 'USD') return amount;
  const perUsd = parseDecimal(rate ?? '');
  if (perUsd === null || perUsd.num <= 0n) throw new SyncFault('unexpected', `Google bills in ${String(currency).slice(0, 10)}, and its export says no rate to US dollars. Nothing of its day was stored.`);
  return divideRational(amount, perUsd);
}

/** Pure. "Gemini 2.5 Flash Lite Text Input - Predictions" is gemini-2.5-flash-lite; null where the SKU names no model. */
export function modelOf(sku: string | null): string | null {
  const match = /\bgemini[ -](\d+(?:\.\d+)?)[ -](pro|flash)(?:[ -](lite|image))?\b/i.exec(sku ?? '');
  if (match) return ['gemini', ...match.slice(1).filter((part) => part !== undefined)].join('-').toLowerCase();
  const claude = /\bclaude[ -](opus|sonnet|haiku)[ -](\d+)(?:[.-](\d+))?\b/i.exec(sku ?? '');
  return claude ? ['claude', ...claude.slice(1).filter((part) => part !== undefined)].join('-').toLowerCase() : null;
}

function ask(context: AdapterContext, account: ServiceAccount, bearer: string, { method, path, body }: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: string }): Promise<Answer> {
  const { settings } = context;
  const base = typeof settings['baseUrl'] === 'string' && settings['baseUrl'] !== '' ? settings['baseUrl'].replace(/\/+$/, '') : DEFAULT_URL;
  const project = typeof settings['project'] === 'string' && settings['project'] !== '' ? settings['project'] : account.project;
  const call: ProviderCall = {
    method, url: `${base}/bigquery/v2/projects/${encodeURIComponent(project)}${path}`, refused: `${account.email} may not read the billing export.`, judge: (status, message) => judge(status, message, account.email, project),
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body }),
  };
  return callProvider(context, call, answer);
}

/** BigQuery says limits, missing roles and missing tables all with 403 and 404; its sentence tells which. */
function judge(status: number, message: string, email: string, project: string): SyncFault | null {
  if (status === 403 && /rate limit|quota exceeded|rateLimitExceeded|quotaExceeded/i.test(message)) return new SyncFault('rate_limited', 'BigQuery asks to wait: too many queries.');
  if (status === 403 && /has not been used|is disabled|accessNotConfigured/i.test(message)) return new SyncFault('credentials', `The BigQuery API is not enabled in project ${project}.`);
  if (status === 403 && /jobs\.create/i.test(message)) return new SyncFault('credentials', `${email} may not run queries: it lacks the role BigQuery Job User (roles/bigquery.jobUser) on project ${project}.`);
  if (status === 403) return new SyncFault('credentials', `${email} may not read the table: it lacks the role BigQuery Data Viewer (roles/bigquery.dataViewer) on its dataset. BigQuery said: ${message}`);
  if (status === 404) return new SyncFault('not_found', `BigQuery does not find the table or its location. It said: ${message}`);
  if (status === 400 && /bytes ?billed|bytesBilledLimitExceeded/i.test(message)) return new SyncFault('not_found', 'The query would read more than the limit that is set for it. Raise the setting maxGigabytes, or export to a table of its own.');
  if (status === 400 && /unrecognized name|field name .* does not exist|not found inside/i.test(message)) return new SyncFault('not_found', `The table is no billing export: it lacks a column. BigQuery said: ${message}`);
  return null;
}
