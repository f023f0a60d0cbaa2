/** A chat over one provider, as a handler of web-standard requests: who, may they, answer while counting, settle. */
import type { Outlay } from '../client.js';
import { type Core, coreOf } from '../core.js';
import { OutlayDenied, OutlayError } from '../errors.js';
import { utf8Length } from '../facts.js';
import { flushAll } from '../finish.js';
import { runAction } from '../run.js';
import { onAbort } from '../signals.js';
import type { RunContext, RunEnd, UsableAnswer } from '../types.js';
import { answerDenial, answerFault } from './answer-json.js';
import type { AnswerPiece, AnswerRequest } from './answer-piece.js';
import { type ChatFrame } from './chat-frames.js';
import { type ChatAnswer, type ChatCustomer, type ChatRouteOptions, type ChatRules, readChatOptions, toolName } from './chat-options.js';
import type { CustomerUsage, Denial } from './customer-usage.js';
import { extendRun } from './extend-run.js';
import { type AnswerMeter, createAnswerMeter } from './meter-answer.js';
import { type GateDenial, NEAR_LIMIT, toPublicDenial } from './public-denial.js';
import { pumpAnswer } from './pump-answer.js';
import { type ChatRequest, readChatRequest } from './read-chat-request.js';
import { createUsageView } from './usage-view.js';

export type ChatHandler = (request: Request) => Promise<Response>;

/** Opens the provider's stream. Throws what the provider's client throws: the run decides by it whether to try again. */
export type OpenAnswer = (outlay: Outlay, context: RunContext, request: AnswerRequest) => Promise<AsyncIterable<AnswerPiece>>;

/** After an answer its last usage is waited for so long. */
const SETTLE_MS = 3_000;
const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };

/** Throws `invalid_option`. */
export function createChatRoute(options: ChatRouteOptions, open: OpenAnswer): ChatHandler {
  const rules = readChatOptions(options);
  const core = coreOf(options.outlay);
  return async (request) => {
    const customer = await options.customer(request);
    if (customer instanceof Response) return customer;
    if (typeof customer?.customerId !== 'string' || customer.customerId === '') {
      return answerFault({ status: 401, code: 'not_signed_in', message: 'The route does not know who you are. Sign in and try again.' });
    }
    const read = await readChatRequest(request, rules.maxBodyBytes);
    if (!read.ok) return answerFault(read.fault);
    const { chat } = read;
    if (chat.customerId !== undefined && chat.customerId !== customer.customerId) {
      return answerFault({ status: 403, code: 'customer_mismatch', field: 'customerId', message: '"customerId" is not the customer who is signed in.' });
    }
    if (options.feature !== undefined && chat.feature !== undefined && chat.feature !== options.feature) {
      return answerFault({ status: 400, code: 'invalid_request', field: 'feature', message: '"feature" is not the one of this route.' });
    }
    return answerChat({ options, rules, core, open, request, customer, chat });
  };
}

interface Turn {
  readonly options: ChatRouteOptions;
  readonly rules: ChatRules;
  readonly core: Core;
  readonly open: OpenAnswer;
  readonly request: Request;
  readonly customer: ChatCustomer;
  readonly chat: ChatRequest;
}

/** What is known of a run that began. */
interface Begun {
  readonly context: RunContext;
  readonly meter: AnswerMeter;
}

async function answerChat(turn: Turn): Promise<Response> {
  const { options, rules, core, customer, chat } = turn;
  const stop = new AbortController();
  if (turn.request.signal.aborted) stop.abort();
  const unfollow = onAbort(turn.request.signal, () => stop.abort());
  const warnings: string[] = [];
  const feature = options.feature ?? chat.feature;
  const view = createUsageView(core, customer.customerId);
  let usageKnown: Promise<void> | undefined;
  let begun: Begun | undefined;
  try {
    const instructions = typeof options.instructions === 'function' ? await options.instructions(customer) : options.instructions;
    const pieces = await runAction<AsyncIterable<AnswerPiece>>(core, {
      customerId: customer.customerId, userId: customer.userId, workflow: rules.workflow, feature, environment: options.environment,
      tags: Object.fromEntries(chat.tags.map((tag) => [tag, true])),
      models: options.models, entitlement: options.entitlement, caps: options.caps, units: options.units, onGateUnavailable: options.onGateUnavailable,
      ...(feature === undefined ? {} : { features: [feature] }),
      ...(rules.toolNames.length > 0 ? { tools: rules.toolNames } : {}),
      growing: true,
      inputBytes: bytesOf(instructions, chat, options.tools ?? []),
      maxOutputTokens: Math.min(rules.stepTokens, rules.maxOutputTokens),
      // With its input and its first step of output it is bounded; a retry asks for its own share.
      maxCalls: 1,
      signal: stop.signal,
      onWarning: ({ code }) => void (code === 'soft_cap_reached' && warnings.push(NEAR_LIMIT)),
      usable: (_value, end) => judge(options, begun?.meter, end, stop.signal.aborted),
      action: async (context) => {
        refuseTools(turn, context);
        // Now that the run holds its part; beside the provider's first words, so that the first frames already show it.
        usageKnown ??= view.refresh(0);
        const meter = createAnswerMeter({
          heldTokens: context.hold?.maxOutputTokens ?? rules.stepTokens, maxTokens: rules.maxOutputTokens, stepTokens: rules.stepTokens,
          extend: (outputTokens) => extendRun(core, context, outputTokens, options.onGateUnavailable),
        });
        begun = { context, meter };
        const tools = (options.tools ?? []).filter((tool) => !context.refusedTools.includes(toolName(tool)));
        const asked = { model: context.model, instructions, messages: chat.messages, tools, maxOutputTokens: rules.maxOutputTokens, body: options.body ?? {} };
        return meter.watch(await turn.open(options.outlay, context, asked));
      },
    });
    await usageKnown;
    const { context, meter } = begun!;
    const body = pumpAnswer({
      begin: { type: 'begin', runId: context.runId, refusedTools: context.refusedTools },
      pieces,
      takeWarnings: () => [...new Set(warnings.splice(0))],
      usage: () => view.now(meter.tokens()),
      refreshUsage: () => void view.refresh(meter.tokens()),
      end: (error) => endFrame(turn, context, meter, error, view.now(meter.tokens())),
      async settle() {
        unfollow();
        await flushAll(core, SETTLE_MS);
        await view.refresh(meter.tokens());
        return view.now(meter.tokens());
      },
      leave: () => stop.abort(),
    });
    return new Response(body, { headers: { ...STREAM_HEADERS, 'x-outlay-run': context.runId } });
  } catch (error) {
    unfollow();
    if (error instanceof OutlayDenied) await view.refresh(0);
    return answerFailure(turn, error, view.now(0));
  }
}

