/**
 * The fetch of a wrapped client. Every HTTP request of the client is one call, its own retries included; every helper of the
 * client (`.withResponse()`, `.stream()`, tool runners, beta) goes through here, and none of them has to be changed.
 * Whatever goes wrong in here must not reach the caller: the request goes out as it was.
 */
import { askForCall, needsGate, refusal } from './alone.js';
import { errorClassOf } from './attempts.js';
import { type Call, openCall } from './call.js';
import { mostOutputOf, type Scope, scopeOf } from './context.js';
import { type Core, pickTags, scopeHere } from './core.js';
import { OutlayError } from './errors.js';
import { estimateInputTokens, estimateQuantities, textOnlyBytes } from './estimate.js';
import { asObject, asText, type CallFacts, createFacts, defined, errorClassIn, type Json, parseJson } from './facts.js';
import { limitOutput, mostOutput } from './limit-output.js';
import { copyResponse } from './returned-stream.js';
import type { ApiRoute } from './routes.js';
import { type FollowedSignals, followSignals } from './signals.js';
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
  /** Response header that names the tier, where bodies do not. */
  readonly serviceTierHeader?: string;
  /** How often this request was sent before; default by the official clients' header. */
  readonly retries?: () => number;
}

/** A request that is a call, as its caller made it. */
interface Asked {
  readonly route: ApiRoute;
  readonly path: string;
  readonly host: string;
  readonly headers: Headers;
  readonly request: Json | undefined;
  readonly model: string | undefined;
  readonly scope: Scope;
  /** Follows the caller's own signal and that of the run's attempt. */
  readonly signals: FollowedSignals;
  /** A signed body (Bedrock) cannot be changed any more. */
  readonly fixed: boolean;
}

/** Everything about one call before it goes out. */
interface Sent {
  readonly route: ApiRoute;
  readonly host: string;
  readonly request: Json | undefined;
  /** The body with its output limited, when the caller's would allow more. */
  readonly limited: string | undefined;
  /** That with usage asked for, when the caller did not ask. */
  readonly asking: string | undefined;
  readonly facts: CallFacts;
  readonly signals: FollowedSignals;
  readonly call: Call;
}

export function tapFetch(settings: TapSettings): typeof fetch {
  return async (input, init) => {
    const asked = careful(settings, () => readAsked(settings, input, init));
    if (!asked) return settings.fetch(input, init);
    // What fetch does with a signal that has aborted already: no call is made.
    if (asked.signals.signal.aborted) throw asked.signals.signal.reason;
    let { scope } = asked;
    if (needsGate(settings.core, scope)) {
      try {
        scope = await askForCall(settings.core, scope, askOf(asked), settings.options, asked.signals.signal);
      } catch (error) {
        asked.signals.release();
        if (error instanceof OutlayError) return refusal(error);
        throw error;
      }
    }
    const sent = careful(settings, () => openSent(settings, { ...asked, scope }));
    return sent ? carryOut(settings, sent, input, init) : settings.fetch(input, init);
  };
}

/** What goes wrong in here is said; the call is made as it is. */
function careful<V>({ core }: TapSettings, prepare: () => V | undefined): V | undefined {
  try {
    return prepare();
  } catch (error) {
    core.warnOnce(errorClassOf(error), { code: 'call_not_recorded', message: `A call could not be prepared for recording (${errorClassOf(error)}); it was made as it is.` });
    return undefined;
  }
}

