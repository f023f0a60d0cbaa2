/** Laws 3, 4 and 8 on live data: right books pass, and whatever is tampered with is found and named. */
import pg from 'pg';
import { deriveId, newId } from '@outlay/kernel/ids';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { cataloguePriceBook, priceFast, priceVersionById } from '@outlay/pricing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correctUsage } from './correct-usage';
import { type LedgerProof, proveLedger } from './prove-ledger';
import { recordUsage, type Sender } from './record-usage';
import { createLedgerWriter, type LedgerWriter } from './writer';

const book = await cataloguePriceBook();
let test: TestDatabase;
let writer: LedgerWriter;
let admin: pg.Client;

beforeAll(async () => {
  test = await createTestDatabase();
  writer = await createLedgerWriter(test.db, { connections: 1 });
  admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await writer?.close();
  await test?.close();
});

const calls = {
  chat: { provider: 'openai', api: 'chat', model_requested: 'gpt-4o-mini', usage: { prompt_tokens: 1_200, completion_tokens: 300, total_tokens: 1_500, prompt_tokens_details: { cached_tokens: 1_024 }, completion_tokens_details: { reasoning_tokens: 128 } } },
  responses: { provider: 'openai', api: 'responses', model_requested: 'gpt-5-mini', usage: { input_tokens: 75, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1_186, output_tokens_details: { reasoning_tokens: 1_024 }, total_tokens: 1_261 } },
  anthropic: { provider: 'anthropic', model_requested: 'claude-sonnet-4-5', usage: { input_tokens: 21, cache_creation_input_tokens: 188_086, cache_read_input_tokens: 12, output_tokens: 393, server_tool_use: { web_search_requests: 2 } } },
  // Two models in one response: a row each.
  iterations: {
    provider: 'anthropic', model_requested: 'claude-sonnet-4-5', model_served: 'claude-sonnet-4-5',
    usage: {
      input_tokens: 23_000, output_tokens: 1_000, output_tokens_details: { thinking_tokens: 400 },
      iterations: [{ type: 'advisor_message', model: 'claude-opus-4-5', input_tokens: 500, output_tokens: 50 }, { type: 'compaction', input_tokens: 1_800, output_tokens: 35 }, { type: 'message', input_tokens: 23_000, output_tokens: 1_000 }],
    },
  },
  gemini: { provider: 'google', model_requested: 'gemini-2.5-flash', usage: { promptTokenCount: 500, candidatesTokenCount: 90, thoughtsTokenCount: 40, totalTokenCount: 630 } },
  quantities: { provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 800, cache_read: 200, output_text: 60 } },
  tool: { extras: [{ kind: 'ocr', quantity: '3', unit: 'page', cost: '0.0045' }] },
  refused: { provider: 'openai', model_requested: 'gpt-4o', status: 'failed', error_class: 'rate_limit_exceeded' },
  unknownModel: { provider: 'openai', api: 'chat', model_requested: 'gpt-99-mystery', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
  aborted: { provider: 'openai', model_requested: 'gpt-4o', status: 'aborted', estimated: true, quantities: { input_uncached: 90, output_text: 4 } },
};

/** A team with one call of every kind, a run with outcome, and corrections of several kinds. */
async function makeLedger(): Promise<{ sender: Sender; ids: Record<keyof typeof calls, string> }> {
  const { tenantId } = await createTenantFixture(test.db, { timeZone: 'Asia/Kathmandu' });
  const sender: Sender = { tenantId, keyId: null, environment: 'production', timeZone: 'Asia/Kathmandu', lateWindowDays: 7 };
  const deps = { db: test.db, writer, price: (_tenantId: string, input: Parameters<typeof priceFast>[1]) => priceFast(book, input) };
  const ids = Object.fromEntries(Object.keys(calls).map((name) => [name, newId()])) as Record<keyof typeof calls, string>;
  const occurred_at = new Date(Date.now() - 3_600_000).toISOString();
  const labels = { occurred_at, run_id: 'run-1', customer_id: 'acme', workflow: 'pdf_question' };
  const events = [
    ...Object.entries(calls).map(([name, call]) => ({ ...labels, ...call, id: ids[name as keyof typeof calls] })),
    { ...labels, kind: 'outcome', outcome: 'usable' },
  ];
  const { results } = await recordUsage(deps, sender, { events });
  expect(results.map(({ verdict }) => verdict)).toEqual(Object.keys(calls).map((name) => (name === 'unknownModel' ? 'unpriced' : 'accepted')).concat('accepted'));
  const corrections = [
    { original_id: ids.chat, revision: 0, set: { customer_id: 'globex' }, reason: 'wrong customer' },
    { original_id: ids.anthropic, revision: 0, set: { service_tier_served: 'batch' }, reason: 'it was a batch' },
    { original_id: ids.unknownModel, revision: 0, set: { model_served: 'gpt-4o' }, reason: 'the model is an alias' },
    { original_id: ids.quantities, revision: 0, set: { quantities: { input_uncached: 1_000 } }, reason: 'nothing was cached' },
    { original_id: deriveId(ids.iterations, 'part', 1), revision: 0, set: { service_tier_served: 'batch' }, reason: 'the advisor ran as a batch' },
    { original_id: ids.tool, revision: 0, set: { extras: [{ kind: 'ocr', quantity: '2', unit: 'page', cost: '0.003' }] }, reason: 'one page was blank' },
  ];
  const corrected = await correctUsage(deps, sender, { corrections }, 'test');
  expect(corrected.results.map(({ verdict }) => verdict)).toEqual(corrections.map(() => 'accepted'));
  return { sender, ids };
}

