/** Channels as a person makes, changes and removes them. Addresses that carry a secret are sealed and never leave again. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database, SecretBox } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { audit, type AuditEntry, openTeamSecret, sealTeamSecret } from '@outlay/tenancy';
import { ensureDefaultRules, OWNERS, ownersChannelId } from '../alerts/default-rules';
import { createSigningSecret } from './sign-webhook';
import { type ChannelKind, type ChannelSettings, deleteChannel, insertChannel, readChannel, readChannels, type StoredChannel, updateChannel } from './store-channels';

export type By = Pick<AuditEntry, 'tenantId' | 'actorId' | 'actor' | 'requestId'>;

export interface ChannelInput {
  /** Absent: a new one. */
  readonly id?: string | undefined;
  readonly kind: ChannelKind;
  readonly name?: string | undefined;
  /** Of mail. */
  readonly to?: typeof OWNERS | readonly string[] | undefined;
  /** Of Slack and webhooks; absent on a change: it stays. */
  readonly url?: string | undefined;
  readonly enabled?: boolean | undefined;
}

export interface ListedChannel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly settings: ChannelSettings;
  readonly enabled: boolean;
  /** Made with the team: may be switched off, not removed. */
  readonly builtIn: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
}

export interface ChannelSecret {
  readonly url: string;
  readonly signingSecret?: string;
}

const EMAIL = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]+\.[^\s@<>,;"]{2,}$/;
const ADDRESSES_MAX = 20;
const CHANNELS_MAX = 50;
const NAME_MAX = 80;
const URL_MAX = 2_000;

function secretRow(channelId: string): readonly string[] {
  return ['channels', channelId, 'secret'];
}

/** In the order of their making. */
export async function listChannels(db: Database, tenantId: string, nowMs = Date.now()): Promise<ListedChannel[]> {
  return await db.withTenant(tenantId, async (tx) => {
    await ensureDefaultRules(tx, tenantId, nowMs);
    return (await readChannels(tx)).map((channel) => toListed(tenantId, channel));
  });
}

/** `signingSecret`: of a new webhook, shown this once. Errors: `invalid_input` naming the field, `not_found`, `conflict`. */
export async function saveChannel(db: Database, box: SecretBox, by: By, input: ChannelInput, nowMs = Date.now()): Promise<{ readonly channel: ListedChannel; readonly signingSecret: string | null }> {
  return await db.withTenant(by.tenantId, async (tx) => {
    await ensureDefaultRules(tx, by.tenantId, nowMs);
    const before = input.id === undefined ? null : await readChannel(tx, input.id);
    if (input.id !== undefined && before === null) throw noChannel();
    if (before !== null && before.kind !== input.kind) throw refuse('kind', 'A channel stays what it is: make a new one.');
    if (before === null && (await readChannels(tx)).length >= CHANNELS_MAX) throw new DomainError('conflict', { message: `A team has at most ${CHANNELS_MAX} channels: remove one that is not needed.` });
    const id = before?.id ?? newId(nowMs);
    const { settings, secret, signingSecret } = input.kind === 'email' ? { settings: { to: addressesOf(input.to ?? before?.settings.to) }, secret: null, signingSecret: null }
      : await sealUrl(tx, box, by.tenantId, id, before, input);
    const name = nameOf(input, settings, before);
    const enabled = input.enabled ?? (before === null || before.disabledAt === null);
    const stored: StoredChannel = { id, kind: input.kind, name, settings, secret, disabledAt: enabled ? null : (before?.disabledAt ?? new Date(nowMs)), createdBy: before?.createdBy ?? by.actor, createdAt: before?.createdAt ?? new Date(nowMs) };
    if (before === null) await insertChannel(tx, by.tenantId, stored);
    if (before !== null || !enabled) await updateChannel(tx, stored);
    await audit(tx, { ...by, action: before === null ? 'channel.created' : 'channel.changed', subjectType: 'channel', subjectId: id, ...(before === null ? {} : { before: factsOf(before) }), after: factsOf(stored) });
    return { channel: toListed(by.tenantId, stored), signingSecret };
  });
}

/** Rules forget it. Errors: `not_found`, `conflict` for the one that was made with the team. */
export async function removeChannel(db: Database, by: By, id: string): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const before = await readChannel(tx, id);
    if (before === null) throw noChannel();
    if (id === ownersChannelId(by.tenantId)) throw new DomainError('conflict', { message: 'The mail to the owners is made with the team: switch it off instead.' });
    await deleteChannel(tx, id);
    await audit(tx, { ...by, action: 'channel.removed', subjectType: 'channel', subjectId: id, before: factsOf(before) });
  });
}

