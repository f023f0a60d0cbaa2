/** The loopback server under the fakes of reporting APIs: GETs and POSTs of JSON, a log of requests, and faults on order. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BillingRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface BillingAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Given to the next requests instead of their answers. */
export interface BillingFault {
  /** `reset` cuts the connection; `half` cuts it in the middle of the right answer; `slow` answers rightly, but late. */
  readonly kind: number | 'reset' | 'half' | 'slow';
  /** To how many requests; one when absent. */
  readonly times?: number;
  /** Only to paths with this piece. */
  readonly path?: string;
  /** As it stands in `retry-after`: seconds or a date. */
  readonly retryAfter?: string;
  readonly delayMs?: number;
}

export interface BillingFake {
  readonly url: string;
  /** All that was asked, with its headers: the credentials among them. */
  readonly requests: readonly BillingRequest[];
  fail(fault: BillingFault): void;
  close(): Promise<void>;
}

export interface BillingDialect {
  /** Awaited: a token endpoint verifies signatures. */
  route(request: BillingRequest): BillingAnswer | Promise<BillingAnswer>;
  /** The provider's own form of an error. */
  refuse(status: number, message?: string): BillingAnswer;
}

export async function startBillingServer({ route, refuse }: BillingDialect, port = 0): Promise<BillingFake> {
  const requests: BillingRequest[] = [];
  const faults: { fault: BillingFault; left: number }[] = [];

  const takeFault = (path: string): BillingFault | null => {
    const found = faults.find(({ fault, left }) => left > 0 && (fault.path === undefined || path.includes(fault.path)));
    if (!found) return null;
    found.left -= 1;
    return found.fault;
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    requests.push(request);
    const fault = takeFault(request.path);
    if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault?.kind === 'reset') return void incoming.socket.destroy();
    const given = typeof fault?.kind === 'number' ? refuse(fault.kind) : await route(request);
    const text = JSON.stringify(given.body);
    const headers: Record<string, string> = { 'content-type': 'application/json', ...given.headers, ...(fault?.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }) };
    if (fault?.kind !== 'half') return void response.writeHead(given.status, headers).end(text);
    response.writeHead(given.status, { ...headers, 'content-length': String(Buffer.byteLength(text)) });
    response.write(text.slice(0, Math.floor(text.length / 2)), () => incoming.socket.destroy());
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((cause: unknown) => {
      // A caller that hangs up is no fault of the fake; anything else must be seen.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' }).end(`the fake itself failed: ${String(cause)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests,
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<BillingRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://fake');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
  return { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(pieces).toString('utf8') };
}

/** An array parameter in each of its spellings: `group_by[]=a&group_by[]=b`, `group_by=a&group_by=b`, `group_by[0]=a`. */
export function listOf(query: URLSearchParams, name: string): string[] {
  return [...query].flatMap(([key, value]) => (key === name || key === `${name}[]` || new RegExp(`^${name}\\[\\d+\\]$`).test(key) ? [value] : []));
}
