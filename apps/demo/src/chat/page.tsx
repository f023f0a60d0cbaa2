/** The chat page of the demo: a product that knows its plan. In the browser there is a customer token, and no key. */
import './page.css';
import { type CustomerUsage, PlanGate, UsageMeter, useChatWithUsage, useEntitlements, useUsage } from '@outlay/sdk/react';
import { type ReactElement, StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Conversation } from './conversation';

interface Session {
  readonly customerId: string;
  readonly customers: readonly string[];
  readonly token: string;
}

async function readSession(): Promise<Session> {
  return (await (await fetch('/api/session')).json()) as Session;
}

function Page(): ReactElement | null {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    let here = true;
    void readSession().then((read) => here && setSession(read));
    return () => void (here = false);
  }, []);

  async function signIn(customerId: string): Promise<void> {
    await fetch('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customerId }) });
    setSession(await readSession());
  }

  // Another customer is another chat: nothing of the one before may stay.
  return session && <Assistant key={session.customerId} session={session} onSignIn={(customerId) => void signIn(customerId)} />;
}

function Assistant({ session, onSignIn }: { readonly session: Session; readonly onSignIn: (customerId: string) => void }): ReactElement {
  const source = { api: '/api/usage', token: async () => (await readSession()).token };
  const told = useUsage(source);
  const { entitlements } = useEntitlements(source);
  const chat = useChatWithUsage({ api: '/api/chat', customerId: session.customerId, feature: 'assistant', tags: ['demo', 'chat'], onEnd: () => void told.refresh() });
  // The stream is ahead while an answer runs; the rest of the time both say the same.
  const usage = (chat.isLoading ? chat.usage : null) ?? told.usage ?? chat.usage;

  return (
    <div className="page">
      <header className="bar">
        <div className="brand"><span className="mark" aria-hidden="true" />Contract assistant</div>
        <label className="account">
          <span>Signed in as</span>
          <select value={session.customerId} onChange={(event) => onSignIn(event.target.value)}>
            {session.customers.map((customer) => <option key={customer} value={customer}>{customer}</option>)}
          </select>
        </label>
      </header>
      <main className="columns">
        <section className="chat" aria-label="Chat">
          <Conversation chat={chat} />
        </section>
        <aside className="plan" aria-label="Your plan">
          <PlanCard usage={usage} error={told.error !== null && usage === null} />
          <PlanGate entitlements={entitlements} feature="export" fallback={<p className="locked">Export is part of a larger plan.</p>}>
            <button type="button" className="quiet" disabled={chat.messages.length === 0} onClick={() => download(chat.messages.map(({ role, content }) => `${role}: ${content}`).join('\n\n'))}>Export conversation</button>
          </PlanGate>
        </aside>
      </main>
    </div>
  );
}

function PlanCard({ usage, error }: { readonly usage: CustomerUsage | null; readonly error: boolean }): ReactElement {
  return (
    <div className="card">
      <div className="card-head">
        <h2>{usage?.plan ? `${usage.plan.name} plan` : usage ? 'No plan' : 'Your plan'}</h2>
        {usage?.denied ? <span className="badge stop">Used up</span> : usage?.warning ? <span className="badge warn">Nearly used</span> : null}
      </div>
      {error ? <p className="muted">Your usage cannot be read at the moment.</p> : <UsageMeter usage={usage} locale="en" />}
      {usage && usage.allowances.length === 0 && !usage.credits ? <p className="muted">Nothing is limited.</p> : null}
    </div>
  );
}

function download(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = 'conversation.txt';
  link.click();
  URL.revokeObjectURL(link.href);
}

createRoot(document.getElementById('root')!).render(<StrictMode><Page /></StrictMode>);
