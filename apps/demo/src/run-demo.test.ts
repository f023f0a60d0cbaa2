/**
 * The whole demo with a stand-in for Outlay that prices raw usage by the fakes' sheet: proves that the SDK records exactly
 * what the fakes served, retries, fallbacks and readers who leave included. The real server is compared in apps/api.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { billUsage } from '@outlay/fakes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatPico, parsePico } from './compare-totals';
import { DemoError } from './read-ledger';
import { planRuns } from './plan-runs';
import { parseTrace } from './read-trace';
import { runDemo, type DemoOptions } from './run-demo';
import { writeTrace } from './write-trace';

interface Event {
  id?: string;
  kind?: string;
  request_id?: string;
  workflow: string;
  environment?: string;
  provider?: string;
  api?: string;
  model_served?: string;
  service_tier_served?: string;
  status?: string;
  attempt_kind?: string;
  usage?: Record<string, unknown>;
  extras?: { cost: string }[];
  outcome?: string;
}

let server: Server;
let baseUrl: string;
let events: Event[];
let surchargePico: bigint;

function costOf(event: Event): bigint {
  const extras = (event.extras ?? []).reduce((sum, extra) => sum + parsePico(extra.cost), 0n);
  if (!event.usage) return extras;
  const api = event.provider === 'anthropic' ? 'messages' : (event.api as 'chat');
  return extras + billUsage(api, event.model_served!, event.service_tier_served ?? (api === 'messages' ? 'standard' : 'default'), event.usage as Record<string, unknown>)!;
}

/** As Outlay does: a key sees its own environment only. */
function summarise(groupBy: 'workflow' | 'model', environment: string): unknown {
  const calls = events.filter((event) => event.kind !== 'outcome' && event.environment === environment);
  const groups = new Map<string, Event[]>();
  for (const event of calls) {
    const key = groupBy === 'workflow' ? event.workflow : event.model_served ?? '';
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  const row = (of: Event[], extra = 0n) => ({ calls: of.length, cost_usd: formatPico(of.reduce((sum, event) => sum + costOf(event), extra)) });
  return { data: [...groups].map(([key, of]) => ({ [groupBy]: key, ...row(of) })), total: row(calls, calls.length > 0 && environment === 'production' ? surchargePico : 0n) };
}

beforeEach(async () => {
  events = [];
  surchargePico = 0n;
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const url = new URL(request.url!, 'http://stand-in');
      const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (!request.headers.authorization?.startsWith('Bearer ol_')) return answer(401, {});
      if (request.headers.authorization.includes('unreadable')) return answer(403, {});
      const environment = request.headers.authorization.split('_')[1]!;
      if (url.pathname === '/v1/summary') return answer(200, summarise(url.searchParams.get('group_by') as 'workflow', environment));
      // An Outlay without a gate: the runs go on, and are recorded.
      if (url.pathname !== '/v1/usage') return answer(404, {});
      const raw = Buffer.concat(pieces);
      const batch = JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()) as { events: Event[] };
      events.push(...batch.events.map((event) => ({ environment, ...event })));
      answer(200, { results: batch.events.map((event, index) => ({ index, id: event.id, verdict: 'accepted', cost_usd: '0' })), request_id: 'r' });
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise<void>((resolve) => {
  server.close(() => resolve());
  server.closeAllConnections();
}));

async function run(options: Partial<DemoOptions> = {}) {
  const trace = parseTrace(writeTrace());
  let text = '';
  const result = await runDemo({
    baseUrl, apiKey: ['ol_production_x', 'ol_staging_y'], trace: trace.ok ? trace.rows : [], requests: 120, speed: 'max', seed: 3,
    output: { write: (piece: string) => { text += piece; } }, ...options,
  });
  return { ...result, text };
}

describe('runDemo', () => {
  it('records what was served, to the last digit', async () => {
    const { equal, byWorkflow, byModel, runs, text } = await run();
    expect(text).toContain('Equal to the last digit.');
    expect(equal).toBe(true);
    expect(byWorkflow.rows.map((row) => row.name)).toEqual(['pdf_question', 'report_generation', 'ticket_reply']);
    expect(byModel.rows.length).toBeGreaterThan(5);
    expect(byWorkflow.total.served.costPico).toBeGreaterThan(0n);
    expect(byModel.total.served).toEqual(byWorkflow.total.served);
    expect(runs.finished + runs.lost + runs.refused).toBe(120);
  });

  it('exercises retries, fallbacks, cut readings, tiers and both environments', async () => {
    await run();
    const some = (filter: (event: Event) => boolean) => expect(events.some(filter)).toBe(true);
    some((event) => event.attempt_kind === 'retry');
    some((event) => event.attempt_kind === 'fallback' && event.status !== 'failed');
    some((event) => event.status === 'failed' && event.usage === undefined);
    some((event) => event.service_tier_served === 'flex');
    some((event) => event.kind === 'outcome' && event.outcome === 'unusable');
    some((event) => (event.usage?.cache_creation_input_tokens as number) > 0);
    expect(events.filter((event) => event.kind === 'outcome')).toHaveLength(120);
  });

  it('drains the answer of a reader who leaves: exact usage, but no use', async () => {
    await run();
    const trace = parseTrace(writeTrace());
    const plan = planRuns(trace.ok ? trace.rows : [], { seed: 3, requests: 120, environments: ['production', 'staging'] });
    const left = plan.filter((planned) => planned.leavesAfterChunks !== null && planned.failures.length === 0).map((planned) => `demo-${planned.index}`);
    expect(left.length).toBeGreaterThan(0);
    for (const requestId of left) {
      const of = events.filter((event) => event.request_id === requestId);
      expect(of.find((event) => event.api === 'chat')).toMatchObject({ status: 'succeeded', usage: expect.any(Object) });
      expect(of.find((event) => event.kind === 'outcome')).toMatchObject({ outcome: 'unusable' });
    }
  });

  it('is not equal when the ledger is off by one pico-dollar', async () => {
    surchargePico = 1n;
    const { equal, text } = await run({ requests: 20 });
    expect(equal).toBe(false);
    expect(text).toContain('DIFFERENT by 1 pico-dollars');
  });

  it('ends early with its table when stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    const { runs, text } = await run({ signal: stop.signal });
    expect(runs.finished).toBe(0);
    expect(text).toContain('Equal to the last digit.');
  });

  it('says what is wrong with the address and the keys', async () => {
    await expect(run({ baseUrl: 'http://127.0.0.1:1' })).rejects.toThrow(/does not answer at http:\/\/127.0.0.1:1/);
    await expect(run({ apiKey: 'secret' })).rejects.toThrow(/looks like ol_<environment>_<random>/);
    await expect(run({ apiKey: ['ol_a_1', 'ol_a_2'] })).rejects.toThrow(/Two API keys are of the environment "a"/);
    await expect(run({ apiKey: 'ol_production_unreadable' })).rejects.toThrow(DemoError);
  });
});
