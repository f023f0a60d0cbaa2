import { UpgradePrompt, UsageMeter, useChatWithUsage, useUsage } from '@outlay/sdk/react';
import { StrictMode, useState, version } from 'react';
import { createRoot } from 'react-dom/client';
import AIChatPanel from './next-app/app/ai-chat-panel';

function Page() {
  const [shown, setShown] = useState(true);
  const { usage } = useUsage({ api: '/api/usage', token: async () => (await fetch('/token')).text() });
  const chat = useChatWithUsage({ api: '/api/chat', customerId: 'globex' });
  const wrong = useChatWithUsage({ api: '/api/chat', customerId: 'somebody-else' });
  return (
    <main>
      <p data-testid="version">{version}</p>
      <div data-testid="panel">{shown ? <AIChatPanel customerId="globex" /> : null}</div>
      <button type="button" onClick={() => setShown(false)}>Leave</button>
      <UsageMeter usage={chat.usage ?? usage} />
      <UpgradePrompt denied={chat.denied} onUpgrade={() => undefined} />
      <p data-testid="answer">{chat.messages.at(-1)?.content}</p>
      <button type="button" onClick={() => chat.send('Say something')} disabled={chat.isLoading}>Ask</button>
      <button type="button" onClick={() => wrong.send('Say something')}>Pretend</button>
      <p data-testid="wrong">{wrong.error?.code}</p>
    </main>
  );
}

createRoot(document.getElementById('root')!).render(<StrictMode><Page /></StrictMode>);
