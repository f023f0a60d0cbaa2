/** A gate, a ledger and a customer's usage in memory, as the `fetch` of an Outlay client: what the chat routes need to meet, each answer steerable. */
import { gunzipSync } from 'node:zlib';
import type { WireEvent } from '../events.js';

type Json = Record<string, unknown>;

export interface ChatGate {
  readonly fetch: typeof fetch;
  readonly begins: Json[];
  readonly extends: Json[];
  readonly finishes: Json[];
  readonly releases: string[];
  readonly events: WireEvent[];
  /** Merged into the answer to begin; with a status, it is that of a denial. */
  begin: Json & { status?: number };
  /** Extensions that are granted; the next is denied. */
  extensions: number;
  usage: Json;
  entitlements: Json;
  /** Every request fails. */
  away: boolean;
}

export function createChatGate(): ChatGate {
  const gate: ChatGate = {
    fetch: async (input, init) => {
      if (gate.away) throw new TypeError('fetch failed');
      const { pathname } = new URL(String(input));
      const { status, body } = answer(gate, init?.method ?? 'GET', pathname, readBody(init?.body));
      return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
    },
    begins: [], extends: [], finishes: [], releases: [], events: [], begin: {}, extensions: Number.POSITIVE_INFINITY,
    usage: { customer_id: 'acme', plan: { key: 'free', name: 'Free', version: 1 }, allowances: [], credits: null, warning: null, denied: null },
    entitlements: { customer_id: 'acme', plan: { key: 'free', name: 'Free', version: 1 }, features: { export: false }, tools: {}, limits: { context_tokens: 8_000, quantities: { files: 3 } }, suspended: false },
    away: false,
  };
  return gate;
}

function answer(gate: ChatGate, method: string, path: string, body: Json): { readonly status: number; readonly body: Json } {
  const [, , kind, id, verb] = path.split('/');
  if (kind === 'usage') {
    const events = body['events'] as WireEvent[];
    gate.events.push(...events);
    return { status: 200, body: { results: events.map((event, index) => ({ index, id: event.id, verdict: 'accepted', cost_usd: '0.01' })) } };
  }
  if (kind === 'customers') return { status: 200, body: verb === 'usage' ? gate.usage : gate.entitlements };
  if (method === 'DELETE') {
    gate.releases.push(id!);
    return { status: 200, body: { run_id: id, released: true } };
  }
  if (verb === 'finish') {
    gate.finishes.push({ run_id: id, ...body });
    return { status: 200, body: { run_id: id } };
  }
  if (verb === 'extend') {
    gate.extends.push(body);
    return gate.extends.length > gate.extensions ? denied(id!, {}) : { status: 200, body: permitted(id!, body) };
  }
  gate.begins.push(body);
  const { status, ...more } = gate.begin;
  return status === undefined ? { status: 200, body: { ...permitted(String(body['run_id']), body), ...more } } : denied(String(body['run_id']), more, status);
}

function permitted(runId: string, { models, max_output_tokens: most }: Json): Json {
  return {
    run_id: runId, decision: 'allow', reason: null, message: null, next_step: null, upgrade: false, models: models ?? [], refused_tools: [], limits: [], warnings: [], request_id: 'req_1',
    hold: { expires_at: new Date(Date.now() + 600_000).toISOString(), bounded: true, cost_usd: '0.01', units: '1', tokens: null, calls: null, max_output_tokens: most ?? null },
  };
}

function denied(runId: string, more: Json, status = 402): { readonly status: number; readonly body: Json } {
  const reason = more['reason'] ?? 'quota_exhausted';
  return {
    status,
    body: {
      decision: 'deny', reason, message: 'A hard cap of $4.00 would be passed.', next_step: 'Raise the cap in the console.', upgrade: true, by: 'cap_1', run_id: runId, request_id: 'req_2', retry_after_seconds: null,
      limits: [{ id: 'cap_1', metric: 'cost', limit: '4.00' }], error: { code: reason, message: 'A hard cap of $4.00 would be passed.' }, ...more,
    },
  };
}

function readBody(body: BodyInit | null | undefined): Json {
  if (body === undefined || body === null) return {};
  const text = typeof body === 'string' ? body : gunzipSync(body as Uint8Array).toString('utf8');
  return JSON.parse(text) as Json;
}
