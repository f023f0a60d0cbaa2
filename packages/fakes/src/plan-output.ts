/** How long an answer is, whether it calls tools, and what its arguments are. */
import type { Steer } from './contract';
import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from './json';
import type { Random } from './random';

export interface ToolCall {
  readonly name: string;
  readonly argumentsJson: string;
}

export interface OutputPlan {
  readonly visibleTokens: number;
  readonly reasoningTokens: number;
  readonly toolCalls: readonly ToolCall[];
  /** The answer was cut at the caller's limit. */
  readonly cut: boolean;
}

export interface OutputWishes {
  /** Output tokens stated by the steered usage. */
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
  readonly outputMax: number | undefined;
  readonly effort: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  readonly toolCalls: readonly ToolCall[];
}

const REASONING_BLOCKS = { none: [0, 0], minimal: [0, 0], low: [1, 3], medium: [2, 10], high: [8, 32] } as const;

export function planOutput(wishes: OutputWishes, random: Random): OutputPlan {
  const { toolCalls } = wishes;
  if (wishes.outputTokens !== undefined) {
    const reasoningTokens = Math.min(wishes.reasoningTokens ?? 0, wishes.outputTokens);
    return { visibleTokens: wishes.outputTokens - reasoningTokens, reasoningTokens, toolCalls, cut: false };
  }
  const [low, high] = REASONING_BLOCKS[wishes.effort];
  const reasoningTokens = wishes.reasoningTokens ?? 64 * random.int(low, high);
  const visibleTokens = toolCalls.length > 0 ? toolCalls.reduce((sum, call) => sum + 12 + Math.ceil(call.argumentsJson.length / 4), 0) : random.int(40, 320);
  const max = wishes.outputMax ?? Number.POSITIVE_INFINITY;
  if (reasoningTokens + visibleTokens <= max) return { visibleTokens, reasoningTokens, toolCalls, cut: false };
  const reasoningKept = Math.min(reasoningTokens, max);
  return { visibleTokens: max - reasoningKept, reasoningTokens: reasoningKept, toolCalls: [], cut: true };
}

const CHUNK_TOKENS = 8;
const CHUNKS_MAX = 40;

/** In how many pieces a stream sends `tokens` of content. */
export function countChunks(steer: Steer, tokens: number): number {
  return steer.chunks ?? Math.min(CHUNKS_MAX, Math.ceil(Math.max(1, tokens) / CHUNK_TOKENS));
}

/** An offered tool: name and JSON Schema of its arguments. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: JsonObject | undefined;
}

/**
 * What a model would do: call what it is forced to, else the first tool once a turn, that is, unless the last message
 * already brings a tool's result.
 */
export function chooseToolCalls(
  offered: readonly OfferedTool[], choice: 'none' | 'auto' | 'required' | { name: string }, answersToolResult: boolean, steer: Steer, random: Random,
): ToolCall[] {
  const write = (tool: OfferedTool | undefined, name: string, given?: JsonObject): ToolCall => ({
    name, argumentsJson: JSON.stringify(given ?? writeArguments(tool?.schema, random)),
  });
  const byName = (name: string): OfferedTool | undefined => offered.find((tool) => tool.name === name);
  if (steer.toolCalls === 'none') return [];
  if (steer.toolCalls) return steer.toolCalls.map((call) => write(byName(call.name), call.name, call.arguments));
  if (choice === 'none' || offered.length === 0) return [];
  if (typeof choice === 'object') return [write(byName(choice.name), choice.name)];
  if (choice === 'auto' && (answersToolResult || steer.text !== undefined)) return [];
  return [write(offered[0], offered[0]!.name)];
}

function writeArguments(schema: JsonObject | undefined, random: Random): JsonObject {
  const made: JsonObject = {};
  for (const [name, property] of Object.entries(objectAt(schema, 'properties') ?? {})) made[name] = writeValue(property, random);
  return made;
}

function writeValue(schema: unknown, random: Random): unknown {
  const options = arrayAt(schema, 'enum');
  if (options.length > 0) return options[0];
  switch (stringAt(schema, 'type')) {
    case 'integer': return random.int(1, 100);
    case 'number': return random.int(1, 1000) / 10;
    case 'boolean': return random.next() < 0.5;
    case 'array': return [writeValue(isObject(schema) ? schema.items : undefined, random)];
    case 'object': return isObject(schema) ? writeArguments(schema, random) : {};
    default: return `value-${random.id(6)}`;
  }
}
