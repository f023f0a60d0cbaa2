import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Tabs } from '../ui/tabs';
import { C, H, List, P } from './prose';
import { Sample } from './sample';
import answer from './samples/usage-answer.txt?raw';
import send from './samples/send-usage.txt?raw';
import wrapAiSdk from './samples/wrap-ai-sdk.txt?raw';
import wrapAnthropic from './samples/wrap-anthropic.txt?raw';
import wrapGoogle from './samples/wrap-google.txt?raw';
import wrapOpenAI from './samples/wrap-openai.txt?raw';

const CLIENTS = [
  { value: 'openai', label: 'OpenAI', packages: 'openai', text: wrapOpenAI },
  { value: 'anthropic', label: 'Anthropic', packages: '@anthropic-ai/sdk', text: wrapAnthropic },
  { value: 'google', label: 'Google', packages: '@google/genai', text: wrapGoogle },
  { value: 'ai-sdk', label: 'AI SDK', packages: 'ai @ai-sdk/openai', text: wrapAiSdk },
] as const;

export function FirstEventGuide() {
  const [client, setClient] = useState<(typeof CLIENTS)[number]['value']>('openai');
  const chosen = CLIENTS.find((each) => each.value === client) ?? CLIENTS[0];
  return (
    <>
      <P>
        A key, one wrapped client, and each call stands in the ledger with its exact cost. The{' '}
        <Link to="/start" className="font-medium text-accent underline-offset-4 hover:underline">
          Get started
        </Link>{' '}
        page does it with you and waits for the event.
      </P>
      <H>With the SDK</H>
      <P>
        <C>wrapOpenAI</C>, <C>wrapAnthropic</C> and <C>wrapGoogle</C> take the official clients, <C>outlayMiddleware</C> goes around any model of Vercel&apos;s AI SDK. They read the usage that the provider sends anyway, also
        from streams and from calls that are aborted. The package comes from this server, so that the two fit.
      </P>
      <Tabs label="Client" options={CLIENTS} value={client} onChange={setClient}>
        <div className="mt-3 space-y-3">
          <Sample text={`npm install ORIGIN/outlay-sdk.tgz ${chosen.packages}`} language="shell" />
          <Sample text={chosen.text} language="ts" title="ask.mjs" />
        </div>
      </Tabs>
      <List>
        <li>The event&apos;s id is made before the call and kept on every delivery, so a retry never counts twice.</li>
        <li>Delivery runs in the background. If Outlay cannot be reached, your call neither waits nor fails.</li>
        <li>
          A process that ends by itself sends what is waiting. Before leaving by force, on SIGTERM and at a serverless return, call <C>await outlay.shutdown()</C>.
        </li>
        <li>
          <C>onVerdict</C> hears what the ledger said about each event; <C>onWarning</C> hears of everything unusual; <C>stats()</C> counts.
        </li>
      </List>
      <H>Without the SDK</H>
      <P>
        Send the provider&apos;s own usage object, exactly as you got it, with an <C>idempotency_key</C> of your own.
      </P>
      <Sample text={send} language="shell" title="Terminal" />
      <P>Each event gets a verdict of its own. One bad event never rejects its neighbours.</P>
      <Sample text={answer} language="json" title="200" />
      <P>
        All fields, verdicts and limits stand in the{' '}
        <Link to="/docs/$guide" params={{ guide: 'rest' }} className="font-medium text-accent underline-offset-4 hover:underline">
          REST reference
        </Link>
        .
      </P>
    </>
  );
}
