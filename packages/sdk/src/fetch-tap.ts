/**
 * The fetch of a wrapped client. Every HTTP request of the client is one call, its own retries included; every helper of the
 * client (`.withResponse()`, `.stream()`, tool runners, beta) goes through here, and none of them has to be changed.
 * Whatever goes wrong in here must not reach the caller: the request goes out as it was.
 */
import { errorClassOf } from './attempts.js';
import { type Call, openCall } from './call.js';
import { scopeOf } from './context.js';
import { type Core, pickTags, scopeHere } from './core.js';
import { estimateInputTokens, estimateQuantities } from './estimate.js';
import { asObject, asText, type CallFacts, createFacts, errorClassIn, type Json, parseJson } from './facts.js';
import { copyResponse } from './returned-stream.js';
import type { ApiRoute } from './routes.js';
import { followSignals } from './signals.js';
import { type StreamHow, tapStream } from './stream-taps.js';
import type { ModelUsage, WrapOptions } from './types.js';

export interface TapSettings {
  readonly core: Core;
  readonly provider: string;
  readonly routes: readonly ApiRoute[];
  /** Paths that are no model calls: no warning for them. */
  readonly free: RegExp;
  readonly fetch: typeof fetch;
  readonly options: WrapOptions;
  readonly requestIdHeader: string;
}

/** Everything about one request before it goes out. */
interface Sent {
  readonly route: ApiRoute;
  readonly request: Json | undefined;
  /** The request with usage asked for, when the caller did not ask. */
  readonly asking: string | undefined;
  readonly call: Call;
}

export function tapFetch(settings: TapSettings): typeof fetch {
  /** A host that does not know `stream_options` is asked once, not on every call. */
  const host = { refusesUsage: false };
  return async (input, init) => {
    let sent: Sent | undefined;
    try {
      sent = openSent(settings, input, init, host.refusesUsage);
    } catch (error) {
      settings.core.warnOnce(errorClassOf(error), { code: 'call_not_recorded', message: `A call could not be prepared for recording (${errorClassOf(error)}); it was made as it is.` });
    }
    return sent ? carryOut(settings, sent, input, init, host) : settings.fetch(input, init);
  };
}

function openSent(settings: TapSettings, input: Parameters<typeof fetch>[0], init: RequestInit | undefined, refusesUsage: boolean): Sent | undefined {
  const { core, options } = settings;
  const whole = typeof input === 'object' && 'url' in input ? input : undefined;
  if ((init?.method ?? whole?.method ?? 'GET').toUpperCase() !== 'POST') return undefined;
  const path = new URL(whole?.url ?? String(input)).pathname;
  const route = settings.routes.find((one) => one.path.test(path));
  if (!route) {
    if (!settings.free.test(path)) core.warnOnce(path, { code: 'call_not_recorded', message: `Calls to ${path} are not recorded by the wrapper; use record() or track().` });
    return undefined;
  }
  const request = typeof init?.body === 'string' ? parseJson(init.body) : undefined;
  const headers = new Headers(init?.headers ?? whole?.headers);
  // A signed body (Bedrock) cannot be changed any more.
  const mayAsk = options.includeUsage !== false && !refusesUsage && !headers.has('x-amz-date');
  const asking = mayAsk && request ? route.askForUsage?.(request) : undefined;
  const scope = scopeHere(core, pickTags(options), scopeOf(options.run));
  const retries = Number(headers.get('x-stainless-retry-count') ?? 0);
  const call = openCall(
    core,
    scope,
    {
      provider: settings.provider,
      api: route.api,
      providerAccount: options.providerAccount,
      region: options.region,
      model: asText(request?.['model']),
      serviceTierRequested: asText(request?.['service_tier']),
    },
    Number.isInteger(retries) && retries > 0 ? retries : 0,
  );
  warnEstimatedContext(call, request);
  return { route, request, asking: asking ? JSON.stringify(asking) : undefined, call };
}

/** Without the caller's own count the size is a guess, and a guess may warn but not refuse a paying customer. */
function warnEstimatedContext(call: Call, request: Json | undefined): void {
  const { run, tags } = call.scope;
  if (!run || run.maxContextTokens === undefined || run.sizeKnown) return;
  const tokens = estimateInputTokens(request);
  if (tokens <= run.maxContextTokens) return;
  run.warn({
    code: 'context_may_be_too_large',
    message: `A call has about ${tokens} input tokens; caps.maxContextTokens allows ${run.maxContextTokens}. The call was made: pass run({ inputTokens }) to have it stopped.`,
    runId: run.runId,
    customerId: tags.customerId,
    workflow: tags.workflow,
  });
}

