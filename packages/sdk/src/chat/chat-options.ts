/** Options of the chat routes, and their check. */
import type { Outlay } from '../client.js';
import { invalidOption } from '../errors.js';
import type { GatePolicy } from '../gate-types.js';
import type { Caps, UsableAnswer } from '../types.js';
import type { ChatEnd } from './chat-frames.js';
import type { Denial } from './customer-usage.js';
import { BODY_BYTES } from './read-chat-request.js';

/** Whom a request is from, as your server knows it: by its session, never by what the browser says. */
export interface ChatCustomer {
  readonly customerId: string;
  readonly userId?: string;
}

/** How an answer ended, to judge whether it was of use. */
export interface ChatAnswer {
  /** `stopped`: the person left or pressed stop. */
  readonly how: ChatEnd | 'stopped';
  readonly outputTokens: number;
}

export interface ChatRouteOptions {
  readonly outlay: Outlay;
  /** Required: who pays. A `Response` is the answer to somebody who is not signed in. */
  readonly customer: (request: Request) => ChatCustomer | Response | PromiseLike<ChatCustomer | Response>;
  /** Default `chat`. */
  readonly workflow?: string;
  /** Of your plans. Named here, a browser cannot choose another; absent, it is what the browser says. */
  readonly feature?: string;
  readonly environment?: string;
  /** In order of preference; default those of `createOutlay`, joined with the workflow's route of the console. */
  readonly models?: readonly string[];
  /** The system prompt. */
  readonly instructions?: string | ((customer: ChatCustomer) => string | PromiseLike<string>);
  /** Of one answer at most. Default 4096. */
  readonly maxOutputTokens?: number;
  /** What a run holds at first, and asks for each time it has nearly used that. Default 512. */
  readonly stepTokens?: number;
  /** In the provider's own form. */
  readonly tools?: readonly object[];
  /** Tools that the plan does not have: `drop` leaves them out and tells the browser; `refuse` denies the message. Default `drop`. */
  readonly onRefusedTool?: 'drop' | 'refuse';
  /** More of the provider's request: `{ temperature: 0.2 }`. */
  readonly body?: object;
  readonly caps?: Caps;
  readonly entitlement?: unknown;
  readonly units?: number | string;
  /** Default: what the model has ended is usable, also when the person has stopped it after it began; what plan or provider cut is not. */
  readonly usable?: (answer: ChatAnswer) => UsableAnswer | PromiseLike<UsableAnswer>;
  readonly onGateUnavailable?: GatePolicy;
  /** Your own words, or language, for what stops a person. */
  readonly describeDenial?: (denial: Denial) => Partial<Pick<Denial, 'message' | 'nextStep' | 'upgrade'>>;
  /** Default 1,000,000. */
  readonly maxBodyBytes?: number;
}

/** What the options leave open, filled in. */
export interface ChatRules {
  readonly workflow: string;
  readonly maxOutputTokens: number;
  readonly stepTokens: number;
  readonly maxBodyBytes: number;
  readonly onRefusedTool: 'drop' | 'refuse';
  readonly toolNames: readonly string[];
}

/** Throws `invalid_option`: a wrong route is found when the server starts, not by its first user. */
export function readChatOptions(options: ChatRouteOptions): ChatRules {
  if (typeof options?.customer !== 'function') throw invalidOption('customer', 'must be a function that says who a request is from, by your own session. What a browser says of itself cannot be trusted.');
  const whole = (name: 'maxOutputTokens' | 'stepTokens' | 'maxBodyBytes', fallback: number): number => {
    const value = options[name] ?? fallback;
    if (!Number.isInteger(value) || value < 1) throw invalidOption(name, 'must be a whole number above 0.');
    return value;
  };
  return {
    workflow: options.workflow ?? 'chat',
    maxOutputTokens: whole('maxOutputTokens', 4_096),
    stepTokens: whole('stepTokens', 512),
    maxBodyBytes: whole('maxBodyBytes', BODY_BYTES),
    onRefusedTool: options.onRefusedTool ?? 'drop',
    toolNames: (options.tools ?? []).map(toolName),
  };
}

/** OpenAI names a tool in `function`, Anthropic beside it; built-in ones have only a type. */
export function toolName(tool: object): string {
  const { name, type, function: fn } = tool as { readonly name?: unknown; readonly type?: unknown; readonly function?: { readonly name?: unknown } };
  const found = fn?.name ?? name ?? type;
  if (typeof found !== 'string' || found === '') throw invalidOption('tools', 'has a tool without a name.');
  return found;
}
