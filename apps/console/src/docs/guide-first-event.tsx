import { Link } from '@tanstack/react-router';
import { CodeBlock } from '../ui/code-block';
import { C, H, List, P } from './prose';

const WRAP = `import { createOutlay } from '@outlay/sdk';
import OpenAI from 'openai';

const outlay = createOutlay({ apiKey: process.env.OUTLAY_API_KEY, baseUrl: 'ORIGIN' });
const openai = outlay.wrapOpenAI(new OpenAI());

// Call sites stay as they are. Streams too: no chunk is delayed.
const answer = await openai.responses.create({ model: 'gpt-4.1-mini', input: question });`;

const SEND = `curl -sS ORIGIN/v1/usage \\
  -H "Authorization: Bearer $OUTLAY_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"events": [{
    "idempotency_key": "job-7421-call-1",
    "occurred_at": "2026-11-21T12:00:00Z",
    "customer_id": "acme",
    "workflow": "pdf_question",
    "provider": "anthropic",
    "model_served": "claude-sonnet-4-5-20250929",
    "usage": {"input_tokens": 2095, "output_tokens": 503}
  }]}'`;

const ANSWER = `{
  "results": [{
    "index": 0,
    "id": "f3a1c0de-...",
    "verdict": "accepted",
    "cost_usd": "0.01383"
  }],
  "request_id": "..."
}`;

export function FirstEventGuide() {
  const at = (code: string) => code.replaceAll('ORIGIN', window.location.origin);
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
        <C>wrapOpenAI</C> and <C>wrapAnthropic</C> take the official clients. They read the usage that the provider sends anyway, also from streams and from calls that are aborted.
      </P>
      <CodeBlock code={at(WRAP)} language="ts" title="your code" />
      <List>
        <li>The event&apos;s id is made before the call and kept on every delivery, so a retry never counts twice.</li>
        <li>Delivery runs in the background. If Outlay cannot be reached, your call neither waits nor fails.</li>
        <li>
          At the end of a script, <C>await outlay.shutdown()</C> sends what is waiting.
        </li>
      </List>
      <H>Without the SDK</H>
      <P>
        Send the provider&apos;s own usage object, exactly as you got it, with an <C>idempotency_key</C> of your own.
      </P>
      <CodeBlock code={at(SEND)} language="shell" title="Terminal" />
      <P>Each event gets a verdict of its own. One bad event never rejects its neighbours.</P>
      <CodeBlock code={ANSWER} language="json" title="200" />
      <H>Verdicts</H>
      <List>
        <li>
          <C>accepted</C>: it is committed, and survives a crash from this moment on.
        </li>
        <li>
          <C>duplicate</C>: the same event was there already. Nothing was counted again.
        </li>
        <li>
          <C>conflict</C>: the id is there with other content. Both hashes are in the answer.
        </li>
        <li>
          <C>unpriced</C>: recorded, but the price book does not know the model or a token class. It is never taken for zero.
        </li>
        <li>
          <C>rejected</C>: not recorded. <C>field</C> and <C>message</C> say what to change.
        </li>
      </List>
    </>
  );
}
