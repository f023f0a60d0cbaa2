import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createActivityFeed } from './activity-feed';
import { watchActivity, type WatchOptions } from './watch-activity';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function watch(options: Partial<WatchOptions> = {}): { feed: ReturnType<typeof createActivityFeed>; seen: number[]; ended: Promise<void>; abort: AbortController } {
  const feed = createActivityFeed();
  const abort = new AbortController();
  const seen: number[] = [];
  const ended = (async () => {
    for await (const accepted of watchActivity(feed, 'a', { gapMs: 250, checkMs: 15_000, mayGoOn: () => Promise.resolve(true), signal: abort.signal, ...options })) seen.push(accepted);
  })();
  return { feed, seen, ended, abort };
}

it('answers at once, then adds up what comes within the gap', async () => {
  const { feed, seen, abort, ended } = watch();
  await vi.advanceTimersByTimeAsync(1);
  feed.publish('a', 3);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toEqual([3]);
  for (let n = 0; n < 10; n++) feed.publish('a', 10);
  await vi.advanceTimersByTimeAsync(200);
  expect(seen).toEqual([3]);
  await vi.advanceTimersByTimeAsync(60);
  expect(seen).toEqual([3, 100]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(seen).toEqual([3, 100]);
  abort.abort();
  await ended;
});

it('hears its own team only', async () => {
  const { feed, seen, abort, ended } = watch();
  await vi.advanceTimersByTimeAsync(1);
  feed.publish('b', 3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seen).toEqual([]);
  abort.abort();
  await ended;
});

it('ends when the person may not go on, busy or quiet', async () => {
  let allowed = true;
  const quiet = watch({ mayGoOn: () => Promise.resolve(allowed) });
  const busy = watch({ mayGoOn: () => Promise.resolve(allowed) });
  await vi.advanceTimersByTimeAsync(20_000);
  allowed = false;
  for (let n = 0; n < 70; n++) {
    busy.feed.publish('a', 1);
    await vi.advanceTimersByTimeAsync(250);
  }
  await Promise.all([quiet.ended, busy.ended]);
});

it('leaves nothing behind when it is aborted in the middle of a gap', async () => {
  const { feed, abort, ended } = watch();
  await vi.advanceTimersByTimeAsync(1);
  feed.publish('a', 1);
  await vi.advanceTimersByTimeAsync(100);
  abort.abort();
  await ended;
  expect(vi.getTimerCount()).toBe(0);
});
