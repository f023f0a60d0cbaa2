/** The loopback server under every fake: reads a request, asks the dialect, sends the answer, keeps the log. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Billing, Dialect, LimitState } from './answer';
import { billUsage } from './bill-usage';
import type { Fake, FakeError, FakeOptions, FakeRequest, Provider, ServedAnswer, Steer } from './contract';
import { isObject, stringAt, type JsonObject } from './json';
import { formatServedUsd } from './price-sheet';
import { createPromptCache } from './prompt-cache';
import { createRandom, type Random } from './random';
import { sendAnswer } from './send-answer';
import { sumServedPico, totalServed } from './served-log';
import { failsNow, readSteer, SteerError } from './steer';

type Entry = { -readonly [K in keyof ServedAnswer]: ServedAnswer[K] };

const RETRY_AFTER_MS = 1_000;

export async function startFakeServer(provider: Provider, dialect: Dialect, options: FakeOptions): Promise<Fake> {
  const now = options.now ?? Date.now;
  const seed = options.seed ?? 1;
  const cache = createPromptCache();
  const served: Entry[] = [];
  const seenByKey = new Map<string, number>();
  const seenByDigest = new Map<string, number>();
  const limiter = createLimiter(options, now);
  let number = 0;

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((cause: unknown) => {
      // A caller that hangs up while its body is read is no fault of the fake; anything else must be seen.
      if (incoming.complete && !response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' }).end(`the fake itself failed: ${String(cause)}`);
    });
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readBody(incoming);
    const bodyText = bytes.toString('utf8');
    const body = await parseBody(bytes, incoming.headers['content-type'] ?? '');
    number += 1;
    const request = describeRequest(incoming, body, number);
    const digest = createHash('sha256').update(`${request.path}\n${request.key ?? ''}\n`).update(bodyText).digest('base64');
    const random = createRandom(seed, `${digest}\n${countUp(seenByDigest, digest)}`);
    const requestId = dialect.makeRequestId(random);
    const limit = limiter();
    let steer: Steer = {};
    let decided: Answer | FakeError;
    try {
      steer = readSteer(request, options.scenario);
      decided = decide(request, steer, random, limit, bodyText);
    } catch (cause) {
      if (!(cause instanceof SteerError)) throw cause;
      decided = { status: 400, message: cause.message };
    }
    const given = 'kind' in decided ? decided : refuse(decided, requestId);
    const entry = openEntry(request, requestId, steer, given);
    await sendAnswer(given, {
      response, steer, random, latency: options.latency,
      headers: { ...dialect.headers(now(), limit), [dialect.requestIdHeader]: requestId },
      onStart: () => served.push(entry),
      onProgress: (usage, usageSent) => charge(entry, given, usage, usageSent),
      onAborted: () => { entry.aborted = true; },
      onBroken: (errorType) => { entry.broken = true; entry.errorType = errorType; },
    });
  }

  function decide(request: FakeRequest, steer: Steer, random: Random, limit: LimitState | null, bodyText: string): Answer | FakeError {
    const forbidden = dialect.authorise(request, options.apiKey);
    if (forbidden) return forbidden;
    if (limit && limit.remaining < 0) return { status: 429, retryAfterMs: limit.resetMs };
    if (failsNow(steer, request.attempt)) {
      if (steer.error === 'reset') return { kind: 'reset' };
      return typeof steer.error === 'number' ? { status: steer.error } : steer.error!;
    }
    if (bodyText !== '' && !request.body) return { status: 400, message: 'We could not parse the JSON body of your request.' };
    return dialect.route({ request, steer, random, nowMs: now(), cache });
  }

  function refuse(error: FakeError, requestId: string): Answer {
    const { body, type } = dialect.refuse(error, requestId);
    const retryAfterMs = error.retryAfterMs ?? (error.status === 429 ? RETRY_AFTER_MS : undefined);
    const headers: Record<string, string> = retryAfterMs === undefined || dialect.retryHeaders === false ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)), 'retry-after-ms': String(retryAfterMs) };
    return { kind: 'json', status: error.status, body, headers, errorType: type, billing: null };
  }

  function describeRequest(incoming: IncomingMessage, body: JsonObject | null, ordinal: number): FakeRequest {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
    const key = headers['x-fake-key'] ?? null;
    const attempt = key === null ? 1 + Number(headers['x-stainless-retry-count'] ?? 0) : countUp(seenByKey, key);
    return { number: ordinal, provider, method: incoming.method ?? 'GET', path: (incoming.url ?? '/').split('?')[0]!, headers, body, key, attempt };
  }

  function openEntry(request: FakeRequest, requestId: string, steer: Steer, given: Answer): Entry {
    const billing = given.kind === 'reset' ? null : given.billing;
    return {
      number: request.number, atMs: now(), provider, api: billing?.api ?? null, path: request.path, requestId,
      responseId: billing?.responseId ?? null, modelRequested: billing?.modelRequested ?? stringAt(request.body, 'model') ?? null,
      model: billing?.model ?? null, tier: billing?.tier ?? null, status: given.kind === 'json' ? given.status : given.kind === 'stream' ? 200 : 0,
      errorType: given.kind === 'json' ? given.errorType : given.kind === 'reset' ? 'connection_reset' : null,
      stream: given.kind === 'stream', usage: null, usageSent: false, aborted: false, broken: given.kind === 'reset',
      key: request.key, attempt: request.attempt, label: steer.label ?? null, costPico: null,
    };
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    provider, url, baseURL: url + dialect.baseUrlPath, served,
    get totals() { return totalServed(served); },
    totalServedUsd: (filter) => formatServedUsd(sumServedPico(served, filter)),
    reset() {
      served.length = 0;
      number = 0;
      seenByKey.clear();
      seenByDigest.clear();
      cache.clear();
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function charge(entry: Entry, given: Answer, usage: JsonObject, usageSent: boolean): void {
  const billing: Billing | null = given.kind === 'reset' ? null : given.billing;
  if (!billing) return;
  entry.usage = usage;
  entry.usageSent = usageSent;
  entry.costPico = billUsage(billing.api, billing.model, billing.tier, usage);
}

/** A fixed window; `remaining` below zero refuses. */
function createLimiter({ rateLimit }: FakeOptions, now: () => number): () => LimitState | null {
  let windowEndMs = 0;
  let used = 0;
  return () => {
    if (!rateLimit) return null;
    if (now() >= windowEndMs) {
      windowEndMs = now() + rateLimit.windowMs;
      used = 0;
    }
    used += 1;
    return { limit: rateLimit.requests, remaining: rateLimit.requests - used, resetMs: windowEndMs - now() };
  };
}

function countUp(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Of a form the fields; its files by their size. */
async function parseBody(bytes: Buffer, type: string): Promise<JsonObject | null> {
  try {
    if (type.startsWith('multipart/form-data')) {
      const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
      return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === 'string' ? value : { bytes: value.size }]));
    }
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
