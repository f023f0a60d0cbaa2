/** Re-pricing runs on a real ledger: what a preview promised is what happens, once, whatever interrupts it; and laws 3, 4 and 8 hold afterwards. */
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { until } from '@outlay/platform/testing';
import { createPriceBook, namePriceVersion, priceFast, priceVersionById, type PriceBook, type PriceVersion } from '@outlay/pricing';
import { type Acting, listAudit, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceRepricing, listDueRepricings, type RepricingDependencies } from './advance-repricing';
import { healQuarantine } from './heal-quarantine';
import { listQuarantine } from './list-quarantine';
import { cancelRepricing, findServedNames, getRepricing, listRepricings, planRepricing, setHealing, startRepricing } from './plan-repricing';
import { proveLedger } from './prove-ledger';
import type { RepricingFilter, RepricingRun } from './repricing-run';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import type { LedgerWriter } from './writer';

/** Dollars a million; `knownFrom` orders the books of a test. */
function version(model: string, input: string, knownFrom = 0): PriceVersion {
  return namePriceVersion({
    provider: 'openai', model, match: { when: { equals: model } }, tier: 'standard', region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom, withdrawn: false,
    source: 'list', sourceVersion: String(knownFrom), rates: [{ class: 'input_uncached', price: input, per: 1_000_000 }, { class: 'output_text', price: '10', per: 1_000_000 }],
  });
}

const DAY = 86_400_000;
const OLD = createPriceBook([version('gpt', '2'), version('mini', '1')]);
const NEW = createPriceBook([...OLD.versions, version('gpt', '3', DAY), version('fresh', '4', DAY)]);
const LATER = createPriceBook([...NEW.versions, version('gpt', '7', 2 * DAY)]);

let book: PriceBook = OLD;
let ledger: TestLedger;
let tenancy: Tenancy;

beforeAll(async () => {
  ledger = await openTestLedger({ price: (_tenantId, input) => priceFast(book, input) });
  tenancy = createTestTenancy(ledger.db);
});

afterAll(async () => {
  await tenancy?.close();
  await ledger?.close();
});

interface Team {
  readonly owner: Acting;
  readonly sender: Sender;
  readonly viewer: Acting;
}

async function createTeam(): Promise<Team> {
  const owner = await createOwner(tenancy);
  const viewer = await createColleague(tenancy, owner, 'viewer');
  return { owner: await owner.acting(), viewer: await viewer.acting(), sender: { tenantId: owner.tenantId, keyId: null, environment: 'production', timeZone: 'UTC', lateWindowDays: 7 } };
}

function call(model: string, n: number, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: newId(), occurred_at: new Date(Date.now() - n * 60_000).toISOString(), provider: 'openai', api: 'chat', model_requested: model, run_id: `run-${n % 5}`, workflow: `flow-${n % 2}`,
    customer_id: 'acme', usage: { prompt_tokens: 1_000 + n, completion_tokens: 100, total_tokens: 1_100 + n }, ...change,
  };
}

/** Recorded under the old book: 24 calls of gpt, 6 of mini, 10 of a model without price, one of them corrected since. */
async function recordCalls({ sender }: Team): Promise<Record<string, unknown>[]> {
  book = OLD;
  const events = [...Array(24).keys()].map((n) => call('gpt', n)).concat([...Array(6).keys()].map((n) => call('mini', n)), [...Array(10).keys()].map((n) => call('fresh', n)));
  await ledger.record(sender, events);
  await ledger.correct(sender, [{ original_id: events[0]!['id'], revision: 0, set: { customer_id: 'globex' }, reason: 'wrong customer' }]);
  return events;
}

const deps = (change: Partial<RepricingDependencies> = {}): RepricingDependencies => ({ db: ledger.db, writer: ledger.writer, price: (_tenantId, input) => priceFast(book, input), rowsPerBatch: 4, ...change });

