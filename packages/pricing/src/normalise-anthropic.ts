/**
 * Anthropic Messages `usage`. Input tokens exclude what was read from or written to the cache: the three add up. Thinking is a
 * subset of the output. With `iterations`, those are what is billed, each by its own model: compaction and advisor tokens stand
 * nowhere else.
 */
import { err, ok, type TokenQuantities } from '@outlay/kernel';
import { readOpenRouterCost } from './host-extras';
import { NORMALISER_VERSION, type JsonObject, type NormaliseContext, type Normaliser, type UsageExtra, type UsagePart } from './usage';
import { addQuantities, createUsageReader, flagUnknown, isJsonObject, readCount, readSection, requireCount, sumInput, sumQuantities, withoutZeros, type UsageReader } from './usage-reader';

const TOKEN_KEYS = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation', 'output_tokens_details'];
const USAGE_KEYS = new Set([
  ...TOKEN_KEYS, 'server_tool_use', 'service_tier', 'speed', 'inference_geo', 'iterations', 'fallback_credit',
  // Not billable: a gateway's estimate.
  'pydantic_ai_gateway',
]);
// OpenRouter serves this format too, with its own figure of the cost.
const OPENROUTER_KEYS = new Set([...USAGE_KEYS, 'cost', 'cost_details', 'is_byok']);
const ITERATION_KEYS = new Set([...TOKEN_KEYS, 'type', 'model']);
const ITERATION_TYPES = new Set(['message', 'compaction', 'advisor_message', 'fallback_message']);
const CACHE_KEYS = new Set(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']);
const OUTPUT_KEYS = new Set(['thinking_tokens']);
// A web fetch costs nothing beyond the tokens it brings in.
const TOOL_KEYS = new Set(['web_search_requests', 'web_fetch_requests']);

export const normaliseAnthropic: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  const routed = context.provider === 'openrouter';
  flagUnknown(reader, usage, routed ? OPENROUTER_KEYS : USAGE_KEYS, path);
  const whole = readTokens(reader, usage, path);
  const iterations = readIterations(reader, usage, context);
  const extras = readTools(reader, usage, path);
  if (isRedeemed(usage['fallback_credit'])) {
    reader.problem ??= `${path}.fallback_credit was redeemed: Anthropic bills this call as if its cache had been written before, on terms the usage does not show.`;
  }
  if (reader.error) return err(reader.error);

  const billed = iterations ?? [{ model: context.model, quantities: whole, contextTokens: sumInput(whole) }];
  const unknown = reader.unknown.filter((key) => key.billable);
  const parts: UsagePart[] = billed.map((part, index) => ({
    ...part,
    quantities: withoutZeros(part.quantities),
    extras: index === 0 ? extras : [],
    unknown: index === 0 ? unknown : [],
    problem: reader.problem,
  }));
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'anthropic-messages',
    parts,
    total: parts.reduce((sum, part) => sum + sumQuantities(part.quantities), 0),
    served: { model: context.model, tier: readTier(usage), region: readGeo(usage) },
    unknownKeys: reader.unknown,
    providerCostUsd: routed ? readOpenRouterCost(usage) : null,
  });
};

function readTokens(reader: UsageReader, usage: JsonObject, path: string): TokenQuantities {
  const input = requireCount(reader, usage, 'input_tokens', path);
  const output = requireCount(reader, usage, 'output_tokens', path);
  const cacheRead = readCount(reader, usage, 'cache_read_input_tokens', path);
  const written = readSection(reader, usage, 'cache_creation', path);
  flagUnknown(reader, written, CACHE_KEYS, `${path}.cache_creation`);
  const write5m = readCount(reader, written, 'ephemeral_5m_input_tokens', `${path}.cache_creation`);
  const write1h = readCount(reader, written, 'ephemeral_1h_input_tokens', `${path}.cache_creation`);
  const writes = readCount(reader, usage, 'cache_creation_input_tokens', path);
  if (usage['cache_creation_input_tokens'] !== undefined && usage['cache_creation_input_tokens'] !== null && write5m + write1h > writes) {
    reader.problem ??= `${path}.cache_creation holds more tokens than cache_creation_input_tokens (${writes}).`;
  }
  const details = readSection(reader, usage, 'output_tokens_details', path);
  flagUnknown(reader, details, OUTPUT_KEYS, `${path}.output_tokens_details`);
  const thinking = readCount(reader, details, 'thinking_tokens', `${path}.output_tokens_details`);
  if (thinking > output) reader.problem ??= `${path}.output_tokens_details.thinking_tokens (${thinking}) is more than output_tokens (${output}).`;
  return {
    input_uncached: input,
    cache_read: cacheRead,
    cache_write_5m: write5m,
    cache_write_1h: write1h,
    cache_write_other: Math.max(0, writes - write5m - write1h),
    output_text: output - Math.min(thinking, output),
    output_reasoning: Math.min(thinking, output),
  };
}

