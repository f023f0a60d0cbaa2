/** Does something about an alert, and takes it back. Everything stands in the audit log by whom it changes, and in the history of the alert with what undoes it. */
import { DomainError } from '@outlay/kernel';
import { deriveId, newId } from '@outlay/kernel/ids';
import { type By, type CapInput, removeCap, resumeCustomer, saveCap, suspendCustomer } from '@outlay/plans';
import type { Database } from '@outlay/platform';
import { readAlert, readAlertEvents } from '../alerts/read-alerts';
import { insertEvent, lockAlert } from '../alerts/store-alerts';
import { type ActionTarget, actionWords, type AlertAction, capOf, expiryOf, whyNot } from './alert-action';
import type { SpikeScope } from './spike-settings';

export interface ActionTaken {
  readonly eventId: string;
  readonly words: string;
  /** ISO; null: until it is undone. */
  readonly until: string | null;
}

/** What undoes an action. */
interface Undo {
  readonly capId?: string;
  readonly resume?: string;
}

/** Errors: `not_found`, `conflict` where it cannot be done about this alert, `invalid_input` of the cap. */
export async function actOnAlert(db: Database, by: By, alertId: string, action: AlertAction, nowMs = Date.now()): Promise<ActionTaken> {
  return await take(db, by, alertId, action, { capId: newId(nowMs), rule: null }, nowMs);
}

/** By the rule itself, once in the life of an alert: whoever asks again, after a crash or from another worker, finds it done. Null when it was done before, or cannot be done about this alert. */
export async function actByRule(db: Database, tenantId: string, alertId: string, rule: { readonly id: string; readonly name: string }, action: AlertAction, nowMs: number): Promise<ActionTaken | null> {
  const by: By = { tenantId, actorId: null, actor: `rule "${rule.name}"`, requestId: alertId };
  const done = await db.withTenant(tenantId, (tx) => readAlertEvents(tx, alertId));
  if (done.some(({ kind, details }) => kind === 'action' && details['ruleId'] === rule.id)) return null;
  return await take(db, by, alertId, action, { capId: deriveId(alertId, 'action', rule.id), rule: rule.id }, nowMs);
}

async function take(db: Database, by: By, alertId: string, action: AlertAction, { capId, rule }: { readonly capId: string; readonly rule: string | null }, nowMs: number): Promise<ActionTaken> {
  const target = await findTarget(db, by.tenantId, alertId);
  const reason = whyNot(action, target);
  if (reason !== null) throw new DomainError('conflict', { message: reason });
  const cap: Omit<CapInput, 'id'> | null = capOf(action, target, nowMs);
  let undo: Undo = {};
  // First what helps, then what tells of it: of a crash in between the next try makes the same cap, under the same id.
  if (cap !== null) {
    await saveCap(db, by, { ...cap, id: capId }, { source: 'alert', creates: true }, nowMs);
    undo = { capId };
  } else {
    await suspendCustomer(db, by, target.subject, 'Suspended because of a spend alert.');
    undo = { resume: target.subject };
  }
  const taken = { words: actionWords(action), until: expiryOf(action, nowMs) };
  const eventId = await db.withTenant(by.tenantId, async (tx) => {
    await lockAlert(tx, alertId);
    const known = rule === null ? undefined : (await readAlertEvents(tx, alertId)).find(({ kind, details }) => kind === 'action' && details['ruleId'] === rule);
    return known?.id ?? await insertEvent(tx, by.tenantId, { alertId, kind: 'action', by: by.actor, details: { action, ...taken, undo, ...(rule === null ? {} : { ruleId: rule }) }, atMs: nowMs });
  });
  return { eventId, ...taken };
}

/** Takes an action back; asked again it answers the same. Errors: `not_found`. */
export async function undoAction(db: Database, by: By, eventId: string, nowMs = Date.now()): Promise<{ readonly undone: true }> {
  const found = await db.withTenant(by.tenantId, async (tx) => {
    const { rows: [row] } = await tx.query<{ alert_id: string; details: { readonly undo?: Undo; readonly words?: string } }>(`SELECT alert_id::text, details FROM alert_events WHERE id = $1 AND kind = 'action'`, [eventId]);
    return row;
  });
  if (found === undefined) throw new DomainError('not_found', { message: 'There is no such action.' });
  const { capId, resume } = found.details.undo ?? {};
  if (capId !== undefined) await removeCap(db, by, capId).catch(gone);
  if (resume !== undefined) await resumeCustomer(db, by, resume).catch(gone);
  await db.withTenant(by.tenantId, async (tx) => {
    await lockAlert(tx, found.alert_id);
    const isUndone = (await readAlertEvents(tx, found.alert_id)).some(({ kind, details }) => kind === 'undone' && details['eventId'] === eventId);
    if (!isUndone) await insertEvent(tx, by.tenantId, { alertId: found.alert_id, kind: 'undone', by: by.actor, details: { eventId, words: found.details.words ?? '' }, atMs: nowMs });
  });
  return { undone: true };
}

/** Somebody removed it by hand: it is as it should be. */
function gone(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'not_found') throw error;
}

async function findTarget(db: Database, tenantId: string, alertId: string): Promise<ActionTarget> {
  const alert = await db.withTenant(tenantId, (tx) => readAlert(tx, alertId));
  if (alert === null) throw new DomainError('not_found', { message: 'There is no such alert.' });
  return { scope: alert.scope as SpikeScope, subject: alert.subject, isPolled: alert.facts['origin'] === 'polled' };
}
