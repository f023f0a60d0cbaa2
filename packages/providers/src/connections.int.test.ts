/** What people do with connections: keys go in and never come out, and a stored key goes nowhere that its owner did not type in. */
import { startFakeOpenAIBilling, type OpenAIBillingFake } from '@outlay/fakes';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type By, removeConnection, setPaused, updateConnection } from './change-connection';
import { listConnections, listSyncs } from './list-connections';
import { requestSync } from './request-sync';
import { syncDue } from './sync-due';
import { testConnection } from './test-connection';
import { ADAPTERS } from './adapters';
import { openTestSyncs, type TestSyncs } from './testing-sync';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let syncs: TestSyncs;
let fake: OpenAIBillingFake;
let elsewhere: OpenAIBillingFake;

beforeAll(async () => {
  syncs = await openTestSyncs(() => NOW);
  [fake, elsewhere] = await Promise.all([startFakeOpenAIBilling({ now: () => NOW }), startFakeOpenAIBilling({ now: () => NOW })]);
});

afterAll(async () => {
  await syncs.close();
  await Promise.all([fake.close(), elsewhere.close()]);
});

const audited = async (by: By): Promise<unknown[]> => (await syncs.db.withTenant(by.tenantId, (tx) => tx.query('SELECT action, before, after FROM audit_log ORDER BY at, id'))).rows;
const everything = async (by: By): Promise<string> => JSON.stringify([
  await listConnections(syncs.db, by.tenantId), await audited(by), (await syncs.db.withTenant(by.tenantId, (tx) => tx.query('SELECT * FROM provider_connections'))).rows,
]);

describe('a connection', () => {
  it('is made, changed, paused, resumed and removed, and its key is in no table, answer or audit log', async () => {
    const by = await syncs.createTeam();
    const id = await syncs.connect(by, { name: ' Main ', settings: { baseUrl: ` ${fake.baseURL} `, organization: '' }, credentials: ` ${fake.adminKey}\n` });
    expect(await listConnections(syncs.db, by.tenantId)).toMatchObject([{ id, provider: 'openai', name: 'Main', settings: { baseUrl: fake.baseURL }, hint: '6789', state: 'waiting', lagMinutes: null, progress: null }]);
    expect((await syncs.sync(by, id))!.fault).toBeNull();
    await updateConnection(syncs, by, { id, name: 'Other', credentials: 'sk-admin-wrong-wrong-wrong-ABCD' });
    expect((await syncs.sync(by, id))!.fault).toMatchObject({ kind: 'credentials', words: expect.not.stringContaining('wrong-ABCD') });
    await updateConnection(syncs, by, { id, credentials: fake.adminKey });
    await setPaused(syncs, by, id, true);
    expect((await listConnections(syncs.db, by.tenantId))[0]).toMatchObject({ state: 'paused', nextSyncAt: null, hint: '6789' });
    await expect(requestSync(syncs.db, by, id)).rejects.toMatchObject({ code: 'conflict' });
    await setPaused(syncs, by, id, false);
    expect(await everything(by)).not.toContain(fake.adminKey);
    await removeConnection(syncs, by, id);
    expect(await listConnections(syncs.db, by.tenantId)).toEqual([]);
    const { rows } = await syncs.db.withTenant(by.tenantId, (tx) => tx.query<{ credentials: string | null }>('SELECT credentials FROM provider_connections'));
    expect(rows).toEqual([{ credentials: null }]);
    for (const act of [() => removeConnection(syncs, by, id), () => setPaused(syncs, by, id, true), () => updateConnection(syncs, by, { id }), () => listSyncs(syncs.db, by.tenantId, id), () => requestSync(syncs.db, by, newId())]) {
      await expect(act()).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await audited(by)).toMatchObject([
      { action: 'provider.connected', after: { name: 'Main', keyEndsWith: '6789' } }, { action: 'provider.changed', before: { name: 'Main' }, after: { name: 'Other', keyEndsWith: 'ABCD', newKey: true } },
      { action: 'provider.changed' }, { action: 'provider.paused' }, { action: 'provider.resumed' }, { action: 'provider.removed', before: { name: 'Other' } },
    ]);
  });

  it('never sends its stored key to an address that was typed in later', async () => {
    const by = await syncs.createTeam();
    const id = await syncs.connect(by, { settings: { baseUrl: fake.baseURL }, credentials: fake.adminKey });
    const settings = { baseUrl: elsewhere.baseURL };
    await expect(updateConnection(syncs, by, { id, settings })).rejects.toMatchObject({ field: 'credentials', message: expect.stringContaining('enter the key again') });
    await expect(testConnection({ ...syncs, now: () => NOW }, by.tenantId, { provider: 'openai', settings, id })).rejects.toMatchObject({ field: 'credentials' });
    expect(elsewhere.requests).toEqual([]);
    await updateConnection(syncs, by, { id, settings: { baseUrl: fake.baseURL, organization: 'org_1' } });
    await updateConnection(syncs, by, { id, settings, credentials: elsewhere.adminKey });
    expect((await syncs.sync(by, id))!.fault).toBeNull();
  });

  it('is refused by field', async () => {
    const by = await syncs.createTeam();
    const good = { settings: {}, credentials: fake.adminKey };
    for (const [input, field] of [
      [{ credentials: ' x ' }, 'credentials'], [{ name: 'a\nb' }, 'name'], [{ name: 'x'.repeat(81) }, 'name'], [{ settings: { baseUrl: 'ftp://x' } }, 'settings.baseUrl'], [{ settings: { baseUrl: 'https://u:p@x.example' } }, 'settings.baseUrl'],
      [{ settings: { note: fake.adminKey } }, 'settings.note'], [{ settings: { 'a b': 'x' } }, 'settings'], [{ settings: { project: 7 } }, 'settings.project'],
    ] as const) await expect(syncs.connect(by, { ...good, ...input })).rejects.toMatchObject({ code: 'invalid_input', field });
  });

  it('stops a sync that runs by what was true before', async () => {
    const by = await syncs.createTeam();
    const id = await syncs.connect(by, { settings: { baseUrl: fake.baseURL }, credentials: fake.adminKey });
    const report = await syncs.sync(by, id, { onPage: () => removeConnection(syncs, by, id).catch(() => undefined) });
    expect([report!.pages, report!.fault!.words]).toEqual([1, expect.stringContaining('broken off')]);
  });
});