interface ModelShare {
  readonly model: string | null;
  readonly quantities: TokenQuantities;
  readonly contextTokens: number;
}

/** One share a model, the response's own model first; null without iterations. */
function readIterations(reader: UsageReader, usage: JsonObject, context: NormaliseContext): ModelShare[] | null {
  const { path } = context;
  const list = usage['iterations'];
  if (list === undefined || list === null) return null;
  if (!Array.isArray(list)) {
    reader.error ??= { field: `${path}.iterations`, reason: 'must be a list' };
    return null;
  }
  if (list.length === 0) return null;
  const shares = new Map<string | null, ModelShare>();
  let answering: string | null = context.model;
  for (const [index, iteration] of list.entries()) {
    const at = `${path}.iterations[${index}]`;
    if (!isJsonObject(iteration)) {
      reader.error ??= { field: at, reason: 'must be an object' };
      return null;
    }
    flagUnknown(reader, iteration, ITERATION_KEYS, at);
    const type = iteration['type'];
    if (typeof type !== 'string' || !ITERATION_TYPES.has(type)) reader.problem ??= `${at}.type ${JSON.stringify(type) ?? '(none)'} is not known, so neither is how it is billed.`;
    const model = typeof iteration['model'] === 'string' ? iteration['model'] : context.model;
    if (type === 'message' || type === 'fallback_message') answering = model;
    const quantities = readTokens(reader, iteration, at);
    const share = shares.get(model);
    shares.set(model, {
      model,
      quantities: share ? addQuantities(share.quantities, quantities) : quantities,
      contextTokens: Math.max(share?.contextTokens ?? 0, sumInput(quantities)),
    });
  }
  checkWhole(reader, usage, [...shares.values()], path);
  const first = shares.has(context.model) ? context.model : answering;
  return spreadThinking(reader, usage, [...shares.values()].sort((a, b) => Number(b.model === first) - Number(a.model === first)), path);
}

/** Nothing of the top-level usage may be missing from its iterations. */
function checkWhole(reader: UsageReader, usage: JsonObject, shares: readonly ModelShare[], path: string): void {
  const billed = shares.reduce((sum, share) => sum + sumQuantities(share.quantities), 0);
  const whole = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'].reduce((sum, key) => sum + readCount(reader, usage, key, path), 0);
  if (whole > billed) reader.problem ??= `${path}.iterations hold fewer tokens (${billed}) than the usage around them (${whole}).`;
}

/** Thinking is told for the whole response only: it is a subset of the outputs, in the order of the parts. */
function spreadThinking(reader: UsageReader, usage: JsonObject, shares: readonly ModelShare[], path: string): ModelShare[] {
  const details = readSection(reader, usage, 'output_tokens_details', path);
  let left = readCount(reader, details, 'thinking_tokens', `${path}.output_tokens_details`);
  return shares.map((share) => {
    const text = share.quantities.output_text ?? 0;
    const thinking = Math.min(left, text);
    left -= thinking;
    return { ...share, quantities: { ...share.quantities, output_text: text - thinking, output_reasoning: (share.quantities.output_reasoning ?? 0) + thinking } };
  });
}

function readTools(reader: UsageReader, usage: JsonObject, path: string): readonly UsageExtra[] {
  const tools = readSection(reader, usage, 'server_tool_use', path);
  flagUnknown(reader, tools, TOOL_KEYS, `${path}.server_tool_use`);
  const searches = readCount(reader, tools, 'web_search_requests', `${path}.server_tool_use`);
  return searches === 0 ? [] : [{ kind: 'web_search', quantity: String(searches), unit: 'search' }];
}

function isRedeemed(credit: unknown): boolean {
  const status = isJsonObject(credit) ? credit['status'] : null;
  return isJsonObject(status) && status['type'] === 'redeemed';
}

function readTier(usage: JsonObject): string | null {
  const tier = typeof usage['service_tier'] === 'string' ? usage['service_tier'] : null;
  if (usage['speed'] !== 'fast') return tier;
  return tier === null || tier === 'standard' ? 'fast' : `${tier}+fast`;
}

function readGeo(usage: JsonObject): string | null {
  const geo = usage['inference_geo'];
  return typeof geo === 'string' && geo !== 'not_available' ? geo : null;
}
