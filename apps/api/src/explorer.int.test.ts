/** The ledger explorer over the console's procedures: saved views, the total of a filter, corrections by hand. */
import { newId } from '@outlay/kernel/ids';
import { createKey, listAudit, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

let test: TestApi;
let tenancy: Tenancy;
let owner: TestPerson;
let browser: Browser;
let secret: string;

beforeAll(async () => {
  test = await startTestApi({ mailbox: false });
  tenancy = createTestTenancy(test.db);
  owner = await createOwner(tenancy);
  secret = (await createKey(tenancy, await owner.acting(), { name: 'ci', environment: 'production', abilities: ['ingest', 'read'] })).secret;
  browser = openBrowser(test.url);
  browser.cookie = owner.secret;
});

afterAll(async () => {
  await tenancy?.close();
  await test?.close();
});

async function record(change: Record<string, unknown> = {}): Promise<string> {
  const event = { id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', model_requested: 'gpt-4o', customer_id: 'acme', workflow: 'report', usage: { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 }, ...change };
  const { status, text } = await openBrowser(test.url).request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) });
  expect([status, (JSON.parse(text) as { results: { verdict: string }[] }).results[0]!.verdict]).toEqual([200, 'accepted']);
  return event.id;
}

const refusalOf = async (promise: Promise<unknown>): Promise<{ code: string; field?: string; message: string }> => await promise.then(
  () => { throw new Error('was not refused'); },
  (error: { data: { outlay: { code: string; field?: string; message: string } } }) => error.data.outlay,
);

describe('saved views', () => {
  it('are the team\'s: saved, renamed, overwritten, deleted, and told in the audit log', async () => {
    const { views } = browser.trpc;
    const saved = await views.save.mutate({ name: '  Failed calls of acme ', search: { status: 'failed', customerId: 'acme', range: '30d' } });
    expect(saved).toMatchObject({ name: 'Failed calls of acme', search: { status: 'failed', customerId: 'acme', range: '30d' } });
    await views.save.mutate({ name: 'Another', search: {} });
    const colleague = openBrowser(test.url);
    colleague.cookie = (await createColleague(tenancy, owner, 'viewer')).secret;
    expect((await colleague.trpc.views.list.query()).map(({ name }) => name)).toEqual(['Another', 'Failed calls of acme']);
    expect((await views.rename.mutate({ id: saved.id, name: 'Failures' })).name).toBe('Failures');
    expect((await views.overwrite.mutate({ id: saved.id, search: { status: 'aborted', normaliserVersion: 0 } })).search).toEqual({ status: 'aborted', normaliserVersion: 0 });
    await views.remove.mutate({ id: saved.id });
    expect((await views.list.query()).map(({ name }) => name)).toEqual(['Another']);
    const log = (await listAudit(tenancy, await owner.acting(), { search: saved.id })).rows;
    expect(log.map(({ action }) => action).toSorted()).toEqual(['view.deleted', 'view.overwritten', 'view.renamed', 'view.saved']);
    expect(log.find(({ action }) => action === 'view.overwritten')).toMatchObject({ before: { filters: { status: 'failed' } }, after: { filters: { status: 'aborted' } } });
  });

  it('refuses what is none, and names why', async () => {
    const { views } = browser.trpc;
    const { id } = await views.save.mutate({ name: 'Taken', search: {} });
    expect(await refusalOf(views.save.mutate({ name: 'Taken', search: {} }))).toMatchObject({ field: 'name', message: expect.stringContaining('has a view of this name') });
    const other = await views.save.mutate({ name: 'Other', search: {} });
    expect(await refusalOf(views.rename.mutate({ id: other.id, name: 'Taken' }))).toMatchObject({ field: 'name' });
    for (const name of ['', '   ', 'x'.repeat(61), 'two\nlines', 'a\0b']) expect(await refusalOf(views.save.mutate({ name, search: {} }))).toMatchObject({ field: 'name' });
    for (const search of [{ colour: 'red' }, { status: 'odd' }, { customerId: '' }, { workflow: 'x'.repeat(256) }]) await refusalOf(views.save.mutate({ name: 'Bad', search: search as never }));
    expect(await refusalOf(views.rename.mutate({ id: newId(), name: 'Nobody' }))).toMatchObject({ message: expect.stringContaining('no such view') });
    await views.remove.mutate({ id });
    expect(await refusalOf(views.remove.mutate({ id }))).toMatchObject({ message: expect.stringContaining('no such view') });
    const listed = (await views.list.query()).length;
    for (let n = listed; n < 50; n++) await views.save.mutate({ name: `View ${n}`, search: {} });
    expect(await refusalOf(views.save.mutate({ name: 'One more', search: {} }))).toMatchObject({ message: expect.stringContaining('50 views') });
  });
});

