import { ANTHROPIC_FREE, ANTHROPIC_ROUTES } from '../anthropic-routes.js';
import { coreOf } from '../core.js';
import { invalidOption } from '../errors.js';
import type { Json } from '../facts.js';
import { tapFetch } from '../fetch-tap.js';
import type { RunContext } from '../types.js';
import { wrapAnthropic } from '../wrap-anthropic.js';
import type { AnswerPiece, AnswerRequest } from './answer-piece.js';
import type { ChatRouteOptions } from './chat-options.js';
import { type ChatHandler, createChatRoute } from './chat-route.js';
import { openProviderStream } from './provider-stream.js';
import { createAnthropicReader } from './read-anthropic-events.js';

export interface AnthropicRouteOptions extends ChatRouteOptions {
  /** An official client. Absent: `apiKey`, or `providers.anthropic` of `createOutlay`. */
  readonly client?: object;
  /** The provider's key, when there is no client. */
  readonly apiKey?: string;
  /** Default `https://api.anthropic.com`. */
  readonly baseURL?: string;
}

interface MessagesClient {
  readonly messages: { create(body: object, options: { readonly signal: AbortSignal }): PromiseLike<AsyncIterable<Json>> };
}

/** A chat route over Anthropic's messages, for `useChatWithUsage`: `export const POST = streamAnthropicRoute({ ... })`. Throws `invalid_option` for options that cannot be right. */
export function streamAnthropicRoute(options: AnthropicRouteOptions): ChatHandler {
  return createChatRoute(options, async (_outlay, context, request) => readPieces(await openStream(options, context, request)));
}

async function* readPieces(events: AsyncIterable<Json>): AsyncGenerator<AnswerPiece, void> {
  const read = createAnthropicReader();
  for await (const event of events) yield* read(event);
}

async function openStream(options: AnthropicRouteOptions, context: RunContext, request: AnswerRequest): Promise<AsyncIterable<Json>> {
  const body = requestBody(request);
  const { signal } = context;
  const client = options.client === undefined ? undefined : wrapAnthropic(options.outlay, options.client, { run: context, limitOutput: false });
  const given = client ?? (options.apiKey === undefined ? context.providers['anthropic'] : undefined);
  if (given !== undefined) return (given as MessagesClient).messages.create(body, { signal });
  if (!options.apiKey) throw invalidOption('apiKey', 'is missing: streamAnthropicRoute needs "client", "apiKey", or createOutlay({ providers: { anthropic } }).');
  const base = (options.baseURL ?? 'https://api.anthropic.com').replace(/\/+$/, '');
  const tapped = tapFetch({
    core: coreOf(options.outlay), provider: 'anthropic', routes: ANTHROPIC_ROUTES, free: ANTHROPIC_FREE, fetch: (input, init) => fetch(input, init), options: { run: context }, requestIdHeader: 'request-id',
  });
  return openProviderStream({ url: `${base}/v1/messages`, headers: { 'x-api-key': options.apiKey, 'anthropic-version': '2023-06-01' }, body, signal, fetch: tapped });
}

function requestBody({ model, instructions, messages, tools, maxOutputTokens, body }: AnswerRequest): object {
  return {
    max_tokens: maxOutputTokens, ...body, model, stream: true, messages,
    ...(instructions === undefined ? {} : { system: instructions }),
    ...(tools.length > 0 ? { tools } : {}),
  };
}
