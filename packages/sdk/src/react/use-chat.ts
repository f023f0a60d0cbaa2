import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { type ChatOptions, type ChatSession, type ChatState, createChatSession } from './chat-session.js';

export interface ChatWithUsage extends ChatState {
  readonly setInput: (input: string) => void;
  /** For `<form onSubmit>`; sends the input. */
  readonly handleSubmit: (event?: { readonly preventDefault: () => void }) => void;
  /** Sends a text of its own: a suggestion, a button. */
  readonly send: (text: string) => void;
  readonly stop: () => void;
  readonly clear: () => void;
}

/**
 * A streaming chat that knows its plan: each message asks the gate first, `usage` grows while the answer comes, and `warning` and `denied` say why and what
 * to do. Stops the answer that is under way when the component goes.
 */
export function useChatWithUsage(options: ChatOptions): ChatWithUsage {
  const [session] = useState(() => createChatSession(options));
  const state = useSyncExternalStore(session.subscribe, session.getState, session.getState);
  useEffect(() => session.configure(options));
  useStopOnLeave(session);
  // The same functions on each render: what depends on them need not run again.
  const actions = useMemo(() => actionsOf(session), [session]);
  return { ...state, ...actions };
}

function actionsOf(session: ChatSession): Omit<ChatWithUsage, keyof ChatState> {
  return {
    setInput: session.setInput,
    handleSubmit(event) {
      event?.preventDefault();
      void session.send();
    },
    send: (text) => void session.send(text),
    stop: session.stop,
    clear: session.clear,
  };
}

/** React's StrictMode leaves and comes back at once: the answer of a component that stays must not be stopped by it. */
function useStopOnLeave(session: ChatSession): void {
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      queueMicrotask(() => {
        if (!here.current) session.stop();
      });
    };
  }, [session]);
}
