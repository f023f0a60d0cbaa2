/** Everything of a team as one zip: it sums to the ledger, holds no secret, is for those who may, and breaks off rather than being half. */
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { newId } from '@outlay/kernel/ids';
import { listTenantTables } from '@outlay/platform';
import { plantRow } from '@outlay/platform/testing';
import { createKey, inviteMember } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, testEmail, type TestPerson } from '@outlay/tenancy/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';
import { SESSION_COOKIE } from './http/session-cookie';

interface Manifest {
  readonly cut: string;
  readonly team: { readonly name: string };
  readonly files: readonly { name: string; rows: number; bytes: number; sha256: string; sums?: Record<string, string> }[];
}

let test: TestApi;
let admin: pg.Client;
let owner: TestPerson;
let keySecret = '';
let invitedId = '';

beforeAll(async () => {
  test = await startTestApi({ mailbox: false });
  admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
  const tenancy = createTestTenancy(test.db);
  owner = await createOwner(tenancy, { teamName: 'Nordlicht "AI" GmbH' });
  keySecret = (await createKey(tenancy, await owner.acting(), { name: '=cmd|calc', environment: 'production', abilities: ['ingest', 'read', 'admin'] })).secret;
  invitedId = (await inviteMember(tenancy, await owner.acting(), { email: testEmail(), role: 'viewer' })).id;
  await createColleague(tenancy, owner, 'viewer');
  const browser = openBrowser(test.url);
  browser.cookie = owner.secret;
  await browser.trpc.tenant.update.mutate({ timeZone: 'Asia/Kathmandu' });
  await browser.trpc.prices.record.mutate({ provider: 'openai', model: 'contract-model', effectiveFrom: null, source: 'Contract 7', brackets: [{ contextFrom: 0, rates: [{ class: 'input_uncached', price: '1', per: 1_000_000 }, { class: 'output_text', price: '2', per: 1_000_000 }] }] });
  await record(keySecret, 40);
  await tenancy.close();
});

afterAll(async () => {
  await admin?.end();
  await test?.close();
});

async function record(secret: string, calls: number): Promise<void> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const ids = Array.from({ length: calls }, () => newId());
  const events = ids.map((id, n) => ({
    id, occurred_at: new Date(Date.now() - n * 3_600_000).toISOString(), run_id: `run-${n % 7}`, customer_id: `customer-${n % 3}`, workflow: n % 2 ? 'report' : '+answer', provider: 'openai', api: 'chat',
    model_requested: n % 5 === 0 ? 'gpt-99-mystery' : n % 5 === 1 ? 'contract-model' : 'gpt-4o', usage: { prompt_tokens: 1_000 + n, completion_tokens: 10, total_tokens: 1_010 + n }, snapshot: { entitlement: { plan: `plan-${n % 4}` } },
  }));
  const outcomes = [0, 1, 2].map((n) => ({ kind: 'outcome', id: newId(), occurred_at: new Date().toISOString(), run_id: `run-${n}`, workflow: 'report', outcome: n === 2 ? 'unusable' : 'usable' }));
  const sent = await openBrowser(test.url).request('POST', '/v1/usage', { headers, body: JSON.stringify({ events: [...events, ...outcomes] }) });
  expect(sent.text).not.toMatch(/rejected|conflict/);
  const corrected = await openBrowser(test.url).request('POST', '/v1/corrections', { headers, body: JSON.stringify({ corrections: [{ original_id: ids[2], revision: 0, set: { customer_id: 'customer-9' }, reason: 'wrong customer' }] }) });
  expect(corrected.text).toContain('accepted');
}

