import type { Language } from '../ui/highlight';

export type SnippetKind = 'openai' | 'anthropic' | 'curl';

export interface Snippet {
  readonly kind: SnippetKind;
  readonly label: string;
  /** The shell line before it; none where nothing is to be installed. */
  readonly install: string | null;
  readonly file: string;
  readonly language: Language;
  readonly code: string;
  /** What the reader needs besides. */
  readonly note: string;
}

interface SnippetInput {
  readonly secret: string;
  /** Where this console stands, which is where events go: `http://localhost:4400`. */
  readonly origin: string;
}

/** Complete programs: copied and run as they are, each records one call with a customer and a workflow. */
export function buildSnippets({ secret, origin }: SnippetInput): Snippet[] {
  return [
    {
      kind: 'openai',
      label: 'OpenAI',
      install: `npm install ${origin}/outlay-sdk.tgz openai`,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'The SDK comes from this server, so that the two fit. Set OPENAI_API_KEY, then run: node first-event.mjs',
      code: `import { createOutlay } from '@outlay/sdk';
import OpenAI from 'openai';

const outlay = createOutlay({
  apiKey: '${secret}',
  baseUrl: '${origin}',
});

// The same client as before. Every call it makes is recorded.
const openai = outlay.wrapOpenAI(new OpenAI());

await outlay.run({
  workflow: 'first_event',
  customerId: 'acme',
  models: ['gpt-4.1-mini'],
  action: ({ model, signal }) =>
    openai.chat.completions.create(
      { model, messages: [{ role: 'user', content: 'Say hello to the ledger.' }] },
      { signal },
    ),
});

await outlay.shutdown();
`,
    },
    {
      kind: 'anthropic',
      label: 'Anthropic',
      install: `npm install ${origin}/outlay-sdk.tgz @anthropic-ai/sdk`,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'The SDK comes from this server, so that the two fit. Set ANTHROPIC_API_KEY, then run: node first-event.mjs',
      code: `import { createOutlay } from '@outlay/sdk';
import Anthropic from '@anthropic-ai/sdk';

const outlay = createOutlay({
  apiKey: '${secret}',
  baseUrl: '${origin}',
});

// The same client as before. Every call it makes is recorded.
const anthropic = outlay.wrapAnthropic(new Anthropic());

await outlay.run({
  workflow: 'first_event',
  customerId: 'acme',
  models: ['claude-sonnet-4-5'],
  action: ({ model, signal }) =>
    anthropic.messages.create(
      { model, max_tokens: 64, messages: [{ role: 'user', content: 'Say hello to the ledger.' }] },
      { signal },
    ),
});

await outlay.shutdown();
`,
    },
    {
      kind: 'curl',
      label: 'curl',
      install: null,
      file: 'Terminal',
      language: 'shell',
      note: 'Needs no provider key: it sends the usage of a made-up call.',
      code: `curl -sS ${origin}/v1/usage \\
  -H "Authorization: Bearer ${secret}" \\
  -H "Content-Type: application/json" \\
  -d @- <<EOF
{"events": [{
  "idempotency_key": "first-event-$(date +%s)",
  "occurred_at": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "customer_id": "acme",
  "workflow": "first_event",
  "provider": "openai",
  "api": "chat",
  "model_requested": "gpt-4.1-mini",
  "model_served": "gpt-4.1-mini-2025-04-14",
  "latency_ms": 840,
  "usage": {
    "prompt_tokens": 1250,
    "completion_tokens": 180,
    "total_tokens": 1430
  }
}]}
EOF
`,
    },
  ];
}

/** What stands in place of a secret that is not known any more: it was shown once. */
export const SECRET_PLACEHOLDER = 'ol_…your key';
