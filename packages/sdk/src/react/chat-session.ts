/** One chat in a browser: its messages, what it uses, and what stopped it. Knows nothing of React, which only subscribes to it. */
import { type ChatError, type ChatFrame, readError, readFrames, type ToolPiece } from '../chat/chat-frames.js';
import { type CustomerUsage, type Denial, readDenial, readUsage } from '../chat/customer-usage.js';
import { asObject, parseJson } from '../facts.js';

export interface ChatMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly content: string;
  /** `cut`: it ended early, by the person, the plan or a fault. What came stands. */
  readonly status: 'complete' | 'streaming' | 'cut';
  /** What the model wants to be done by your code. */
  readonly toolCalls?: readonly ToolPiece[];
}

export interface ChatState {
  readonly messages: readonly ChatMessage[];
  readonly input: string;
  readonly isLoading: boolean;
  /** As the last answer told it; null before the first. */
  readonly usage: CustomerUsage | null;
  /** One sentence when a soft limit is near or passed. */
  readonly warning: string | null;
  /** Why the last message was not answered, or not to its end. */
  readonly denied: Denial | null;
  /** A fault, not a decision: the network, the provider, the route. */
  readonly error: ChatError | null;
  /** Tools that the plan does not have, as the route said. */
  readonly refusedTools: readonly string[];
}

export interface ChatOptions {
  /** The URL of your route: `/api/chat`. */
  readonly api: string;
  /** Must be whom your route's own `customer` callback finds, else the route answers 403. */
  readonly customerId?: string;
  readonly feature?: string;
  readonly tags?: readonly string[];
  readonly initialMessages?: readonly ChatMessage[];
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  readonly credentials?: RequestCredentials;
  /** Default the browser's own. */
  readonly fetch?: typeof fetch;
  /** After each answer, however it ended: the place to reload what else shows usage. */
  readonly onEnd?: (state: ChatState) => void;
}

export interface ChatSession {
  readonly getState: () => ChatState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly configure: (options: ChatOptions) => void;
  readonly setInput: (input: string) => void;
  /** Sends `text`, else the input. Does nothing while an answer is under way, or when there is nothing to send. */
  readonly send: (text?: string) => Promise<void>;
  /** Ends the answer that is under way; what came stands. */
  readonly stop: () => void;
  /** Forgets messages, warning, denial and error; `usage` stays. */
  readonly clear: () => void;
}

