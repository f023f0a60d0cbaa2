/** A ledger for tests: real HTTP, every delivery kept, each answer steerable. It knows the wire, not the pricing. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { WireEvent } from '../events.js';
import { createFakeGate, type FakeGate } from './fake-gate.js';

export interface Delivered {
  readonly events: readonly WireEvent[];
  readonly today: boolean;
  readonly gzip: boolean;
  readonly authorization: string | undefined;
  readonly atMs: number;
}

interface FakeAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface FakeLedger {
  readonly url: string;
  /** Every request, answered well or not. */
  readonly requests: readonly Delivered[];
  /** Events that got a 200, each id once: what a ledger would hold. */
  readonly recorded: () => readonly WireEvent[];
  readonly calls: () => readonly WireEvent[];
  readonly outcomes: () => readonly WireEvent[];
  /** Overrides the answer to a request; undefined: 200, everything accepted. */
  answer: (request: Delivered, number: number) => FakeAnswer | 'hang' | 'reset' | undefined;
  today: Record<string, string>;
  /** Answers below `/v1/runs`; what it is asked is not among `requests`. */
  readonly gate: FakeGate;
  readonly close: () => Promise<void>;
}

export async function startFakeLedger(): Promise<FakeLedger> {
  const requests: Delivered[] = [];
  const recorded = new Map<string, WireEvent>();
  const endedRuns = new Set<string | undefined>();
  const gate = createFakeGate((runId) => endedRuns.has(runId));
  const server = createServer((request, response) => {
    void (async () => {
      const bytes = await readBytes(request);
      if (request.url!.startsWith('/v1/runs')) return gate.handle(request, bytes.toString('utf8'), response);
      const gzip = request.headers['content-encoding'] === 'gzip';
      const body = JSON.parse((gzip ? gunzipSync(bytes) : bytes).toString('utf8')) as { events: WireEvent[]; today?: boolean };
      const delivered: Delivered = { events: body.events, today: body.today === true, gzip, authorization: request.headers.authorization, atMs: Date.now() };
      requests.push(delivered);
      const answer = ledger.answer(delivered, requests.length);
      if (answer === 'hang') return;
      if (answer === 'reset') return void request.socket.destroy();
      const status = answer?.status ?? 200;
      if (status === 200) {
        for (const event of body.events) {
          recorded.set(keyOf(event), event);
          if (event.kind === 'outcome') endedRuns.add(event.run_id);
        }
      }
      response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': `req_${requests.length}`, ...answer?.headers });
      response.end(JSON.stringify(answer?.body ?? { ...accepted(body.events, ledger.today, delivered.today), request_id: `req_${requests.length}` }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ledger: FakeLedger = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    recorded: () => [...recorded.values()],
    calls: () => [...recorded.values()].filter((event) => event.kind !== 'outcome'),
    outcomes: () => [...recorded.values()].filter((event) => event.kind === 'outcome'),
    answer: () => undefined,
    today: {},
    gate,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return ledger;
}

/** An outcome has no id of its own: one run has one. */
function keyOf(event: WireEvent): string {
  return event.id ?? event.idempotency_key ?? `outcome of ${event.run_id}`;
}

function accepted(events: readonly WireEvent[], today: Record<string, string>, asked: boolean): object {
  const results = events.map((event, index) => ({ index, id: keyOf(event), verdict: 'accepted', cost_usd: '0.01' }));
  return asked ? { results, today } : { results };
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