async function carryOut(settings: TapSettings, sent: Sent, input: Parameters<typeof fetch>[0], init: RequestInit | undefined, host: { refusesUsage: boolean }): Promise<Response> {
  const facts = createFacts();
  const ownSignal = init?.signal ?? (typeof input === 'object' && 'signal' in input ? input.signal : undefined);
  const signals = followSignals(ownSignal, sent.call.scope.run?.signal);
  const send = (body: BodyInit | null | undefined): Promise<Response> => settings.fetch(input, { ...init, body, signal: signals.signal });
  let asked = sent.asking !== undefined;
  let response: Response;
  try {
    response = await send(sent.asking ?? init?.body);
    if (asked && response.status === 400 && (await refusesUsage(response))) {
      host.refusesUsage = true;
      asked = false;
      response = await send(init?.body);
    }
  } catch (error) {
    signals.release();
    const status = signals.signal.aborted ? 'aborted' : neverSent(error) ? 'failed' : 'unknown';
    sent.call.end({ status, errorClass: errorClassOf(error), ...(status === 'failed' ? {} : estimated(sent, facts)) });
    throw error;
  }
  try {
    return watchResponse(settings, sent, facts, response, asked, signals);
  } catch (error) {
    settings.core.warnOnce(errorClassOf(error), { code: 'usage_not_seen', message: `An answer could not be read for its usage (${errorClassOf(error)}).` });
    sent.call.end({ status: 'unknown', ...estimated(sent, facts) });
    return response;
  }
}

async function refusesUsage(response: Response): Promise<boolean> {
  return (await response.clone().text()).includes('stream_options');
}

/** Nothing reached the provider, so nothing is billed. Any other lost connection leaves that open. */
function neverSent(error: unknown): boolean {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL)$/.test(code);
}

function watchResponse(settings: TapSettings, sent: Sent, facts: CallFacts, response: Response, hideUsage: boolean, signals: ReturnType<typeof followSignals>): Response {
  const providerRequestId = response.headers.get(settings.requestIdHeader) ?? undefined;
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && response.body && type.includes('text/event-stream')) {
    const tapped = tapStream(response.body, {
      facts,
      read: sent.route.readStream(facts, sent.request),
      hide: hideUsage,
      drain: settings.options.onAbort === 'drain',
      signals,
      later: settings.core.settleLater,
      onEnd: (how, error) => sent.call.end({ ...streamEnd(sent, facts, how, error), ...served(facts, sent, providerRequestId) }),
    });
    return copyResponse(response, tapped);
  }
  // The copy is read beside the caller's: reading neither waits for the other.
  const copy = response.clone();
  settings.core.settleLater(
    copy
      .text()
      .then((text) => sent.call.end({ ...bodyEnd(sent, facts, response, parseJson(text)), ...served(facts, sent, providerRequestId) }))
      .catch((error: unknown) => {
        const status = signals.signal.aborted ? 'aborted' : 'unknown';
        sent.call.end({ status, errorClass: errorClassOf(error), ...estimated(sent, facts), ...served(facts, sent, providerRequestId) });
      })
      .finally(signals.release),
  );
  return response;
}

function bodyEnd(sent: Sent, facts: CallFacts, response: Response, body: Json | undefined): Partial<ModelUsage> {
  if (!response.ok) return { status: 'failed', errorClass: errorClassIn(asObject(body?.['error']), `http_${response.status}`) };
  if (body) sent.route.readBody(facts, body);
  const state = body?.['status'];
  // A background response is only accepted here; what it will use is told to whoever fetches it later.
  if (state === 'queued' || state === 'in_progress') return { status: 'unknown' };
  if (state === 'failed') return { status: 'failed', errorClass: errorClassIn(asObject(body?.['error']), 'response_failed'), usage: facts.usage };
  return { status: 'succeeded', usage: facts.usage };
}

function streamEnd(sent: Sent, facts: CallFacts, how: StreamHow, error: unknown): Partial<ModelUsage> {
  const told = facts.generated || facts.complete;
  if (facts.failed) return { status: 'failed', errorClass: facts.errorClass, ...(told && facts.usage ? { usage: facts.usage } : seenSoFar(sent, facts)) };
  if (told && facts.usage) return { status: 'succeeded', usage: facts.usage };
  // Finished, but the host never told what it used: unknown is not zero, the ledger lists it as unpriced.
  if (told) return { status: 'succeeded' };
  if (how === 'cancelled') return { status: 'aborted', ...estimated(sent, facts) };
  return { status: how === 'broken' ? 'failed' : 'unknown', errorClass: how === 'broken' ? errorClassOf(error) : 'stream_incomplete', ...estimated(sent, facts) };
}

/** A stream that failed before it produced anything is not billed. */
function seenSoFar(sent: Sent, facts: CallFacts): Partial<ModelUsage> {
  return facts.usage || facts.outputBytes > 0 ? estimated(sent, facts) : {};
}

function estimated(sent: Sent, facts: CallFacts): Partial<ModelUsage> {
  return { quantities: estimateQuantities(sent.request, facts), estimated: true };
}

function served(facts: CallFacts, sent: Sent, providerRequestId: string | undefined): Partial<ModelUsage> {
  return {
    modelServed: facts.modelServed,
    serviceTierServed: facts.serviceTierServed,
    providerRequestId: providerRequestId ?? facts.responseId,
    ttftMs: facts.firstOutputMs === undefined ? undefined : facts.firstOutputMs - sent.call.startedMs,
  };
}
