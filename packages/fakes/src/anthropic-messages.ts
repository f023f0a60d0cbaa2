/** `POST /v1/messages`, plain and streamed. */
import type { ContentBlock, Message, MessageDeltaUsage, RawMessageStreamEvent, StopReason, Usage } from '@anthropic-ai/sdk/resources/messages';
import { answerJson, type Answer, type Billing, type Exchange, type Frame } from './answer';
import { countPrompt, type CountedPrompt } from './anthropic-prompt';
import type { FakeError } from './contract';
import { arrayAt, mergeJson, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { chooseToolCalls, countChunks, planOutput, type OutputPlan } from './plan-output';
import { findModel } from './price-sheet';
import { splitText, writeProse } from './prose';

/** What `message_start` shows as output before anything was written. */
const FIRST_OUTPUT_TOKENS = 1;

export function answerMessages(exchange: Exchange): Answer | FakeError {
  const { request: { body }, steer, random } = exchange;
  const refused = checkMessages(body);
  if (refused) return refused;
  const requested = stringAt(body, 'model')!;
  const entry = findModel('anthropic', requested);
  if (!entry) return { status: 404, message: `model: ${requested}` };
  const counted = countPrompt(exchange, entry.snapshot);
  if (counted.total > entry.contextTokens) return { status: 400, message: `prompt is too long: ${counted.total} tokens > ${entry.contextTokens} maximum` };

  const tools = arrayAt(body, 'tools');
  const offered = tools.filter((tool) => !isServerTool(tool)).map((tool) => ({ name: stringAt(tool, 'name') ?? '', schema: objectAt(tool, 'input_schema') }));
  const lastBlocks = arrayAt(arrayAt(body, 'messages').at(-1), 'content');
  const answersToolResult = lastBlocks.some((block) => stringAt(block, 'type') === 'tool_result');
  const thinking = stringAt(objectAt(body, 'thinking'), 'type');
  const plan = planOutput({
    outputTokens: numberAt(steer.usage, 'output_tokens'),
    reasoningTokens: numberAt(objectAt(steer.usage, 'output_tokens_details'), 'thinking_tokens'),
    outputMax: numberAt(body, 'max_tokens'),
    effort: thinking === 'enabled' || thinking === 'adaptive' ? 'medium' : 'none',
    toolCalls: chooseToolCalls(offered, readToolChoice(body), answersToolResult, steer, random),
  }, random);
  const searches = !answersToolResult && tools.some((tool) => stringAt(tool, 'type')?.startsWith('web_search')) ? 1 : 0;
  const tier = steer.tier ?? 'standard';
  const usageAt = (outputTokens: number): JsonObject => writeUsage(exchange, counted, plan, searches, tier, outputTokens);
  const outputTokens = plan.visibleTokens + plan.reasoningTokens;
  const billing: Billing = {
    api: 'messages', responseId: `msg_01${random.id(22)}`, modelRequested: requested, model: steer.model ?? entry.snapshot, tier, usage: usageAt(outputTokens), outputTokens, usageAt,
  };
  const content = writeContent(exchange, plan, searches);
  const stopReason: StopReason = plan.toolCalls.length > 0 ? 'tool_use' : plan.cut ? 'max_tokens' : 'end_turn';
  if (body?.stream === true) return streamMessage(exchange, plan, billing, content, stopReason);
  return answerJson(writeMessage(billing, content, stopReason, billing.usage as unknown as Usage), billing);
}

/** Free: the tokens that a request would have. */
export function answerCountTokens(exchange: Exchange): Answer | FakeError {
  const model = stringAt(exchange.request.body, 'model');
  if (!model || !findModel('anthropic', model)) return { status: 404, message: `model: ${model ?? ''}` };
  return answerJson({ input_tokens: countPrompt(exchange, `count ${model}`).total }, null);
}

function checkMessages(body: JsonObject | null): FakeError | undefined {
  if (!stringAt(body, 'model')) return { status: 400, message: 'model: Field required' };
  if (numberAt(body, 'max_tokens') === undefined) return { status: 400, message: 'max_tokens: Field required' };
  if (arrayAt(body, 'messages').length === 0) return { status: 400, message: 'messages: at least one message is required' };
  const budget = numberAt(objectAt(body, 'thinking'), 'budget_tokens');
  if (budget !== undefined && budget < 1_024) return { status: 400, message: 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024' };
  return undefined;
}

function isServerTool(tool: unknown): boolean {
  return /^(web_search|web_fetch|code_execution)_\d+/.test(stringAt(tool, 'type') ?? '');
}

function readToolChoice(body: JsonObject | null): 'none' | 'auto' | 'required' | { name: string } {
  const choice = objectAt(body, 'tool_choice');
  const name = stringAt(choice, 'name');
  if (name) return { name };
  return choice?.type === 'any' ? 'required' : choice?.type === 'none' ? 'none' : 'auto';
}

function writeUsage(exchange: Exchange, counted: CountedPrompt, plan: OutputPlan, searches: number, tier: string, outputTokens: number): JsonObject {
  const steered = exchange.steer.usage ?? {};
  const steeredInput = 'input_tokens' in steered;
  const thinkingTokens = Math.min(plan.reasoningTokens, outputTokens);
  const merged = mergeJson({
    input_tokens: counted.input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: steeredInput ? 0 : counted.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: steeredInput ? 0 : counted.cacheWrite5m, ephemeral_1h_input_tokens: steeredInput ? 0 : counted.cacheWrite1h },
    output_tokens: outputTokens,
    output_tokens_details: thinkingTokens > 0 ? { thinking_tokens: thinkingTokens } : null,
    server_tool_use: searches > 0 ? { web_search_requests: searches, web_fetch_requests: 0 } : null,
    service_tier: tier,
    inference_geo: 'not_available',
    speed: 'standard',
  }, steered);
  const split = objectAt(merged, 'cache_creation');
  const written = numberAt(steered, 'cache_creation_input_tokens');
  const made = written !== undefined && objectAt(steered, 'cache_creation') === undefined
    ? { ...merged, cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 } }
    : { ...merged, cache_creation_input_tokens: written ?? (numberAt(split, 'ephemeral_5m_input_tokens') ?? 0) + (numberAt(split, 'ephemeral_1h_input_tokens') ?? 0) };
  if (outputTokens === plan.visibleTokens + plan.reasoningTokens) return made;
  return { ...made, output_tokens: outputTokens, output_tokens_details: thinkingTokens > 0 ? { thinking_tokens: thinkingTokens } : null };
}

