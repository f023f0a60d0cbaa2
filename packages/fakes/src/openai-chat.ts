/** `POST /v1/chat/completions`, plain and streamed. */
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { answerJson, type Answer, type Billing, type Exchange, type Frame } from './answer';
import type { FakeError } from './contract';
import { arrayAt, isObject, mergeJson, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { countPrompt, planOpenAiOutput, readModel, type OpenAiModel } from './openai-request';
import { countChunks, type OfferedTool, type OutputPlan } from './plan-output';
import { splitText, writeProse } from './prose';

type Usage = NonNullable<ChatCompletion['usage']>;
type Tier = NonNullable<ChatCompletion['service_tier']>;

export function answerChat(exchange: Exchange): Answer | FakeError {
  const { body } = exchange.request;
  const model = readModel(exchange, 'chat');
  if ('status' in model) return model;
  const messages = arrayAt(body, 'messages');
  const refused = checkChat(body, model, messages);
  if (refused) return refused;

  const offered = arrayAt(body, 'tools').map(readTool);
  const outputMax = numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens');
  const tools = { offered, answersToolResult: stringAt(messages.at(-1), 'role') === 'tool' };
  const plan = planOpenAiOutput(
    exchange, model, tools, { output: 'completion_tokens', details: 'completion_tokens_details' }, outputMax, stringAt(body, 'reasoning_effort'),
  );
  const counted = countPrompt(exchange, model, messages);
  if (counted.prompt > model.entry.contextTokens) {
    return {
      status: 400, code: 'context_length_exceeded',
      message: `This model's maximum context length is ${model.entry.contextTokens} tokens. However, your messages resulted in ${counted.prompt} tokens.`,
    };
  }
  const usageAt = (outputTokens: number): JsonObject => writeUsage(exchange, counted, plan, outputTokens);
  const outputTokens = plan.visibleTokens + plan.reasoningTokens;
  const responseId = `chatcmpl-${exchange.random.id(29)}`;
  const billing: Billing = {
    api: 'chat', responseId, modelRequested: model.requested, model: model.served, tier: model.tier, usage: usageAt(outputTokens), outputTokens, usageAt,
  };
  return body?.stream === true ? streamChat(exchange, model, plan, billing) : answerJson(writeCompletion(exchange, model, plan, billing), billing);
}

function checkChat(body: JsonObject | null, model: OpenAiModel, messages: readonly unknown[]): FakeError | undefined {
  if (messages.length === 0) return { status: 400, code: 'missing_required_parameter', message: "Missing required parameter: 'messages'." };
  if (!messages.every((message) => stringAt(message, 'role'))) {
    return { status: 400, code: 'missing_required_parameter', message: "Missing required parameter: 'messages[0].role'." };
  }
  if (model.entry.reasoning && body?.max_tokens !== undefined) {
    return {
      status: 400, code: 'unsupported_parameter',
      message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    };
  }
  if (body?.stream_options !== undefined && body.stream_options !== null && body.stream !== true) {
    return { status: 400, message: "The 'stream_options' parameter is only allowed when 'stream' is enabled." };
  }
  if ((numberAt(body, 'n') ?? 1) !== 1) return { status: 400, message: 'this stand-in serves one choice only: leave out n' };
  return undefined;
}

function readTool(tool: unknown): OfferedTool {
  const made = objectAt(tool, 'function');
  return { name: stringAt(made, 'name') ?? '', schema: objectAt(made, 'parameters') };
}

function writeUsage(exchange: Exchange, counted: { prompt: number; cached: number }, plan: OutputPlan, outputTokens: number): JsonObject {
  const steered = exchange.steer.usage ?? {};
  const computed: Usage = {
    prompt_tokens: counted.prompt,
    completion_tokens: outputTokens,
    total_tokens: 0,
    prompt_tokens_details: { cached_tokens: 'prompt_tokens' in steered ? 0 : counted.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: Math.min(plan.reasoningTokens, outputTokens), audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0,
    },
  };
  const merged = mergeJson({ ...computed }, steered);
  const complete = outputTokens === plan.visibleTokens + plan.reasoningTokens;
  // A usage that was steered as a whole still grows while the stream runs.
  const usage = complete ? merged : mergeJson(merged, {
    completion_tokens: outputTokens, completion_tokens_details: { reasoning_tokens: Math.min(plan.reasoningTokens, outputTokens) },
  });
  const total = (numberAt(usage, 'prompt_tokens') ?? 0) + (numberAt(usage, 'completion_tokens') ?? 0);
  return { ...usage, total_tokens: complete && isObject(steered) && 'total_tokens' in steered ? steered.total_tokens : total };
}

function finishReason(plan: OutputPlan): 'stop' | 'length' | 'tool_calls' {
  return plan.toolCalls.length > 0 ? 'tool_calls' : plan.cut ? 'length' : 'stop';
}

function writeWords(exchange: Exchange, plan: OutputPlan, chunks: number): readonly { text: string; tokens: number }[] {
  const { steer, random } = exchange;
  return steer.text === undefined ? writeProse(random, plan.visibleTokens, chunks) : splitText(steer.text, plan.visibleTokens, chunks);
}

function writeCompletion(exchange: Exchange, model: OpenAiModel, plan: OutputPlan, billing: Billing): ChatCompletion {
  const { random, nowMs } = exchange;
  const called = plan.toolCalls.map((call) => ({
    id: `call_${random.id(24)}`, type: 'function' as const, function: { name: call.name, arguments: call.argumentsJson },
  }));
  return {
    id: billing.responseId!, object: 'chat.completion', created: Math.floor(nowMs / 1000), model: model.served,
    choices: [{
      index: 0,
      message: {
        role: 'assistant', refusal: null, annotations: [],
        content: called.length > 0 ? null : writeWords(exchange, plan, 1)[0]!.text,
        ...(called.length > 0 ? { tool_calls: called } : {}),
      },
      logprobs: null,
      finish_reason: finishReason(plan),
    }],
    usage: billing.usage as unknown as Usage,
    service_tier: model.tier as Tier,
    system_fingerprint: `fp_${random.id(10).toLowerCase()}`,
  };
}

function streamChat(exchange: Exchange, model: OpenAiModel, plan: OutputPlan, billing: Billing): Answer {
  const { request, steer, random, nowMs } = exchange;
  const includeUsage = objectAt(request.body, 'stream_options')?.include_usage === true;
  const base = {
    id: billing.responseId!, object: 'chat.completion.chunk' as const, created: Math.floor(nowMs / 1000), model: model.served,
    service_tier: model.tier as Tier, system_fingerprint: `fp_${random.id(10).toLowerCase()}`,
  };
  let outputTokens = plan.reasoningTokens;
  const frames: Frame[] = [];
  const push = (chunk: ChatCompletionChunk, content: boolean): void => {
    frames.push({ text: `data: ${JSON.stringify(chunk)}\n\n`, outputTokens, content, usage: chunk.choices.length === 0 });
  };
  const pushDelta = (delta: ChatCompletionChunk.Choice.Delta, content: boolean, finish: ReturnType<typeof finishReason> | null = null): void => {
    push({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...(includeUsage ? { usage: null } : {}) }, content);
  };
  const chunks = countChunks(steer, plan.visibleTokens);
  if (plan.toolCalls.length > 0) {
    pushDelta({ role: 'assistant', content: null, refusal: null }, false);
    plan.toolCalls.forEach((call, index) => {
      pushDelta({ tool_calls: [{ index, id: `call_${random.id(24)}`, type: 'function', function: { name: call.name, arguments: '' } }] }, false);
      const tokens = Math.floor(plan.visibleTokens / plan.toolCalls.length) + (index === 0 ? plan.visibleTokens % plan.toolCalls.length : 0);
      for (const piece of splitText(call.argumentsJson, tokens, Math.min(chunks, 6))) {
        outputTokens += piece.tokens;
        pushDelta({ tool_calls: [{ index, function: { arguments: piece.text } }] }, true);
      }
    });
  } else {
    pushDelta({ role: 'assistant', content: '', refusal: null }, false);
    for (const piece of writeWords(exchange, plan, chunks)) {
      outputTokens += piece.tokens;
      pushDelta({ content: piece.text }, true);
    }
  }
  pushDelta({}, false, finishReason(plan));
  if (includeUsage) push({ ...base, choices: [], usage: billing.usage as unknown as Usage }, false);
  frames.push({ text: 'data: [DONE]\n\n', outputTokens, content: false, usage: false });
  const failure = { error: { message: 'The server had an error while processing your request.', type: 'server_error', param: null, code: null } };
  return { kind: 'stream', frames, errorFrame: `data: ${JSON.stringify(failure)}\n\n`, billing };
}
