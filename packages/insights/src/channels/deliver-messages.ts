/**
 * Sends what waits in the outbox of channels. Any number of workers may do so at once: each takes rows for a while. A letter goes into the mail outbox in the transaction that ends its row, so
 * it is one whatever dies when; Slack and webhooks are called before the row ends, so a worker that dies between them calls a second time, under the same `webhook-id`.
 */
import { randomInt } from 'node:crypto';
import type { Database, GuardedFetch, SecretBox } from '@outlay/platform';
import { writeLetter } from '@outlay/platform';
import { readOwnerAddresses, readTeamFacts } from '@outlay/tenancy';
import { type Message, writeMessage } from '../alerts/message';
import { readAlert } from '../alerts/read-alerts';
import type { Tx } from '../alerts/store-rules';
import type { LetterBrand } from '../letters/layout';
import { renderAlertLetter } from '../letters/render-letter';
import { openChannelSecret } from './save-channel';
import { type SendOutcome, sendSlack, sendWebhook, waitMs } from './send-message';
import { toSlack } from './slack-blocks';
import { claimDeliveries, endDelivery, listDueTeams, readChannel, type StoredChannel, type StoredDelivery, updateChannel } from './store-channels';

export interface DeliverDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  /** Origin of the console, for links. */
  readonly publicUrl: () => string;
  readonly brand: LetterBrand;
  /** Told that letters were written, so that they leave at once. */
  readonly onLetter?: () => void;
  /** Told that a team has something new to see. */
  readonly onActivity?: (tenantId: string) => void;
  readonly log?: (sentence: string, error: unknown) => void;
  readonly random?: () => number;
}

export interface DeliveryTally {
  readonly sent: number;
  readonly postponed: number;
  readonly failed: number;
}

/** Longer than a call may take. */
const LEASE_MS = 90_000;
const BATCH = 20;
/** Receivers that hang until their time is up would else keep every team behind them. */
const TEAMS_AT_ONCE = 4;
const ERROR_MAX = 500;

/** Everything that is due. One message that cannot be sent keeps no other back. `now` is asked at every claim: a lease of a round that began long ago would be over before its call. */
export async function deliverMessages(deps: DeliverDependencies, now: () => number): Promise<DeliveryTally> {
  const tally = { sent: 0, postponed: 0, failed: 0 };
  const teams = (await listDueTeams(deps.db, now())).values();
  await Promise.all(Array.from({ length: TEAMS_AT_ONCE }, async () => {
    for (const tenantId of teams) await deliverTeam(deps, tenantId, now, tally).catch((error: unknown) => deps.log?.('The messages of a team could not be sent; the next round tries again.', error));
  }));
  if (tally.sent > 0) deps.onLetter?.();
  return tally;
}

async function deliverTeam(deps: DeliverDependencies, tenantId: string, now: () => number, tally: Record<keyof DeliveryTally, number>): Promise<void> {
  for (;;) {
    const nowMs = now();
    const claimed = await deps.db.withTenant(tenantId, (tx) => claimDeliveries(tx, { nowMs, leaseMs: LEASE_MS, limit: BATCH }));
    const ends = await Promise.all(claimed.map((delivery) => deliverOne(deps, tenantId, delivery, nowMs).catch((error: unknown) => {
      deps.log?.('A message could not be sent; it comes again when its lease is over.', error);
      return 'postponed' as const;
    })));
    for (const end of ends) if (end !== null) tally[end]++;
    if (claimed.length < BATCH) break;
  }
  deps.onActivity?.(tenantId);
}