/** A tool that a plan may lack is dropped, or the message is denied, before the provider is asked. */
function refuseTools({ rules }: Turn, context: RunContext): void {
  if (rules.onRefusedTool === 'drop' || context.refusedTools.length === 0) return;
  throw new OutlayDenied({
    reason: 'feature_not_in_plan', status: 403, message: `The plan does not include: ${context.refusedTools.join(', ')}.`, nextStep: '', upgrade: true, by: context.refusedTools[0]!, limits: [],
    runId: context.runId, requestId: undefined, retryAfterSeconds: undefined,
  });
}

function judge({ usable }: ChatRouteOptions, meter: AnswerMeter | undefined, end: RunEnd, left: boolean): UsableAnswer | PromiseLike<UsableAnswer> {
  if (!meter) return false;
  const answer: ChatAnswer = { how: endOf(meter, end.how === 'stream_failed', left || end.how === 'stream_cancelled'), outputTokens: meter.tokens() };
  if (usable) return usable(answer);
  return answer.how === 'stopped' ? answer.outputTokens > 0 : answer.how !== 'denied' && answer.how !== 'failed';
}

function endOf(meter: AnswerMeter, failed: boolean, left: boolean): ChatAnswer['how'] {
  const stop = meter.stop();
  // The model had ended: what came afterwards changes nothing.
  if (stop) return stop;
  if (meter.denial()) return 'denied';
  if (left) return 'stopped';
  // A provider that closes without a word of the end has broken off.
  return failed ? 'failed' : meter.tokens() > 0 ? 'completed' : 'failed';
}

function endFrame(turn: Turn, context: RunContext, meter: AnswerMeter, error: unknown, usage: CustomerUsage | null): ChatFrame {
  const how = endOf(meter, error !== undefined, false);
  const denial = meter.denial();
  return {
    type: 'end',
    how: how === 'stopped' ? 'completed' : how,
    denied: how === 'denied' && denial ? publish(turn.options, denial, usage).denial : null,
    error: how === 'failed' ? { code: 'provider_failed', message: 'The answer broke off. What came is kept.', retryable: true, requestId: context.runId } : null,
  };
}

/** The usage names the allowance and when it is renewed, in the plan's own units. */
function publish({ describeDenial }: ChatRouteOptions, gate: GateDenial, usage: CustomerUsage | null): { readonly status: number; readonly denial: Denial } {
  const { status, denial } = toPublicDenial(gate);
  const said = usage?.denied?.reason === denial.reason ? { ...denial, message: usage.denied.message } : denial;
  return { status, denial: { ...said, ...describeDenial?.(said) } };
}

function answerFailure(turn: Turn, error: unknown, usage: CustomerUsage | null): Response {
  if (error instanceof OutlayDenied) {
    const { status, denial } = publish(turn.options, error, usage);
    return answerDenial(status, denial, usage);
  }
  if (turn.request.signal.aborted) return answerFault({ status: 499, code: 'aborted', message: 'The request was left before it was answered.' });
  // A wrong option is for the developer's eyes, in the server's log.
  if (error instanceof OutlayError) throw error;
  return answerFault({ status: 502, code: 'provider_failed', message: 'The model did not answer. Try again in a moment.', retryable: true });
}

/** At most one token a byte, roles and brackets included, which cost a few tokens too: what is held for the input is never too little. */
function bytesOf(instructions: string | undefined, { messages }: ChatRequest, tools: readonly object[]): number {
  return utf8Length(JSON.stringify({ instructions, messages, tools }));
}
