/** The arithmetic of one row, against costs worked out by hand from the providers' price lists. */
import { addRational, compareRational, multiplyRational, parseDecimal, toPico, ZERO } from '@outlay/kernel';
import { deriveId, newId } from '@outlay/kernel/ids';
import { cataloguePriceBook, type PriceBook, priceFast, priceVersionById } from '@outlay/pricing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventFilter } from './event-filter';
import { type EventDetail, getEvent } from './get-event';
import { listEvents } from './list-events';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';

let book: PriceBook;
let ledger: TestLedger;
let sender: Sender;

beforeAll(async () => {
  book = await cataloguePriceBook();
  ledger = await openTestLedger({ price: (_tenantId, input) => priceFast(book, input) });
  sender = await ledger.createSender();
});

afterAll(async () => {
  await ledger?.close();
});

const NOW = Date.now();

function call(facts: Record<string, unknown>): Record<string, unknown> & { id: string } {
  return { id: newId(NOW), occurred_at: new Date(NOW - 60_000).toISOString(), ...facts };
}

async function detailOf(id: string, of: Sender = sender): Promise<EventDetail> {
  return await getEvent({ db: ledger.db, price: ledger.price, versionById: (_tenantId, versionId) => priceVersionById(book, versionId) }, of.tenantId, id);
}

it('is found by the price and the normaliser that its drawer names', async () => {
  const team = await ledger.createSender();
  const usage = { prompt_tokens: 100, completion_tokens: 10 };
  const [mini, full, stated] = [
    call({ provider: 'openai', model_served: 'gpt-4o-mini', usage }), call({ provider: 'openai', model_served: 'gpt-4o', usage }), call({ provider: 'openai', model_served: 'gpt-4o', quantities: { output_text: 1 } }),
  ];
  await ledger.record(team, [mini, full, stated]);
  const { event, version } = await detailOf(full.id, team);
  const found = async (filter: EventFilter): Promise<string[]> => (await listEvents(ledger.db, team.tenantId, filter)).rows.map(({ id }) => id).sort();
  expect(version?.id).toBe(event.price_version_id);
  expect(await found({ priceVersionId: version!.id })).toEqual([full.id, stated.id].sort());
  expect(await found({ priceVersionId: version!.id.toUpperCase(), normaliserVersion: event.normaliser_version })).toContain(full.id);
  expect(await found({ priceVersionId: newId() })).toEqual([]);
  expect(await found({ normaliserVersion: event.normaliser_version + 1 })).toEqual([]);
});

/** Records a call, and proves for its first row that the lines are exact and sum to the stored cost. */
async function explained(facts: Record<string, unknown>): Promise<EventDetail> {
  const event = call(facts);
  await ledger.record(sender, [event]);
  return proveLines(await detailOf(event.id));
}

function proveLines(detail: EventDetail): EventDetail {
  let sum = ZERO;
  for (const line of detail.lines) {
    const amount = parseDecimal(line.amount)!;
    expect([line, compareRational(multiplyRational(parseDecimal(line.quantity)!, parseDecimal(line.unitPrice)!), amount)]).toEqual([line, 0]);
    expect(line.words).toContain(line.amount.replace('-', ''));
    sum = addRational(sum, amount);
  }
  expect(toPico(sum)).toBe(detail.event.cost_pico);
  return detail;
}

/** Dollars as a decimal text, to pico-dollars. */
const usd = (text: string): bigint => toPico(parseDecimal(text)!);
const amounts = ({ lines }: EventDetail): Record<string, string> => Object.fromEntries(lines.map((line) => [line.class, line.amount]));