describe('the total of a filter', () => {
  it('is the sum of the file of its cut, whatever is recorded later', async () => {
    const workflow = `total-${newId()}`;
    for (let n = 0; n < 3; n++) await record({ workflow });
    const total = await browser.trpc.ledger.total.query({ workflow, range: '24h' });
    expect(total.total).toEqual({ costPico: '7500000000', calls: 3, unpriced: 0 });
    await record({ workflow });
    const { text } = await browser.request('GET', `/v1/export/summary.csv?plain=true&workflow=${workflow}&from=${total.from}&to=${total.to}&cut=${encodeURIComponent(total.cut)}`);
    const [head, line] = text.split('\r\n').map((each) => each.split(','));
    expect(line![head!.indexOf('cost_usd')]).toBe('0.0075');
    expect((await browser.trpc.ledger.total.query({ workflow, status: 'succeeded' })).total?.calls).toBe(4);
  });
});

describe('a correction by hand', () => {
  it('moves the cost to another customer, under the person\'s name and reason', async () => {
    const workflow = `corrected-${newId()}`;
    const id = await record({ workflow });
    const { ledger } = browser.trpc;
    const corrected = await ledger.correct.mutate({ originalId: id, revision: 0, set: { customerId: 'globex', feature: null }, reason: 'Booked on the wrong customer' });
    expect(corrected.revision).toBe(1);
    expect((await ledger.get.query({ id: corrected.id! })).row).toMatchObject({ customerId: 'globex', valid: true, revision: 1, costPico: '2500000000' });
    const sums = await Promise.all(['acme', 'globex'].map(async (customerId) => (await ledger.total.query({ workflow, customerId })).total));
    expect(sums).toEqual([{ costPico: '0', calls: 0, unpriced: 0 }, { costPico: '2500000000', calls: 1, unpriced: 0 }]);
    const [entry] = (await listAudit(tenancy, await owner.acting(), { search: id })).rows;
    expect(entry).toMatchObject({ action: 'usage.corrected', before: { customer_id: 'acme' }, after: { customer_id: 'globex', reason: 'Booked on the wrong customer' } });
    expect(JSON.stringify(entry!.actor)).toContain(owner.email);
  });

  it('of what somebody corrected meanwhile is a conflict, and says what to do', async () => {
    const id = await record();
    const { ledger } = browser.trpc;
    await ledger.correct.mutate({ originalId: id, revision: 0, set: { workflow: 'first' }, reason: 'the first one' });
    expect(await refusalOf(ledger.correct.mutate({ originalId: id, revision: 0, set: { workflow: 'second' }, reason: 'the second one' }))).toMatchObject({ message: expect.stringContaining('read it again') });
    expect(await refusalOf(ledger.correct.mutate({ originalId: id, revision: 1, set: { outcome: 'usable' }, reason: 'a call has none' }))).toMatchObject({ field: 'outcome' });
    expect(await refusalOf(ledger.correct.mutate({ originalId: id, revision: 1, set: {}, reason: 'nothing at all' }))).toMatchObject({ field: 'set' });
    expect(await refusalOf(ledger.correct.mutate({ originalId: id, revision: 1, set: { workflow: 'x' }, reason: ' ' }))).toMatchObject({ field: 'reason' });
    expect(await refusalOf(ledger.correct.mutate({ originalId: newId(), revision: 0, set: { workflow: 'x' }, reason: 'not there' }))).toMatchObject({ message: expect.stringContaining('no such event') });
  });
});

