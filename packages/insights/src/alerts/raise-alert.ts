/**
 * The face of the engine: a rule that sees a crossing says so here, every minute anew. One crossing is one row and one message, whichever of several workers saw it first: the unique key
 * of the row decides, then `stepAlert`, and the message is written in the same transaction.
 */
import { deriveId } from '@outlay/kernel/ids';
import type { AlertRule, Severity } from './alert-rule';
import { PATIENCE } from './alert-rule';
import { type AlertPolicy, type AlertState, type AlertStep, stepAlert, type StoredAlert } from './alert-state';
import { quietUntil } from './quiet-hours';
import { type AlertKey, insertAlert, insertDelivery, insertEvent, lockAlert, lockAlertByKey, type LockedAlert, lockOpenAlerts, saveStep } from './store-alerts';
import type { Tx } from './store-rules';

/** Where and when a rule looks. */
export interface Watch {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly nowMs: number;
}

export interface Crossing {
  /** '' where the rule watches the team as a whole. */
  readonly subject: string;
  /** The window in which it is one crossing: `m2026-11`. */
  readonly windowKey: string;
  readonly thresholdKey: string;
  readonly severity: Severity;
  readonly title: string;
  /** JSON; money as pico-dollars in text. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** When it began, which may be before anybody looked. */
  readonly startedAtMs: number;
}

export interface Raised {
  readonly alertId: string;
  readonly state: AlertState;
  /** True once in the life of an alert: now is the time for what a rule does by itself. */
  readonly firedNow: boolean;
}

/** By whom the engine's own events are. */
const ENGINE = 'outlay';

/** The crossing is seen now: opened, or goes on. Within `withTenant`. */
export async function openAlert(tx: Tx, rule: AlertRule, crossing: Crossing, watch: Watch): Promise<Raised> {
  const { subject, windowKey, thresholdKey, severity, title, facts } = crossing;
  const key: AlertKey = { ruleId: rule.id, subject, windowKey, thresholdKey };
  const known = await lockAlertByKey(tx, key);
  if (known !== null) return await goOn(tx, rule, known, true, watch, crossing);
  const startedMs = Math.min(crossing.startedAtMs, watch.nowMs);
  const fresh: StoredAlert = { state: 'pending', startedMs, firedMs: null, lastSeenMs: watch.nowMs, notifiedMs: null, mutedUntilMs: null };
  const first = stepAlert(fresh, true, policyOf(rule, watch), watch.nowMs)!;
  // The same for everybody who sees it, so that messages of two workers have one key.
  const id = deriveId(rule.id, 'alert', JSON.stringify([watch.tenantId, subject, windowKey, thresholdKey]));
  const inserted = await insertAlert(tx, watch.tenantId, { ...key, id, kind: rule.kind, scope: rule.scope, severity, title, facts, startedMs }, first);
  // Another worker was faster: what it made is the alert. Its transaction has ended, for the insert waited for it.
  if (!inserted) return await goOn(tx, rule, (await lockAlertByKey(tx, key))!, true, watch, crossing);
  await tell(tx, rule, id, { ...first, events: ['pending', ...first.events] }, watch);
  return { alertId: id, state: first.state, firedNow: first.events.includes('fired') };
}

/** A known alert still holds. Null when there is no such alert. */
export async function touchAlert(tx: Tx, rule: AlertRule, alertId: string, watch: Watch, said: Partial<Pick<Crossing, 'facts' | 'title' | 'severity'>> = {}): Promise<Raised | null> {
  const known = await lockAlert(tx, alertId);
  return known === null ? null : await goOn(tx, rule, known, true, watch, said);
}

/** All open alerts of the rule but these are not seen now: each is resolved once it has been gone for a while. Returns those that were. `seenIds`: what `openAlert` and `touchAlert` said. */
export async function resolveAlerts(tx: Tx, rule: AlertRule, seenIds: ReadonlySet<string>, watch: Watch): Promise<string[]> {
  const resolved: string[] = [];
  for (const open of await lockOpenAlerts(tx, rule.id)) {
    if (seenIds.has(open.id)) continue;
    const { state } = await goOn(tx, rule, open, false, watch);
    if (state === 'resolved') resolved.push(open.id);
  }
  return resolved;
}

async function goOn(tx: Tx, rule: AlertRule, known: LockedAlert, seen: boolean, watch: Watch, said: Partial<Pick<Crossing, 'facts' | 'title' | 'severity'>> = {}): Promise<Raised> {
  const step = stepAlert(known, seen, policyOf(rule, watch), watch.nowMs);
  if (step === null) return { alertId: known.id, state: known.state, firedNow: false };
  // Fields of their own: a crossing carries more than an alert keeps.
  await saveStep(tx, known.id, step, watch.nowMs, { facts: said.facts, title: said.title, severity: said.severity });
  await tell(tx, rule, known.id, step, watch, isMuted(rule, known, watch));
  return { alertId: known.id, state: step.state, firedNow: step.events.includes('fired') };
}

function policyOf(rule: AlertRule, watch: Watch): AlertPolicy {
  return { ...PATIENCE[rule.kind], renotifyMs: rule.renotifyMinutes === null ? null : rule.renotifyMinutes * 60_000, isQuiet: quietEnd(rule, watch) !== null || isRuleMuted(rule, watch) };
}

/** What acts by itself is told at once, whatever the hour. */
function quietEnd(rule: AlertRule, { nowMs, timeZone }: Watch): number | null {
  return rule.action === null ? quietUntil(rule.quietHours, nowMs, timeZone) : null;
}

function isRuleMuted({ mutedUntil }: AlertRule, { nowMs }: Watch): boolean {
  return mutedUntil !== null && Date.parse(mutedUntil) > nowMs;
}

function isMuted(rule: AlertRule, { mutedUntilMs }: StoredAlert, watch: Watch): boolean {
  return isRuleMuted(rule, watch) || (mutedUntilMs !== null && mutedUntilMs > watch.nowMs);
}

/** History, and one message a channel. That it is over is no news to those who asked not to be told, and waits for the morning like everything else. */
async function tell(tx: Tx, rule: AlertRule, alertId: string, { events, message }: AlertStep, watch: Watch, muted = false): Promise<void> {
  for (const [nth, kind] of events.entries()) await insertEvent(tx, watch.tenantId, { alertId, kind, by: ENGINE, atMs: watch.nowMs, nth });
  if (message === null || (message.kind === 'resolved' && muted)) return;
  // Every resolution of one that came back is a message of its own.
  const dedupeKey = message.kind === 'alert' ? `${alertId}:alert:${message.nth}` : `${alertId}:resolved:${watch.nowMs}`;
  const dueMs = message.kind === 'resolved' ? (quietEnd(rule, watch) ?? watch.nowMs) : watch.nowMs;
  for (const channelId of rule.channelIds) await insertDelivery(tx, watch.tenantId, { channelId, alertId, kind: message.kind, dedupeKey, payload: {}, dueMs });
}