async function plan({ owner }: Team, filter: RepricingFilter = {}): Promise<RepricingRun> {
  const run = await planRepricing(ledger.db, owner, book, { filter, reason: 'the list changed' });
  return (await advanceRepricing(deps(), { tenantId: owner.tenantId, id: run.id }))!;
}

async function prove({ sender }: Team): Promise<void> {
  expect((await proveLedger(ledger.db, sender.tenantId, { versionById: (id) => priceVersionById(LATER, id) })).faults).toEqual([]);
}

/** Of the valid rows, by model: how many, and their cost. */
async function costs({ sender }: Team): Promise<Record<string, string>> {
  const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ model: string; cost: string; unpriced: string }>(
    `select model, sum(cost_pico)::text as cost, sum(unpriced)::text as unpriced from usage_rollup where model <> '' group by model order by model`));
  return Object.fromEntries(rows.map(({ model, cost, unpriced }) => [model, `${Number(cost) / 1e6}${unpriced === '0' ? '' : `, ${unpriced} unpriced`}`]));
}

// Input tokens: 24 calls of 1,000 + n are 24,276; 6 are 6,015; 10 are 10,045. In micro-dollars.
const BEFORE = { gpt: String(24_276 * 2 + 24_000), mini: String(6_015 + 6_000), fresh: '0, 10 unpriced' };
const AFTER = { gpt: String(24_276 * 3 + 24_000), mini: BEFORE.mini, fresh: String(10_045 * 4 + 10_000) };

