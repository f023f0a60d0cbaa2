/** SQL of alerts, their history, and the messages that they cause. */
import { newId } from '@outlay/kernel/ids';
import type { Severity } from './alert-rule';
import type { AlertStep, StoredAlert } from './alert-state';
import type { Tx } from './store-rules';

export interface AlertKey {
  readonly ruleId: string;
  /** '' where the rule watches the team as a whole. */
  readonly subject: string;
  /** The window in which it is one crossing: `m2026-11`, `d2026-11-21`. */
  readonly windowKey: string;
  /** Which threshold of the rule was passed; '' where it has one. */
  readonly thresholdKey: string;
}

export interface NewAlert extends AlertKey {
  readonly id: string;
  readonly kind: string;
  readonly scope: string;
  readonly severity: Severity;
  readonly title: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly startedMs: number;
}

export interface LockedAlert extends StoredAlert, AlertKey {
  readonly id: string;
}

interface StoredRow extends AlertKey {
  readonly id: string;
  readonly state: StoredAlert['state'];
  readonly started: Date;
  readonly fired: Date | null;
  readonly lastSeen: Date;
  readonly notified: Date | null;
  readonly mutedUntil: Date | null;
}

const STORED = `id::text, rule_id::text AS "ruleId", subject, window_key AS "windowKey", threshold_key AS "thresholdKey", state, started_at AS started, fired_at AS fired, last_seen_at AS "lastSeen",
  notified_at AS notified, muted_until AS "mutedUntil"`;

function storedOf({ started, fired, lastSeen, notified, mutedUntil, ...rest }: StoredRow): LockedAlert {
  return { ...rest, startedMs: started.getTime(), firedMs: fired?.getTime() ?? null, lastSeenMs: lastSeen.getTime(), notifiedMs: notified?.getTime() ?? null, mutedUntilMs: mutedUntil?.getTime() ?? null };
}

/** False when somebody else made this crossing, a moment ago or long since. */
export async function insertAlert(tx: Tx, tenantId: string, alert: NewAlert, step: AlertStep): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO alerts (tenant_id, id, rule_id, kind, scope, subject, window_key, threshold_key, state, severity, title, facts, started_at, fired_at, last_seen_at, notified_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING`,
    [tenantId, alert.id, alert.ruleId, alert.kind, alert.scope, alert.subject, alert.windowKey, alert.thresholdKey, step.state, alert.severity, alert.title, alert.facts, new Date(alert.startedMs),
      dateOf(step.firedMs), new Date(step.lastSeenMs), dateOf(step.notifiedMs)]);
  return rowCount === 1;
}

/** Locked until the transaction ends. */
export async function lockAlertByKey(tx: Tx, { ruleId, subject, windowKey, thresholdKey }: AlertKey): Promise<LockedAlert | null> {
  const { rows: [row] } = await tx.query<StoredRow>(
    `SELECT ${STORED} FROM alerts WHERE rule_id = $1 AND subject = $2 AND window_key = $3 AND threshold_key = $4 FOR UPDATE`, [ruleId, subject, windowKey, thresholdKey]);
  return row === undefined ? null : storedOf(row);
}

/** Locked until the transaction ends. */
export async function lockAlert(tx: Tx, id: string): Promise<LockedAlert | null> {
  const { rows: [row] } = await tx.query<StoredRow>(`SELECT ${STORED} FROM alerts WHERE id = $1 FOR UPDATE`, [id]);
  return row === undefined ? null : storedOf(row);
}

/** What of a rule is not over, in one order, so that two workers lock alike. */
export async function lockOpenAlerts(tx: Tx, ruleId: string): Promise<LockedAlert[]> {
  const { rows } = await tx.query<StoredRow>(`SELECT ${STORED} FROM alerts WHERE rule_id = $1 AND state <> 'resolved' ORDER BY id FOR UPDATE`, [ruleId]);
  return rows.map(storedOf);
}

/** `facts`, `title`, `severity`: as the rule sees it now; absent: as they were. */
export async function saveStep(
  tx: Tx, id: string, step: AlertStep, nowMs: number, said: { readonly facts?: Readonly<Record<string, unknown>>; readonly title?: string; readonly severity?: Severity } = {},
): Promise<void> {
  await tx.query(
    `UPDATE alerts SET state = $2, fired_at = $3, last_seen_at = $4, notified_at = $5, resolved_at = CASE WHEN $2 = 'resolved' THEN coalesce(resolved_at, $6) END,
       facts = CASE WHEN $7::jsonb IS NULL THEN facts ELSE facts || $7 END, title = coalesce($8, title), severity = coalesce($9, severity) WHERE id = $1`,
    [id, step.state, dateOf(step.firedMs), new Date(step.lastSeenMs), dateOf(step.notifiedMs), new Date(nowMs), said.facts ?? null, said.title ?? null, said.severity ?? null]);
}

export type AlertEventKind = 'pending' | 'fired' | 'notified' | 'acknowledged' | 'muted' | 'action' | 'undone' | 'resolved' | 'reopened';

/** Returns its id. `nth`: keeps events of one moment in their order, for they are read by time and id. */
export async function insertEvent(
  tx: Tx, tenantId: string, event: { readonly alertId: string; readonly kind: AlertEventKind; readonly by: string; readonly details?: Readonly<Record<string, unknown>>; readonly atMs: number; readonly nth?: number },
): Promise<string> {
  const id = newId(event.atMs + (event.nth ?? 0));
  await tx.query('INSERT INTO alert_events (tenant_id, id, alert_id, at, kind, by, details) VALUES ($1, $2, $3, $4, $5, $6, $7)', [tenantId, id, event.alertId, new Date(event.atMs), event.kind, event.by, event.details ?? {}]);
  return id;
}

export interface NewDelivery {
  readonly channelId: string;
  readonly alertId: string | null;
  readonly kind: 'alert' | 'resolved' | 'digest' | 'test';
  /** Makes it one, whoever writes it how often. */
  readonly dedupeKey: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly dueMs: number;
}

/** Its id; null when it was written before. Only to channels that are there and on. */
export async function insertDelivery(tx: Tx, tenantId: string, delivery: NewDelivery): Promise<string | null> {
  const id = newId();
  const { rowCount } = await tx.query(
    `INSERT INTO deliveries (tenant_id, id, channel_id, alert_id, kind, dedupe_key, payload, state, next_attempt_at)
     SELECT $1, $2, c.id, $4, $5, $6, $7, 'waiting', $8 FROM channels c WHERE c.id = $3 AND c.disabled_at IS NULL
     ON CONFLICT (tenant_id, channel_id, dedupe_key) DO NOTHING`,
    [tenantId, id, delivery.channelId, delivery.alertId, delivery.kind, delivery.dedupeKey, delivery.payload, new Date(delivery.dueMs)]);
  return rowCount === 1 ? id : null;
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** What the alerts with these ids are called. */
export async function readAlertTitles(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<{ id: string; title: string }>('SELECT id::text, title FROM alerts WHERE id = ANY ($1::uuid[])', [ids]);
  return new Map(rows.map(({ id, title }) => [id, title]));
}
