import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseSplitter, type SseEvent } from './sse.js';

const newline = fc.constantFrom('\n', '\r\n', '\r');
const event = fc.record({ event: fc.constantFrom('', 'message_start', 'ping'), data: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => JSON.stringify({ text })) });

function write(events: readonly SseEvent[], line: string): string {
  return events.map(({ event: name, data }) => `${name ? `event: ${name}${line}` : ''}data: ${data}${line}${line}`).join('');
}

describe('createSseSplitter', () => {
  it('gives the same events and the same bytes, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), newline, fc.array(fc.nat(), { maxLength: 20 }), (events, line, cuts) => {
        const text = write(events, line);
        const bytes = new TextEncoder().encode(text);
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const splitter = createSseSplitter();
        const pieces = at.slice(1).flatMap((end, i) => splitter.push(bytes.slice(at[i], end)));
        const rest = splitter.rest();
        if (rest) pieces.push(rest);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        expect(pieces.filter((piece) => piece.event).map((piece) => piece.event)).toEqual(events);
      }),
    );
  });

  it('joins data lines, skips comments, and gives the last event without its blank line', () => {
    const splitter = createSseSplitter();
    const pieces = splitter.push(new TextEncoder().encode(': hello\n\ndata: a\ndata: b\nid: 7\n\ndata:c'));
    expect(pieces.map((piece) => piece.event)).toEqual([null, { event: '', data: 'a\nb' }]);
    expect(splitter.atBoundary()).toBe(false);
    expect(splitter.rest()?.event).toEqual({ event: '', data: 'c' });
    expect(splitter.rest()).toBeNull();
  });
});