async function prove({ tenantId }: Sender): Promise<LedgerProof> {
  return await proveLedger(test.db, tenantId, { versionById: (id) => priceVersionById(book, id), rowsPerBatch: 3 });
}

/** What no role of Outlay may do: a superuser past the append-only trigger. */
async function tamper(sql: string, values: unknown[]): Promise<void> {
  await admin.query(`set session_replication_role = 'replica'`);
  const { rowCount } = await admin.query(sql, values);
  await admin.query(`set session_replication_role = 'origin'`);
  expect(rowCount).toBe(1);
}

describe('outlay doctor --ledger', () => {
  it('finds nothing wrong in right books, whatever they hold', async () => {
    const { sender } = await makeLedger();
    expect(await prove(sender)).toEqual({ rows: Object.keys(calls).length + 1 + 1 + 6 * 2, faults: [] });
  });

  it('finds a cost that its price does not give', async () => {
    const { sender, ids } = await makeLedger();
    await tamper('update usage_events set cost_pico = cost_pico + 1 where tenant_id = $1 and id = $2', [sender.tenantId, ids.responses]);
    const { faults } = await prove(sender);
    expect(faults.find(({ law }) => law === 4)?.message).toMatch(new RegExp(`^event ${ids.responses}: it costs \\$0\\.\\d+, but openai/gpt-5-mini .* gives \\$0\\.\\d+$`));
    expect(faults.filter(({ law }) => law === 3).length).toBeGreaterThan(0);
    expect(faults.filter(({ law }) => law === 8)).toEqual([]);
  });

  it('finds a reversal that does not take back what was recorded', async () => {
    const { sender, ids } = await makeLedger();
    await tamper(`update usage_events set cost_pico = 0 where tenant_id = $1 and corrects = $2 and kind = 'reversal'`, [sender.tenantId, ids.anthropic]);
    expect((await prove(sender)).faults.find(({ law }) => law === 4)?.message).toMatch(/it costs \$0, but anthropic\/.* gives \$-0\.\d+/);
  });

  it('finds a price version that nobody has', async () => {
    const { sender, ids } = await makeLedger();
    await tamper('update usage_events set price_version_id = $3 where tenant_id = $1 and id = $2', [sender.tenantId, ids.gemini, newId()]);
    expect((await prove(sender)).faults).toEqual([{ law: 4, message: expect.stringMatching(/its price version .* is not in the price book/), place: { kind: 'event', id: ids.gemini } }]);
  });

  it('finds token classes that are not those of the raw usage', async () => {
    const { sender, ids } = await makeLedger();
    await tamper('update usage_events set cache_read = cache_read - 24, input_uncached = input_uncached + 24 where tenant_id = $1 and id = $2', [sender.tenantId, ids.chat]);
    const { faults } = await prove(sender);
    expect(faults.find(({ law }) => law === 8)?.message).toBe(`event ${ids.chat}: input_uncached is 200, but the raw usage says 176`);
  });

  it('finds a raw usage whose total is not the sum of its classes', async () => {
    const { sender, ids } = await makeLedger();
    await tamper(`update usage_events set raw_usage = jsonb_set(raw_usage, '{total_tokens}', '1262') where tenant_id = $1 and id = $2`, [sender.tenantId, ids.responses]);
    expect((await prove(sender)).faults.find(({ law }) => law === 8)?.message).toMatch(/total_tokens \(1262\)/);
  });

  it('finds a rollup and a run that drifted away, and names the cell', async () => {
    const { sender } = await makeLedger();
    await tamper(`update usage_rollup set calls = calls + 1 where tenant_id = $1 and model = 'gemini-2.5-flash'`, [sender.tenantId]);
    await tamper('update runs set cost_pico = cost_pico - 1 where tenant_id = $1', [sender.tenantId]);
    const { faults } = await prove(sender);
    expect(faults.map(({ law }) => law)).toEqual([3, 3]);
    expect(faults.map(({ place }) => place)).toEqual([{ kind: 'run', runId: expect.any(String) }, { kind: 'rows', from: expect.any(String), to: expect.any(String), environment: 'production', workflow: 'pdf_question', provider: 'google', model: 'gemini-2.5-flash' }]);
    expect(faults.map(({ message }) => message)).toEqual([expect.stringMatching(/^runs, run .*: cost is \$[\d.]+, but its events sum to \$[\d.]+$/), expect.stringMatching(/^usage_rollup, .*gemini-2\.5-flash: calls is 2, but its events sum to 1$/)]);
  });

  it('finds a correction that lost its half, and one that takes out what was not there', async () => {
    const { sender, ids } = await makeLedger();
    await tamper(`delete from usage_events where tenant_id = $1 and corrects = $2 and kind = 'restatement'`, [sender.tenantId, ids.chat]);
    expect((await prove(sender)).faults.find(({ law }) => law === 2)).toEqual({
      law: 2, message: `event ${ids.chat}, revision 1: 1 reversals and 0 restatements, where there must be one of each`, place: { kind: 'event', id: ids.chat },
    });
    const other = await makeLedger();
    await tamper(`update usage_events set cost_pico = cost_pico - 1 where tenant_id = $1 and corrects = $2 and kind = 'reversal'`, [other.sender.tenantId, other.ids.quantities]);
    expect((await prove(other.sender)).faults.find(({ law }) => law === 2)?.message).toMatch(/revision 1: its reversal carries \$-0\.\d+, but the row before costs \$0\.\d+$/);
  });

  it('sees the rows of one team only', async () => {
    const { sender } = await makeLedger();
    const other = await makeLedger();
    await tamper('update usage_events set cost_pico = cost_pico + 1 where tenant_id = $1 and id = $2', [other.sender.tenantId, other.ids.gemini]);
    expect((await prove(sender)).faults).toEqual([]);
  });
});
