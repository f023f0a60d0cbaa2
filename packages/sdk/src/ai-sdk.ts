/**
 * Middleware for the Vercel AI SDK (releases 6 and 7, language models and embedding models). One request to a provider is
 * one call: each step of an agent, each retry. Its types are structural: nothing of `ai` is needed at run time.
 */
import { readSpokenApi, type SpokenApi } from './ai-sdk-provider.js';
import { tapParts } from './ai-sdk-stream.js';
import { askForCall, needsGate } from './alone.js';
import { errorClassOf, isAbort } from './attempts.js';
import { type Call, openCall } from './call.js';
import type { Outlay } from './client.js';
import { mergeTags, mostOutputOf, type Scope, scopeOf } from './context.js';
import { type Core, coreOf, pickTags, scopeHere } from './core.js';
import { estimateInputTokens, estimateQuantities, textOnlyBytes } from './estimate.js';
import { asObject, asText, type CallFacts, createFacts, errorClassIn, type Json } from './facts.js';
import { neverSent, warnLowered } from './fetch-tap.js';
import { AI_SDK_OUTPUT, limitOutput, mostOutput } from './limit-output.js';
import { type FollowedSignals, followSignals } from './signals.js';
import type { ModelUsage, UsageTags, WrapOptions } from './types.js';

interface CallParams {
  readonly prompt?: unknown;
  readonly abortSignal?: AbortSignal;
  readonly includeRawChunks?: boolean;
  readonly providerOptions?: unknown;
}

interface ModelName {
  readonly provider: string;
  readonly modelId: string;
}

export interface OutlayMiddleware {
  readonly specificationVersion: 'v3';
  readonly wrapGenerate: <P extends object, R extends object>(options: { params: P; model: ModelName & { doGenerate(params: P): PromiseLike<R> } }) => Promise<R>;
  readonly wrapStream: <P extends object, R extends { stream: ReadableStream<unknown> }>(options: { params: P; model: ModelName & { doStream(params: P): PromiseLike<R> } }) => Promise<R>;
  readonly wrapEmbed: <P extends object, R extends object>(options: { params: P; model: ModelName & { doEmbed(params: P): PromiseLike<R> } }) => Promise<R>;
}

/**
 * For `wrapLanguageModel({ model, middleware })` and `wrapEmbeddingModel`. Labels may also come with a call, as
 * `providerOptions: { outlay: { feature: 'x' } }`; they win over those of the run.
 */
export function outlayMiddleware(outlay: Outlay, options: WrapOptions = {}): OutlayMiddleware {
  const core = coreOf(outlay);
  /** Failed attempts by prompt: the AI SDK tries again with the same one. */
  const failures = new WeakMap<object, number>();

  /** What goes wrong in here is said; the call is then made as it is. */
  function careful<V>(prepare: () => V): V | undefined {
    try {
      return prepare();
    } catch (error) {
      core.warnOnce(errorClassOf(error), { code: 'call_not_recorded', message: `A call could not be prepared for recording (${errorClassOf(error)}); it was made as it is.` });
      return undefined;
    }
  }

  /** Throws as `admit` does, and the signal's reason for one that has aborted already. */
  async function begin(model: ModelName, params: CallParams): Promise<Begun | undefined> {
    const asked = careful(() => readAsked(core, options, model, params));
    if (!asked) return undefined;
    let { scope } = asked;
    try {
      if (asked.signals.signal.aborted) throw asked.signals.signal.reason;
      if (needsGate(core, scope)) {
        const ask = { models: [asked.spoken.model], inputBytes: textOnlyBytes(asked.input), maxOutputTokens: mostOutput(AI_SDK_OUTPUT, asked.request) };
        scope = await askForCall(core, scope, ask, options, asked.signals.signal);
      }
    } catch (error) {
      asked.signals.release();
      throw error;
    }
    return careful(() => openBegun(core, options, failures, { ...asked, scope }, params));
  }

  async function call<R extends object>(model: ModelName, params: CallParams, send: (changed: CallParams) => PromiseLike<R>, onAnswer: (begun: Begun, answer: R) => R): Promise<R> {
    const begun = await begin(model, params);
    if (!begun) return send(params);
    let answer: R;
    try {
      answer = await send({ ...(begun.limited ?? params), abortSignal: begun.signals.signal });
    } catch (error) {
      begun.fail(error);
      throw error;
    }
    try {
      return onAnswer(begun, answer);
    } catch (error) {
      core.warnOnce(errorClassOf(error), { code: 'usage_not_seen', message: `An answer could not be read for its usage (${errorClassOf(error)}).` });
      begun.end({ status: 'unknown', ...begun.estimate() });
      return answer;
    }
  }

  return {
    specificationVersion: 'v3',
    wrapGenerate: ({ params, model }) => call(model, params, (changed) => model.doGenerate(changed as typeof params), readGenerated),
    wrapStream: ({ params, model }) =>
      call(model, params, (changed) => model.doStream({ ...changed, includeRawChunks: true } as typeof params & CallParams), (begun, answer) => readStreamed(core, options, begun, params, answer)),
    wrapEmbed: ({ params, model }) => call(model, params, (changed) => model.doEmbed(changed as typeof params), readEmbedded),
  };
}

