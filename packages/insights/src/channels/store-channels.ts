/** SQL of channels and of what is sent through them. */
import type { Database } from '@outlay/platform';
import type { Tx } from '../alerts/store-rules';

export const CHANNEL_KINDS = ['email', 'slack', 'webhook'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export interface ChannelSettings {
  /** Of mail: the owners, whoever they are, or these addresses. */
  readonly to?: 'owners' | readonly string[];
  /** Of Slack and webhooks: the host of the address, which itself is sealed. */
  readonly host?: string;
}

export interface StoredChannel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly settings: ChannelSettings;
  /** Sealed: `{url, signingSecret?}`. */
  readonly secret: string | null;
  readonly disabledAt: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const CHANNEL = 'id::text, kind, name, settings, secret, disabled_at AS "disabledAt", created_by AS "createdBy", created_at AS "createdAt"';

export async function readChannels(tx: Tx): Promise<StoredChannel[]> {
  return (await tx.query<StoredChannel>(`SELECT ${CHANNEL} FROM channels ORDER BY created_at, id`)).rows;
}

export async function readChannel(tx: Tx, id: string): Promise<StoredChannel | null> {
  return (await tx.query<StoredChannel>(`SELECT ${CHANNEL} FROM channels WHERE id = $1`, [id])).rows[0] ?? null;
}

export async function insertChannel(tx: Tx, tenantId: string, channel: Omit<StoredChannel, 'disabledAt'>): Promise<void> {
  await tx.query('INSERT INTO channels (tenant_id, id, kind, name, settings, secret, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [tenantId, channel.id, channel.kind, channel.name, channel.settings, channel.secret, channel.createdBy, channel.createdAt]);
}

export async function updateChannel(tx: Tx, channel: Pick<StoredChannel, 'id' | 'name' | 'settings' | 'secret' | 'disabledAt'>): Promise<void> {
  await tx.query('UPDATE channels SET name = $2, settings = $3, secret = $4, disabled_at = $5 WHERE id = $1', [channel.id, channel.name, channel.settings, channel.secret, channel.disabledAt]);
}

export async function deleteChannel(tx: Tx, id: string): Promise<void> {
  await tx.query('UPDATE alert_rules SET channel_ids = array_remove(channel_ids, $1::uuid) WHERE $1::uuid = ANY (channel_ids)', [id]);
  await tx.query('DELETE FROM channels WHERE id = $1', [id]);
}

export interface StoredDelivery {
  readonly id: string;
  readonly channelId: string;
  readonly alertId: string | null;
  readonly kind: 'alert' | 'resolved' | 'digest' | 'test';
  readonly dedupeKey: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

const DELIVERY = `id::text, channel_id::text AS "channelId", alert_id::text AS "alertId", kind, dedupe_key AS "dedupeKey", payload, state, attempts, next_attempt_at AS "nextAttemptAt", last_status AS "lastStatus",
  last_error AS "lastError", created_at AS "createdAt", sent_at AS "sentAt"`;

/** Teams with something to be sent now. */
export async function listDueTeams(db: Pick<Database, 'system'>, nowMs: number): Promise<string[]> {
  const { rows } = await db.system.query<{ id: string }>(
    `SELECT DISTINCT tenant_id::text AS id FROM deliveries WHERE state = 'waiting' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) ORDER BY 1`, [new Date(nowMs)]);
  return rows.map(({ id }) => id);
}

/** Takes what is due for a while: what a sender that died had taken comes again when its lease is over. */
export async function claimDeliveries(tx: Tx, { nowMs, leaseMs, limit }: { readonly nowMs: number; readonly leaseMs: number; readonly limit: number }): Promise<StoredDelivery[]> {
  // Materialised: as a plain sub-select it may be run once a row, and then takes more than its limit.
  const { rows } = await tx.query<StoredDelivery>(
    `WITH due AS MATERIALIZED (
       SELECT id AS due_id FROM deliveries WHERE state = 'waiting' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) ORDER BY next_attempt_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
     UPDATE deliveries SET attempts = attempts + 1, leased_until = $2 FROM due WHERE id = due_id RETURNING ${DELIVERY}`, [new Date(nowMs), new Date(nowMs + leaseMs), limit]);
  return rows;
}

/** False when somebody else ended it: then this sender's message is not one. `attempt` is the claim's: an older claim writes nothing. */
export async function endDelivery(
  tx: Tx, delivery: Pick<StoredDelivery, 'id' | 'attempts'>,
  end: { readonly state: 'sent' | 'failed' | 'waiting'; readonly atMs: number; readonly status?: number | null; readonly error?: string | null; readonly nextAttemptMs?: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE deliveries SET state = $3, leased_until = NULL, last_status = $4, last_error = $5, sent_at = CASE WHEN $3 = 'sent' THEN $6::timestamptz END, next_attempt_at = coalesce($7, next_attempt_at)
     WHERE id = $1 AND attempts = $2 AND state = 'waiting'`,
    [delivery.id, delivery.attempts, end.state, end.status ?? null, end.error ?? null, new Date(end.atMs), end.nextAttemptMs === undefined ? null : new Date(end.nextAttemptMs)]);
  return rowCount === 1;
}

export interface DeliveryFilter {
  readonly channelId?: string | undefined;
  /** Only those older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function readDeliveries(tx: Tx, { channelId, before, limit }: DeliveryFilter): Promise<StoredDelivery[]> {
  const { rows } = await tx.query<StoredDelivery>(
    `SELECT ${DELIVERY} FROM deliveries WHERE ($1::uuid IS NULL OR channel_id = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, [channelId ?? null, before ?? null, limit]);
  return rows;
}

export async function readDelivery(tx: Tx, id: string): Promise<StoredDelivery | null> {
  return (await tx.query<StoredDelivery>(`SELECT ${DELIVERY} FROM deliveries WHERE id = $1 FOR UPDATE`, [id])).rows[0] ?? null;
}
