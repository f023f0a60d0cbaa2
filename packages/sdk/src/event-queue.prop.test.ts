import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventQueue, type Entry } from './event-queue.js';

const command = fc.oneof(
  fc.record({ do: fc.constant('push' as const), bytes: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ do: fc.constant('settle' as const), keep: fc.nat({ max: 3 }) }),
);

describe('createEventQueue', () => {
  it('stays within its bounds, in order, and loses nothing without saying so', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const queue = createEventQueue(8, 150);
        let seq = 0;
        let inFlight: readonly Entry[] = [];
        const settled: number[] = [];
        const dropped: number[] = [];
        for (const step of commands) {
          if (step.do === 'push') {
            seq += 1;
            const entry: Entry = { seq, text: '', bytes: step.bytes, id: undefined, kind: 'usage', runId: undefined, watch: undefined };
            dropped.push(...queue.push(entry).map((one) => one.seq));
          } else if (step.do === 'take' && inFlight.length === 0) {
            inFlight = queue.take(step.count, step.bytes);
            expect(inFlight.length).toBeLessThanOrEqual(step.count);
            if (inFlight.length > 1) expect(inFlight.reduce((sum, entry) => sum + entry.bytes, 0)).toBeLessThanOrEqual(step.bytes);
          } else if (step.do === 'settle') {
            const left = inFlight.slice(Math.max(0, inFlight.length - step.keep));
            settled.push(...inFlight.filter((entry) => !left.includes(entry)).map((entry) => entry.seq));
            queue.settle(left);
            inFlight = [];
          }
          expect(queue.pending()).toBeLessThanOrEqual(8);
          expect(queue.pendingBytes()).toBeLessThanOrEqual(150);
          expect(settled.length + dropped.length + queue.pending()).toBe(seq);
        }
        queue.settle(inFlight);
        const rest = queue.take(100, 10_000).map((entry) => entry.seq);
        expect([...rest].sort((a, b) => a - b)).toEqual(rest);
        expect([...settled, ...dropped, ...rest].sort((a, b) => a - b)).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
      }),
    );
  });
});
