/** What a model's stream says, whatever its provider. */
import type { ToolPiece } from './chat-frames.js';

export type AnswerPiece =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'tool' } & ToolPiece)
  /** Output that nobody sees: thinking. It is counted. */
  | { readonly kind: 'hidden'; readonly text: string }
  | { readonly kind: 'stop'; readonly how: 'completed' | 'length' | 'tools' };

/** One request for a streamed answer. */
export interface AnswerRequest {
  readonly model: string;
  readonly instructions: string | undefined;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[];
  readonly tools: readonly object[];
  readonly maxOutputTokens: number;
  /** Merged into the provider's request: `temperature`, `reasoning_effort`. */
  readonly body: object;
}

/** The error of a provider that answered without a stream: its status and headers say whether to try again. Never its message, which may quote the prompt. */
export class ProviderError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(status: number, headers: Headers) {
    super(`The provider answered ${status}.`);
    this.name = 'ProviderError';
    this.status = status;
    this.headers = headers;
  }
}