describe('the arithmetic of a row', () => {
  it('of OpenAI chat: 1,200 uncached at $2.50, 800 cached at $1.25, 300 out at $10 a million', async () => {
    const detail = await explained({
      provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage: { prompt_tokens: 2_000, completion_tokens: 300, total_tokens: 2_300, prompt_tokens_details: { cached_tokens: 800 } },
    });
    expect(amounts(detail)).toEqual({ input_uncached: '0.003', cache_read: '0.001', output_text: '0.003' });
    expect(detail.lines[0]!.words).toBe('1,200 uncached input tokens × $2.50 per million = $0.003');
    expect(detail.event.cost_pico).toBe(usd('0.007'));
    expect(detail.version).toMatchObject({ provider: 'openai', tier: 'standard' });
    expect(detail.rawUsage).toEqual({ prompt_tokens: 2_000, completion_tokens: 300, total_tokens: 2_300, prompt_tokens_details: { cached_tokens: 800 } });
  });

  it('of OpenAI responses: reasoning is part of the output, at its price', async () => {
    const detail = await explained({
      provider: 'openai', api: 'responses', model_requested: 'gpt-5-mini',
      usage: { input_tokens: 75, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1_186, output_tokens_details: { reasoning_tokens: 1_024 }, total_tokens: 1_261 },
    });
    // 75 x 0.25, 162 x 2, 1,024 x 2 dollars a million.
    expect(amounts(detail)).toEqual({ input_uncached: '0.00001875', output_text: '0.000324', output_reasoning: '0.002048' });
    expect(detail.event.cost_pico).toBe(usd('0.00239075'));
  });

  it('of Anthropic: cache writes by their time to live, reads, and searches', async () => {
    const detail = await explained({
      provider: 'anthropic', model_requested: 'claude-sonnet-4-5',
      usage: {
        input_tokens: 100, cache_creation_input_tokens: 3_000, cache_read_input_tokens: 10_000, cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
        output_tokens: 50, server_tool_use: { web_search_requests: 2 },
      },
    });
    // 3, 3.75, 6, 0.30 and 15 dollars a million; 10 dollars a thousand searches.
    expect(amounts(detail)).toEqual({ input_uncached: '0.0003', cache_read: '0.003', cache_write_5m: '0.00375', cache_write_1h: '0.012', output_text: '0.00075', web_search: '0.02' });
    expect(detail.event.cost_pico).toBe(usd('0.0398'));
    expect(detail.lines.find((line) => line.class === 'web_search')?.words).toBe('2 web searches × $10.00 per thousand = $0.02');
  });

  it('of Anthropic iterations: each model\'s part explains its own tokens, whatever the sender called the model', async () => {
    const usage = {
      input_tokens: 23_000, output_tokens: 1_000,
      iterations: [{ type: 'advisor_message', model: 'claude-opus-4-5', input_tokens: 500, output_tokens: 50 }, { type: 'message', input_tokens: 23_000, output_tokens: 1_000 }],
    };
    for (const names of [{ model_requested: 'claude-sonnet-4-5' }, { model_served: 'claude-sonnet-4-5' }, { model_requested: 'claude-sonnet-4-5', model_served: 'claude-sonnet-4-5' }]) {
      const event = call({ provider: 'anthropic', usage, ...names });
      await ledger.record(sender, [event]);
      const whole = proveLines(await detailOf(event.id));
      const advisor = proveLines(await detailOf(deriveId(event.id, 'part', 1)));
      expect([whole.event.cost_pico, advisor.event.cost_pico]).toEqual([usd('0.084'), usd('0.00375')]);
      expect([whole.event.part, advisor.event.part]).toEqual([0, 1]);
      expect(amounts(advisor)).toEqual({ input_uncached: '0.0025', output_text: '0.00125' });
    }
  });

  it('of Gemini: thoughts come on top of the candidates', async () => {
    const detail = await explained({
      provider: 'google', model_requested: 'gemini-2.5-flash', usage: { promptTokenCount: 1_000, candidatesTokenCount: 90, thoughtsTokenCount: 10, totalTokenCount: 1_100 },
    });
    // 0.30 and 2.50 dollars a million.
    expect(amounts(detail)).toEqual({ input_uncached: '0.0003', output_text: '0.000225', output_reasoning: '0.000025' });
    expect(detail.event.cost_pico).toBe(usd('0.00055'));
  });

  it('of stated quantities, and of costs beside the model', async () => {
    const stated = await explained({ provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 800, cache_read: 200, output_text: 60 } });
    expect(stated.event.cost_pico).toBe(usd('0.00285'));
    expect(stated.rawUsage).toBeNull();
    const extras = [{ kind: 'ocr', quantity: '3', unit: 'page', cost: '0.0045' }, { kind: 'vector_search', quantity: 7, unit: 'query', cost: 0.0000007 }];
    const tool = await explained({ extras });
    expect(amounts(tool)).toEqual({ ocr: '0.0045', vector_search: '0.0000007' });
    const both = await explained({ provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage: { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 }, extras });
    expect(both.event.cost_pico).toBe(usd('0.0070007'));
    expect(both.lines.map((line) => line.class)).toEqual(['input_uncached', 'ocr', 'vector_search']);
  });

  it('of a batch call: half the price', async () => {
    const detail = await explained({ provider: 'openai', api: 'chat', model_requested: 'gpt-4o', service_tier_served: 'batch', usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } });
    expect(detail.event.cost_pico).toBe(usd('0.00175'));
    expect(detail.version).toMatchObject({ tier: 'batch' });
  });

  it('of an estimate, and of a refused call that cost nothing', async () => {
    const estimate = await explained({ provider: 'openai', model_requested: 'gpt-4o', status: 'aborted', estimated: true, quantities: { input_uncached: 1_000 } });
    expect([estimate.event.cost_basis, estimate.event.cost_pico]).toEqual(['estimated', usd('0.0025')]);
    const refused = await explained({ provider: 'openai', model_requested: 'gpt-4o', status: 'failed' });
    expect([refused.event.cost_basis, refused.lines]).toEqual(['priced', []]);
  });
});

