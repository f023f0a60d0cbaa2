/** Support agent: looks the order up with a tool, then streams a reply. Falls back to a larger model, then to another provider. */
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import type { PlannedRun } from '../plan-runs';
import { steerCall } from '../steer-call';
import { describeRun, type Product } from './product';

const QUESTION = 'Where is my parcel?';
const FOUND = '{"status":"in transit","due":"tomorrow"}';
const parameters = { type: 'object' as const, properties: { order_id: { type: 'string' } }, required: ['order_id'] };

type ReplyStream = AsyncIterable<Anthropic.RawMessageStreamEvent> | AsyncIterable<OpenAI.ChatCompletionChunk>;

export async function replyToTicket(product: Product, run: PlannedRun): Promise<void> {
  const reply = await product.aiUsage.run<Promise<ReplyStream>>({
    ...describeRun(run),
    feature: 'support',
    action: ({ model, signal }) => (model.startsWith('claude') ? replyWithClaude(product, run, model, signal) : replyWithGpt(product, run, model, signal)),
    usable: (_stream, end) => end.how === 'stream_completed' && run.usable,
  });
  // The customer reads to the end.
  for await (const piece of reply) void piece;
}

async function replyWithClaude({ anthropic }: Product, run: PlannedRun, model: string, signal: AbortSignal): Promise<ReplyStream> {
  const ask = { model, max_tokens: 4_096, tools: [{ name: 'find_order', input_schema: parameters }] };
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: QUESTION }];
  const first = await anthropic.messages.create({ ...ask, messages }, { headers: steerCall(run, 'look-up', model, 'messages'), signal });
  const results = first.content.flatMap((block) => (block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: FOUND }] : []));
  messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
  return anthropic.messages.create({ ...ask, messages, stream: true }, { headers: steerCall(run, 'reply', model, 'messages'), signal });
}

async function replyWithGpt({ openai }: Product, run: PlannedRun, model: string, signal: AbortSignal): Promise<ReplyStream> {
  const tools = [{ type: 'function' as const, function: { name: 'find_order', parameters } }];
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: QUESTION }];
  const first = await openai.chat.completions.create({ model, messages, tools }, { headers: steerCall(run, 'look-up', model, 'chat'), signal });
  const { message } = first.choices[0]!;
  messages.push(message, ...(message.tool_calls ?? []).map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: FOUND })));
  return openai.chat.completions.create({ model, messages, tools, stream: true }, { headers: steerCall(run, 'reply', model, 'chat'), signal });
}
