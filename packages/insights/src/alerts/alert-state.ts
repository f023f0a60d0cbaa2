/**
 * The life of an alert: pending, firing, acknowledged, resolved. Pure: what is stored, what was seen now, and what its rule says -> the next state and what to send. Whoever runs
 * it, three workers or one that was restarted, comes to the same message, whose key makes it one.
 */

export const ALERT_STATES = ['pending', 'firing', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export interface StoredAlert {
  readonly state: AlertState;
  readonly startedMs: number;
  readonly firedMs: number | null;
  readonly lastSeenMs: number;
  readonly notifiedMs: number | null;
  readonly mutedUntilMs: number | null;
}

export interface AlertPolicy {
  /** How long it must hold before it fires: a single bad minute is noise to some rules. */
  readonly pendingMs: number;
  /** How long it must be gone before it is resolved. */
  readonly calmMs: number;
  /** Sent again so often while it fires; null: once. */
  readonly renotifyMs: number | null;
  /** No message now: quiet hours or a mute of the rule. */
  readonly isQuiet: boolean;
}

type AlertMessage =
  /** `nth`: 0 for the first one. Part of the message's key. */
  | { readonly kind: 'alert'; readonly nth: number }
  | { readonly kind: 'resolved' };

export interface AlertStep {
  readonly state: AlertState;
  readonly firedMs: number | null;
  readonly lastSeenMs: number;
  readonly notifiedMs: number | null;
  /** What happened, for its history; empty where nothing did. */
  readonly events: readonly ('pending' | 'fired' | 'notified' | 'resolved' | 'reopened')[];
  readonly message: AlertMessage | null;
}

/** `seen`: the rule's condition holds now. `stored` is null for a crossing that nobody has seen before; null is answered when there is nothing to store. */
export function stepAlert(stored: StoredAlert | null, seen: boolean, policy: AlertPolicy, nowMs: number): AlertStep | null {
  if (stored === null) {
    if (!seen) return null;
    const fresh: StoredAlert = { state: 'pending', startedMs: nowMs, firedMs: null, lastSeenMs: nowMs, notifiedMs: null, mutedUntilMs: null };
    const step = stepAlert(fresh, true, policy, nowMs)!;
    return { ...step, events: ['pending', ...step.events] };
  }
  const lastSeenMs = seen ? Math.max(nowMs, stored.lastSeenMs) : stored.lastSeenMs;
  const same = { firedMs: stored.firedMs, lastSeenMs, notifiedMs: stored.notifiedMs };
  switch (stored.state) {
    case 'resolved':
      // The same crossing of the same window: it goes on, and was told already.
      return seen ? { ...same, state: 'firing', events: ['reopened'], message: null } : null;
    case 'pending':
      if (seen && nowMs - stored.startedMs >= policy.pendingMs) {
        const fired = { ...same, state: 'firing' as const, firedMs: nowMs };
        const message = messageOf({ ...stored, ...fired }, policy, nowMs);
        return { ...fired, notifiedMs: message ? nowMs : stored.notifiedMs, events: message ? ['fired', 'notified'] : ['fired'], message };
      }
      if (!seen && nowMs - stored.lastSeenMs >= policy.calmMs) return { ...same, state: 'resolved', events: ['resolved'], message: null };
      return { ...same, state: 'pending', events: [], message: null };
    case 'firing':
    case 'acknowledged': {
      if (!seen && nowMs - stored.lastSeenMs >= policy.calmMs) {
        // Whoever was told that it began is told that it ended.
        return { ...same, state: 'resolved', events: ['resolved'], message: stored.notifiedMs === null ? null : { kind: 'resolved' } };
      }
      const message = seen && stored.state === 'firing' ? messageOf({ ...stored, lastSeenMs }, policy, nowMs) : null;
      return { ...same, notifiedMs: message ? nowMs : stored.notifiedMs, state: stored.state, events: message ? ['notified'] : [], message };
    }
  }
}

/** A message that quiet hours or a mute held back is sent when they are over, if it still fires. */
function messageOf(alert: StoredAlert, policy: AlertPolicy, nowMs: number): AlertMessage | null {
  const { notifiedMs, firedMs, mutedUntilMs } = alert;
  if (policy.isQuiet || (mutedUntilMs !== null && mutedUntilMs > nowMs)) return null;
  if (notifiedMs === null) return { kind: 'alert', nth: 0 };
  if (policy.renotifyMs === null || nowMs - notifiedMs < policy.renotifyMs) return null;
  // Counted from when it fired, so that two workers that are late alike write the same key.
  return { kind: 'alert', nth: Math.max(1, Math.floor((nowMs - (firedMs ?? nowMs)) / policy.renotifyMs)) };
}