describe('wrong input', () => {
  it('is refused: another role, a filter with a typo, no reason, a run that is not there or not ready', async () => {
    const team = await createTeam();
    const { owner, viewer } = team;
    const right = { filter: {}, reason: 'the list changed' };
    await expect(planRepricing(ledger.db, viewer, book, right)).rejects.toMatchObject({ code: 'role_missing' });
    await expect(planRepricing(ledger.db, owner, book, { ...right, filter: { modle: 'gpt' } })).rejects.toMatchObject({ code: 'invalid_input', field: 'modle' });
    await expect(planRepricing(ledger.db, owner, book, { ...right, reason: ' x ' })).rejects.toMatchObject({ code: 'invalid_input', field: 'reason' });
    await expect(startRepricing(ledger.db, owner, newId())).rejects.toMatchObject({ code: 'not_found' });
    const run = await planRepricing(ledger.db, owner, book, right);
    await expect(startRepricing(ledger.db, owner, run.id)).rejects.toMatchObject({ code: 'conflict', message: 'Its preview is not ready yet.' });
    await expect(startRepricing(ledger.db, viewer, run.id)).rejects.toMatchObject({ code: 'role_missing' });
    await expect(cancelRepricing(ledger.db, viewer, run.id)).rejects.toMatchObject({ code: 'role_missing' });
    const stranger = await createTeam();
    for (const act of [startRepricing, cancelRepricing]) await expect(act(ledger.db, stranger.owner, run.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(setHealing(ledger.db, viewer, false)).rejects.toMatchObject({ code: 'role_missing' });
  });

  it('and too many open runs', async () => {
    const { owner } = await createTeam();
    for (let n = 0; n < 20; n++) await planRepricing(ledger.db, owner, book, { filter: {}, reason: 'again' });
    await expect(planRepricing(ledger.db, owner, book, { filter: {}, reason: 'again' })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a run', () => {
  it('previews in dollars, changes nothing until it is started, then does just that', async () => {
    const team = await createTeam();
    await recordCalls(team);
    expect(await costs(team)).toEqual(BEFORE);
    book = NEW;
    const planned = await plan(team);
    expect(planned).toMatchObject({ state: 'planned', preview: {
      seen: 40, rows: 34, unchanged: 6, unpriced: 0, healed: 10, beforePico: String((24_276n * 2n + 24_000n) * 1_000_000n), afterPico: String((24_276n * 3n + 24_000n + 10_045n * 4n + 10_000n) * 1_000_000n),
      byModel: [{ model: 'fresh', rows: 10 }, { model: 'gpt', rows: 24 }],
    } });
    expect(planned.preview!.byWorkflow.map(({ workflow, rows }) => [workflow, rows]).sort()).toEqual([['flow-0', 17], ['flow-1', 17]]);
    expect(await costs(team)).toEqual(BEFORE);
    // What comes to be known, or comes in, after the plan is not its matter.
    book = LATER;
    await ledger.record(team.sender, [call('mini', 99)]);
    await startRepricing(ledger.db, team.owner, planned.id);
    const done = (await advanceRepricing(deps(), { tenantId: team.owner.tenantId, id: planned.id }))!;
    expect(done).toMatchObject({ state: 'done', seen: 40, corrected: 34, changedMeanwhile: 0, refused: 0, beforePico: BigInt(planned.preview!.beforePico), afterPico: BigInt(planned.preview!.afterPico) });
    expect(await costs(team)).toEqual({ ...AFTER, mini: String(6_015 + 6_000 + 1_099 + 1_000) });
    await prove(team);
    expect((await listAudit(tenancy, team.owner, { action: 'repricing' })).rows.map(({ action }) => action)).toEqual(['repricing.finished', 'repricing.started', 'repricing.planned']);
    expect((await listAudit(tenancy, team.owner, { action: 'repricing.finished' })).rows[0]!.after).toMatchObject({ corrected: 34, before: '$0.072552', after: '$0.147008' });
  });

  it('takes all that one model of the book prices, under whatever name it was served', async () => {
    const team = await createTeam();
    const wide = (input: string, knownFrom: number): PriceVersion => namePriceVersion({ ...version('wide', input, knownFrom), match: { when: { starts_with: 'wide' } } });
    book = createPriceBook([...OLD.versions, wide('2', 0)]);
    await ledger.record(team.sender, [call('wide', 1), call('wide-2026-01-01', 2), call('wide-mini', 3), call('gpt', 4), call('wide', 5, { provider: 'elsewhere' })]);
    book = createPriceBook([...OLD.versions, wide('2', 0), wide('3', DAY)]);
    const served = await findServedNames(ledger.db, team.owner.tenantId, book, { provider: 'openai', model: 'wide' });
    expect(served.map(({ provider, model }) => `${provider}/${model}`).toSorted()).toEqual(['openai/wide', 'openai/wide-2026-01-01', 'openai/wide-mini']);
    expect((await plan(team, { served })).preview).toMatchObject({ seen: 3, rows: 3 });
    expect((await listAudit(tenancy, team.owner, { action: 'repricing.planned' })).rows[0]!.after).toMatchObject({ served: expect.arrayContaining(['openai/wide-mini']) });
    await expect(findServedNames(ledger.db, team.owner.tenantId, book, { provider: 'openai', model: 'mini' })).rejects.toMatchObject({ code: 'invalid_input', field: 'bookModel' });
  });

  it('keeps to its filter, in the labels that hold', async () => {
    const team = await createTeam();
    await recordCalls(team);
    book = NEW;
    expect((await plan(team, { model: 'gpt', customerId: 'globex' })).preview).toMatchObject({ seen: 1, rows: 1 });
    expect((await plan(team, { model: 'gpt', customerId: 'acme' })).preview).toMatchObject({ seen: 23, rows: 23 });
    expect((await plan(team, { costBasis: 'unpriced' })).preview).toMatchObject({ seen: 10, healed: 10 });
    expect((await plan(team, { workflow: 'flow-1', fromMs: Date.now() - 6.5 * 60_000 })).preview).toMatchObject({ seen: 3 + 3 + 3, rows: 6 });
    expect((await plan(team, { environment: 'staging' })).preview).toMatchObject({ seen: 0, rows: 0, beforePico: '0' });
  });

  it('leaves rows alone for which there is no price any more', async () => {
    const team = await createTeam();
    await recordCalls(team);
    book = createPriceBook([version('mini', '5', DAY)]);
    expect((await plan(team)).preview).toMatchObject({ rows: 6, unpriced: 34, healed: 0 });
  });

  it('is the only one of its team that runs, and meets rows that were corrected meanwhile without touching them', async () => {
    const team = await createTeam();
    const events = await recordCalls(team);
    book = NEW;
    const [one, two] = [await plan(team), await plan(team)];
    await startRepricing(ledger.db, team.owner, one.id);
    await expect(startRepricing(ledger.db, team.owner, two.id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('under way') as string });
    await ledger.correct(team.sender, [{ original_id: events[3]!['id'], revision: 0, set: { status: 'failed' }, reason: 'it failed' }]);
    expect(await advanceRepricing(deps(), { tenantId: team.owner.tenantId, id: one.id })).toMatchObject({ state: 'done', corrected: 33, changedMeanwhile: 1 });
    await startRepricing(ledger.db, team.owner, two.id);
    expect(await advanceRepricing(deps(), { tenantId: team.owner.tenantId, id: two.id })).toMatchObject({ state: 'done', corrected: 0, changedMeanwhile: 34 });
    expect(await costs(team)).toEqual(AFTER);
    await prove(team);
  });

  it('stops when it is cancelled; what it did stays, is counted, and is right', async () => {
    const team = await createTeam();
    await recordCalls(team);
    book = NEW;
    const run = await plan(team);
    await startRepricing(ledger.db, team.owner, run.id);
    let batches = 0;
    const onBatch = async (): Promise<void> => {
      if (++batches === 3) await cancelRepricing(ledger.db, team.owner, run.id);
    };
    const cancelled = (await advanceRepricing(deps({ onBatch }), { tenantId: team.owner.tenantId, id: run.id }))!;
    expect(cancelled).toMatchObject({ state: 'cancelled' });
    expect(cancelled.seen).toBeLessThanOrEqual(16);
    expect(cancelled.corrected).toBeGreaterThan(0);
    expect(cancelled.corrected).toBe(await countRepriced(team));
    await expect(cancelRepricing(ledger.db, team.owner, run.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(startRepricing(ledger.db, team.owner, run.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await advanceRepricing(deps(), { tenantId: team.owner.tenantId, id: run.id })).toBeNull();
    await prove(team);
  });
});

async function countRepriced({ sender }: Team): Promise<number> {
  const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ pairs: number }>(`select count(*)::int as pairs from usage_events where source = 'reprice' and sign = 1`));
  return rows[0]!.pairs;
}

/** A worker that dies after so many answers of the writer: nothing that it does afterwards reaches the database, its lease stays. */
function mortal(answersLeft: number): { db: Database; writer: LedgerWriter } {
  let left = answersLeft;
  const dead = (): boolean => left <= 0;
  const { db, writer } = ledger;
  return {
    db: { ...db, withTenant: async (tenantId, run) => (dead() ? await Promise.reject(new Error('killed')) : await db.withTenant(tenantId, run)) },
    writer: {
      ...writer, waitingRows: 0, ready: true,
      submit: async (units) => {
        const verdicts = await writer.submit(units);
        left -= 1;
        if (dead()) throw new Error('killed');
        return verdicts;
      },
    },
  };
}

describe('a worker that is killed', () => {
  // Right after the rows were written and before anybody noted it: the worst moment.
  it.each([1, 2, 5, 10])('in batch %i loses nothing and doubles nothing: another one goes on', async (batch) => {
    const team = await createTeam();
    await recordCalls(team);
    book = NEW;
    const run = await plan(team);
    await startRepricing(ledger.db, team.owner, run.id);
    const due = { tenantId: team.owner.tenantId, id: run.id };
    await expect(advanceRepricing(deps({ ...mortal(batch), leaseMs: 400 }), due)).rejects.toThrow('killed');
    // The dead one still holds the run.
    expect(await advanceRepricing(deps(), due)).toBeNull();
    expect((await getRepricing(ledger.db, team.owner.tenantId, run.id)).state).toBe('running');
    await until('the lease is over', async () => (await listDueRepricings(ledger.db)).some(({ id }) => id === run.id));
    const done = (await advanceRepricing(deps(), due))!;
    expect(done).toMatchObject({ state: 'done', seen: 40, corrected: 34, changedMeanwhile: 0, beforePico: BigInt(run.preview!.beforePico), afterPico: BigInt(run.preview!.afterPico) });
    expect(await countRepriced(team)).toBe(34);
    expect(await costs(team)).toEqual(AFTER);
    await prove(team);
  });

  it('again and again is given up after a while, with a sentence', async () => {
    const team = await createTeam();
    await recordCalls(team);
    book = NEW;
    const run = await plan(team);
    await startRepricing(ledger.db, team.owner, run.id);
    const due = { tenantId: team.owner.tenantId, id: run.id };
    const broken = { ...ledger.writer, submit: () => Promise.reject(new Error('no writer')) };
    for (let n = 0; n < 10; n++) await expect(advanceRepricing(deps({ writer: broken }), due)).rejects.toThrow('no writer');
    expect(await advanceRepricing(deps(), due)).toMatchObject({ state: 'failed', error: expect.stringContaining('did not get on') as string });
  });
});

it('two workers at once share a run without doubling a row or a count', async () => {
  const team = await createTeam();
  await recordCalls(team);
  book = NEW;
  const run = await plan(team);
  await startRepricing(ledger.db, team.owner, run.id);
  const due = { tenantId: team.owner.tenantId, id: run.id };
  // A lease of a millisecond: each takes the run from the other all the time.
  await until('the run is done', async () => {
    await Promise.all([1, 2, 3].map(() => advanceRepricing(deps({ leaseMs: 1 }), due)));
    return (await getRepricing(ledger.db, team.owner.tenantId, run.id)).state === 'done';
  });
  expect(await getRepricing(ledger.db, team.owner.tenantId, run.id)).toMatchObject({ seen: 40, corrected: 34, changedMeanwhile: 0 });
  expect(await countRepriced(team)).toBe(34);
  await prove(team);
});

describe('the quarantine', () => {
  const price = (_tenantId: string, input: Parameters<typeof priceFast>[1]): ReturnType<typeof priceFast> => priceFast(book, input);
  const heal = (team: Team, mark: string): Promise<RepricingRun | null> => healQuarantine({ db: ledger.db, book, mark, price }, team.owner.tenantId);

  it('tells what has no price and why, by count and ceiling', async () => {
    const team = await createTeam();
    const { owner, sender } = team;
    expect(await listQuarantine(ledger.db, owner.tenantId, price)).toEqual({ rows: 0, ceilingPico: '0', groups: [], complete: true });
    await recordCalls(team);
    await ledger.record(sender, [call('gpt', 1, { service_tier_served: 'flex' }), call('gpt', 2, { usage: undefined, status: 'aborted' })]);
    const list = await listQuarantine(ledger.db, owner.tenantId, price);
    expect(list).toMatchObject({ rows: 12, complete: true });
    // Ten micro-dollars an output token is the dearest; an input token counts two.
    expect(list.groups.map(({ provider, model, reason, rows, ceilingPico, priceable }) => [provider, model, reason, rows, ceilingPico, priceable])).toEqual([
      ['openai', 'fresh', 'Model "fresh" of provider "openai" is not in the price book.', 10, String((10_045n * 2n + 10_000n) * 1_000_000n), false],
      ['openai', 'gpt', 'Model "gpt" of provider "openai" has no flex price at the time of the call.', 1, String((1_001n * 2n + 1_000n) * 1_000_000n), false],
      ['openai', 'gpt', 'No usage was sent with the call.', 1, '0', false],
    ]);
    const part = await listQuarantine(ledger.db, owner.tenantId, price, 1);
    // The models whose turn did not come are sampled: these are few enough to be read whole.
    expect(part).toEqual({ ...list, complete: false });
    book = NEW;
    expect((await listQuarantine(ledger.db, owner.tenantId, price)).groups[0]).toMatchObject({ model: 'fresh', priceable: true });
  });

  it('says of more rows than are read that a sample of the model had the reason', async () => {
    const { owner, sender } = await createTeam();
    book = OLD;
    // Rows are read in the order of their ids, which within a millisecond is chance.
    const first = { id: newId(Date.now() - 5_000) };
    await ledger.record(sender, [...Array(250).keys()].map((n) => call('huge', n)).concat([call('rare', 1), call('mixed', 1, { ...first, usage: undefined, status: 'aborted' })], [...Array(210).keys()].map((n) => call('mixed', n))));
    const list = await listQuarantine(ledger.db, owner.tenantId, price, 1);
    expect(list).toMatchObject({ rows: 462, complete: false });
    const told = list.groups.map(({ model, reason, rows, lookedAt }) => [model, reason?.slice(0, 12) ?? null, rows, lookedAt]);
    expect(told.find(([model]) => model === 'huge')).toEqual(['huge', 'Model "huge"', 250, expect.toSatisfy((read: number) => read >= 200 && read < 250)]);
    expect(told.find(([model]) => model === 'rare')).toEqual(['rare', 'Model "rare"', 1, 1]);
    // Two reasons were seen, so nobody knows whose the rest is.
    const mixed = told.filter(([model]) => model === 'mixed');
    expect([mixed.length, mixed.reduce((sum, [,, rows]) => sum + Number(rows), 0), mixed.find(([, reason]) => reason === null)?.[2]]).toEqual([3, 211, 11]);
    const whole = await listQuarantine(ledger.db, owner.tenantId, price);
    expect([whole.complete, whole.rows, whole.ceilingPico]).toEqual([true, list.rows, list.ceilingPico]);
  });

  it('heals itself when a price appears: plans, previews, corrects, and touches nothing else', async () => {
    const team = await createTeam();
    await recordCalls(team);
    expect(await heal(team, 'old')).toBeNull();
    book = NEW;
    expect(await heal(team, 'old')).toBeNull();
    const planned = await Promise.all([1, 2, 3].map(() => heal(team, 'new')));
    const [run] = planned.flatMap((each) => each ?? []);
    expect(planned.filter((each) => each === null).length).toBe(2);
    if (run === undefined) throw new Error('Nothing was planned.');
    expect(run).toMatchObject({ kind: 'healing', state: 'planned', startsItself: true, createdByName: 'outlay' });
    // The job comes again before the run was driven.
    expect(await heal(team, 'new')).toBeNull();
    expect((await listDueRepricings(ledger.db)).map(({ id }) => id)).toContain(run.id);
    expect(await advanceRepricing(deps(), { tenantId: team.owner.tenantId, id: run.id })).toMatchObject({ state: 'done', corrected: 10, preview: { healed: 10, seen: 10 } });
    expect(await costs(team)).toEqual({ ...BEFORE, fresh: AFTER.fresh });
    expect(await listQuarantine(ledger.db, team.owner.tenantId, price)).toMatchObject({ rows: 0 });
    expect(await heal(team, 'newer')).toBeNull();
    await prove(team);
  });

  it('waits for a person where the team wants to look first; a newer plan replaces an older', async () => {
    const team = await createTeam();
    await setHealing(ledger.db, team.owner, false);
    await recordCalls(team);
    book = NEW;
    const one = (await heal(team, 'new'))!;
    const previewed = await advanceRepricing(deps(), { tenantId: team.owner.tenantId, id: one.id });
    expect(previewed).toMatchObject({ state: 'planned', preview: { rows: 10 } });
    expect((await listDueRepricings(ledger.db)).map(({ id }) => id)).not.toContain(one.id);
    const two = (await heal(team, 'newer'))!;
    expect((await listRepricings(ledger.db, team.owner.tenantId)).map(({ id, state }) => [id, state])).toEqual([[two.id, 'planned'], [one.id, 'cancelled']]);
    await setHealing(ledger.db, team.owner, true);
    expect((await listAudit(tenancy, team.owner, { action: 'repricing.healing_set' })).rows.map(({ after }) => after)).toEqual([{ heals: true }, { heals: false }]);
  });
});
