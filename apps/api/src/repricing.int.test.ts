/** A negotiated price from the console to the invoice's facts: it prices at once, through every route, and history follows by a re-pricing. */
import { newId } from '@outlay/kernel/ids';
import { advanceRepricing, proveLedger } from '@outlay/ledger';
import { createKey } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from '@outlay/tenancy/testing';
import type { Tenancy } from '@outlay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TeamJob } from './deps';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

let test: TestApi;
let tenancy: Tenancy;
const work: [TeamJob, string][] = [];

beforeAll(async () => {
  test = await startTestApi({ mailbox: false, onWork: (job, tenantId) => void work.push([job, tenantId]) });
  tenancy = createTestTenancy(test.db);
});

afterAll(async () => {
  await tenancy?.close();
  await test?.close();
});

interface Team {
  readonly person: TestPerson;
  readonly owner: Browser;
  readonly key: string;
}

async function createTeam(): Promise<Team> {
  const person = await createOwner(tenancy);
  const { secret } = await createKey(tenancy, await person.acting(), { name: 'test', environment: 'production', abilities: ['ingest', 'read', 'admin'] });
  return { person, owner: browserOf(person), key: secret };
}

function browserOf(person: TestPerson): Browser {
  const browser = openBrowser(test.url);
  browser.cookie = person.secret;
  return browser;
}

async function rest(team: Team, method: string, path: string, body?: unknown): Promise<Record<string, never> & { results?: { verdict: string; cost_usd: string | null; id: string }[] }> {
  const { text } = await openBrowser(test.url).request(method, path, { headers: { authorization: `Bearer ${team.key}`, 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) });
  return JSON.parse(text);
}

