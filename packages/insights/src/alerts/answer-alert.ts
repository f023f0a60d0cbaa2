/** What people do with an alert itself: say that they know of it, or that they want to hear no more for a while. What they do about it stands elsewhere. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { By } from '../channels/save-channel';
import { insertEvent, lockAlert } from './store-alerts';

const HOUR_MS = 3_600_000;
const MUTE_HOURS_MAX = 24 * 30;

/** Nobody is told of it again while it lasts. Once is enough: a second person's is kept in its history. Errors: `not_found`, `conflict` when it is over. */
export async function acknowledgeAlert(db: Database, by: By, id: string, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const alert = await lockAlert(tx, id);
    if (alert === null) throw noAlert();
    if (alert.state === 'resolved') throw new DomainError('conflict', { message: 'This alert is over already.' });
    if (alert.state === 'acknowledged') return;
    await tx.query(`UPDATE alerts SET state = 'acknowledged', fired_at = coalesce(fired_at, $3), acknowledged_by = $2 WHERE id = $1`, [id, by.actor, new Date(nowMs)]);
    await insertEvent(tx, by.tenantId, { alertId: id, kind: 'acknowledged', by: by.actor, atMs: nowMs });
    await audit(tx, { ...by, action: 'alert.acknowledged', subjectType: 'alert', subjectId: id, before: { state: alert.state }, after: { state: 'acknowledged' } });
  });
}

/** `hours` from now; 0 ends it. Errors: `not_found`, `invalid_input`. */
export async function muteAlert(db: Database, by: By, id: string, hours: number, nowMs = Date.now()): Promise<void> {
  if (!(hours >= 0 && hours <= MUTE_HOURS_MAX)) throw new DomainError('invalid_input', { field: 'hours', message: `Hours from 0 to ${MUTE_HOURS_MAX}.` });
  await db.withTenant(by.tenantId, async (tx) => {
    const alert = await lockAlert(tx, id);
    if (alert === null) throw noAlert();
    const until = hours === 0 ? null : new Date(nowMs + hours * HOUR_MS);
    await tx.query('UPDATE alerts SET muted_until = $2 WHERE id = $1', [id, until]);
    const details = { until: until?.toISOString() ?? null };
    await insertEvent(tx, by.tenantId, { alertId: id, kind: 'muted', by: by.actor, atMs: nowMs, details });
    await audit(tx, { ...by, action: 'alert.muted', subjectType: 'alert', subjectId: id, after: details });
  });
}

function noAlert(): DomainError {
  return new DomainError('not_found', { message: 'There is no such alert.' });
}