describe('the price book as a file', () => {
  it('has a line a rate under the id that rows name, the team\'s own first, and only its own', async () => {
    await browser.trpc.prices.record.mutate({ provider: 'openai', model: 'my-model', effectiveFrom: null, source: '=contract, 7', brackets: [{ contextFrom: 0, rates: [{ class: 'input_uncached', price: '1.5', per: 1_000_000 }, { class: 'output_text', price: '6', per: 1_000_000 }] }] });
    const { status, text, headers } = await browser.request('GET', '/v1/export/prices.csv?model=my-model&plain=true');
    expect([status, headers.get('x-outlay-filter')]).toEqual([200, 'model=my-model']);
    const [head, ...lines] = text.trimEnd().split('\r\n');
    expect(lines.map((line) => line.replace(/^[0-9a-f-]{36}/, 'id').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'then').replace(/,[^,]*$/, ''))).toEqual(['input_uncached,1.5', 'output_text,6'].map((rate) => `id,openai,my-model,standard,,0,${rate},1000000,,then,false,true,"'=contract, 7"`));
    expect(head!.split(',')).toContain('price_version_id');
    const whole = await browser.request('GET', '/v1/export/prices.csv');
    expect(whole.text.split('\r\n').length).toBeGreaterThan(3_000);
    expect(whole.text.split('\r\n')[1]).toContain('my-model');
    const id = await record();
    const row = (await browser.trpc.ledger.get.query({ id })).priceVersion!;
    expect(whole.text).toContain(`${row.id},openai,gpt-4o,standard,`);
    const stranger = openBrowser(test.url);
    stranger.cookie = (await createOwner(tenancy)).secret;
    expect((await stranger.request('GET', '/v1/export/prices.csv')).text).not.toContain('my-model');
    expect((await browser.request('GET', '/v1/export/prices.csv?search=x')).status).toBe(400);
  });

  it('tells what a model costs at a time, and the whole of it page by page', async () => {
    await browser.trpc.prices.record.mutate({ provider: 'openai', model: 'priced-model', effectiveFrom: new Date('2026-11-01T00:00:00Z').toISOString(), source: 'contract', brackets: [{ contextFrom: 0, rates: [{ class: 'input_uncached', price: '1.5', per: 1_000_000 }, { class: 'output_text', price: '6', per: 1_000_000 }] }] });
    interface Page { readonly data: { readonly id: string; readonly provider: string; readonly model: string; readonly negotiated: boolean; readonly rates: unknown }[]; readonly next_cursor: string | null }
    const ask = async (query: string, as = browser): Promise<Page> => JSON.parse((await as.request('GET', `/v1/prices?${query}`)).text) as Page;
    expect((await ask('provider=openai&model=priced-model')).data).toMatchObject([{ model: 'priced-model', negotiated: true, rates: [{ class: 'input_uncached', price: '1.5', per: 1_000_000 }, {}] }]);
    expect((await ask('provider=openai&model=priced-model&at=2026-10-31T00:00:00Z')).data).toEqual([]);
    const priced = (await browser.trpc.ledger.get.query({ id: await record() })).priceVersion!;
    expect((await ask('provider=openai&model=gpt-4o')).data).toContainEqual(expect.objectContaining({ id: priced.id, negotiated: false }));
    const models: string[] = [];
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page: Page = await ask(`limit=250&cursor=${cursor}`);
      models.push(...new Set(page.data.map(({ provider, model }) => `${provider}/${model}`)));
      cursor = page.next_cursor;
    }
    expect([models.length > 500, new Set(models).size === models.length, models.includes('openai/priced-model')]).toEqual([true, true, true]);
    const stranger = openBrowser(test.url);
    stranger.cookie = (await createOwner(tenancy)).secret;
    expect((await ask('model=priced-model', stranger)).data).toEqual([]);
    expect(JSON.parse((await browser.request('GET', '/v1/prices?at=yesterday')).text)).toMatchObject({ error: { code: 'invalid_input', field: 'at', message: expect.stringContaining('2026-11-21T00:00:00Z') as string } });
  });
});