function writeContent({ steer, random }: Exchange, plan: OutputPlan, searches: number): ContentBlock[] {
  const blocks: ContentBlock[] = [];
  if (plan.reasoningTokens > 0) {
    // Current models show a summary of their thinking: shorter than what is billed.
    const shown = writeProse(random, Math.min(plan.reasoningTokens, 48), 1)[0]!.text;
    blocks.push({ type: 'thinking', thinking: shown, signature: Buffer.from(random.id(60)).toString('base64') });
  }
  if (searches > 0) {
    const id = `srvtoolu_01${random.id(22)}`;
    blocks.push({ type: 'server_tool_use', id, name: 'web_search', input: { query: 'notice period' }, caller: { type: 'direct' } });
    blocks.push({
      type: 'web_search_tool_result', tool_use_id: id, caller: { type: 'direct' },
      content: [{ type: 'web_search_result', title: 'Example', url: 'https://example.com/', encrypted_content: random.id(40), page_age: null }],
    });
  }
  for (const call of plan.toolCalls) {
    blocks.push({ type: 'tool_use', id: `toolu_01${random.id(22)}`, name: call.name, input: JSON.parse(call.argumentsJson), caller: { type: 'direct' } });
  }
  // Without citations the API leaves their member out, whatever the client's types say.
  if (plan.toolCalls.length === 0) blocks.push({ type: 'text', text: steer.text ?? writeProse(random, plan.visibleTokens, 1)[0]!.text } as ContentBlock);
  return blocks;
}

