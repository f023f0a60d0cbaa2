/** `generateContent` and `streamGenerateContent`. */
import type { Part } from '@google/genai';
import { answerJson, type Answer, type Billing, type Exchange, type Frame } from './answer';
import type { FakeError } from './contract';
import { arrayAt, isObject, mergeJson, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { chooseToolCalls, countChunks, planOutput, type OfferedTool, type OutputPlan } from './plan-output';
import { findModel } from './price-sheet';
import { listPrefixes } from './prompt-cache';
import { countTokens, splitText, writeProse } from './prose';

const CACHE_TTL_MS = 10 * 60_000;
const CACHE_TOKENS_MIN = 1_024;
/** What a search puts before the model beside the prompt. */
const SEARCH_PROMPT_TOKENS = 121;
const IMAGE_TOKENS = 1_290;

/** Flat counts for what is no text; the real ones depend on size and length. */
const MEDIA: readonly (readonly [RegExp, modality: string, tokens: number])[] = [
  [/^image\//, 'IMAGE', 258], [/^audio\//, 'AUDIO', 160], [/^video\//, 'VIDEO', 789], [/^application\/pdf/, 'DOCUMENT', 258],
];

interface Counted {
  readonly total: number;
  readonly details: readonly { modality: string; tokenCount: number }[];
}

export function countContents(body: JsonObject | null): Counted {
  const counts = new Map<string, number>();
  const add = (modality: string, tokens: number): void => void (counts.set(modality, (counts.get(modality) ?? 0) + tokens));
  for (const content of [objectAt(body, 'systemInstruction'), ...arrayAt(body, 'contents')]) {
    for (const part of arrayAt(content, 'parts')) {
      const mime = stringAt(objectAt(part, 'inlineData') ?? objectAt(part, 'fileData'), 'mimeType');
      const media = mime === undefined ? undefined : MEDIA.find(([pattern]) => pattern.test(mime));
      if (media) add(media[1], media[2]);
      else add('TEXT', countTokens(part) + 1);
    }
  }
  const declared = countTokens(arrayAt(body, 'tools'));
  if (declared > 0) add('TEXT', declared);
  return { total: [...counts.values()].reduce((sum, tokens) => sum + tokens, 0), details: [...counts].map(([modality, tokenCount]) => ({ modality, tokenCount })) };
}

export function modelNotFound(model: string): FakeError {
  return { status: 404, message: `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.` };
}

export function answerGenerate(exchange: Exchange, name: string, stream: boolean): Answer | FakeError {
  const { request: { body }, steer, random } = exchange;
  const entry = findModel('google', name);
  if (!entry || entry.kind !== 'chat') return modelNotFound(name);
  if (arrayAt(body, 'contents').length === 0) return { status: 400, message: '* GenerateContentRequest.contents: contents is not specified\n' };
  const counted = countContents(body);
  if (counted.total > entry.contextTokens) {
    return { status: 400, message: `The input token count (${counted.total}) exceeds the maximum number of tokens allowed (${entry.contextTokens}).` };
  }
  const config = objectAt(body, 'generationConfig');
  const offered = arrayAt(body, 'tools').flatMap((tool) => arrayAt(tool, 'functionDeclarations')).map(readTool);
  const answersToolResult = arrayAt(arrayAt(body, 'contents').at(-1), 'parts').some((part) => objectAt(part, 'functionResponse') !== undefined);
  const thinkingBudget = numberAt(objectAt(config, 'thinkingConfig'), 'thinkingBudget');
  const thoughts = numberAt(steer.usage, 'thoughtsTokenCount');
  const candidates = numberAt(steer.usage, 'candidatesTokenCount');
  const plan = planOutput({
    outputTokens: candidates === undefined ? undefined : candidates + (thoughts ?? 0),
    reasoningTokens: thoughts,
    outputMax: numberAt(config, 'maxOutputTokens'),
    effort: entry.reasoning && thinkingBudget !== 0 ? 'medium' : 'none',
    toolCalls: chooseToolCalls(offered, readToolChoice(body), answersToolResult, steer, random),
  }, random);
  const searches = arrayAt(body, 'tools').some((tool) => objectAt(tool, 'googleSearch') !== undefined) ? 1 : 0;
  const cached = countCached(exchange, name, counted.total);
  const images = arrayAt(config, 'responseModalities').includes('IMAGE') ? 1 : 0;
  const usageAt = (outputTokens: number): JsonObject => writeUsage(exchange, counted, cached, plan, searches, images, outputTokens);
  const outputTokens = plan.visibleTokens + plan.reasoningTokens;
  const billing: Billing = {
    api: 'generate', responseId: random.id(22), modelRequested: name, model: steer.model ?? entry.snapshot, tier: steer.tier ?? 'standard',
    usage: usageAt(outputTokens), outputTokens, usageAt,
  };
  return stream ? streamContent(exchange, plan, billing, searches) : answerJson(writeResponse(exchange, plan, billing, searches, images), billing);
}

/** Schemas come with types in capitals, or as JSON Schema. */
function readTool(declaration: unknown): OfferedTool {
  const schema = objectAt(declaration, 'parameters') ?? objectAt(declaration, 'parametersJsonSchema');
  return { name: stringAt(declaration, 'name') ?? '', schema: schema && (lowerTypes(schema) as JsonObject) };
}

function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, key === 'type' && typeof value === 'string' ? value.toLowerCase() : lowerTypes(value)]));
}

