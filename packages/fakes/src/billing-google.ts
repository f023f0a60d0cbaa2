/**
 * A stand-in for what Outlay asks of Google: the token endpoint (it verifies the signature), BigQuery's `jobs.query` on a Cloud Billing export, and Cloud Monitoring's time series. It runs no
 * SQL: it knows the one question, checks that it is asked as documented, and answers from its rows. Every value of BigQuery is a string.
 */
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { type BillingAnswer, type BillingFake, type BillingRequest, startBillingServer } from './billing-server';

/** One row of the export. Amounts are decimal strings. */
export interface ExportRow {
  /** ISO. */
  readonly usageStart: string;
  readonly exportTime: string;
  readonly projectId: string;
  readonly service?: { readonly id: string; readonly description: string };
  readonly sku: { readonly id: string; readonly description: string };
  readonly unit?: string;
  readonly amount: string;
  readonly cost: string;
  /** Negative. */
  readonly credits?: readonly string[];
  readonly currency?: string;
  /** Of the currency to a dollar. */
  readonly rate?: string;
  readonly costType?: 'regular' | 'tax' | 'adjustment' | 'rounding_error';
}

export interface TokenPoint {
  readonly at: string;
  readonly projectId: string;
  /** Its full name; its series' labels. */
  readonly metric: string;
  readonly model: string;
  readonly type?: 'input' | 'output';
  readonly tokens: number;
}

export type GoogleRole = 'bigquery.jobUser' | 'bigquery.dataViewer' | 'monitoring.viewer';

export interface GoogleBillingOptions {
  readonly table?: string;
  readonly location?: string;
  readonly rows?: readonly ExportRow[];
  readonly points?: readonly TokenPoint[];
  readonly roles?: readonly GoogleRole[];
  /** APIs that the project has not enabled. */
  readonly disabled?: readonly ('bigquery' | 'monitoring')[];
  /** So many answers say that the query still runs. */
  readonly unfinished?: number;
  readonly rowsMax?: number;
  readonly bytes?: bigint;
  readonly now?: () => number;
  readonly port?: number;
}

export interface GoogleBillingFake extends BillingFake {
  /** A key file of the service account, whose token endpoint is this fake. */
  keyFile(over?: Readonly<Record<string, unknown>>): string;
  rows: ExportRow[];
  points: TokenPoint[];
  roles: readonly GoogleRole[];
}

const PROJECT = 'fake-project';
/** Made once a process: it takes long. */
const makeKeys = () => generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
let madeKeys: ReturnType<typeof makeKeys> | undefined;
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const STATUS: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' };

/** Of the one question. Google's own client reads no row without it. */
const SCHEMA = {
  fields: ['hour', 'project', 'service', 'sku_id', 'sku', 'unit', 'cost_type', 'month', 'currency', 'rate', 'quantity', 'net', 'exported'].map((name) => ({ name, type: name === 'quantity' || name === 'net' ? 'NUMERIC' : 'STRING', mode: 'NULLABLE' })),
};

interface QueryBody {
  readonly query?: string; readonly useLegacySql?: boolean; readonly parameterMode?: string; readonly dryRun?: boolean; readonly location?: string; readonly maximumBytesBilled?: string; readonly maxResults?: number;
  readonly queryParameters?: readonly { readonly name: string; readonly parameterType: { readonly type: string }; readonly parameterValue: { readonly value?: string; readonly arrayValues?: readonly { readonly value: string }[] } }[];
}