/** A call as the AI SDK asks for it. */
interface Asked {
  readonly spoken: SpokenApi;
  readonly providerOptions: Json;
  readonly scope: Scope;
  readonly request: Json;
  /** Of the request, what the model reads. */
  readonly input: Json;
  readonly signals: FollowedSignals;
}

interface Begun {
  readonly spoken: SpokenApi;
  readonly facts: CallFacts;
  readonly call: Call;
  readonly request: Json;
  /** The parameters with their output limited, when the caller's would allow more. */
  readonly limited: CallParams | undefined;
  readonly signals: FollowedSignals;
  readonly end: (facts: Partial<ModelUsage>) => void;
  readonly fail: (error: unknown) => void;
  readonly estimate: () => Partial<ModelUsage>;
}

function readAsked(core: Core, options: WrapOptions, model: ModelName, params: CallParams): Asked {
  const providerOptions = asObject(params.providerOptions) ?? {};
  const around = scopeHere(core, pickTags(options), scopeOf(options.run));
  const scope: Scope = { ...around, tags: mergeTags(around.tags, pickTags((asObject(providerOptions['outlay']) ?? {}) as UsageTags)) };
  const request = params as Json;
  const input = { prompt: request['prompt'], values: request['values'], tools: request['tools'] };
  return { spoken: readSpokenApi(model.provider, model.modelId), providerOptions, scope, request, input, signals: followSignals(params.abortSignal, scope.attempt?.signal) };
}

function openBegun(core: Core, options: WrapOptions, failures: WeakMap<object, number>, asked: Asked, params: CallParams): Begun {
  const { spoken, providerOptions, scope, request, signals } = asked;
  const limited = options.limitOutput === false ? undefined : limitOutput(AI_SDK_OUTPUT, request, mostOutputOf(scope.run), spoken.provider);
  if (limited?.lowered !== undefined) warnLowered(core, scope, limited.lowered);
  const facts = createFacts();
  const key = asObject(params.prompt) ?? (Array.isArray(params.prompt) ? params.prompt : params);
  const estimate = (): Partial<ModelUsage> => ({ quantities: estimateQuantities(request, facts), extras: facts.extras, estimated: true });
  const about: Partial<ModelUsage> = {
    provider: options.provider ?? spoken.provider,
    model: spoken.model,
    api: spoken.api,
    region: options.region,
    providerAccount: options.providerAccount,
    serviceTierRequested: Object.values(providerOptions).map((own) => asText(asObject(own)?.['serviceTier'])).find((tier) => tier !== undefined),
  };
  const call = openCall(core, scope, about, failures.get(key) ?? 0, estimate);
  const end = (known: Partial<ModelUsage>): void => {
    signals.release();
    if (known.status === 'succeeded') failures.delete(key);
    else failures.set(key, (failures.get(key) ?? 0) + 1);
    call.end(known);
  };
  const fail = (error: unknown): void => end({ ...failure(error, signals.signal.aborted), ...(wasAnswered(error) || neverSent(error) ? {} : estimate()) });
  warnLarge(scope, request);
  return { spoken, facts, call, request, limited: limited?.request, signals, end, fail, estimate };
}

