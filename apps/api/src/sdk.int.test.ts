/** The SDK against the real ledger: what it promises its users holds only if both sides agree on the wire. */
import { createOutlay, type OutlayOptions, type OutlayWarning, type Verdict } from '@outlay/sdk';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let key: string;
let tenantId: string;

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  tenantId = owner.tenantId;
  key = (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'app', environment: 'production', abilities: ['ingest', 'read'] })).secret;
});

afterAll(async () => {
  await test?.close();
});

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly [name: string]: unknown;
}

async function read<T>(path: string): Promise<T> {
  const response = await fetch(`${test.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const rowsOf = async (customerId: string): Promise<readonly Row[]> => (await read<{ data: Row[] }>(`/v1/usage?customer_id=${customerId}`)).data;

function start(options: Partial<OutlayOptions> = {}) {
  const verdicts: Verdict[] = [];
  const warnings: OutlayWarning[] = [];
  const outlay = createOutlay({
    apiKey: key, baseUrl: test.url, models: ['gpt-4o'], gate: false, retry: { baseDelayMs: 0 },
    onVerdict: (verdict) => verdicts.push(verdict), onWarning: (warning) => warnings.push(warning), ...options,
    delivery: { baseDelayMs: 10, spoolDir: false, ...options.delivery },
  });
  return { outlay, verdicts, warnings };
}

const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };

describe('the developer contract', () => {
  it('a run becomes priced calls, its other cost and one outcome, under one snapshot', async () => {
    const { outlay, verdicts, warnings } = start();
    const planSnapshot = { plan: 'pro', active_price_id: 'price_123' };
    let fails = true;
    const run = (): Promise<string> =>
      outlay.run({
        customerId: 'acme', userId: 'u1', workflow: 'pdf_question', feature: 'rag', environment: 'production',
        entitlement: planSnapshot,
        caps: { maxContextTokens: 12_000_000, softDailyCost: 4.0 },
        action: ({ model, record }) => {
          if (fails) {
            fails = false;
            throw Object.assign(new Error('busy'), { status: 503, model });
          }
          record({ kind: 'retrieval', quantity: 3, unit: 'query', cost: '0.25' });
          record({ provider: 'openai', api: 'chat', model, usage });
          return 'answered';
        },
      });
    expect(await run()).toBe('answered');
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    expect(verdicts.map((verdict) => [verdict.kind, verdict.verdict, verdict.costUsd])).toEqual([
      ['usage', 'accepted', '0'],
      ['usage', 'accepted', '0.25'],
      ['usage', 'accepted', '2.5'],
      ['outcome', 'accepted', '0'],
    ]);
    expect(warnings).toEqual([]);

    const rows = await rowsOf('acme');
    expect(new Set(rows.map((row) => row['run_id'])).size).toBe(1);
    const outcome = rows.find((row) => row.kind === 'outcome')!;
    const detail = await read<{ snapshot: unknown; run: Record<string, unknown> }>(`/v1/usage/${outcome.id}`);
    expect(detail.snapshot).toEqual({ entitlement: planSnapshot, caps: { maxContextTokens: 12_000_000, softDailyCost: 4 } });
    expect(detail.run).toMatchObject({ workflow: 'pdf_question', customer_id: 'acme', cost_usd: '2.75', outcome: 'usable' });
    expect(rows.map((row) => row['active_price_id'])).toEqual(rows.map(() => 'price_123'));

    await run();
    await outlay.flush();
    const snapshots = await test.db.withTenant(tenantId, (tx) => tx.query('SELECT hash FROM snapshots'));
    expect(snapshots.rows.length).toBe(1);
    // 2.75 and 2.75 again: today's total has passed the cap of the second run.
    expect(warnings).toMatchObject([{ code: 'soft_cap_reached', customerId: 'acme', todayUsd: '5.5', limitUsd: '4' }]);
    await outlay.shutdown();
  });

  it('a delivery whose answer is lost is sent again and counted once, outcomes included', async () => {
    let lost = 0;
    const losing: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if ((lost += 1) > 2) return response;
      await response.text();
      throw new TypeError('fetch failed');
    };
    const { outlay, verdicts } = start({ fetch: losing });
    await outlay.run({ customerId: 'twice', workflow: 'w', action: ({ record }) => record({ provider: 'openai', usage }) });
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    expect(verdicts.map((verdict) => [verdict.kind, verdict.verdict])).toEqual([['usage', 'duplicate'], ['outcome', 'duplicate']]);
    expect((await rowsOf('twice')).map((row) => row.kind).sort()).toEqual(['outcome', 'usage']);
    await outlay.shutdown();
  });

  it('what the ledger refuses is told event by event, and its neighbours stand', async () => {
    const { outlay, verdicts } = start();
    outlay.track({ provider: 'openai', model: 'gpt-4o', usage, environment: 'staging' });
    outlay.track({ provider: 'openai', model: 'no-such-model', usage });
    outlay.track({ provider: 'openai', model: 'gpt-4o', usage });
    await outlay.flush();
    expect(verdicts.map((verdict) => [verdict.verdict, verdict.costUsd ?? null])).toEqual([['rejected', null], ['unpriced', null], ['accepted', '2.5']]);
    expect(verdicts[0]).toMatchObject({ reason: 'environment_mismatch' });
    await outlay.shutdown();
  });

  it('a key that is refused keeps the events for the one that is not', async () => {
    const { outlay, warnings } = start({ apiKey: 'ol_production_nonsense' });
    outlay.track({ provider: 'openai', model: 'gpt-4o', usage });
    expect(await outlay.flush()).toEqual({ delivered: false, pending: 1 });
    expect(warnings.map((warning) => warning.code)).toContain('key_refused');
    await outlay.shutdown({ timeoutMs: 50 });
  });
});
