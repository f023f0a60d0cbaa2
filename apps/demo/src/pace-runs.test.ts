import { describe, expect, it } from 'vitest';
import { paceRuns } from './pace-runs';

const runs = [0, 40, 80].map((atMs) => ({ atMs }));
const never = new AbortController().signal;

describe('paceRuns', () => {
  it('keeps the distances of the trace, divided by the speed', async () => {
    const started: number[] = [];
    const from = performance.now();
    await paceRuns(runs, { speed: 0.5, concurrency: 8, signal: never }, async () => { started.push(performance.now() - from); });
    expect(started[1]).toBeGreaterThanOrEqual(78);
    expect(started[2]).toBeGreaterThanOrEqual(158);
  });

  it('never has more open than it may, and ends when all have ended', async () => {
    let open = 0;
    let most = 0;
    let ended = 0;
    await paceRuns(Array.from({ length: 30 }, () => ({ atMs: 0 })), { speed: 'max', concurrency: 4, signal: never }, async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => { setImmediate(resolve); });
      open -= 1;
      ended += 1;
    });
    expect([most, ended]).toEqual([4, 30]);
  });

  it('starts nothing more once stopped', async () => {
    const stop = new AbortController();
    const started: number[] = [];
    await paceRuns([...runs, { atMs: 3_600_000 }], { speed: 1, concurrency: 8, signal: stop.signal }, async (run) => {
      started.push(run.atMs);
      if (run.atMs === 40) stop.abort();
    });
    expect(started).toEqual([0, 40]);
  });
});
