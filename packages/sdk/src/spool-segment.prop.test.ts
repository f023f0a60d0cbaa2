import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNodeParts } from './node-parts.js';
import { appendLine, markLines, openSegment, type Place, readSegment } from './spool-segment.js';

const step = fc.oneof(
  fc.record({ do: fc.constant('event' as const), text: fc.string() }),
  fc.record({ do: fc.constant('begin' as const), text: fc.string() }),
  fc.record({ do: fc.constant('settle' as const), which: fc.array(fc.nat(), { maxLength: 6 }) }),
);

describe('a segment', () => {
  it('reads back exactly what was appended and not settled, wherever its last line is torn', () => {
    const dir = mkdtempSync(join(tmpdir(), 'outlay-segment-'));
    const { fs } = findNodeParts()!;
    let n = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, cut) => {
        const segment = openSegment(fs, join(dir, `${n++}.jsonl`));
        const left = new Map<number, { place: Place; text: string; open: boolean }>();
        for (const one of steps) {
          if (one.do === 'settle') {
            const chosen = [...new Set(one.which.map((k) => [...left.keys()][k % Math.max(1, left.size)]))].filter((line) => line !== undefined).sort((a, b) => a - b);
            if (chosen.length > 0) markLines(fs, segment, chosen);
            for (const line of chosen) left.delete(line);
            continue;
          }
          const text = JSON.stringify({ id: `id${segment.lines}`, occurred_at: 'now', text: one.text });
          const place = appendLine(fs, segment, new TextEncoder().encode(`${one.do === 'begin' ? '+' : ''}${text}\n`));
          left.set(place.line, { place, text, open: one.do === 'begin' });
        }
        fs.closeSync(segment.fd!);
        const whole = readFileSync(segment.path, 'utf8');
        const all = readSegment(whole, true);
        expect(all.lines).toBe(segment.lines);
        expect(all.left.map(({ line, text }) => [line, text])).toEqual([...left].map(([line, { text }]) => [line, text]));
        expect(readSegment(whole, false).left.map(({ line }) => line)).toEqual([...left].filter(([, { open }]) => !open).map(([line]) => line));
        // A torn end is never an event that was not there, and nothing before it is lost.
        const torn = readSegment(`${whole}{"id":"torn","occurred_at":"now","text":"abc"}`.slice(0, whole.length + (cut % 46)), true);
        expect(torn.left.slice(0, all.left.length)).toEqual(all.left);
        expect(torn.left.length).toBe(all.left.length);
      }),
      { numRuns: 60 },
    );
    rmSync(dir, { recursive: true });
  });

  it('a call whose end stands there too is not open, though nobody had the time to strike it out', () => {
    const event = (status: string): string => JSON.stringify({ id: 'a', occurred_at: 'now', status });
    expect(readSegment(`+${event('unknown')}\n${event('succeeded')}\n`, true).left.map(({ text }) => text)).toEqual([event('succeeded')]);
    expect(readSegment(`+${event('unknown')}\n{"id":"a","occurr`, true).left.map(({ text }) => text)).toEqual([event('unknown')]);
  });
});
