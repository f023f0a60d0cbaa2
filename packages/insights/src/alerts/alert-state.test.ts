import { describe, expect, it } from 'vitest';
import { type AlertPolicy, type AlertStep, stepAlert, type StoredAlert } from './alert-state';

const MINUTE = 60_000;
const POLICY: AlertPolicy = { pendingMs: 0, calmMs: 10 * MINUTE, renotifyMs: null, isQuiet: false };

const stored = (step: AlertStep, startedMs = 0): StoredAlert => ({ ...step, startedMs, mutedUntilMs: null });

describe('the life of an alert', () => {
  it('fires at once where nothing is pending, and is told once', () => {
    const first = stepAlert(null, true, POLICY, 0)!;
    expect(first).toMatchObject({ state: 'firing', events: ['pending', 'fired', 'notified'], message: { kind: 'alert', nth: 0 } });
    expect(stepAlert(stored(first), true, POLICY, MINUTE)).toMatchObject({ state: 'firing', events: [], message: null });
  });

  it('waits as long as its rule says, and is forgotten when it was noise', () => {
    const policy = { ...POLICY, pendingMs: 5 * MINUTE };
    const first = stepAlert(null, true, policy, 0)!;
    expect(first).toMatchObject({ state: 'pending', message: null });
    expect(stepAlert(stored(first), true, policy, 4 * MINUTE)).toMatchObject({ state: 'pending' });
    expect(stepAlert(stored(first), true, policy, 5 * MINUTE)).toMatchObject({ state: 'firing', message: { kind: 'alert', nth: 0 } });
    expect(stepAlert(stored(first), false, policy, 10 * MINUTE)).toMatchObject({ state: 'resolved', message: null });
  });

  it('is resolved after it has been gone for a while, and tells those who were told', () => {
    const firing = stored(stepAlert(null, true, POLICY, 0)!);
    expect(stepAlert(firing, false, POLICY, 9 * MINUTE)).toMatchObject({ state: 'firing', message: null });
    expect(stepAlert(firing, false, POLICY, 10 * MINUTE)).toMatchObject({ state: 'resolved', message: { kind: 'resolved' } });
    expect(stepAlert({ ...firing, notifiedMs: null }, false, POLICY, 10 * MINUTE)).toMatchObject({ state: 'resolved', message: null });
  });

  it('is sent again while it fires, numbered by the clock, and no more once somebody has acknowledged it', () => {
    const policy = { ...POLICY, renotifyMs: 60 * MINUTE };
    const firing = stored(stepAlert(null, true, policy, 0)!);
    expect(stepAlert(firing, true, policy, 59 * MINUTE)).toMatchObject({ message: null });
    expect(stepAlert(firing, true, policy, 61 * MINUTE)).toMatchObject({ message: { kind: 'alert', nth: 1 } });
    expect(stepAlert({ ...firing, notifiedMs: 61 * MINUTE }, true, policy, 125 * MINUTE)).toMatchObject({ message: { kind: 'alert', nth: 2 } });
    expect(stepAlert({ ...firing, state: 'acknowledged' }, true, policy, 200 * MINUTE)).toMatchObject({ state: 'acknowledged', message: null });
  });

  it('keeps quiet in quiet hours and when muted, and speaks afterwards if it still fires', () => {
    const quiet = stepAlert(null, true, { ...POLICY, isQuiet: true }, 0)!;
    expect(quiet).toMatchObject({ state: 'firing', notifiedMs: null, message: null });
    expect(stepAlert(stored(quiet), true, POLICY, 60 * MINUTE)).toMatchObject({ message: { kind: 'alert', nth: 0 } });
    expect(stepAlert({ ...stored(quiet), mutedUntilMs: 90 * MINUTE }, true, POLICY, 60 * MINUTE)).toMatchObject({ message: null });
  });

  it('goes on as the same alert when it comes back in its window, without another message', () => {
    const resolved: StoredAlert = { state: 'resolved', startedMs: 0, firedMs: 0, lastSeenMs: 0, notifiedMs: 0, mutedUntilMs: null };
    expect(stepAlert(resolved, true, POLICY, 30 * MINUTE)).toMatchObject({ state: 'firing', events: ['reopened'], message: null });
    expect(stepAlert(resolved, false, POLICY, 30 * MINUTE)).toBeNull();
    expect(stepAlert(null, false, POLICY, 0)).toBeNull();
  });
});
