/** The wizard's test: asks the provider for as little as possible and says exactly what is missing. Stores nothing. */
import { openTeamSecret } from '@outlay/tenancy';
import type { Database, GuardedFetch, SecretBox } from '@outlay/platform';
import type { Adapter, ProviderKind, TestFinding } from './adapter';
import { SyncFault } from './adapter';
import { ADAPTERS } from './adapters';
import { findConnection, requireKeyFor } from './change-connection';
import { readCredentials, readSettings } from './connection-input';
import { credentialsRow } from './sync-connection';

export interface TestDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  readonly adapters?: Readonly<Partial<Record<ProviderKind, Adapter>>>;
  readonly now?: () => number;
}

export interface TestInput {
  readonly provider: Exclude<ProviderKind, 'import'>;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absent with `id`: the stored key is tried. */
  readonly credentials?: string | undefined;
  readonly id?: string | undefined;
}

const TEST_MS = 30_000;

/** Errors: `invalid_input` naming the field, `not_found`. What the provider refuses is a finding. */
export async function testConnection({ db, box, fetch, adapters = ADAPTERS, now = Date.now }: TestDependencies, tenantId: string, input: TestInput): Promise<readonly TestFinding[]> {
  const settings = readSettings(input.settings);
  const credentials = input.id !== undefined && (input.credentials === undefined || input.credentials === '') ? await readStored(db, box, tenantId, input.id, settings) : readCredentials(input.credentials ?? '');
  const adapter = adapters[input.provider];
  if (adapter === undefined) return [{ ok: false, what: 'Provider', message: `This version of Outlay cannot ask ${input.provider}.`, nextStep: 'Import its usage or cost file instead.' }];
  try {
    return await adapter.test({ settings, credentials, fetch, nowMs: now(), signal: AbortSignal.timeout(TEST_MS) });
  } catch (error) {
    if (!(error instanceof SyncFault)) throw error;
    return [{ ok: false, what: 'Connection', message: error.words, nextStep: 'Check the address and the key, then test again.' }];
  }
}

async function readStored(db: Database, box: SecretBox, tenantId: string, id: string, settings: Readonly<Record<string, unknown>>): Promise<string> {
  return await db.withTenant(tenantId, async (tx) => {
    const connection = await findConnection(tx, id);
    requireKeyFor(connection.settings, settings);
    return connection.credentials === null ? readCredentials('') : await openTeamSecret(tx, box, tenantId, credentialsRow(id), connection.credentials);
  });
}
