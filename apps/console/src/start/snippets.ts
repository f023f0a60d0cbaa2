import type { Language } from '../ui/highlight';
import aiSdk from './samples/ai-sdk.txt?raw';
import anthropic from './samples/anthropic.txt?raw';
import curl from './samples/curl.txt?raw';
import plainFetch from './samples/fetch.txt?raw';
import google from './samples/google.txt?raw';
import openai from './samples/openai.txt?raw';
import python from './samples/python.txt?raw';

export type SnippetKind = 'openai' | 'anthropic' | 'google' | 'ai-sdk' | 'fetch' | 'python' | 'curl';

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
  const fill = (sample: string) => sample.replaceAll('SECRET', secret).replaceAll('ORIGIN', origin);
  return [
    {
      kind: 'openai',
      label: 'OpenAI',
      install: `npm install ${origin}/outlay-sdk.tgz openai`,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'The SDK comes from this server, so that the two fit. Set OPENAI_API_KEY, then run: node first-event.mjs',
      code: fill(openai),
    },
    {
      kind: 'anthropic',
      label: 'Anthropic',
      install: `npm install ${origin}/outlay-sdk.tgz @anthropic-ai/sdk`,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'The SDK comes from this server, so that the two fit. Set ANTHROPIC_API_KEY, then run: node first-event.mjs',
      code: fill(anthropic),
    },
    {
      kind: 'google',
      label: 'Google',
      install: `npm install ${origin}/outlay-sdk.tgz @google/genai`,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'The SDK comes from this server, so that the two fit. Set GEMINI_API_KEY, then run: node first-event.mjs',
      code: fill(google),
    },
    {
      kind: 'ai-sdk',
      label: 'AI SDK',
      install: `npm install ${origin}/outlay-sdk.tgz ai @ai-sdk/openai`,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'Vercel’s AI SDK 6 or 7, with any of its providers; here OpenAI. Set OPENAI_API_KEY, then run: node first-event.mjs',
      code: fill(aiSdk),
    },
    {
      kind: 'fetch',
      label: 'fetch',
      install: null,
      file: 'first-event.mjs',
      language: 'ts',
      note: 'Needs no package and no provider key: it sends the usage of a made-up call. Run: node first-event.mjs',
      code: fill(plainFetch),
    },
    {
      kind: 'python',
      label: 'Python',
      install: null,
      file: 'first_event.py',
      language: 'python',
      note: 'Needs nothing but Python, and no provider key: it sends the usage of a made-up call. Run: python3 first_event.py',
      code: fill(python),
    },
    {
      kind: 'curl',
      label: 'curl',
      install: null,
      file: 'Terminal',
      language: 'shell',
      note: 'Needs no provider key: it sends the usage of a made-up call.',
      code: fill(curl),
    },
  ];
}

/** What stands in place of a secret that is not known any more: it was shown once. */
export const SECRET_PLACEHOLDER = 'ol_…your key';
