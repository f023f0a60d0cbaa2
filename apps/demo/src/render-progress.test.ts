import { describe, expect, it } from 'vitest';
import { renderBar, renderDuration, renderLine } from './render-progress';

const half = { done: 200, total: 400, elapsedMs: 10_000, calls: 512, usd: '0.452178' };

describe('progress', () => {
  it('shows share, rate, time left and cost', () => {
    expect(renderLine(half)).toBe(' 50 %  200/400 runs  512 calls  20.0 runs/s  ETA 10 s  $0.4521');
    expect(renderBar(half, 120)).toBe('[============>           ]  50 %  200/400 runs  512 calls  20.0 runs/s  ETA 10 s  $0.4521');
  });

  it('knows the beginning and the end', () => {
    expect(renderLine({ ...half, done: 0, elapsedMs: 0, calls: 0, usd: '0' })).toBe('  0 %  0/400 runs  0 calls  - runs/s  ETA -  $0.0000');
    expect(renderBar({ ...half, done: 400 }, 120)).toContain('[========================] 100 %  400/400 runs  512 calls  40.0 runs/s  took 10 s');
    expect(renderLine({ ...half, done: 0, total: 0 })).toContain('100 %');
  });

  it('never wraps in a narrow terminal', () => {
    for (const columns of [20, 40, 80]) expect(renderBar(half, columns).length).toBeLessThan(Math.max(21, columns));
  });

  it('writes durations for people', () => {
    expect([8_400, 125_000, 3_780_000].map(renderDuration)).toEqual(['8 s', '2 min 05 s', '1 h 03 min']);
  });
});
