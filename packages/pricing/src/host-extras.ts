/** What hosts of OpenAI's formats add to a usage: tools that they bill apart, and their own figure of the cost. */
import { addRational, formatRational, parseDecimal, ZERO, type Rational } from '@outlay/kernel';
import type { JsonObject, UsageExtra } from './usage';
import { flagUnknown, isJsonObject, readAmount, readCount, readSection, type UsageReader } from './usage-reader';

export interface HostFacts {
  readonly extras: readonly UsageExtra[];
  /** Dollars as a decimal string; null where the host states none. */
  readonly costUsd: string | null;
}

const NOTHING: HostFacts = { extras: [], costUsd: null };

/** Keys that a host adds at the top of the usage; of another provider they would be unknown. */
export const HOST_KEYS: Readonly<Record<string, readonly string[]>> = {
  openrouter: ['cost', 'cost_details', 'is_byok', 'server_tool_use', 'server_tool_use_details'],
  'x-ai': ['num_sources_used', 'cost_in_usd_ticks', 'num_server_side_tools_used', 'server_side_tool_usage_details', 'context_details'],
  perplexity: ['cost', 'citation_tokens', 'num_search_queries', 'reasoning_tokens', 'search_context_size'],
  mistral: ['prompt_audio_seconds'],
};

export function readHostFacts(reader: UsageReader, usage: JsonObject, provider: string, path: string): HostFacts {
  switch (provider) {
    case 'openrouter':
      return readOpenRouter(reader, usage, path);
    case 'x-ai':
      return readXai(reader, usage, path);
    case 'perplexity':
      return readPerplexity(reader, usage, path);
    case 'mistral':
      return usage['prompt_audio_seconds'] === undefined ? NOTHING : readMistral(reader, usage, path);
    default:
      return NOTHING;
  }
}

const TOOL_KEYS = new Set(['web_search_requests', 'tool_calls_executed', 'tool_calls_requested']);

function readOpenRouter(reader: UsageReader, usage: JsonObject, path: string): HostFacts {
  // One of the two names; what a tool call does beyond searches is told by nothing.
  const key = isJsonObject(usage['server_tool_use_details']) ? 'server_tool_use_details' : 'server_tool_use';
  const tools = readSection(reader, usage, key, path);
  flagUnknown(reader, tools, TOOL_KEYS, `${path}.${key}`);
  const searches = readCount(reader, tools, 'web_search_requests', `${path}.${key}`);
  return { extras: searches === 0 ? [] : [{ kind: 'web_search', quantity: String(searches), unit: 'search' }], costUsd: readOpenRouterCost(usage) };
}

/** With the caller's own key at the provider, OpenRouter's cost is only its fee: what the provider bills stands beside it. */
export function readOpenRouterCost(usage: JsonObject): string | null {
  const cost = dollars(usage['cost']);
  if (cost === null) return null;
  const details = isJsonObject(usage['cost_details']) ? usage['cost_details'] : null;
  const upstream = usage['is_byok'] === true ? dollars(details?.['upstream_inference_cost']) ?? ZERO : ZERO;
  return formatRational(addRational(cost, upstream));
}

/** Calls that xAI's servers made, by tool -> the kind that is billed; null for those that cost nothing beyond their tokens. */
const XAI_TOOLS: Readonly<Record<string, string | null>> = {
  web_search_calls: 'web_search', x_search_calls: 'x_search', code_interpreter_calls: 'code_execution', file_search_calls: 'file_search',
  document_search_calls: 'attachment_search', mcp_calls: null,
};
const XAI_TOOL_KEYS = new Set(Object.keys(XAI_TOOLS));
const XAI_TICKS_PER_USD = 10n ** 10n;

function readXai(reader: UsageReader, usage: JsonObject, path: string): HostFacts {
  const extras: UsageExtra[] = [];
  const details = readSection(reader, usage, 'server_side_tool_usage_details', path);
  flagUnknown(reader, details, XAI_TOOL_KEYS, `${path}.server_side_tool_usage_details`);
  let told = 0;
  for (const [key, kind] of Object.entries(XAI_TOOLS)) {
    const calls = readCount(reader, details, key, `${path}.server_side_tool_usage_details`);
    told += calls;
    if (calls > 0 && kind !== null) extras.push({ kind, quantity: String(calls), unit: 'call' });
  }
  const tools = readCount(reader, usage, 'num_server_side_tools_used', path);
  if (tools > told) reader.unknown.push({ key: `${path}.num_server_side_tools_used`, quantity: tools - told, billable: true });
  const sources = readCount(reader, usage, 'num_sources_used', path);
  if (sources > 0) extras.push({ kind: 'search_source', quantity: String(sources), unit: 'source' });
  const ticks = readCount(reader, usage, 'cost_in_usd_ticks', path);
  return { extras, costUsd: usage['cost_in_usd_ticks'] === undefined ? null : formatRational({ num: BigInt(ticks), den: XAI_TICKS_PER_USD }) };
}

/** Citations stand beside the completion, and so does the reasoning: the chat normaliser adds that one. */
function readPerplexity(reader: UsageReader, usage: JsonObject, path: string): HostFacts {
  const extras: UsageExtra[] = [];
  const citations = readCount(reader, usage, 'citation_tokens', path);
  if (citations > 0) extras.push({ kind: 'output_citation', quantity: String(citations), unit: 'token' });
  const searches = readCount(reader, usage, 'num_search_queries', path);
  if (searches > 0) extras.push({ kind: 'web_search', quantity: String(searches), unit: 'search' });
  const cost = isJsonObject(usage['cost']) ? dollars(usage['cost']['total_cost']) : null;
  return { extras, costUsd: cost === null ? null : formatRational(cost) };
}

/** Voxtral bills the length of what it hears; an empty object stands for none. */
function readMistral(reader: UsageReader, usage: JsonObject, path: string): HostFacts {
  const empty = isJsonObject(usage['prompt_audio_seconds']) && Object.keys(usage['prompt_audio_seconds']).length === 0;
  const seconds = empty ? '0' : readAmount(reader, usage, 'prompt_audio_seconds', path);
  return seconds === '0' ? NOTHING : { extras: [{ kind: 'input_audio_second', quantity: seconds, unit: 'second' }], costUsd: null };
}

function dollars(value: unknown): Rational | null {
  const amount = typeof value === 'number' || typeof value === 'string' ? parseDecimal(value) : null;
  return amount !== null && amount.num >= 0n ? amount : null;
}