/** Undefined for what is no model call. */
function readAsked(settings: TapSettings, input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Asked | undefined {
  const { core, options } = settings;
  const whole = typeof input === 'object' && 'url' in input ? input : undefined;
  if ((init?.method ?? whole?.method ?? 'GET').toUpperCase() !== 'POST') return undefined;
  const { pathname: path, origin: host } = new URL(whole?.url ?? String(input));
  const route = settings.routes.find((one) => one.path.test(path));
  if (!route) {
    if (!settings.free.test(path)) core.warnOnce(path, { code: 'call_not_recorded', message: `Calls to ${path} are not recorded by the wrapper; use record() or track().` });
    return undefined;
  }
  const scope = scopeHere(core, pickTags(options), scopeOf(options.run));
  const signals = followSignals(init?.signal ?? whole?.signal, scope.attempt?.signal);
  const request = typeof init?.body === 'string' ? parseJson(init.body) : readForm(init?.body);
  const headers = new Headers(init?.headers ?? whole?.headers);
  const model = route.describe?.(path, request, headers).model ?? asText(request?.['model']);
  return { route, path, host, headers, request, model, scope, signals, fixed: headers.has('x-amz-date') || typeof init?.body !== 'string' };
}

function askOf({ route, request, model }: Asked): Parameters<typeof askForCall>[2] {
  return { models: model === undefined ? undefined : [model], inputBytes: textOnlyBytes(request), maxOutputTokens: mostOutput(route.output, request) };
}

function openSent(settings: TapSettings, asked: Asked): Sent {
  const { core, options } = settings;
  const { route, path, host, headers, request, scope, signals } = asked;
  const limited = asked.fixed || options.limitOutput === false ? undefined : limitOutput(route.output, request, mostOutputOf(scope.run), settings.provider);
  const mayAsk = options.includeUsage !== false && !core.hostsWithoutUsage.has(host) && !asked.fixed;
  const asking = mayAsk && request ? route.askForUsage?.(limited?.request ?? request) : undefined;
  const facts = createFacts();
  const retries = settings.retries?.() ?? Number(headers.get('x-stainless-retry-count') ?? 0);
  const call = openCall(
    core,
    scope,
    {
      provider: settings.provider,
      api: route.api,
      providerAccount: options.providerAccount,
      region: options.region,
      serviceTierRequested: asText(request?.['service_tier']),
      ...defined(route.describe?.(path, request, headers) ?? {}),
      model: asked.model,
    },
    Number.isInteger(retries) && retries > 0 ? retries : 0,
    () => estimated(request, facts),
  );
  warnEstimatedContext(call, request);
  if (limited?.lowered !== undefined) warnLowered(core, call.scope, limited.lowered);
  return { route, host, request, limited: limited && JSON.stringify(limited.request), asking: asking && JSON.stringify(asking), facts, signals, call };
}

/** Said, because the answer may now end sooner than its caller meant. */
export function warnLowered(core: Core, { run, tags }: Scope, asked: number): void {
  core.warnOnce(tags.workflow ?? '', {
    code: 'output_limited',
    message: `A call asked for ${asked} tokens of output; its run holds ${mostOutputOf(run)}, and the provider was asked for no more. Ask for less, or raise the limit.`,
    runId: run?.runId,
    customerId: tags.customerId,
    workflow: tags.workflow,
  });
}

/** The words of a form: never its files. */
function readForm(body: unknown): Json | undefined {
  if (typeof FormData !== 'function' || !(body instanceof FormData)) return undefined;
  return Object.fromEntries([...(body as unknown as Iterable<[string, unknown]>)].filter(([, value]) => typeof value === 'string'));
}

/** Without the caller's own count the size is a guess, and a guess may warn but not refuse a paying customer. */
function warnEstimatedContext(call: Call, request: Json | undefined): void {
  const { run, tags } = call.scope;
  if (!run || run.maxContextTokens === undefined || run.sizeKnown) return;
  if (!request) {
    run.sizeMissed = true;
    return;
  }
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

async function carryOut(settings: TapSettings, sent: Sent, input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response> {
  const { signals } = sent;
  const send = (body: BodyInit | null | undefined): Promise<Response> => settings.fetch(input, { ...init, body, signal: signals.signal });
  let asked = sent.asking !== undefined;
  let response: Response;
  try {
    response = await send(sent.asking ?? sent.limited ?? init?.body);
    if (asked && response.status === 400 && (await refusesUsage(response))) {
      // Such a host is asked once, not on every call.
      settings.core.hostsWithoutUsage.add(sent.host);
      asked = false;
      response = await send(sent.limited ?? init?.body);
    }
  } catch (error) {
    signals.release();
    const status = signals.signal.aborted ? 'aborted' : neverSent(error) ? 'failed' : 'unknown';
    sent.call.end({ status, errorClass: errorClassOf(error), ...(status === 'failed' ? {} : estimated(sent.request, sent.facts)) });
    throw error;
  }
  try {
    return watchResponse(settings, sent, response, asked);
  } catch (error) {
    signals.release();
    settings.core.warnOnce(errorClassOf(error), { code: 'usage_not_seen', message: `An answer could not be read for its usage (${errorClassOf(error)}).` });
    sent.call.end({ status: 'unknown', ...estimated(sent.request, sent.facts) });
    return response;
  }
}

async function refusesUsage(response: Response): Promise<boolean> {
  return (await response.clone().text()).includes('stream_options');
}

/** Nothing reached the provider, so nothing is billed. Any other lost connection leaves that open. */
export function neverSent(error: unknown): boolean {
  let cause = error;
  while (typeof cause === 'object' && cause !== null && 'cause' in cause && cause.cause !== undefined) cause = cause.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL)$/.test(code);
}

function watchResponse(settings: TapSettings, sent: Sent, response: Response, hideUsage: boolean): Response {
  const { facts, signals } = sent;
  const providerRequestId = response.headers.get(settings.requestIdHeader) ?? undefined;
  const type = response.headers.get('content-type') ?? '';
  const tier = settings.serviceTierHeader === undefined ? undefined : (response.headers.get(settings.serviceTierHeader) ?? undefined);
  if (response.ok && response.body && type.includes('text/event-stream')) {
    const tapped = tapStream(response.body, {
      facts,
      read: sent.route.readStream(facts, sent.request),
      hide: hideUsage,
      drain: settings.options.onAbort === 'drain',
      signals,
      ended: settings.core.ended.signal,
      later: settings.core.settleLater,
      onEnd: (how, error) => sent.call.end({ ...streamEnd(sent, how, error), ...served(sent, providerRequestId, tier) }),
    });
    return copyResponse(response, tapped);
  }
  // The copy is read beside the caller's: reading neither waits for the other.
  const copy = response.clone();
  settings.core.settleLater(
    copy
      .text()
      .then((text) => sent.call.end({ ...bodyEnd(sent, response, parseJson(text)), ...served(sent, providerRequestId, tier) }))
      .catch((error: unknown) => {
        const status = signals.signal.aborted ? 'aborted' : 'unknown';
        sent.call.end({ status, errorClass: errorClassOf(error), ...estimated(sent.request, facts), ...served(sent, providerRequestId, tier) });
      })
      .finally(signals.release),
  );
  return response;
}

function bodyEnd({ route, facts, request }: Sent, response: Response, body: Json | undefined): Partial<ModelUsage> {
  if (!response.ok) return { status: 'failed', errorClass: errorClassIn(asObject(body?.['error']), `http_${response.status}`) };
  if (body) route.readBody(facts, body, request);
  const state = body?.['status'];
  // A background response is only accepted here; what it will use is told to whoever fetches it later.
  if (state === 'queued' || state === 'in_progress') return { status: 'unknown' };
  if (state === 'failed') return { status: 'failed', errorClass: errorClassIn(asObject(body?.['error']), 'response_failed'), ...spent(facts) };
  return { status: 'succeeded', ...spent(facts) };
}

function streamEnd({ request, facts }: Sent, how: StreamHow, error: unknown): Partial<ModelUsage> {
  const told = facts.generated || facts.complete;
  if (facts.failed) return { status: 'failed', errorClass: facts.errorClass, ...(told && facts.usage ? spent(facts) : seenSoFar(request, facts)) };
  if (told && facts.usage) return { status: 'succeeded', ...spent(facts) };
  // Finished, but the host never told what it used: unknown is not zero, the ledger lists it as unpriced.
  if (told) return { status: 'succeeded' };
  if (how === 'cancelled') return { status: 'aborted', ...estimated(request, facts) };
  return { status: how === 'broken' ? 'failed' : 'unknown', errorClass: how === 'broken' ? errorClassOf(error) : 'stream_incomplete', ...estimated(request, facts) };
}

/** What the provider stated. */
function spent({ usage, quantities, extras }: CallFacts): Partial<ModelUsage> {
  return { usage, quantities: usage ? undefined : quantities, extras };
}

/** A stream that failed before it produced anything is not billed. */
function seenSoFar(request: Json | undefined, facts: CallFacts): Partial<ModelUsage> {
  return facts.usage || facts.outputBytes > 0 ? estimated(request, facts) : {};
}

function estimated(request: Json | undefined, facts: CallFacts): Partial<ModelUsage> {
  return { quantities: estimateQuantities(request, facts), extras: facts.extras, estimated: true };
}

function served({ facts, call }: Sent, providerRequestId: string | undefined, tier: string | undefined): Partial<ModelUsage> {
  return {
    modelServed: facts.modelServed,
    serviceTierServed: facts.serviceTierServed ?? tier,
    providerRequestId: providerRequestId ?? facts.responseId,
    ttftMs: facts.firstOutputMs === undefined ? undefined : facts.firstOutputMs - call.startedMs,
  };
}