function writeMessage(billing: Billing, content: ContentBlock[], stopReason: StopReason | null, usage: Usage): Message {
  return {
    id: billing.responseId!, type: 'message', role: 'assistant', model: billing.model, content, container: null, diagnostics: null,
    stop_reason: stopReason, stop_sequence: null, stop_details: null, usage,
  };
}

function streamMessage({ steer }: Exchange, plan: OutputPlan, billing: Billing, content: readonly ContentBlock[], stopReason: StopReason): Answer {
  const frames: Frame[] = [];
  let outputTokens = 0;
  const push = (event: RawMessageStreamEvent | { type: 'ping' }, isContent = false, usage = false): void => {
    frames.push({ text: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, outputTokens, content: isContent, usage });
  };
  const firstUsage = billing.usageAt(Math.min(FIRST_OUTPUT_TOKENS, billing.outputTokens)) as unknown as Usage;
  push({ type: 'message_start', message: writeMessage(billing, [], null, { ...firstUsage, output_tokens_details: null, server_tool_use: null }) });
  const chunks = countChunks(steer, plan.visibleTokens);
  const callTokens = Math.floor(plan.visibleTokens / Math.max(1, plan.toolCalls.length));
  content.forEach((block, index) => {
    push({ type: 'content_block_start', index, content_block: emptyBlock(block) });
    if (index === 0) push({ type: 'ping' });
    const text = blockText(block);
    const tokens = block.type === 'thinking' ? plan.reasoningTokens : block.type === 'text' ? plan.visibleTokens : block.type === 'tool_use' ? callTokens : 0;
    if (text !== null) {
      for (const piece of splitText(text, tokens, block.type === 'text' ? chunks : Math.min(chunks, 6))) {
        outputTokens += piece.tokens;
        push({ type: 'content_block_delta', index, delta: deltaOf(block, piece.text) }, true);
      }
    }
    if (block.type === 'thinking') push({ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: block.signature } });
    push({ type: 'content_block_stop', index });
  });
  outputTokens = billing.outputTokens;
  push({ type: 'message_delta', delta: { container: null, stop_details: null, stop_reason: stopReason, stop_sequence: null }, usage: writeDeltaUsage(billing.usage) }, false, true);
  push({ type: 'message_stop' });
  const failure = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: null };
  return { kind: 'stream', frames, errorFrame: `event: error\ndata: ${JSON.stringify(failure)}\n\n`, billing };
}

/** Cumulative: the last one holds for the whole message. Keys that no provider documents come through as steered. */
function writeDeltaUsage(usage: JsonObject): MessageDeltaUsage {
  const { cache_creation: _split, service_tier: _tier, inference_geo: _geo, speed: _speed, ...delta } = usage;
  return delta as unknown as MessageDeltaUsage;
}

function emptyBlock(block: ContentBlock): ContentBlock {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  return block.type === 'tool_use' || block.type === 'server_tool_use' ? { ...block, input: {} } : block;
}

function blockText(block: ContentBlock): string | null {
  if (block.type === 'text') return block.text;
  if (block.type === 'thinking') return block.thinking;
  return block.type === 'tool_use' || block.type === 'server_tool_use' ? JSON.stringify(block.input) : null;
}

function deltaOf(block: ContentBlock, text: string): { type: 'text_delta'; text: string } | { type: 'thinking_delta'; thinking: string; estimated_tokens: null } | { type: 'input_json_delta'; partial_json: string } {
  if (block.type === 'text') return { type: 'text_delta', text };
  return block.type === 'thinking' ? { type: 'thinking_delta', thinking: text, estimated_tokens: null } : { type: 'input_json_delta', partial_json: text };
}