describe('the wizard\'s test', () => {
  const test = (input: { credentials: string; baseUrl?: string }) => testConnection({ ...syncs, now: () => NOW }, newId(), { provider: 'openai', settings: input.baseUrl === undefined ? {} : { baseUrl: input.baseUrl }, credentials: input.credentials });

  it('says exactly what is missing', async () => {
    expect(await test({ credentials: fake.adminKey, baseUrl: fake.baseURL })).toMatchObject([{ ok: true, what: 'Kind of key' }, { ok: true, what: 'Costs' }, { ok: true, what: 'Usage' }]);
    expect(await test({ credentials: 'sk-proj-abcdefgh' })).toMatchObject([{ ok: false, message: expect.stringContaining('project key'), nextStep: expect.stringContaining('sk-admin-') }]);
    expect(await test({ credentials: 'sk-proj-fake-0123456789', baseUrl: fake.baseURL })).toMatchObject([{}, { ok: false, what: 'Costs', message: expect.stringContaining('Missing scopes: api.usage.read') }, { ok: false, what: 'Usage' }]);
    expect(await test({ credentials: fake.adminKey, baseUrl: `${fake.url}/v2` })).toMatchObject([{}, { ok: false, nextStep: 'Check the base URL.' }, {}]);
    fake.fail({ kind: 503, times: 2 });
    expect(await test({ credentials: fake.adminKey, baseUrl: fake.baseURL })).toMatchObject([{}, { ok: false, nextStep: 'Try again in a minute.' }, {}]);
  });

  it('calls no private network', async () => {
    for (const baseUrl of ['http://169.254.169.254/latest', 'https://10.0.0.1/v1', 'https://[fd00::1]/v1']) {
      expect(await test({ credentials: fake.adminKey, baseUrl })).toMatchObject([{}, { ok: false, message: expect.stringMatching(/private network|https:\/\//) }, {}]);
    }
  });
});

it('a sync that a person asked for shows at once, is one, and is taken over by the job', async () => {
  const by = await syncs.createTeam();
  const id = await syncs.connect(by, { settings: { baseUrl: fake.baseURL }, credentials: fake.adminKey });
  const asked = await requestSync(syncs.db, by, id);
  expect(asked.isNew).toBe(true);
  expect(await requestSync(syncs.db, by, id)).toEqual({ syncId: asked.syncId, isNew: false });
  expect((await listConnections(syncs.db, by.tenantId))[0]!.progress).toMatchObject({ syncId: asked.syncId, words: 'Waiting for a worker.' });
  const pages: unknown[] = [];
  const deps = { db: syncs.db, box: syncs.box, fetch: syncs.fetch, adapters: ADAPTERS, bookOf: () => Promise.reject(new Error('the prices are away')), log: () => undefined, now: () => NOW };
  const reports: string[] = [];
  await syncDue(deps, { tenantId: by.tenantId, connectionId: id, syncId: asked.syncId }, (_, { fault }) => reports.push(fault?.words ?? ''));
  expect(reports).toEqual([expect.stringContaining('could not store')]);
  const again = { ...asked, syncId: newId() };
  await syncDue({ ...deps, bookOf: () => Promise.resolve(undefined as never), onPage: async () => void pages.push((await listConnections(syncs.db, by.tenantId))[0]!.progress?.words) }, { tenantId: by.tenantId, connectionId: id, syncId: again.syncId }, () => undefined);
  expect(pages.at(0)).toBe('Usage, page 1');
  expect((await listSyncs(syncs.db, by.tenantId, id)).map(({ id: syncId, state }) => [syncId, state])).toEqual([[again.syncId, 'done'], [asked.syncId, 'failed']]);
});
