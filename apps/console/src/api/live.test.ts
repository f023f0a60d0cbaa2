import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createThrottle } from './live';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs at once, then once a gap, and once more after a burst', () => {
  const run = vi.fn();
  const throttle = createThrottle(run, 500);
  for (let i = 0; i < 20; i++) throttle.call();
  expect(run).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(500);
  expect(run).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5_000);
  expect(run).toHaveBeenCalledTimes(2);
  throttle.call();
  expect(run).toHaveBeenCalledTimes(3);
});

it('runs nothing after it was cancelled', () => {
  const run = vi.fn();
  const throttle = createThrottle(run, 500);
  throttle.call();
  throttle.call();
  throttle.cancel();
  vi.advanceTimersByTime(5_000);
  expect(run).toHaveBeenCalledTimes(1);
});