function readToolChoice(body: JsonObject | null): 'none' | 'auto' | 'required' | { name: string } {
  const config = objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig');
  const [name] = arrayAt(config, 'allowedFunctionNames');
  if (typeof name === 'string') return { name };
  const mode = stringAt(config, 'mode');
  return mode === 'ANY' ? 'required' : mode === 'NONE' ? 'none' : 'auto';
}

/** Implicit caching: what an earlier prompt began with. */
function countCached(exchange: Exchange, model: string, total: number): number {
  const { body } = exchange.request;
  const parts = [objectAt(body, 'systemInstruction') ?? null, ...arrayAt(body, 'contents')].map((value) => ({ value, tokens: countContents({ contents: [value] }).total }));
  const prefixes = listPrefixes(model, parts);
  const known = exchange.cache.findLongest(prefixes, exchange.nowMs)?.tokens ?? 0;
  exchange.cache.remember(prefixes.filter((prefix) => prefix.tokens >= CACHE_TOKENS_MIN), CACHE_TTL_MS, exchange.nowMs);
  return known < CACHE_TOKENS_MIN ? 0 : Math.min(known, total);
}

function writeUsage(exchange: Exchange, counted: Counted, cached: number, plan: OutputPlan, searches: number, images: number, outputTokens: number): JsonObject {
  const steered = exchange.steer.usage ?? {};
  const given = 'promptTokenCount' in steered;
  const thoughts = Math.min(plan.reasoningTokens, outputTokens);
  const complete = outputTokens === plan.visibleTokens + plan.reasoningTokens;
  const words = outputTokens - thoughts;
  const candidates = words + (complete ? images * IMAGE_TOKENS : 0);
  const computed: JsonObject = {
    promptTokenCount: counted.total,
    ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}),
    ...(given ? {} : { promptTokensDetails: counted.details }),
    ...(images > 0 && complete ? { candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: words }, { modality: 'IMAGE', tokenCount: images * IMAGE_TOKENS }] } : {}),
    ...(cached > 0 && !given ? { cachedContentTokenCount: cached, cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cached }] } : {}),
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
    ...(searches > 0 ? { toolUsePromptTokenCount: SEARCH_PROMPT_TOKENS, toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: SEARCH_PROMPT_TOKENS }] } : {}),
  };
  const merged = mergeJson(computed, steered);
  // A usage that was steered as a whole still grows while the stream runs.
  const usage = complete ? merged : { ...merged, ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}), ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}) };
  const sum = ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount'].reduce((total, key) => total + (numberAt(usage, key) ?? 0), 0);
  return { ...usage, totalTokenCount: complete && 'totalTokenCount' in steered ? steered.totalTokenCount : sum };
}

function finishReason(plan: OutputPlan): 'STOP' | 'MAX_TOKENS' {
  return plan.cut ? 'MAX_TOKENS' : 'STOP';
}

function grounding(searches: number): JsonObject {
  return searches > 0 ? { groundingMetadata: { webSearchQueries: ['notice period'], groundingChunks: [{ web: { uri: 'https://example.com/', title: 'example.com' } }] } } : {};
}

function writeResponse({ steer, random }: Exchange, plan: OutputPlan, billing: Billing, searches: number, images: number): JsonObject {
  const parts: Part[] = plan.toolCalls.map((call) => ({ functionCall: { name: call.name, args: JSON.parse(call.argumentsJson) as Record<string, unknown> } }));
  if (parts.length === 0) parts.push({ text: steer.text ?? writeProse(random, plan.visibleTokens, 1)[0]!.text });
  for (let image = 0; image < images; image += 1) parts.push({ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } });
  return {
    candidates: [{ content: { parts, role: 'model' }, finishReason: finishReason(plan), index: 0, ...grounding(searches) }],
    usageMetadata: billing.usage, modelVersion: billing.model, responseId: billing.responseId,
  };
}

/** Each chunk carries the usage so far; the last also says why it ended. */
function streamContent({ steer, random }: Exchange, plan: OutputPlan, billing: Billing, searches: number): Answer {
  const frames: Frame[] = [];
  let outputTokens = plan.reasoningTokens;
  const pieces = steer.text === undefined
    ? writeProse(random, plan.visibleTokens, countChunks(steer, plan.visibleTokens))
    : splitText(steer.text, plan.visibleTokens, countChunks(steer, plan.visibleTokens));
  const contents: { parts: Part[]; tokens: number }[] = plan.toolCalls.length > 0
    ? [{ parts: plan.toolCalls.map((call) => ({ functionCall: { name: call.name, args: JSON.parse(call.argumentsJson) as Record<string, unknown> } })), tokens: plan.visibleTokens }]
    : pieces.map((piece) => ({ parts: [{ text: piece.text }], tokens: piece.tokens }));
  contents.forEach(({ parts, tokens }, index) => {
    outputTokens += tokens;
    const last = index === contents.length - 1;
    const candidate = { content: { parts, role: 'model' }, index: 0, ...(last ? { finishReason: finishReason(plan), ...grounding(searches) } : {}) };
    const chunk = { candidates: [candidate], usageMetadata: last ? billing.usage : billing.usageAt(outputTokens), modelVersion: billing.model, responseId: billing.responseId };
    frames.push({ text: `data: ${JSON.stringify(chunk)}\r\n\r\n`, outputTokens, content: true, usage: last });
  });
  const failure = { error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' } };
  return { kind: 'stream', frames, errorFrame: `data: ${JSON.stringify(failure)}\r\n\r\n`, billing };
}
