/** The log of what was sent, and a message of it sent once more because a person asks. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { By } from './save-channel';
import { readAlertTitles } from '../alerts/store-alerts';
import { readDeliveries, readDelivery, type StoredDelivery } from './store-channels';

const PAGE_ROWS = 50;

export interface DeliveryPage {
  /** The newest first. */
  readonly rows: readonly (Omit<StoredDelivery, 'nextAttemptAt' | 'createdAt' | 'sentAt' | 'payload' | 'dedupeKey'> & { readonly nextAttemptAt: string | null; readonly createdAt: string; readonly sentAt: string | null; readonly alertTitle: string | null })[];
  readonly nextCursor: string | null;
}

export async function listDeliveries(db: Database, tenantId: string, { channelId, cursor }: { readonly channelId?: string | undefined; readonly cursor?: string | undefined }): Promise<DeliveryPage> {
  const { rows, titles } = await db.withTenant(tenantId, async (tx) => {
    const found = await readDeliveries(tx, { channelId, before: cursor, limit: PAGE_ROWS + 1 });
    return { rows: found, titles: await readAlertTitles(tx, found.flatMap(({ alertId }) => alertId ?? [])) };
  });
  const page = rows.slice(0, PAGE_ROWS);
  return {
    rows: page.map(({ payload: _payload, dedupeKey: _key, nextAttemptAt, createdAt, sentAt, ...rest }) => ({
      ...rest, alertTitle: titles.get(rest.alertId ?? '') ?? null, nextAttemptAt: rest.state === 'waiting' ? nextAttemptAt.toISOString() : null, createdAt: createdAt.toISOString(), sentAt: sentAt?.toISOString() ?? null,
    })),
    nextCursor: rows.length > PAGE_ROWS ? page.at(-1)!.id : null,
  };
}

/** The same message under the same id, with its tries counted anew. Errors: `not_found`; `conflict` while it waits by itself, and for tests, which have a button of their own. */
export async function replayDelivery(db: Database, by: By, id: string, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const delivery = await readDelivery(tx, id);
    if (delivery === null) throw new DomainError('not_found', { message: 'There is no such message.' });
    if (delivery.alertId === null) throw new DomainError('conflict', { message: 'Only messages about alerts are sent again: a test has its own button.' });
    if (delivery.state === 'waiting') throw new DomainError('conflict', { message: 'This message waits to be sent already.' });
    await tx.query(`UPDATE deliveries SET state = 'waiting', attempts = 0, next_attempt_at = $2, leased_until = NULL, sent_at = NULL, last_error = NULL, last_status = NULL WHERE id = $1`, [id, new Date(nowMs)]);
    await audit(tx, { ...by, action: 'delivery.replayed', subjectType: 'delivery', subjectId: id });
  });
}
