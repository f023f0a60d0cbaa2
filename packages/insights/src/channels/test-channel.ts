/** The test button of a channel: one real message, at once, and what came of it in words. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { writeLetter } from '@outlay/platform';
import { readOwnerAddresses, readTeamFacts } from '@outlay/tenancy';
import type { Message } from '../alerts/message';
import { insertDelivery } from '../alerts/store-alerts';
import { renderAlertLetter } from '../letters/render-letter';
import type { DeliverDependencies } from './deliver-messages';
import { type By, openChannelSecret } from './save-channel';
import { type SendOutcome, sendSlack, sendWebhook } from './send-message';
import { toSlack } from './slack-blocks';
import { endDelivery, readChannel } from './store-channels';

export interface TestAnswer {
  readonly ok: boolean;
  readonly message: string;
}

/** A letter is written, not yet sent: whether the mail server takes it, Jobs and `outlay doctor` say. Errors: `not_found`. */
export async function testChannel(deps: DeliverDependencies, by: By, id: string, nowMs = Date.now()): Promise<TestAnswer> {
  const { db, box, publicUrl, brand } = deps;
  const { channel, secret, teamName, owners } = await db.withTenant(by.tenantId, async (tx) => {
    const found = await readChannel(tx, id);
    if (found === null) throw new DomainError('not_found', { message: 'There is no such channel. Somebody may have removed it.' });
    return {
      channel: found, secret: found.secret === null ? null : await openChannelSecret(tx, box, by.tenantId, found), teamName: (await readTeamFacts(tx, by.tenantId))?.name ?? '',
      owners: await readOwnerAddresses(tx, by.tenantId),
    };
  });
  const testId = newId(nowMs);
  const message: Message = {
    kind: 'alert', severity: 'info', subject: `Test message for ${teamName}`, heading: 'This channel works', figures: [], causes: [], topCustomers: [], url: `${publicUrl().replace(/\/$/, '')}/alerts`,
    paragraphs: [`${by.actor.replace(/ <.*$/, '')} pressed the test button of the channel "${channel.name}" of ${teamName}. Alerts will look like this.`],
  };
  const to = channel.settings.to === undefined || channel.settings.to === 'owners' ? owners : channel.settings.to;
  const letter = channel.kind === 'email' ? await renderAlertLetter({ brand, message }) : null;
  const outcome: SendOutcome = letter !== null ? { ok: true, status: 0 }
    : channel.kind === 'slack' ? await sendSlack(deps.fetch, secret!.url, toSlack(message))
    : await sendWebhook(deps.fetch, { url: secret!.url, signingSecret: secret!.signingSecret! }, { id: testId, type: 'channel.test', timestamp: new Date(nowMs).toISOString(), data: { message: message.paragraphs[0], team: { id: by.tenantId, name: teamName } } }, nowMs);
  await db.withTenant(by.tenantId, async (tx) => {
    if (letter !== null) for (const each of to) await writeLetter(tx, { to: each, ...letter });
    // Stands in the log as it ended; a channel that is off has a button, too.
    const deliveryId = await insertDelivery(tx, by.tenantId, { channelId: id, alertId: null, kind: 'test', dedupeKey: `test:${testId}`, payload: {}, dueMs: nowMs });
    if (deliveryId !== null) await endDelivery(tx, { id: deliveryId, attempts: 0 }, { state: outcome.ok ? 'sent' : 'failed', atMs: nowMs, status: outcome.status, error: outcome.ok ? null : outcome.message.slice(0, 500) });
  });
  if (letter !== null) deps.onLetter?.();
  if (!outcome.ok) return { ok: false, message: outcome.message };
  return { ok: true, message: letter === null ? `${channel.settings.host} took the message.` : `A letter to ${to.join(', ')} was written.` };
}
