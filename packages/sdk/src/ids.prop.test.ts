import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from './ids.js';

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

describe('newId', () => {
  it('makes ordered, distinct UUIDv7 that carry their time, bursts included', () => {
    const startMs = Date.now() + 60_000;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 300 }), (steps) => {
        let nowMs = timeOf(newId(startMs)) + 5_000;
        const base = nowMs;
        const ids = steps.map((step) => newId((nowMs += step)));
        expect(ids.every((id) => FORM.test(id))).toBe(true);
        expect(new Set(ids).size).toBe(ids.length);
        expect([...ids].sort()).toEqual(ids);
        for (const id of ids) expect(timeOf(id)).toBeGreaterThanOrEqual(base);
        expect(timeOf(ids.at(-1)!)).toBeLessThanOrEqual(nowMs + 1);
      }),
    );
  });

  it('stays ordered when a millisecond holds more ids than the counter, and runs ahead by milliseconds only', () => {
    const nowMs = Date.now() + 10 * 60_000;
    const ids = Array.from({ length: 10_000 }, () => newId(nowMs));
    expect(new Set(ids).size).toBe(10_000);
    expect([...ids].sort()).toEqual(ids);
    expect(timeOf(ids.at(-1)!) - nowMs).toBeLessThan(10);
  });

  it('follows a clock that was set back, so that the ledger never sees ids of the future', () => {
    const aheadMs = Date.now() + 60 * 60_000;
    newId(aheadMs);
    const nowMs = aheadMs - 30 * 60_000;
    expect(timeOf(newId(nowMs))).toBe(nowMs);
  });
});
