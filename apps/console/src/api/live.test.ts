import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFeed, createThrottle } from './live';

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

/** A connection that the test speaks for. */
function openFeed() {
  const opened: Parameters<Parameters<typeof createFeed>[0]>[0][] = [];
  const close = vi.fn();
  const feed = createFeed((handlers) => {
    opened.push(handlers);
    return { close };
  });
  return { feed, opened, close };
}

it('opens one connection for all who listen, and closes it with the last', () => {
  const { feed, opened, close } = openFeed();
  const [bell, page] = [vi.fn(), vi.fn()];
  const leave = [feed.listen(bell), feed.listen(page)];
  expect(opened).toHaveLength(1);
  opened[0]!.onState('live');
  opened[0]!.onData();
  expect([bell.mock.calls.length, page.mock.calls.length, feed.state()]).toEqual([1, 1, 'live']);
  leave[1]!();
  opened[0]!.onData();
  expect([bell.mock.calls.length, page.mock.calls.length, close.mock.calls.length]).toEqual([2, 1, 0]);
  leave[0]!();
  expect([close.mock.calls.length, feed.state()]).toEqual([1, 'connecting']);
});

it('tells all after a reconnect, because nobody heard what was said meanwhile', () => {
  const { feed, opened } = openFeed();
  const listener = vi.fn();
  feed.listen(listener);
  opened[0]!.onOpen();
  expect(listener).not.toHaveBeenCalled();
  opened[0]!.onOpen();
  expect(listener).toHaveBeenCalledTimes(1);
});

it('knows whether a change was told since a page was read', () => {
  let nowMs = 1_000;
  const opened: Parameters<Parameters<typeof createFeed>[0]>[0][] = [];
  const feed = createFeed((handlers) => {
    opened.push(handlers);
    return { close: vi.fn() };
  }, () => nowMs);
  feed.listen(vi.fn());
  expect(feed.heardSince(0)).toBe(false);
  opened[0]!.onData();
  nowMs = 2_000;
  expect([feed.heardSince(999), feed.heardSince(1_000)]).toEqual([true, false]);
});
