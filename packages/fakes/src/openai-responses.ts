/** `POST /v1/responses`, plain and streamed. */
import type {
  Response, ResponseFunctionToolCall, ResponseOutputItem, ResponseOutputMessage, ResponseReasoningItem, ResponseStreamEvent, ResponseUsage,
} from 'openai/resources/responses/responses';
import { answerJson, type Answer, type Billing, type Exchange, type Frame } from './answer';
import type { FakeError } from './contract';
import { arrayAt, mergeJson, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { countPrompt, planOpenAiOutput, readModel, type OpenAiModel } from './openai-request';
import { countChunks, type OutputPlan } from './plan-output';
import { splitText, writeProse } from './prose';

export function answerResponses(exchange: Exchange): Answer | FakeError {
  const { body } = exchange.request;
  const model = readModel(exchange, 'chat');
  if ('status' in model) return model;
  const input = typeof body?.input === 'string' ? [{ role: 'user', content: body.input }] : arrayAt(body, 'input');
  if (input.length === 0) return { status: 400, code: 'missing_required_parameter', message: "Missing required parameter: 'input'." };
  const hosted = arrayAt(body, 'tools').find((tool) => stringAt(tool, 'type') !== 'function');
  if (hosted) return { status: 400, message: `this stand-in runs no hosted tools: leave out '${stringAt(hosted, 'type')}'` };

  const offered = arrayAt(body, 'tools').map((tool) => ({ name: stringAt(tool, 'name') ?? '', schema: objectAt(tool, 'parameters') }));
  const tools = { offered, answersToolResult: stringAt(input.at(-1), 'type') === 'function_call_output' };
  const plan = planOpenAiOutput(
    exchange, model, tools, { output: 'output_tokens', details: 'output_tokens_details' },
    numberAt(body, 'max_output_tokens'), stringAt(objectAt(body, 'reasoning'), 'effort'),
  );
  const counted = countPrompt(exchange, model, input);
  const usageAt = (outputTokens: number): JsonObject => writeUsage(exchange, counted, plan, outputTokens);
  const outputTokens = plan.visibleTokens + plan.reasoningTokens;
  const billing: Billing = {
    api: 'responses', responseId: `resp_${exchange.random.id(48).toLowerCase()}`, modelRequested: model.requested, model: model.served,
    tier: model.tier, usage: usageAt(outputTokens), outputTokens, usageAt,
  };
  if (body?.stream === true) return streamResponse(exchange, model, plan, billing);
  return answerJson(writeResponse(exchange, model, billing, writeOutput(exchange, model, plan), closingStatus(plan)), billing);
}

function writeUsage(exchange: Exchange, counted: { prompt: number; cached: number }, plan: OutputPlan, outputTokens: number): JsonObject {
  const steered = exchange.steer.usage ?? {};
  const computed = {
    input_tokens: counted.prompt,
    input_tokens_details: { cached_tokens: 'input_tokens' in steered ? 0 : counted.cached, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: Math.min(plan.reasoningTokens, outputTokens) },
    total_tokens: 0,
  };
  const merged = mergeJson(computed, steered);
  const complete = outputTokens === plan.visibleTokens + plan.reasoningTokens;
  const usage = complete ? merged : mergeJson(merged, {
    output_tokens: outputTokens, output_tokens_details: { reasoning_tokens: Math.min(plan.reasoningTokens, outputTokens) },
  });
  const total = (numberAt(usage, 'input_tokens') ?? 0) + (numberAt(usage, 'output_tokens') ?? 0);
  return { ...usage, total_tokens: complete && 'total_tokens' in steered ? steered.total_tokens : total };
}

function closingStatus(plan: OutputPlan): 'completed' | 'incomplete' {
  return plan.cut ? 'incomplete' : 'completed';
}

function writeOutput({ steer, random }: Exchange, model: OpenAiModel, plan: OutputPlan): ResponseOutputItem[] {
  const status = closingStatus(plan);
  const reasoning: ResponseReasoningItem[] = model.entry.reasoning ? [{ id: `rs_${random.id(48).toLowerCase()}`, type: 'reasoning', summary: [] }] : [];
  if (plan.toolCalls.length > 0) {
    const calls: ResponseFunctionToolCall[] = plan.toolCalls.map((call) => ({
      id: `fc_${random.id(48).toLowerCase()}`, type: 'function_call', status, arguments: call.argumentsJson, call_id: `call_${random.id(24)}`, name: call.name,
    }));
    return [...reasoning, ...calls];
  }
  const text = steer.text ?? writeProse(random, plan.visibleTokens, 1)[0]!.text;
  const message: ResponseOutputMessage = {
    id: `msg_${random.id(48).toLowerCase()}`, type: 'message', status, role: 'assistant', content: [{ type: 'output_text', annotations: [], logprobs: [], text }],
  };
  return [...reasoning, message];
}

function writeResponse(
  { request, nowMs }: Exchange, model: OpenAiModel, billing: Billing, output: ResponseOutputItem[], status: 'in_progress' | 'completed' | 'incomplete',
): Omit<Response, 'output_text'> {
  const { body } = request;
  const tools = arrayAt(body, 'tools').map((tool) => ({
    type: 'function' as const, name: stringAt(tool, 'name') ?? '', description: stringAt(tool, 'description') ?? null,
    parameters: objectAt(tool, 'parameters') ?? null, strict: (tool as JsonObject).strict !== false,
  }));
  const createdAt = Math.floor(nowMs / 1000);
  return {
    id: billing.responseId!, object: 'response', created_at: createdAt, status, background: false,
    completed_at: status === 'completed' ? createdAt : null, error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: stringAt(body, 'instructions') ?? null, max_output_tokens: numberAt(body, 'max_output_tokens') ?? null,
    model: model.served, output, parallel_tool_calls: body?.parallel_tool_calls !== false, previous_response_id: stringAt(body, 'previous_response_id') ?? null,
    reasoning: { effort: model.entry.reasoning ? ((stringAt(objectAt(body, 'reasoning'), 'effort') ?? 'medium') as 'medium') : null, summary: null },
    service_tier: model.tier as NonNullable<Response['service_tier']>,
    temperature: numberAt(body, 'temperature') ?? 1, text: { format: { type: 'text' } },
    tool_choice: (body?.tool_choice ?? 'auto') as Response['tool_choice'], tools, top_p: numberAt(body, 'top_p') ?? 1, truncation: 'disabled',
    ...(status === 'in_progress' ? {} : { usage: billing.usage as unknown as ResponseUsage }),
    metadata: (objectAt(body, 'metadata') ?? {}) as Record<string, string>,
  };
}

type EventWithoutNumber = ResponseStreamEvent extends infer E ? (E extends unknown ? Omit<E, 'sequence_number'> : never) : never;

function streamResponse(exchange: Exchange, model: OpenAiModel, plan: OutputPlan, billing: Billing): Answer {
  const { steer } = exchange;
  const output = writeOutput(exchange, model, plan);
  const frames: Frame[] = [];
  let outputTokens = 0;
  const push = (event: EventWithoutNumber, content = false, usage = false): void => {
    const numbered = { ...event, sequence_number: frames.length };
    frames.push({ text: `event: ${event.type}\ndata: ${JSON.stringify(numbered)}\n\n`, outputTokens, content, usage });
  };
  const opened = writeResponse(exchange, model, billing, [], 'in_progress') as Response;
  push({ type: 'response.created', response: opened });
  push({ type: 'response.in_progress', response: opened });
  const chunks = countChunks(steer, plan.visibleTokens);
  const callTokens = Math.floor(plan.visibleTokens / Math.max(1, plan.toolCalls.length));
  output.forEach((item, index) => {
    if (item.type === 'message') pushMessage(push, item, index, chunks, plan.visibleTokens, (tokens) => { outputTokens += tokens; });
    else if (item.type === 'function_call') pushFunctionCall(push, item, index, Math.min(chunks, 6), callTokens, (tokens) => { outputTokens += tokens; });
    else if (item.type === 'reasoning') {
      push({ type: 'response.output_item.added', output_index: index, item });
      outputTokens += plan.reasoningTokens;
      push({ type: 'response.output_item.done', output_index: index, item });
    }
  });
  outputTokens = billing.outputTokens;
  const status = closingStatus(plan);
  push({ type: `response.${status}`, response: writeResponse(exchange, model, billing, output, status) as Response }, false, true);
  const failure = { type: 'error', code: 'server_error', message: 'The server had an error while processing your request.', param: null, sequence_number: frames.length };
  return { kind: 'stream', frames, errorFrame: `event: error\ndata: ${JSON.stringify(failure)}\n\n`, billing };
}

type Push = (event: EventWithoutNumber, content?: boolean) => void;

function pushMessage(push: Push, item: ResponseOutputMessage, index: number, chunks: number, tokens: number, generated: (tokens: number) => void): void {
  const place = { item_id: item.id, output_index: index, content_index: 0 };
  const part = item.content[0]!;
  const text = part.type === 'output_text' ? part.text : '';
  push({ type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress', content: [] } });
  push({ type: 'response.content_part.added', ...place, part: { type: 'output_text', annotations: [], logprobs: [], text: '' } });
  for (const piece of splitText(text, tokens, chunks)) {
    generated(piece.tokens);
    push({ type: 'response.output_text.delta', ...place, delta: piece.text, logprobs: [] }, true);
  }
  push({ type: 'response.output_text.done', ...place, text, logprobs: [] });
  push({ type: 'response.content_part.done', ...place, part: { type: 'output_text', annotations: [], logprobs: [], text } });
  push({ type: 'response.output_item.done', output_index: index, item });
}

function pushFunctionCall(push: Push, item: ResponseFunctionToolCall, index: number, chunks: number, tokens: number, generated: (tokens: number) => void): void {
  const place = { item_id: item.id!, output_index: index };
  push({ type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress', arguments: '' } });
  for (const piece of splitText(item.arguments, tokens, chunks)) {
    generated(piece.tokens);
    push({ type: 'response.function_call_arguments.delta', ...place, delta: piece.text }, true);
  }
  push({ type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments });
  push({ type: 'response.output_item.done', output_index: index, item });
}
