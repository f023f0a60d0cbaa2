import { coreOf } from '../core.js';
import { invalidOption } from '../errors.js';
import type { Json } from '../facts.js';
import { tapFetch } from '../fetch-tap.js';
import { OPENAI_FREE, OPENAI_ROUTES, providerOfHost } from '../openai-routes.js';
import type { RunContext } from '../types.js';
import { wrapOpenAI } from '../wrap-openai.js';
import type { AnswerPiece, AnswerRequest } from './answer-piece.js';
import type { ChatRouteOptions } from './chat-options.js';
import { type ChatHandler, createChatRoute } from './chat-route.js';
import { openProviderStream } from './provider-stream.js';
import { createOpenAIReader } from './read-openai-chunks.js';

export interface OpenAIRouteOptions extends ChatRouteOptions {
  /** An official client, or one like it. Absent: `apiKey`, or `providers.openai` of `createOutlay`. */
  readonly client?: object;
  /** The provider's key, when there is no client. */
  readonly apiKey?: string;
  /** Default `https://api.openai.com/v1`. */
  readonly baseURL?: string;
}

interface ChatClient {
  readonly chat: { readonly completions: { create(body: object, options: { readonly signal: AbortSignal }): PromiseLike<AsyncIterable<Json>> } };
}

/**
 * A chat route over OpenAI's chat completions, or any host that speaks them, for `useChatWithUsage`: `export const POST = streamOpenAIRoute({ ... })`.
 * Throws `invalid_option` for options that cannot be right.
 */
export function streamOpenAIRoute(options: OpenAIRouteOptions): ChatHandler {
  return createChatRoute(options, async (_outlay, context, request) => readPieces(await openStream(options, context, request)));
}

async function* readPieces(chunks: AsyncIterable<Json>): AsyncGenerator<AnswerPiece, void> {
  const read = createOpenAIReader();
  for await (const chunk of chunks) yield* read(chunk);
}

async function openStream(options: OpenAIRouteOptions, context: RunContext, request: AnswerRequest): Promise<AsyncIterable<Json>> {
  const body = requestBody(request);
  const { signal } = context;
  const client = options.client === undefined ? undefined : wrapOpenAI(options.outlay, options.client, { run: context, limitOutput: false });
  const given = client ?? (options.apiKey === undefined ? context.providers['openai'] : undefined);
  if (given !== undefined) return (given as ChatClient).chat.completions.create(body, { signal });
  if (!options.apiKey) throw invalidOption('apiKey', 'is missing: streamOpenAIRoute needs "client", "apiKey", or createOutlay({ providers: { openai } }).');
  const base = (options.baseURL ?? 'https://api.openai.com/v1').replace(/\/+$/, '');
  const tapped = tapFetch({
    core: coreOf(options.outlay), provider: providerOfHost(base), routes: OPENAI_ROUTES, free: OPENAI_FREE, fetch: (input, init) => fetch(input, init), options: { run: context }, requestIdHeader: 'x-request-id',
  });
  return openProviderStream({ url: `${base}/chat/completions`, headers: { authorization: `Bearer ${options.apiKey}` }, body, signal, fetch: tapped });
}

function requestBody({ model, instructions, messages, tools, maxOutputTokens, body }: AnswerRequest): object {
  // Hosts that only know the older name are given it by `body: { max_tokens }`.
  const length = 'max_tokens' in body ? {} : { max_completion_tokens: maxOutputTokens };
  return {
    ...length, ...body, model, stream: true,
    messages: [...(instructions === undefined ? [] : [{ role: 'system', content: instructions }]), ...messages],
    ...(tools.length > 0 ? { tools } : {}),
  };
}
