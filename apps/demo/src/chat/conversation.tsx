import { type ChatMessage, type ChatWithUsage, UpgradePrompt } from '@outlay/sdk/react';
import { type ReactElement, useEffect, useRef, useState } from 'react';

const IDEAS = ['What does the notice period say?', 'Which suppliers need attention?', 'Summarise the last quarter'];

export function Conversation({ chat }: { readonly chat: ChatWithUsage }): ReactElement {
  const end = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useState(false);
  const length = chat.messages.reduce((sum, { content }) => sum + content.length, chat.messages.length);
  const shown = useRef(0);
  useEffect(() => {
    if (shown.current === length) return;
    shown.current = length;
    end.current?.scrollIntoView({ block: 'end' });
  });

  return (
    <>
      <div className="messages" role="log" aria-live="polite" aria-busy={chat.isLoading}>
        {chat.messages.length === 0 ? <Welcome onAsk={chat.send} isLoading={chat.isLoading} /> : chat.messages.map((message) => <Bubble key={message.id} message={message} />)}
        {chat.isLoading && chat.messages.at(-1)?.role === 'user' ? <div className="bubble assistant waiting" aria-label="Thinking"><i /><i /><i /></div> : null}
        <div ref={end} />
      </div>
      <div className="foot">
        <div data-testid="prompt">
          <UpgradePrompt denied={chat.denied} warning={chat.warning} onUpgrade={() => setAsked(true)} label="See plans">
            {asked ? <div className="note">Your product opens its own page of plans here.</div> : null}
            {chat.denied?.requestId ? <div className="note" data-testid="reason">{chat.denied.reason} · {chat.denied.requestId}</div> : null}
          </UpgradePrompt>
        </div>
        {chat.error ? <p className="fault" role="alert">{chat.error.message}</p> : null}
        <form className="composer" onSubmit={chat.handleSubmit}>
          <input value={chat.input} onChange={(event) => chat.setInput(event.target.value)} placeholder="Ask about your contracts" aria-label="Your message" />
          {chat.isLoading ? <button type="button" onClick={chat.stop}>Stop</button> : <button type="submit" disabled={chat.input.trim() === ''}>Send</button>}
          <button type="button" className="quiet" onClick={chat.clear} disabled={chat.messages.length === 0}>Clear</button>
        </form>
      </div>
    </>
  );
}

function Welcome({ onAsk, isLoading }: { readonly onAsk: (text: string) => void; readonly isLoading: boolean }): ReactElement {
  return (
    <div className="welcome">
      <h1>What would you like to know?</h1>
      <p className="muted">Each answer counts once in your plan.</p>
      <div className="ideas">
        {IDEAS.map((idea) => <button key={idea} type="button" className="quiet" disabled={isLoading} onClick={() => onAsk(idea)}>{idea}</button>)}
      </div>
    </div>
  );
}

function Bubble({ message: { role, content, status } }: { readonly message: ChatMessage }): ReactElement | null {
  if (content === '') return null;
  return (
    <div className={`bubble ${role}`} data-status={status}>
      {content}
      {status === 'cut' ? <span className="cut">Stopped here</span> : null}
    </div>
  );
}