/** Opened inside of the call that sends. Errors: `internal` when it does not open. */
export async function openChannelSecret(tx: PoolClient, box: SecretBox, tenantId: string, channel: Pick<StoredChannel, 'id' | 'secret'>): Promise<ChannelSecret> {
  return JSON.parse(await openTeamSecret(tx, box, tenantId, secretRow(channel.id), channel.secret!)) as ChannelSecret;
}

async function sealUrl(
  tx: PoolClient, box: SecretBox, tenantId: string, id: string, before: StoredChannel | null, input: ChannelInput,
): Promise<{ settings: ChannelSettings; secret: string; signingSecret: string | null }> {
  const known = before === null || before.secret === null ? null : await openChannelSecret(tx, box, tenantId, before);
  if (input.url === undefined && known !== null) return { settings: before!.settings, secret: before!.secret!, signingSecret: null };
  const url = urlOf(input.url);
  const fresh = input.kind === 'webhook' && known === null ? createSigningSecret() : null;
  const signingSecret = fresh ?? known?.signingSecret;
  const secret = await sealTeamSecret(tx, box, tenantId, secretRow(id), JSON.stringify({ url: url.href, ...(signingSecret === undefined ? {} : { signingSecret }) } satisfies ChannelSecret));
  return { settings: { host: url.host }, secret, signingSecret: fresh };
}

function addressesOf(to: ChannelInput['to']): typeof OWNERS | string[] {
  if (to === undefined || to === OWNERS) return OWNERS;
  const addresses = [...new Set(to.map((each) => each.trim().toLowerCase()).filter((each) => each !== ''))];
  if (addresses.length === 0) throw refuse('to', 'Name at least one address, or "owners".');
  if (addresses.length > ADDRESSES_MAX) throw refuse('to', `At most ${ADDRESSES_MAX} addresses: use a list of your mail server.`);
  for (const each of addresses) if (each.length > 254 || !EMAIL.test(each)) throw refuse('to', `"${each.slice(0, 60)}" is no e-mail address.`);
  return addresses;
}

/** Only its form: whether it may be called at all is judged when it is, by the address that its name has then. */
function urlOf(text: string | undefined): URL {
  const trimmed = (text ?? '').trim();
  if (trimmed === '' || trimmed.length > URL_MAX || !URL.canParse(trimmed)) throw refuse('url', 'Paste the whole address, beginning with https://.');
  const url = new URL(trimmed);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw refuse('url', 'The address must begin with https://: messages must not travel in the open.');
  if (url.username !== '' || url.password !== '') throw refuse('url', 'The address must have no user or password: messages are signed instead.');
  return url;
}

function nameOf({ name = '', kind }: ChannelInput, { to, host }: ChannelSettings, before: StoredChannel | null): string {
  const given = name.trim();
  if (given.length > NAME_MAX || /\p{C}/u.test(given)) throw refuse('name', `One line of at most ${NAME_MAX} characters.`);
  if (given !== '') return given;
  if (before !== null) return before.name;
  return kind === 'email' ? `E-mail to ${to === OWNERS ? 'the owners' : (to as string[])[0]!}` : `${kind === 'slack' ? 'Slack' : 'Webhook'} at ${host}`;
}

function toListed(tenantId: string, { id, kind, name, settings, disabledAt, createdBy, createdAt }: StoredChannel): ListedChannel {
  return { id, kind, name, settings, enabled: disabledAt === null, builtIn: id === ownersChannelId(tenantId), createdBy, createdAt: createdAt.toISOString() };
}

function factsOf({ kind, name, settings, disabledAt }: StoredChannel): NonNullable<AuditEntry['after']> {
  return { kind, name, ...(settings.to === undefined ? {} : { to: settings.to === OWNERS ? OWNERS : [...settings.to] }), ...(settings.host === undefined ? {} : { host: settings.host }), enabled: disabledAt === null };
}

function noChannel(): DomainError {
  return new DomainError('not_found', { message: 'There is no such channel. Somebody may have removed it.' });
}

function refuse(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}
