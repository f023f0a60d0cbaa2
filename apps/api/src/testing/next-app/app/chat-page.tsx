'use client';
import { PlanGate, UpgradePrompt, UsageMeter, useChatWithUsage, useEntitlements, useUsage } from '@outlay/sdk/react';
import AIChatPanel from './ai-chat-panel';

export function ChatPage({ customerId, token }: { readonly customerId: string; readonly token: string }) {
  const { usage, refresh } = useUsage({ api: '/api/usage', token });
  const { entitlements } = useEntitlements({ api: '/api/usage', token });
  const quick = useChatWithUsage({ api: '/api/chat', customerId, feature: 'ai-assistant', onEnd: () => void refresh() });
  return (
    <main>
      <h1>Assistant</h1>
      <section data-testid="panel">
        <AIChatPanel customerId={customerId} />
      </section>
      <section data-testid="meter">
        <UsageMeter usage={quick.usage ?? usage} />
      </section>
      <section data-testid="gates">
        <PlanGate entitlements={entitlements} feature="export" fallback={<p>No export in this plan</p>}>
          <p>Export</p>
        </PlanGate>
      </section>
      <section data-testid="quick">
        <UpgradePrompt denied={quick.denied} warning={quick.warning} href="/pricing" />
        <p data-testid="quick-answer">{quick.messages.at(-1)?.content}</p>
        <p data-testid="quick-error">{quick.error?.code}</p>
        <button type="button" onClick={() => quick.send('Say something')} disabled={quick.isLoading}>
          Ask
        </button>
      </section>
    </main>
  );
}
