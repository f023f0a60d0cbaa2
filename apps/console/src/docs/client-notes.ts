import type { SnippetKind } from '../start/snippets';

interface ClientNotes {
  readonly intro: string;
  readonly covers: readonly string[];
}

/** What to know of each client besides the program that shows it. */
export const CLIENT_NOTES: Readonly<Record<SnippetKind, ClientNotes>> = {
  openai: {
    intro: 'wrapOpenAI takes the official client and answers the same client. Call sites stay as they are, streams pass through untouched.',
    covers: [
      'Chat completions, responses, embeddings, pictures and transcripts are recorded, with the usage object exactly as OpenAI sent it.',
      'Azure OpenAI and other hosts that speak the same protocol work too; name the provider with wrapOpenAI(client, { provider }) where the address does not tell.',
      'Chat streams are asked for include_usage, and the extra chunk is kept from you. With { includeUsage: false } they are not, and such a call is estimated or unpriced.',
      'A stream that is left early is recorded as aborted with an estimate; { onAbort: "drain" } reads on for the exact usage instead.',
      'Speech, video, realtime and batches are not recorded; the SDK says so once. Record those with record().',
    ],
  },
  anthropic: {
    intro: 'wrapAnthropic takes the official client. Cache reads and cache writes by time to live are classes of their own, because they cost differently.',
    covers: [
      'messages.create and messages.stream are recorded; web searches that are billed beside tokens are counted.',
      'A stream that is left early is recorded as aborted with an estimate; { onAbort: "drain" } reads on for the exact usage instead.',
      'Counting tokens is free and no call. Message batches are not recorded: use record() when their results arrive.',
    ],
  },
  google: {
    intro: 'wrapGoogle takes the client of @google/genai, for the Gemini API and for Vertex AI.',
    covers: [
      'models.generateContent, generateContentStream and embedContent are recorded, and chats, which call them.',
      'Thinking tokens, cached content, audio and images are classes of their own.',
      'interactions and live sessions are not recorded; the SDK says so once.',
    ],
  },
  'ai-sdk': {
    intro: 'outlayMiddleware goes around any language model of Vercel’s AI SDK, whichever provider stands behind it.',
    covers: [
      'Each step of an agent and each retry is a call of its own, in the run that surrounds it.',
      'Labels may come with a call: providerOptions: { outlay: { feature: "summary" } }.',
      'Wrap either the model of the AI SDK or the client below it, not both: they would be counted as two calls.',
      'A stream that nobody reads for ten minutes is recorded as aborted. Abort a stream that you leave, or call consumeStream().',
    ],
  },
  fetch: {
    intro: 'Where no package is wanted, one request does it: this program runs on Node, Deno, Bun and at the edge as it is.',
    covers: [
      'Make the idempotency_key before the call of the model and keep it: a delivery that is repeated counts once.',
      'It tries again when Outlay is busy or away. It keeps nothing on disk; the SDK does, and survives a crash of your process.',
      'Up to 1,000 events go in one request, each with a verdict of its own.',
    ],
  },
  python: {
    intro: 'There is no Python package: one request with the standard library does it, and this program is the whole of it.',
    covers: [
      'The id is made before the call, so that a delivery that is repeated counts once.',
      'It tries again when Outlay is busy or away. It keeps nothing on disk: what it cannot deliver within its tries is raised to you.',
      'Hand over response.usage.model_dump() of the official clients as it is; unknown fields are kept and flagged.',
    ],
  },
  curl: {
    intro: 'Any language that can send JSON over HTTP can record. This is the smallest request that is priced.',
    covers: [
      'Send the usage object exactly as the provider gave it to you; the ledger reads its classes.',
      'Give each call an idempotency_key of your own: the same key again is a duplicate, not a second call.',
      'Up to 1,000 events go in one request, each with a verdict of its own.',
    ],
  },
};
