/** Streams usages through the pinned price book: one line in memory at a time, whatever the size of the input. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type BadLineOutput, cataloguePriceBook, priceJsonLineText } from '@outlay/pricing';
import { readLines } from './read-lines';

/** A provider's answer with its texts may be long; a line beyond this is no usage. */
const LINE_CHARS_MAX = 16 * 1_024 * 1_024;
const WRITE_CHARS = 64 * 1_024;

/** Resolves at the end of the input, or when nobody reads the output any more. */
export async function runPrice(input: AsyncIterable<Uint8Array>, output: Writable): Promise<void> {
  const book = await cataloguePriceBook();
  const now = Date.now();
  let unread = false;
  // `outlay price | head` closes our output early: that is no failure.
  output.on('error', () => { unread = true; });
  let waiting = '';
  const flush = async (): Promise<void> => {
    if (waiting === '' || unread) return;
    const goesOn = output.write(waiting);
    waiting = '';
    if (!goesOn) await Promise.race([once(output, 'drain'), once(output, 'close')]).catch(() => { unread = true; });
  };
  for await (const { text, number } of readLines(flushWhenIdle(input, flush), LINE_CHARS_MAX)) {
    if (unread) return;
    const answer = text === null ? tooLong(number) : priceJsonLineText(book, text, number, now);
    if (answer === null) continue;
    waiting += `${answer}\n`;
    if (waiting.length >= WRITE_CHARS) await flush();
  }
  await flush();
}

/** Answers leave before more input is waited for: a program that sends one line and reads one back must not wait for ever. */
async function* flushWhenIdle(input: AsyncIterable<Uint8Array>, flush: () => Promise<void>): AsyncGenerator<Uint8Array> {
  for await (const bytes of input) {
    yield bytes;
    await flush();
  }
}

function tooLong(line: number): string {
  return JSON.stringify({ error: `line: is longer than ${LINE_CHARS_MAX} characters`, field: 'line', line } satisfies BadLineOutput);
}