export function createChatSession(initial: ChatOptions): ChatSession {
  let options = initial;
  let running: AbortController | undefined;
  const listeners = new Set<() => void>();
  let state: ChatState = {
    messages: initial.initialMessages ?? [], input: '', isLoading: false, usage: null, warning: null, denied: null, error: null, refusedTools: [],
  };

  function set(change: Partial<ChatState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  function changeMessage(id: string, change: (message: ChatMessage) => ChatMessage): void {
    set({ messages: state.messages.map((message) => (message.id === id ? change(message) : message)) });
  }

  async function send(text: string = state.input): Promise<void> {
    if (running || text.trim() === '') return;
    const controller = new AbortController();
    running = controller;
    const asked: ChatMessage = { id: newMessageId(), role: 'user', content: text, status: 'complete' };
    const messages = [...state.messages, asked];
    set({ messages, input: '', isLoading: true, warning: null, denied: null, error: null, refusedTools: [] });
    try {
      const response = await request(messages, controller.signal);
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      if (!response.ok || !isStream || !response.body) takeBack(asked, await readRefusal(response));
      else await follow(response.body, controller);
    } catch (cause) {
      if (controller.signal.aborted) takeBack(asked, {});
      else takeBack(asked, { error: lostConnection(cause) });
    }
    release(controller);
    options.onEnd?.(state);
  }

  /** From here on the person may write again. Cleared in the meantime, the state belongs to somebody else. */
  function release(controller: AbortController): void {
    if (running !== controller) return;
    running = undefined;
    set({ isLoading: false });
  }

  function request(messages: readonly ChatMessage[], signal: AbortSignal): Promise<Response> {
    const { api, customerId, feature, tags, headers, credentials } = options;
    const post = options.fetch ?? fetch;
    return post(api, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...(typeof headers === 'function' ? headers() : headers) },
      body: JSON.stringify({ customerId, feature, tags, messages: messages.filter(({ content }) => content !== '').map(({ role, content }) => ({ role, content })) }),
      signal,
      ...(credentials ? { credentials } : {}),
    });
  }

  /** What was not begun is not part of the conversation: the person gets the words back, to send them again. */
  function takeBack(asked: ChatMessage, why: Partial<Refusal>): void {
    if (!state.messages.some(({ id }) => id === asked.id)) return;
    set({ messages: state.messages.filter(({ id }) => id !== asked.id), input: state.input === '' ? asked.content : state.input, denied: why.denied ?? null, error: why.error ?? null, usage: why.usage ?? state.usage });
  }

  async function follow(body: ReadableStream<Uint8Array>, controller: AbortController): Promise<void> {
    const { signal } = controller;
    if (signal.aborted) return;
    const answer: ChatMessage = { id: newMessageId(), role: 'assistant', content: '', status: 'streaming' };
    set({ messages: [...state.messages, answer] });
    let ended = false;
    try {
      for await (const frame of readFrames(body)) {
        if (signal.aborted) break;
        apply(frame, answer.id);
        if (frame.type !== 'end') continue;
        ended = true;
        // What still comes is the usage behind it.
        release(controller);
      }
    } catch (cause) {
      if (!signal.aborted && !ended) set({ error: lostConnection(cause) });
      if (!ended) changeMessage(answer.id, (message) => ({ ...message, status: 'cut' }));
      ended = true;
    }
    if (!ended) {
      changeMessage(answer.id, (message) => ({ ...message, status: 'cut' }));
      if (!signal.aborted) set({ error: { code: 'stream_cut', message: 'The answer broke off on its way. What came is kept.', retryable: true, requestId: null } });
    }
    // An answer of which nothing came would be an empty bubble.
    set({ messages: state.messages.filter(({ id, content, toolCalls }) => id !== answer.id || content !== '' || toolCalls !== undefined) });
  }

  function apply(frame: ChatFrame, answerId: string): void {
    switch (frame.type) {
      case 'begin':
        return set({ refusedTools: frame.refusedTools });
      case 'usage':
        return set({ usage: frame.usage, ...(frame.usage.warning === null ? {} : { warning: frame.usage.warning }) });
      case 'warning':
        return set({ warning: frame.message });
      case 'text':
        return changeMessage(answerId, (message) => ({ ...message, content: message.content + frame.text }));
      case 'tool':
        return changeMessage(answerId, (message) => ({ ...message, toolCalls: addPiece(message.toolCalls ?? [], frame) }));
      case 'end':
        changeMessage(answerId, (message) => ({ ...message, status: frame.how === 'denied' || frame.how === 'failed' ? 'cut' : 'complete' }));
        return set({ denied: frame.denied, error: frame.error });
    }
  }

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    configure(next) {
      options = next;
    },
    setInput: (input) => set({ input }),
    send,
    stop: () => running?.abort(),
    clear() {
      running?.abort();
      running = undefined;
      set({ messages: [], isLoading: false, warning: null, denied: null, error: null, refusedTools: [] });
    },
  };
}

function addPiece(calls: readonly ToolPiece[], { id, name, arguments: more }: ToolPiece): readonly ToolPiece[] {
  if (!calls.some((call) => call.id === id)) return [...calls, { id, name, arguments: more }];
  return calls.map((call) => (call.id === id ? { ...call, arguments: call.arguments + more } : call));
}

interface Refusal {
  readonly denied: Denial | null;
  readonly error: ChatError | null;
  readonly usage?: CustomerUsage;
}

async function readRefusal(response: Response): Promise<Refusal> {
  const body = parseJson(await response.text());
  const usage = asObject(body?.['usage']);
  if (body?.['decision'] === 'deny') return { denied: readDenial(body), error: null, ...(usage ? { usage: readUsage(usage) } : {}) };
  const told = readError(asObject(body?.['error']));
  return { denied: null, error: told ?? { code: 'unexpected_answer', message: `The chat route answered ${response.status} without a stream.`, retryable: response.status >= 500, requestId: response.headers.get('x-request-id') } };
}

function lostConnection(cause: unknown): ChatError {
  const detail = cause instanceof Error && cause.name !== 'TypeError' ? ` (${cause.name})` : '';
  return { code: 'connection_lost', message: `The chat could not be reached${detail}. Check the connection and send again.`, retryable: true, requestId: null };
}

/** Not `randomUUID`: it is missing on pages without TLS. */
function newMessageId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