function warnLarge({ run, tags }: Scope, request: Json): void {
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

function wasAnswered(error: unknown): boolean {
  return Number(asObject(error)?.['statusCode'] ?? 0) >= 400;
}

function failure(error: unknown, aborted: boolean): Partial<ModelUsage> {
  // The provider's own word for it stands in the body that the AI SDK has parsed.
  const errorClass = errorClassIn(asObject(asObject(asObject(error)?.['data'])?.['error']), errorClassOf(error));
  return { status: wasAnswered(error) || neverSent(error) ? 'failed' : aborted || isAbort(error) ? 'aborted' : 'unknown', errorClass };
}

/** The parts of an answer that all kinds of it have. */
interface AnswerShape {
  readonly usage?: unknown;
  readonly response?: { readonly id?: unknown; readonly modelId?: unknown; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };
}

function readGenerated<R extends object>(begun: Begun, answer: R): R {
  const { usage, response } = answer as AnswerShape;
  const body = asObject(response?.body);
  if (body) begun.spoken.route?.readBody(begun.facts, body, begun.request);
  begun.end({ status: 'succeeded', ...spent(begun, usage), ...served(begun, answer) });
  return answer;
}

function readEmbedded<R extends object>(begun: Begun, answer: R): R {
  const { usage, response } = answer as AnswerShape;
  const told = asObject(asObject(response?.body)?.['usage']);
  const known = told && typeof told['prompt_tokens'] === 'number' ? { api: 'embeddings', usage: told } : { api: 'ai-sdk', usage: asObject(usage) };
  begun.end({ status: 'succeeded', ...known, ...served(begun, answer) });
  return answer;
}

function readStreamed<R extends { stream: ReadableStream<unknown> }>(core: Core, options: WrapOptions, begun: Begun, params: CallParams, answer: R): R {
  const stream = tapParts(answer.stream, {
    facts: begun.facts,
    read: begun.spoken.route?.readStream(begun.facts, undefined),
    keepRaw: params.includeRawChunks === true,
    drain: options.onAbort === 'drain',
    ended: core.ended.signal,
    stop: begun.signals.abort,
    later: core.settleLater,
    onEnd: (how, usage, error) => {
      const { facts, signals } = begun;
      const rest = { ...served(begun, answer), ttftMs: facts.firstOutputMs === undefined ? undefined : facts.firstOutputMs - begun.call.startedMs };
      const told = usage !== undefined || (facts.generated && facts.usage !== undefined);
      if (facts.failed) begun.end({ status: 'failed', errorClass: facts.errorClass, ...(told && facts.usage ? spent(begun, usage) : facts.outputBytes > 0 ? begun.estimate() : {}), ...rest });
      else if (told) begun.end({ status: 'succeeded', ...spent(begun, usage), ...rest });
      else if (how === 'cancelled' || signals.signal.aborted) begun.end({ status: 'aborted', ...begun.estimate(), ...rest });
      else begun.end({ status: how === 'broken' ? 'failed' : 'unknown', errorClass: how === 'broken' ? errorClassOf(error) : 'stream_incomplete', ...begun.estimate(), ...rest });
    },
  });
  return { ...answer, stream };
}

/** The provider's own usage where it was seen, else what the AI SDK kept of it, else its digest. */
function spent({ spoken, facts }: Begun, usage: unknown): Partial<ModelUsage> {
  const digest = asObject(usage);
  const raw = facts.usage ?? asObject(digest?.['raw']);
  if (spoken.api !== undefined && raw) return { api: spoken.api, usage: raw, extras: facts.extras };
  const counted = asObject(digest?.['inputTokens'])?.['total'] !== undefined || asObject(digest?.['raw']) !== undefined;
  return { api: 'ai-sdk', usage: counted ? digest : undefined, extras: facts.extras };
}

function served({ facts }: Begun, answer: object): Partial<ModelUsage> {
  const { response } = answer as AnswerShape;
  const headers = response?.headers ?? {};
  return {
    modelServed: facts.modelServed ?? asText(response?.modelId),
    serviceTierServed: facts.serviceTierServed ?? headers['x-gemini-service-tier'],
    providerRequestId: headers['x-request-id'] ?? headers['request-id'] ?? facts.responseId ?? asText(response?.id),
  };
}
