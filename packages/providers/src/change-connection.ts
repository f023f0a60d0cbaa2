/** Connections as people make, change, pause and remove them. The key is sealed in the transaction that stores it, and nobody gets it back; the audit log is told what was before. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database, SecretBox } from '@outlay/platform';
import { audit, type AuditEntry, type AuditFacts, sealTeamSecret } from '@outlay/tenancy';
import type { PoolClient } from 'pg';
import type { ProviderKind } from './adapter';
import { hintOf, readCredentials, readName, readSettings, refuse, sameAddresses } from './connection-input';
import { insertConnection, readConnection, readConnections, removeConnection as deleteConnection, setConnectionState, type StoredConnection, updateConnection as writeConnection } from './store';
import { credentialsRow } from './sync-connection';

export type By = Pick<AuditEntry, 'tenantId' | 'actorId' | 'actor' | 'requestId'>;

export interface ChangeDependencies {
  readonly db: Database;
  readonly box: SecretBox;
}

const CONNECTIONS_MAX = 100;

export interface ConnectInput {
  readonly provider: Exclude<ProviderKind, 'import'>;
  /** Empty: the provider's. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: string;
}

/** It is due at once. Errors: `invalid_input` naming the field, `conflict` when there are too many. */
export async function connectProvider({ db, box }: ChangeDependencies, by: By, input: ConnectInput): Promise<{ readonly id: string }> {
  const credentials = readCredentials(input.credentials);
  const stated = { provider: input.provider, name: readName(input.name, input.provider), settings: readSettings(input.settings), hint: hintOf(credentials) };
  const id = newId();
  await db.withTenant(by.tenantId, async (tx) => {
    if ((await readConnections(tx)).length >= CONNECTIONS_MAX) throw new DomainError('conflict', { message: `A team has at most ${CONNECTIONS_MAX} connections: remove one that is not needed.` });
    const sealed = await sealTeamSecret(tx, box, by.tenantId, credentialsRow(id), credentials);
    await insertConnection(tx, by.tenantId, { id, ...stated, credentials: sealed, createdBy: by.actor });
    await audit(tx, { ...by, action: 'provider.connected', subjectType: 'provider_connection', subjectId: id, after: factsOf(stated) });
  });
  return { id };
}

export interface UpdateInput {
  readonly id: string;
  readonly name?: string | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Absent: the key stays. */
  readonly credentials?: string | undefined;
}

/** Errors: `invalid_input` naming the field, `not_found`. */
export async function updateConnection({ db, box }: ChangeDependencies, by: By, input: UpdateInput): Promise<void> {
  const credentials = input.credentials === undefined || input.credentials === '' ? null : readCredentials(input.credentials);
  await db.withTenant(by.tenantId, async (tx) => {
    const before = await findConnection(tx, input.id);
    const settings = input.settings === undefined ? before.settings : readSettings(input.settings);
    if (credentials === null && before.credentials !== null) requireKeyFor(before.settings, settings);
    const after = {
      name: input.name === undefined ? before.name : readName(input.name, before.provider), settings,
      credentials: credentials === null ? before.credentials : await sealTeamSecret(tx, box, by.tenantId, credentialsRow(input.id), credentials), hint: credentials === null ? before.hint : hintOf(credentials),
    };
    await writeConnection(tx, input.id, after);
    await audit(tx, { ...by, action: 'provider.changed', subjectType: 'provider_connection', subjectId: input.id, before: factsOf(before), after: { ...factsOf({ ...after, provider: before.provider }), ...(credentials === null ? {} : { newKey: true }) } });
  });
}

/** Errors: `invalid_input`: a stored key is never sent to an address that was not there when it was typed in. */
export function requireKeyFor(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): void {
  if (!sameAddresses(before, after)) throw refuse('credentials', 'The address is another one: enter the key again, so that it is you who sends it there.');
}

/** A sync that runs stops behind its page. Errors: `not_found`. */
export async function setPaused({ db }: Pick<ChangeDependencies, 'db'>, by: By, id: string, paused: boolean): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const before = await findConnection(tx, id);
    await setConnectionState(tx, id, paused ? 'paused' : 'waiting');
    await audit(tx, { ...by, action: paused ? 'provider.paused' : 'provider.resumed', subjectType: 'provider_connection', subjectId: id, before: { state: before.state } });
  });
}

/** Its key is deleted; what the provider said until now stays, as the bill of the past. Errors: `not_found`. */
export async function removeConnection({ db }: Pick<ChangeDependencies, 'db'>, by: By, id: string): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const before = await findConnection(tx, id);
    await deleteConnection(tx, id);
    await audit(tx, { ...by, action: 'provider.removed', subjectType: 'provider_connection', subjectId: id, before: factsOf(before) });
  });
}

export async function findConnection(tx: PoolClient, id: string): Promise<StoredConnection> {
  const found = await readConnection(tx, id);
  if (found === null) throw new DomainError('not_found', { message: 'There is no such connection.' });
  return found;
}

function factsOf({ provider, name, settings, hint }: Pick<StoredConnection, 'provider' | 'name' | 'settings' | 'hint'>): AuditFacts {
  return { provider, name, settings: settings as AuditFacts, keyEndsWith: hint };
}