/** Null when another worker ended it meanwhile. */
async function deliverOne(deps: DeliverDependencies, tenantId: string, delivery: StoredDelivery, nowMs: number): Promise<keyof DeliveryTally | null> {
  const { db } = deps;
  const found = await db.withTenant(tenantId, async (tx) => {
    const channel = await readChannel(tx, delivery.channelId);
    if (channel === null || channel.disabledAt !== null) {
      return await endDelivery(tx, delivery, { state: 'failed', atMs: nowMs, error: channel === null ? 'The channel was removed.' : 'The channel is switched off.' }) ? 'failed' as const : null;
    }
    const message = await messageOf(tx, deps, tenantId, delivery);
    if (message === null) return await endDelivery(tx, delivery, { state: 'failed', atMs: nowMs, error: 'The alert is gone.' }) ? 'failed' as const : null;
    return { channel, message, secret: channel.secret === null ? null : await openChannelSecret(tx, deps.box, tenantId, channel) };
  });
  if (found === null || found === 'failed') return found;
  const { channel, message, secret } = found;
  if (channel.kind === 'email') return await sendLetters(deps, tenantId, delivery, channel, message, nowMs);
  const outcome = channel.kind === 'slack' ? await sendSlack(deps.fetch, secret!.url, toSlack(message.drawn))
    : await sendWebhook(deps.fetch, { url: secret!.url, signingSecret: secret!.signingSecret! }, { id: delivery.id, ...message.event }, nowMs);
  return await db.withTenant(tenantId, async (tx) => await endOf(tx, delivery, channel, outcome, nowMs, deps.random ?? randomShare));
}

async function sendLetters(deps: DeliverDependencies, tenantId: string, delivery: StoredDelivery, channel: StoredChannel, { drawn }: Sendable, nowMs: number): Promise<'sent' | 'failed' | null> {
  const letter = await renderAlertLetter({ brand: deps.brand, message: drawn });
  return await deps.db.withTenant(tenantId, async (tx) => {
    const to = channel.settings.to === undefined || channel.settings.to === 'owners' ? await readOwnerAddresses(tx, tenantId) : channel.settings.to;
    if (to.length === 0) return await endDelivery(tx, delivery, { state: 'failed', atMs: nowMs, error: 'The team has no owner to write to.' }) ? 'failed' : null;
    if (!await endDelivery(tx, delivery, { state: 'sent', atMs: nowMs })) return null;
    for (const each of to) await writeLetter(tx, { to: each, ...letter });
    return 'sent';
  });
}

async function endOf(tx: Tx, delivery: StoredDelivery, channel: StoredChannel, outcome: SendOutcome, nowMs: number, random: () => number): Promise<keyof DeliveryTally | null> {
  if (outcome.ok) return await endDelivery(tx, delivery, { state: 'sent', atMs: nowMs, status: outcome.status }) ? 'sent' : null;
  const said = { atMs: nowMs, status: outcome.status, error: outcome.message.slice(0, ERROR_MAX) };
  const wait = outcome.permanent ? null : waitMs(delivery.attempts, random());
  // The specification: whoever answers 410 is called no more.
  if (outcome.gone === true && channel.kind === 'webhook') await updateChannel(tx, { ...channel, disabledAt: new Date(nowMs) });
  if (wait === null) return await endDelivery(tx, delivery, { ...said, state: 'failed' }) ? 'failed' : null;
  return await endDelivery(tx, delivery, { ...said, state: 'waiting', nextAttemptMs: nowMs + Math.max(wait, outcome.retryAfterMs ?? 0) }) ? 'postponed' : null;
}

interface Sendable {
  readonly drawn: Message;
  readonly event: { readonly type: string; readonly timestamp: string; readonly data: unknown };
}

async function messageOf(tx: Tx, { publicUrl }: DeliverDependencies, tenantId: string, delivery: StoredDelivery): Promise<Sendable | null> {
  const alert = delivery.alertId === null ? null : await readAlert(tx, delivery.alertId);
  if (alert === null) return null;
  const kind = delivery.kind === 'resolved' ? 'resolved' : 'alert';
  const team = await readTeamFacts(tx, tenantId);
  const url = alertUrl(publicUrl(), alert.id);
  return {
    drawn: writeMessage(alert, kind, team?.name ?? 'your team', url),
    event: { type: kind === 'resolved' ? 'alert.resolved' : 'alert.fired', timestamp: delivery.createdAt.toISOString(), data: { ...alert, team: { id: tenantId, name: team?.name ?? '' }, url } },
  };
}

function randomShare(): number {
  return randomInt(1_000_000) / 1_000_000;
}

/** The page of one alert in the console. */
function alertUrl(origin: string, alertId: string): string {
  return `${origin.replace(/\/$/, '')}/alerts/${alertId}`;
}