async function fetchZip(secret: string | undefined, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${test.url}/export/everything.zip`, { headers: { ...(secret === undefined ? {} : { cookie: `${SESSION_COOKIE}=${secret}` }), ...headers } });
}

/** By the central directory, as unzip reads it: the sizes of streamed entries stand only there. */
function unzip(zip: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [compressed, nameLength, extraLength, commentLength, header] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)];
    const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    files.set(zip.toString('utf8', at + 46, at + 46 + nameLength), inflateRawSync(zip.subarray(start, start + compressed)).toString('utf8'));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

const download = async (person: TestPerson): Promise<Map<string, string>> => unzip(Buffer.from(await (await fetchZip(person.secret)).arrayBuffer()));

/** What a team does not take with it, and why. A new table is exported, or gets its reason here. */
const NOT_EXPORTED: Readonly<Record<string, string>> = {
  tenant_keys: 'the key of its secrets, of use to this installation only',
  usage_rollup: 'sums of usage_events.csv', usage_rollup_day: 'sums of usage_events.csv', customer_rollup: 'sums of usage_events.csv', customer_rollup_day: 'sums of usage_events.csv',
  cap_scopes: 'since when sums for caps are kept', cap_usage: 'sums of usage_events.csv', credit_marks: 'how far outcomes were burned, worked out again from usage_events.csv',
  demo_fills: 'how far made-up history was written',
};

/** Written from what makes sense only: a planted row is not among it, what was recorded is. */
const FILE_OF: Readonly<Record<string, string>> = {
  tenants: 'team.json', members: 'members.json', usage_events: 'usage_events.csv', runs: 'runs.csv', snapshots: 'snapshots.jsonl', invitations: 'invitations.json', tenant_price_versions: 'negotiated_prices.json',
  tenant_price_rates: 'negotiated_prices.json', workflows: 'workflows.json', archived_totals: 'archived_totals.json',
};

describe('everything of a team as one zip', () => {
  it('sums to the ledger, says so in its manifest, and each file is what the manifest says', async () => {
    const answer = await fetchZip(owner.secret);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="outlay-nordlicht-ai-gmbh-\d{4}-\d\d-\d\d\.zip"$/);
    const files = unzip(Buffer.from(await answer.arrayBuffer()));
    const manifest = JSON.parse(files.get('manifest.json')!) as Manifest;
    expect(manifest).toMatchObject({ team: { name: 'Nordlicht "AI" GmbH' }, cut: answer.headers.get('x-outlay-cut') });
    expect([...files.keys()]).toEqual([...manifest.files.map(({ name }) => name), 'manifest.json']);
    for (const { name, bytes, sha256 } of manifest.files) {
      const text = files.get(name)!;
      expect([name, Buffer.byteLength(text), createHash('sha256').update(text).digest('hex')]).toEqual([name, bytes, sha256]);
    }

    const { rows: [ledger] } = await admin.query<{ rows: number; cost: string; runs: number; run_cost: string; priced: string[] }>(`
      select count(*)::int as rows, trim_scale(sum(coalesce(cost_pico, 0)) / 1e12)::text as cost, (select count(*)::int from runs where tenant_id = $1) as runs,
        (select trim_scale(sum(cost_pico) / 1e12)::text from runs where tenant_id = $1) as run_cost, array_agg(distinct price_version_id::text) filter (where price_version_id is not null) as priced
      from usage_events where tenant_id = $1`, [owner.tenantId]);
    const fileOf = (name: string) => manifest.files.find((file) => file.name === name)!;
    expect(fileOf('usage_events.csv')).toMatchObject({ rows: ledger!.rows, sums: { cost_usd: ledger!.cost } });
    expect(fileOf('usage_events.csv').rows).toBe(40 + 3 + 2);
    expect(fileOf('usage_by_day.csv').sums).toEqual({ cost_usd: ledger!.cost });
    expect(fileOf('runs.csv')).toMatchObject({ rows: ledger!.runs, sums: { cost_usd: ledger!.run_cost } });
    // What the manifest says is what the lines say.
    expect(files.get('usage_events.csv')!.trimEnd().split('\r\n')).toHaveLength(ledger!.rows + 1);
    const [head, ...runs] = files.get('runs.csv')!.trimEnd().split('\r\n').map((line) => line.split(','));
    expect(runs.reduce((sum, line) => sum + Number(line[head!.indexOf('cost_usd')]), 0)).toBeCloseTo(Number(ledger!.run_cost), 9);
    expect(runs.map((line) => line[head!.indexOf('outcome')]).filter(Boolean).sort()).toEqual(['unusable', 'usable', 'usable']);
    expect((JSON.parse(files.get('price_versions.json')!) as { id: string }[]).map(({ id }) => id).sort()).toEqual(ledger!.priced.sort());
    expect(files.get('negotiated_prices.json')).toContain('Contract 7');
    expect(files.get('snapshots.jsonl')!.trimEnd().split('\n')).toHaveLength(4);
    expect(JSON.parse(files.get('members.json')!)).toHaveLength(2);
    expect(files.get('audit_log.csv')).toContain('data.exported');
    // Seen with their first events.
    expect(files.get('customers.jsonl')!.trimEnd().split('\n').map((line) => (JSON.parse(line) as { customer_id: string }).customer_id)).toEqual(['customer-0', 'customer-1', 'customer-2', 'customer-9']);
    expect(fileOf('customer_terms.jsonl').rows).toBe(4);
    // A label is anybody's text: none is run by a spreadsheet.
    expect(files.get('usage_by_day.csv')).toContain(`,'+answer,`);
  });

  it('holds no secret: no password, key, session or link, nor a hash of one', async () => {
    const text = [...(await download(owner)).values()].join('\n');
    const { rows: users } = await admin.query<{ password_hash: string }>('select password_hash from users');
    const { rows: keys } = await admin.query<{ key_hash: string }>('select key_hash from api_keys');
    const { rows: sessions } = await admin.query<{ id: string }>('select id from sessions');
    const { rows: invitations } = await admin.query<{ token_hash: string }>('select token_hash from invitations');
    const secrets = [keySecret, owner.secret, ...users.map((row) => row.password_hash), ...keys.map((row) => row.key_hash), ...sessions.map((row) => row.id), ...invitations.map((row) => row.token_hash)];
    expect(secrets.length).toBeGreaterThan(6);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).toContain(invitedId);
  });

  it('holds every table of a team, and of its secrets none', async () => {
    const tenancy = createTestTenancy(test.db);
    const full = await createOwner(tenancy, { teamName: 'Full house' });
    await record((await createKey(tenancy, await full.acting(), { name: 'k', environment: 'production', abilities: ['ingest', 'admin'] })).secret, 10);
    await tenancy.close();
    const tables = await listTenantTables(admin);
    expect(Object.keys(NOT_EXPORTED).filter((table) => !tables.includes(table) || table in FILE_OF)).toEqual([]);
    const planted: Record<string, Readonly<Record<string, string>>> = {};
    await admin.query('set session_replication_role = replica');
    for (const table of tables) if (!(table in FILE_OF)) planted[table] = await plantRow(admin, table, full.tenantId);
    await admin.query(`update channels set secret = 'PLANTED-SECRET' where tenant_id = $1`, [full.tenantId]);
    await admin.query(`update provider_connections set credentials = 'PLANTED-SECRET' where tenant_id = $1`, [full.tenantId]);
    await admin.query('set session_replication_role = origin');

    const files = await download(full);
    const text = [...files.values()].join('\n');
    const { files: listed } = JSON.parse(files.get('manifest.json')!) as Manifest;
    const isHeld = (table: string): boolean => {
      const file = listed.find(({ name }) => name === (FILE_OF[table] ?? `${table}.jsonl`));
      const marks = Object.entries(planted[table] ?? {}).filter(([column, value]) => value.length === 36 && !/hash|lease/.test(column)).map(([, value]) => value);
      return marks.length > 0 ? marks.some((mark) => text.includes(mark)) : file !== undefined;
    };
    expect(tables.filter((table) => isHeld(table) !== !(table in NOT_EXPORTED))).toEqual([]);
    const secrets = Object.values(planted).flatMap((row) => Object.entries(row).filter(([column, value]) => /_hash$|wrapped_key/.test(column) && value.length === 36).map(([, value]) => value));
    expect(secrets.length).toBeGreaterThan(2);
    expect(['PLANTED-SECRET', ...secrets].filter((secret) => text.includes(secret))).toEqual([]);
  });

  it('holds nothing of another team', async () => {
    const tenancy = createTestTenancy(test.db);
    const other = await createOwner(tenancy, { teamName: 'Otherteam', name: 'Otto Other' });
    const secret = (await createKey(tenancy, await other.acting(), { name: 'k', environment: 'production', abilities: ['ingest', 'admin'] })).secret;
    await record(secret, 10);
    await tenancy.close();
    const [own, theirs] = [await download(owner), await download(other)];
    for (const [files, stranger] of [[own, other], [theirs, owner]] as const) {
      const text = [...files.values()].join('\n');
      expect([stranger.tenantId, stranger.userId, stranger.email].filter((fact) => text.includes(fact))).toEqual([]);
    }
    expect((JSON.parse(theirs.get('manifest.json')!) as Manifest).files.find(({ name }) => name === 'usage_events.csv')!.rows).toBe(15);
  });

  it('is for owner, admin and finance, signed in, from a page of ours', async () => {
    const tenancy = createTestTenancy(test.db);
    const status: Record<string, number> = {};
    for (const role of ['admin', 'finance', 'developer', 'viewer'] as const) {
      const answer = await fetchZip((await createColleague(tenancy, owner, role)).secret);
      await answer.arrayBuffer();
      status[role] = answer.status;
    }
    await tenancy.close();
    expect(status).toEqual({ admin: 200, finance: 200, developer: 403, viewer: 403 });
    expect((await fetchZip(undefined)).status).toBe(401);
    expect((await fetchZip(undefined, { authorization: `Bearer ${keySecret}` })).status).toBe(401);
    expect((await fetchZip(owner.secret, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('breaks off when a file in the middle cannot be read, and can be asked for again afterwards', async () => {
    await admin.query('alter table snapshots rename to snapshots_gone');
    try {
      const answer = await fetchZip(owner.secret);
      // What came before is on its way: the answer has begun, and must not end as if it were whole.
      expect(answer.status).toBe(200);
      await expect(answer.arrayBuffer()).rejects.toThrow();
    } finally {
      await admin.query('alter table snapshots_gone rename to snapshots');
    }
    expect(test.logged.some((line) => line.includes('An export broke off.'))).toBe(true);
    expect((await download(owner)).has('manifest.json')).toBe(true);
  });
});

it('gives the audit log as CSV, filtered as the page is', async () => {
  const browser = openBrowser(test.url);
  browser.cookie = owner.secret;
  const all = await browser.request('GET', '/export/audit.csv');
  const [head, ...lines] = all.text.trimEnd().split('\r\n');
  expect(head).toBe('at,actor,actor_email,action,subject_type,subject_id,before,after,request_id,id');
  expect(lines.length).toBeGreaterThan(3);
  const keys = (await browser.request('GET', '/export/audit.csv?action=key')).text.trimEnd().split('\r\n').slice(1);
  expect(keys).toEqual([expect.stringContaining('key.created')]);
  expect((await browser.request('GET', '/export/audit.csv?from=yesterday')).text).toContain('"field":"from"');
  browser.cookie = (await createViewer()).secret;
  expect((await browser.request('GET', '/export/audit.csv')).status).toBe(403);
});

async function createViewer(): Promise<TestPerson> {
  const tenancy = createTestTenancy(test.db);
  const viewer = await createColleague(tenancy, owner, 'viewer');
  await tenancy.close();
  return viewer;
}
