/** What Chat Completions and Responses have in common: the model asked for, the tier, the prompt cache, the limits. */
import type { Exchange } from './answer';
import type { FakeError } from './contract';
import { arrayAt, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { chooseToolCalls, planOutput, type OfferedTool, type OutputPlan } from './plan-output';
import { findModel, type ModelEntry } from './price-sheet';
import { listPrefixes } from './prompt-cache';
import { countTokens } from './prose';

const CACHE_TTL_MS = 10 * 60_000;
const CACHE_TOKENS_MIN = 1_024;
const CACHE_STEP = 128;
const TIERS = ['auto', 'default', 'flex', 'priority', 'scale', 'fast'];

export interface OpenAiModel {
  readonly requested: string;
  /** As it stands in the answer. */
  readonly served: string;
  readonly entry: ModelEntry;
  readonly tier: string;
}

export function readModel({ request, steer }: Exchange, kind: ModelEntry['kind']): OpenAiModel | FakeError {
  const requested = stringAt(request.body, 'model');
  if (!requested) return { status: 400, message: 'you must provide a model parameter' };
  const entry = findModel('openai', requested);
  if (!entry) {
    return { status: 404, code: 'model_not_found', message: `The model \`${requested}\` does not exist or you do not have access to it.` };
  }
  if (entry.kind !== kind) {
    return { status: 400, message: `This model cannot be used with ${request.path}.` };
  }
  const asked = stringAt(request.body, 'service_tier') ?? 'auto';
  if (!TIERS.includes(asked)) {
    return { status: 400, code: 'invalid_value', message: `Invalid value: '${asked}'. Supported values are: ${TIERS.map((tier) => `'${tier}'`).join(', ')}.` };
  }
  const wanted = asked === 'fast' ? 'priority' : asked;
  return { requested, served: steer.model ?? entry.snapshot, entry, tier: steer.tier ?? (entry.tiers[wanted] ? wanted : 'default') };
}

/** Prompt tokens and how many of them the prefix cache already knew, in steps of 128 from 1,024. */
export function countPrompt(exchange: Exchange, model: OpenAiModel, messages: readonly unknown[]): { prompt: number; cached: number } {
  const { body } = exchange.request;
  const parts = [
    { value: [body?.tools ?? null, body?.instructions ?? null], tokens: countTokens(arrayAt(body, 'tools')) + countTokens(body?.instructions) },
    ...messages.map((value) => ({ value, tokens: countTokens(value) + 3 })),
  ];
  const prompt = parts.reduce((sum, part) => sum + part.tokens, 3);
  const prefixes = listPrefixes(`${model.served}\n${stringAt(body, 'prompt_cache_key') ?? ''}`, parts);
  const known = exchange.cache.findLongest(prefixes, exchange.nowMs)?.tokens ?? 0;
  exchange.cache.remember(prefixes.filter((prefix) => prefix.tokens >= CACHE_TOKENS_MIN), CACHE_TTL_MS, exchange.nowMs);
  return { prompt, cached: known < CACHE_TOKENS_MIN ? 0 : Math.min(known, prompt) - (Math.min(known, prompt) % CACHE_STEP) };
}

/** The answer's length and tools; `outputKey` and `detailsKey` name the steered usage's fields. */
export function planOpenAiOutput(
  exchange: Exchange, model: OpenAiModel,
  tools: { offered: readonly OfferedTool[]; answersToolResult: boolean },
  keys: { output: 'completion_tokens' | 'output_tokens'; details: 'completion_tokens_details' | 'output_tokens_details' },
  outputMax: number | undefined, effort: string | undefined,
): OutputPlan {
  const { request, steer, random } = exchange;
  return planOutput({
    outputTokens: numberAt(steer.usage, keys.output),
    reasoningTokens: numberAt(objectAt(steer.usage, keys.details), 'reasoning_tokens'),
    outputMax,
    effort: model.entry.reasoning ? readEffort(effort) : 'none',
    toolCalls: chooseToolCalls(tools.offered, readToolChoice(request.body), tools.answersToolResult, steer, random),
  }, random);
}

function readEffort(text: string | undefined): 'none' | 'minimal' | 'low' | 'medium' | 'high' {
  return text === 'none' || text === 'minimal' || text === 'low' || text === 'high' ? text : 'medium';
}

function readToolChoice(body: JsonObject | null): 'none' | 'auto' | 'required' | { name: string } {
  const choice = body?.tool_choice;
  const name = stringAt(objectAt(choice, 'function'), 'name') ?? stringAt(choice, 'name');
  if (name) return { name };
  return choice === 'none' || choice === 'required' ? choice : 'auto';
}