describe('a row without a price of ours', () => {
  it('says why', async () => {
    const unpriced = call({ provider: 'openai', api: 'chat', model_requested: 'gpt-99-mystery', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
    const unknownKey = call({ provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, hologram_tokens: 7 } });
    const unknownEnd = call({ provider: 'openai', model_requested: 'gpt-4o', status: 'unknown' });
    await ledger.record(sender, [unpriced, unknownKey, unknownEnd]);
    expect(await detailOf(unpriced.id)).toMatchObject({ lines: [], version: null, unpricedReason: 'Model "gpt-99-mystery" of provider "openai" is not in the price book.' });
    expect((await detailOf(unknownKey.id)).unpricedReason).toMatch(/hologram_tokens is not known/);
    expect((await detailOf(unknownEnd.id)).unpricedReason).toBe('No usage was sent with the call.');
  });

  it('says that a price exists by now, once it does', async () => {
    const event = call({ provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
    const early = await openTestLedger();
    try {
      const team = await early.createSender();
      await early.record(team, [{ ...event, model_requested: 'mystery' }]);
      const { unpricedReason } = await getEvent({ db: early.db, price: (_tenantId, input) => priceFast(book, { ...input, model: 'gpt-4o' }), versionById: () => null }, team.tenantId, event.id);
      expect(unpricedReason).toMatch(/has one by now: post a correction with "reprice": true/);
    } finally {
      await early.close();
    }
  });

  it('has the provider\'s own figure where it stated one, and keeps it through corrections', async () => {
    const event = call({ provider: 'openrouter', model_requested: 'some/model-of-tomorrow', provider_cost: '0.0123', quantities: { input_uncached: 5 } });
    await ledger.record(sender, [event]);
    const detail = proveLines(await detailOf(event.id));
    expect(detail.event.cost_basis).toBe('provider_reported');
    expect(detail.lines).toMatchObject([{ class: 'provider_reported', amount: '0.0123' }]);
    const [repriced] = await ledger.correct(sender, [{ original_id: event.id, revision: 0, reprice: true, reason: 'still no price' }]);
    expect(proveLines(await detailOf(repriced!.restatement_id!)).event).toMatchObject({ cost_basis: 'provider_reported', cost_pico: usd('0.0123'), provider_cost_pico: usd('0.0123') });
    const [changed] = await ledger.correct(sender, [{ original_id: event.id, revision: 1, set: { provider_cost: '0.02' }, reason: 'their invoice says so' }]);
    expect(proveLines(await detailOf(changed!.restatement_id!)).event).toMatchObject({ cost_basis: 'provider_reported', cost_pico: usd('0.02'), provider_cost_pico: usd('0.02') });
    expect(proveLines(await detailOf(changed!.reversal_id!)).event).toMatchObject({ cost_pico: -usd('0.0123'), provider_cost_pico: -usd('0.0123') });
  });
});

describe('a corrected event', () => {
  it('shows its chain, what was taken back and what is valid', async () => {
    const event = call({ provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } });
    await ledger.record(sender, [event]);
    const [first] = await ledger.correct(sender, [{ original_id: event.id, revision: 0, set: { service_tier_served: 'batch' }, reason: 'it was a batch' }]);
    const [second] = await ledger.correct(sender, [{ original_id: event.id, revision: 1, set: { usage: { prompt_tokens: 2_000, completion_tokens: 0, total_tokens: 2_000 } }, reason: 'the log was wrong' }]);
    const ids = [event.id, first!.reversal_id, first!.restatement_id, second!.reversal_id, second!.restatement_id] as string[];
    const details = await Promise.all(ids.map(async (id) => proveLines(await detailOf(id))));
    expect(details.map((detail) => detail.event.cost_pico)).toEqual([usd('0.0035'), -usd('0.0035'), usd('0.00175'), -usd('0.00175'), usd('0.0025')]);
    expect(details.map((detail) => detail.event.valid)).toEqual([false, false, false, false, true]);
    for (const detail of details) {
      expect([detail.event, ...detail.corrections].map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect([detail.event, ...detail.corrections].filter(({ valid }) => valid).map(({ id }) => id)).toEqual([ids[4]]);
    }
    expect(details[1]!.lines[0]).toMatchObject({ quantity: '-1000', amount: '-0.0025', words: expect.stringMatching(/^Taken back: 1,000 uncached input tokens/) as unknown });
  });

  it('takes back an unpriced state, and prices it once the model is known', async () => {
    const event = call({ provider: 'openai', api: 'chat', model_requested: 'gpt-99', usage: { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 } });
    await ledger.record(sender, [event]);
    const [corrected] = await ledger.correct(sender, [{ original_id: event.id, revision: 0, set: { model_served: 'gpt-4o' }, reason: 'an alias' }]);
    expect(await detailOf(corrected!.reversal_id!)).toMatchObject({ lines: [], event: { cost_pico: null, sign: -1 } });
    expect(proveLines(await detailOf(corrected!.restatement_id!)).event.cost_pico).toBe(usd('0.0025'));
  });
});

describe('a row\'s surroundings', () => {
  it('are its run with every row of it, oldest first, and the snapshot it was made under', async () => {
    const snapshot = { entitlement: { plan: 'pro' }, caps: { maxContextTokens: 8_000 } };
    const at = (minutes: number): string => new Date(NOW - 3_600_000 + minutes * 60_000).toISOString();
    const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 };
    const chat = { provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage, run_id: 'order-7', customer_id: 'acme', workflow: 'report' };
    const [first, again] = [call({ ...chat, occurred_at: at(0), attempt: 1, snapshot }), call({ ...chat, occurred_at: at(1), attempt: 2 })];
    const [, , outcome] = await ledger.record(sender, [again, first, { kind: 'outcome', run_id: 'order-7', outcome: 'usable', units: 2.5, occurred_at: at(2), customer_id: 'acme', workflow: 'report' }]);
    const detail = await detailOf(first.id);
    expect(detail.snapshot).toEqual(snapshot);
    expect(detail.run).toMatchObject({ run_ref: 'order-7', customer_id: 'acme', workflow: 'report', calls: 2, retries: 1, outcome: 'usable', units: '2.5', cost_pico: usd('0.005'), moreEvents: false });
    expect(detail.run!.events.map(({ id }) => id)).toEqual([first.id, again.id, outcome!.id]);
    expect((await detailOf(outcome!.id!)).lines).toEqual([]);
    expect((await detailOf(again.id)).snapshot).toBeNull();
  });

  it('are of one environment for whoever may see only that', async () => {
    const usage = { provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 1 }, run_id: 'shared' };
    // A run is of the environment of its first call.
    const [live, tried] = [call({ ...usage, id: newId(NOW - 1_000) }), call({ ...usage, occurred_at: new Date(NOW - 30_000).toISOString() })];
    await ledger.record(sender, [live]);
    await ledger.record({ ...sender, environment: 'staging' }, [tried]);
    const deps = { db: ledger.db, price: ledger.price, versionById: () => null };
    expect((await getEvent(deps, sender.tenantId, live.id)).run!.events.map(({ id }) => id)).toEqual([live.id, tried.id]);
    expect((await getEvent(deps, sender.tenantId, live.id, 'production')).run!.events.map(({ id }) => id)).toEqual([live.id]);
    expect((await getEvent(deps, sender.tenantId, tried.id, 'staging')).run).toBeNull();
    await expect(getEvent(deps, sender.tenantId, tried.id, 'production')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are nobody else\'s', async () => {
    const stranger = await ledger.createSender();
    const event = call({ provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 1 } });
    await ledger.record(sender, [event]);
    await expect(detailOf(event.id, stranger)).rejects.toMatchObject({ code: 'not_found' });
    await expect(detailOf(newId())).rejects.toMatchObject({ code: 'not_found' });
    await expect(detailOf('x')).rejects.toMatchObject({ code: 'invalid_input', field: 'id' });
  });
});