async function record(team: Team, change: Record<string, unknown> = {}): Promise<{ id: string; verdict: string; cost: string | null }> {
  const event = { id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', workflow: 'report', usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 }, ...change };
  const { results } = await rest(team, 'POST', '/v1/usage', { events: [event] });
  return { id: results![0]!.id, verdict: results![0]!.verdict, cost: results![0]!.cost_usd };
}

const gpt4o = (input: string) => ({
  provider: 'openai', model: 'gpt-4o', effectiveFrom: null, source: 'contract 7',
  brackets: [{ contextFrom: 0, rates: [
    { class: 'input_uncached', price: input, per: 1_000_000 }, { class: 'cache_read', price: '1', per: 1_000_000 }, { class: 'output_text', price: '10', per: 1_000_000 },
    { class: 'web_search', price: '10', per: 1_000 }, { class: 'file_search', price: '2.5', per: 1_000 },
  ] }],
});

describe('a negotiated price', () => {
  it('prices the next event, explains it, and is one team\'s alone', async () => {
    const [team, other] = [await createTeam(), await createTeam()];
    expect((await record(team)).cost).toBe('2.5');
    expect(await team.owner.trpc.prices.record.mutate(gpt4o('1.25'))).toMatchObject({ state: 'recorded' });
    expect(work).toContainEqual(['heal-quarantine', team.person.tenantId]);
    const { id, cost } = await record(team);
    expect([cost, (await record(other)).cost]).toEqual(['1.25', '2.5']);
    const detail = await team.owner.trpc.ledger.get.query({ id });
    expect(detail.priceVersion).toMatchObject({ model: 'gpt-4o', source: 'contract 7' });
    expect(detail.lines[0]!.amount).toBe('1.25');
    expect(await rest(team, 'GET', `/v1/usage/${id}`)).toMatchObject({ price_version: { source: 'contract 7' } });
    // Corrections follow the same rule.
    const original = await record(team, { model_requested: 'gpt-4o-mini' });
    await rest(team, 'POST', '/v1/corrections', { corrections: [{ original_id: original.id, revision: 0, set: { model_served: 'gpt-4o' }, reason: 'an alias' }] });
    expect((await team.owner.trpc.ledger.get.query({ id: original.id })).corrections.find((row) => row.valid)!.costPico).toBe('1250000000000');
    expect(await team.owner.trpc.prices.get.query({ provider: 'openai', model: 'gpt-4o' })).toMatchObject({ current: expect.arrayContaining([expect.objectContaining({ tier: 'standard', negotiated: true })]) as unknown });
    expect((await team.owner.trpc.prices.list.query({ negotiated: true })).rows.map(({ model }) => model)).toEqual(['gpt-4o']);
    expect((await other.owner.trpc.prices.list.query({ negotiated: true })).rows).toEqual([]);
    const { source } = gpt4o('1');
    await team.owner.trpc.prices.withdraw.mutate({ provider: 'openai', model: 'gpt-4o', effectiveFrom: null, source });
    expect((await record(team)).cost).toBe('2.5');
  });

  it('is refused by its field, and waits beyond ten times until another member approves', async () => {
    const team = await createTeam();
    const wrong = gpt4o('-1');
    await expect(team.owner.trpc.prices.record.mutate(wrong)).rejects.toMatchObject({ data: { outlay: { code: 'invalid_input', field: 'brackets[0].rates[0].price' } } });
    await expect(team.owner.trpc.prices.get.query({ provider: 'openai', model: 'gpt-unheard-of' })).rejects.toMatchObject({ data: { outlay: { code: 'not_found' } } });
    const colleague = browserOf(await createColleague(tenancy, team.person, 'finance'));
    expect(await team.owner.trpc.prices.plan.mutate(gpt4o('50'))).toMatchObject({ distance: { factor: '20' } });
    const { state, proposalId } = await team.owner.trpc.prices.record.mutate(gpt4o('50'));
    expect(state).toBe('waiting');
    expect((await record(team)).cost).toBe('2.5');
    expect((await team.owner.trpc.prices.waiting.query())[0]).toMatchObject({ approval: 'another', factor: '20' });
    await expect(team.owner.trpc.prices.approve.mutate({ id: proposalId!, factor: '20' })).rejects.toMatchObject({ data: { outlay: { code: 'role_missing' } } });
    await colleague.trpc.prices.approve.mutate({ id: proposalId!, factor: '20' });
    expect((await record(team)).cost).toBe('50');
  });
});

it('history follows by a re-pricing: planned, previewed, started from the console, done by a worker, proven by law 4', async () => {
  const team = await createTeam();
  const { tenantId } = team.person;
  await record(team);
  await record(team, { model_requested: 'gpt-99-mystery' });
  await team.owner.trpc.prices.record.mutate(gpt4o('1.25'));
  await expect(team.owner.trpc.repricing.plan.mutate({ filter: { from: 'yesterday' }, reason: 'contract 7' })).rejects.toMatchObject({ data: { outlay: { code: 'invalid_input', field: 'from' } } });
  const planned = await team.owner.trpc.repricing.plan.mutate({ filter: { provider: 'openai' }, reason: 'contract 7' });
  expect([planned.state, planned.preview]).toEqual(['planned', null]);
  expect(work).toContainEqual(['reprice-rows', tenantId]);
  const { writer, prices } = test.api.deps;
  const drive = async () => await advanceRepricing({ db: test.db, writer, price: (await prices.of(tenantId)).price }, { tenantId, id: planned.id });
  await drive();
  expect((await team.owner.trpc.repricing.get.query({ id: planned.id })).preview).toMatchObject({ rows: 1, unpriced: 1, beforePico: '2500000000000', afterPico: '1250000000000', byWorkflow: [{ workflow: 'report' }] });
  await team.owner.trpc.repricing.start.mutate({ id: planned.id });
  await drive();
  expect((await team.owner.trpc.repricing.list.query())[0]).toMatchObject({ state: 'done', corrected: 1, beforePico: '2500000000000', afterPico: '1250000000000' });
  expect((await team.owner.trpc.repricing.quarantine.query()).groups).toMatchObject([{ model: 'gpt-99-mystery', rows: 1, reason: 'Model "gpt-99-mystery" of provider "openai" is not in the price book.' }]);
  const { versionById } = await prices.of(tenantId);
  expect((await proveLedger(test.db, tenantId, { versionById: (id) => versionById(tenantId, id) })).faults).toEqual([]);
  expect(await team.owner.trpc.repricing.healing.query()).toEqual({ heals: true, checkedAt: null });
});
