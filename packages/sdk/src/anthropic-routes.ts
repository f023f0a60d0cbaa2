/** How Anthropic's answers tell usage: Messages, whole or as a stream. */
import { asObject, asText, type CallFacts, countOutput, errorClassIn, type Json } from './facts.js';
import { MESSAGES_OUTPUT } from './limit-output.js';
import type { ApiRoute, StreamReader } from './routes.js';

function readBody(facts: CallFacts, message: Json): void {
  const usage = asObject(message['usage']);
  facts.usage = usage ?? facts.usage;
  facts.modelServed = asText(message['model']) ?? facts.modelServed;
  facts.serviceTierServed = asText(usage?.['service_tier']) ?? facts.serviceTierServed;
  facts.responseId = asText(message['id']) ?? facts.responseId;
}

/**
 * `message_start` has the input side; each `message_delta` repeats the totals so far, so its members replace those before.
 * Adding them up would count the output several times.
 */
function readMessageStream(facts: CallFacts): StreamReader {
  return (_raw, event) => {
    switch (event?.['type']) {
      case 'message_start':
        readBody(facts, asObject(event['message']) ?? {});
        break;
      case 'content_block_delta': {
        const delta = asObject(event['delta']);
        countOutput(facts, delta?.['text'], delta?.['thinking'], delta?.['partial_json']);
        break;
      }
      case 'message_delta': {
        const totals = Object.entries(asObject(event['usage']) ?? {}).filter(([, value]) => value !== null);
        facts.usage = { ...facts.usage, ...Object.fromEntries(totals) };
        facts.generated = Boolean(asObject(event['delta'])?.['stop_reason']);
        break;
      }
      case 'message_stop':
        facts.complete = true;
        break;
      case 'error':
        facts.failed = true;
        facts.errorClass = errorClassIn(asObject(event['error']), 'stream_error');
        break;
      default:
        break;
    }
    return false;
  };
}

export const ANTHROPIC_ROUTES: readonly ApiRoute[] = [{ path: /\/v1\/messages$/, api: 'default', readBody, readStream: readMessageStream, output: MESSAGES_OUTPUT }];

/** Cost nothing, or are billed elsewhere: no warning for them. */
export const ANTHROPIC_FREE = /\/(messages\/(count_tokens|batches)|models|files|skills|organizations|oauth)(\/|$)/;