export async function startFakeGoogleBilling(options: GoogleBillingOptions = {}): Promise<GoogleBillingFake> {
  const { table = `${PROJECT}.billing.gcp_billing_export_v1_0A0A0A`, location = 'EU', now = Date.now, bytes = 12_000_000n } = options;
  const keys = (madeKeys ??= makeKeys());
  const state = { rows: [...(options.rows ?? [])], points: [...(options.points ?? [])], roles: options.roles ?? ['bigquery.jobUser', 'bigquery.dataViewer', 'monitoring.viewer'] as readonly GoogleRole[] };
  const tokens = new Map<string, { readonly scope: string; readonly untilMs: number }>();
  const jobs = new Map<string, { readonly rows: (string | null)[][]; waits: number }>();
  let url = '';

  const refuse = (status: number, message?: string, reason?: string): BillingAnswer => ({
    status, body: { error: { code: status, message: message ?? (status === 429 ? 'Resource has been exhausted (e.g. check quota).' : 'The service is currently unavailable.'), status: STATUS[status] ?? 'UNKNOWN', ...(reason === undefined ? {} : { errors: [{ reason, domain: 'global', message }] }) } },
  });

  function route(request: BillingRequest): BillingAnswer {
    if (request.path === '/token') return grantToken(request);
    const bearer = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1];
    const known = bearer === undefined ? undefined : tokens.get(bearer);
    if (known === undefined || known.untilMs < now()) return refuse(401, 'Request had invalid authentication credentials. Expected OAuth 2 access token.');
    const queries = /^\/bigquery\/v2\/projects\/([^/]+)\/queries(?:\/([^/]+))?$/.exec(request.path);
    if (queries) {
      if (!known.scope.includes('auth/bigquery')) return refuse(403, 'Request had insufficient authentication scopes.');
      return queries[2] === undefined && request.method === 'POST' ? runQuery(JSON.parse(request.body) as QueryBody, queries[1]!) : readJob(queries[2] ?? '', request.query);
    }
    const series = /^\/v3\/projects\/([^/]+)\/timeSeries$/.exec(request.path);
    if (series && request.method === 'GET') {
      if (!known.scope.includes('auth/monitoring')) return refuse(403, 'Request had insufficient authentication scopes.');
      return listSeries(series[1]!, request.query);
    }
    return refuse(404, `Not found: ${request.path}`);
  }

  /** RFC 7523: the assertion is signed by the account's key, for this endpoint, and not old. */
  function grantToken({ method, body, headers }: BillingRequest): BillingAnswer {
    const bad = (error: string, error_description: string): BillingAnswer => ({ status: 400, body: { error, error_description } });
    const form = new URLSearchParams(body);
    if (method !== 'POST' || !(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded') || form.get('grant_type') !== GRANT) return bad('unsupported_grant_type', 'Invalid grant_type');
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const header = readPart(head);
    const said = readPart(claims);
    if (header['alg'] !== 'RS256' || !createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(keys.publicKey, signature, 'base64url')) return bad('invalid_grant', 'Invalid JWT Signature.');
    if (said['iss'] !== `outlay@${PROJECT}.iam.gserviceaccount.com`) return bad('invalid_grant', 'Not a valid email or user ID.');
    if (said['aud'] !== `${url}/token` && said['aud'] !== 'https://oauth2.googleapis.com/token') return bad('invalid_grant', 'Invalid JWT: aud.');
    const [issued, expires] = [Number(said['iat']), Number(said['exp'])];
    if (!(expires - issued <= 3_600) || Math.abs(issued * 1_000 - now()) > 3_600_000) return bad('invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.');
    const token = `ya29.fake-${tokens.size + 1}-${'x'.repeat(40)}`;
    tokens.set(token, { scope: String(said['scope']), untilMs: now() + 3_599_000 });
    return { status: 200, body: { access_token: token, expires_in: 3_599, token_type: 'Bearer' } };
  }

  function runQuery(body: QueryBody, project: string): BillingAnswer {
    if (options.disabled?.includes('bigquery')) return refuse(403, `BigQuery API has not been used in project ${project} before or it is disabled.`, 'accessNotConfigured');
    if (!state.roles.includes('bigquery.jobUser')) return refuse(403, `Access Denied: Project ${project}: User does not have bigquery.jobs.create permission in project ${project}.`, 'accessDenied');
    const query = body.query ?? '';
    if (body.useLegacySql !== false || body.parameterMode?.toUpperCase() !== 'NAMED') return refuse(400, 'Syntax error: standard SQL with named parameters is expected.', 'invalidQuery');
    const asked = /FROM `([^`]+)`/.exec(query)?.[1] ?? '';
    if (body.location !== undefined && body.location !== location) return refuse(404, `Not found: Table ${asked} was not found in location ${body.location}`, 'notFound');
    if (!state.roles.includes('bigquery.dataViewer')) return refuse(403, `Access Denied: Table ${asked}: User does not have permission to query table ${asked}, or perhaps it does not exist in location ${location}.`, 'accessDenied');
    if (asked !== table) return refuse(404, `Not found: Table ${asked} was not found in location ${location}`, 'notFound');
    for (const [, name] of query.matchAll(/@(\w+)/g)) if (!body.queryParameters?.some((parameter) => parameter.name === name)) return refuse(400, `Query parameter '${name}' not found`, 'invalidQuery');
    if (body.dryRun === true) return { status: 200, body: { kind: 'bigquery#queryResponse', jobComplete: true, jobReference: { projectId: project, jobId: '', location }, schema: SCHEMA, totalBytesProcessed: String(bytes), cacheHit: false } };
    if (body.maximumBytesBilled !== undefined && BigInt(body.maximumBytesBilled) < bytes) return refuse(400, `Query exceeded limit for bytes billed: ${body.maximumBytesBilled}. ${bytes} or higher required.`, 'bytesBilledLimitExceeded');
    const jobId = `job_${jobs.size + 1}`;
    jobs.set(jobId, { rows: answerQuestion(state.rows, body), waits: options.unfinished ?? 0 });
    return readJob(jobId, new URLSearchParams());
  }

  function readJob(jobId: string, query: URLSearchParams): BillingAnswer {
    const job = jobs.get(jobId);
    if (job === undefined) return refuse(404, `Not found: Job ${jobId}`, 'notFound');
    const reference = { projectId: PROJECT, jobId, location };
    if (jobId !== '' && query.has('timeoutMs') && query.get('location') !== location) return refuse(404, `Not found: Job ${jobId}`, 'notFound');
    if (job.waits > 0) {
      job.waits -= 1;
      return { status: 200, body: { kind: 'bigquery#queryResponse', jobComplete: false, jobReference: reference } };
    }
    const from = Number(query.get('pageToken') ?? 0);
    const size = Math.min(options.rowsMax ?? 1_000_000, Number(query.get('maxResults') ?? 1_000_000));
    const rows = job.rows.slice(from, from + size);
    const next = from + size < job.rows.length ? String(from + size) : undefined;
    return { status: 200, body: { kind: 'bigquery#queryResponse', jobComplete: true, jobReference: reference, schema: SCHEMA, totalRows: String(job.rows.length), rows: rows.map((row) => ({ f: row.map((v) => ({ v })) })), ...(next === undefined ? {} : { pageToken: next }), totalBytesProcessed: String(bytes) } };
  }

  function listSeries(project: string, query: URLSearchParams): BillingAnswer {
    if (options.disabled?.includes('monitoring')) return refuse(403, `Cloud Monitoring API has not been used in project ${project} before or it is disabled.`);
    if (!state.roles.includes('monitoring.viewer')) return refuse(403, 'Permission monitoring.timeSeries.list denied (or the resource may not exist).');
    const metric = /^metric\.type="([^"]+)"$/.exec(query.get('filter') ?? '')?.[1];
    const [fromMs, toMs] = [Date.parse(query.get('interval.startTime') ?? ''), Date.parse(query.get('interval.endTime') ?? '')];
    const periodMs = Number(/^(\d+)s$/.exec(query.get('aggregation.alignmentPeriod') ?? '')?.[1]) * 1_000;
    if (metric === undefined || Number.isNaN(fromMs) || !(toMs > fromMs) || !(periodMs >= 60_000)) return refuse(400, 'Field filter or interval had an invalid value.');
    const known = state.points.filter((point) => point.projectId === project && point.metric === metric);
    if (known.length === 0 && !metric.startsWith('aiplatform.')) return refuse(404, `Cannot find metric(s) that match type = "${metric}".`);
    const series = new Map<string, { readonly point: TokenPoint; readonly sums: Map<number, number> }>();
    for (const point of known) {
      const atMs = Date.parse(point.at);
      if (atMs < fromMs || atMs >= toMs) continue;
      // Periods are laid from the end of the interval backwards; a point is named by its end.
      const endMs = toMs - Math.floor((toMs - 1 - atMs) / periodMs) * periodMs;
      const key = `${point.model}/${point.type ?? ''}`;
      const { sums } = series.get(key) ?? series.set(key, { point, sums: new Map() }).get(key)!;
      sums.set(endMs, (sums.get(endMs) ?? 0) + point.tokens);
    }
    const all = [...series.values()];
    const from = Number(query.get('pageToken') ?? 0);
    const size = options.rowsMax ?? all.length;
    const isVertex = metric.startsWith('aiplatform.');
    const timeSeries = all.slice(from, from + size).map(({ point, sums }) => ({
      metric: { type: metric, labels: isVertex ? { type: point.type ?? 'input' } : { model: point.model } },
      resource: { type: isVertex ? 'aiplatform.googleapis.com/PublisherModel' : 'generativelanguage.googleapis.com/Location', labels: isVertex ? { project_id: project, model_user_id: point.model } : { project_id: project } },
      metricKind: 'DELTA', valueType: 'INT64',
      // Newest first.
      points: [...sums].sort(([a], [b]) => b - a).map(([endMs, sum]) => ({ interval: { startTime: new Date(endMs - periodMs).toISOString(), endTime: new Date(endMs).toISOString() }, value: { int64Value: String(sum) } })),
    }));
    return { status: 200, body: { ...(timeSeries.length > 0 ? { timeSeries } : {}), ...(size > 0 && from + size < all.length ? { nextPageToken: String(from + size) } : {}), unit: '1' } };
  }

  const server = await startBillingServer({ route, refuse }, options.port);
  ({ url } = server);
  return Object.assign(state, server, {
    keyFile: (over: Readonly<Record<string, unknown>> = {}) => JSON.stringify({
      type: 'service_account', project_id: PROJECT, private_key_id: 'f00dfeed', private_key: keys.privateKey, client_email: `outlay@${PROJECT}.iam.gserviceaccount.com`, client_id: '1', auth_uri: 'https://accounts.google.com/o/oauth2/auth', token_uri: `${url}/token`, ...over,
    }),
  });
}

function readPart(part: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The days that got rows since `@since`, whole, by hour, project and SKU: what the adapter's SQL says. */
function answerQuestion(rows: readonly ExportRow[], { queryParameters = [] }: QueryBody): (string | null)[][] {
  const parameter = (name: string): string => queryParameters.find((given) => given.name === name)?.parameterValue.value ?? '';
  const services = new Set(queryParameters.find(({ name }) => name === 'services')?.parameterValue.arrayValues?.map(({ value }) => value));
  const [fromMs, toMs, sinceMs] = ['from', 'to', 'since'].map((name) => Date.parse(parameter(name))) as [number, number, number];
  const ours = rows.filter((row) => (services.has(serviceOf(row).id) || services.has(serviceOf(row).description)) && Date.parse(row.usageStart) >= fromMs && Date.parse(row.usageStart) < toMs);
  const days = new Set(ours.filter(({ exportTime }) => Date.parse(exportTime) >= sinceMs).map(({ usageStart }) => usageStart.slice(0, 10)));
  const groups = new Map<string, { readonly head: (string | null)[]; quantity: bigint; net: bigint; exported: string }>();
  for (const row of ours.filter(({ usageStart }) => days.has(usageStart.slice(0, 10)))) {
    const hour = `${new Date(Math.floor(Date.parse(row.usageStart) / 3_600_000) * 3_600_000).toISOString().slice(0, 19)}Z`;
    const head = [hour, row.projectId, serviceOf(row).description, row.sku.id, row.sku.description, row.unit ?? 'count', row.costType ?? 'regular', row.usageStart.slice(0, 7).replace('-', ''), row.currency ?? 'USD', row.rate ?? '1'];
    const group = groups.get(JSON.stringify(head)) ?? { head, quantity: 0n, net: 0n, exported: row.exportTime };
    group.quantity += nanos(row.amount);
    group.net += [row.cost, ...(row.credits ?? [])].reduce((sum, text) => sum + nanos(text), 0n);
    if (row.exportTime > group.exported) group.exported = row.exportTime;
    groups.set(JSON.stringify(head), group);
  }
  return [...groups.values()].sort((a, b) => (a.head.join() < b.head.join() ? -1 : 1)).map(({ head, quantity, net, exported }) => [...head, fromNanos(quantity), fromNanos(net), exported]);
}

function serviceOf({ service }: ExportRow): { readonly id: string; readonly description: string } {
  return service ?? { id: 'C7E2-9256-1C43', description: 'Vertex AI' };
}

/** NUMERIC has nine digits behind the point. */
function nanos(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  return (BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))) * (text.startsWith('-') ? -1n : 1n);
}

function fromNanos(value: bigint): string {
  const size = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${size / 1_000_000_000n}.${String(size % 1_000_000_000n).padStart(9, '0')}`.replace(/\.?0+$/, '');
}
