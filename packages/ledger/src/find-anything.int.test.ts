import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAnything, type Findings } from './find-anything';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const EVENT = newId(NOW - 3_600_000);
const RUN = newId(NOW - 3_600_000);
let ledger: TestLedger;
let sender: Sender;
let stranger: Sender;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  sender = await ledger.createSender({ timeZone: 'Europe/Berlin' });
  stranger = await ledger.createSender({});
  const call = (change: Record<string, unknown>) => ({
    id: newId(NOW - 3_600_000), occurred_at: new Date(NOW - 3_600_000).toISOString(), provider: 'openai', model_requested: 'gpt', quantities: { input_uncached: 1 }, ...change,
  });
  await ledger.record(sender, [
    call({ id: EVENT, run_id: RUN, request_id: 'req_one', customer_id: 'acme', workflow: 'report' }),
    call({ run_id: 'Invoice-2026-11', request_id: 'req_one', customer_id: 'acme-eu', workflow: 'report_short' }),
    ...Array.from({ length: 8 }, (_, n) => call({ customer_id: `acm${n}`, workflow: 'ticket' })),
    call({ customer_id: 'Zoë & Söhne', workflow: 'ticket' }),
  ]);
  await ledger.record(stranger, [call({ run_id: 'invoice-2026-12', request_id: 'req_two', customer_id: 'acme-secret', workflow: 'report_secret' })]);
});

afterAll(async () => {
  await ledger?.close();
});

const find = (text: string, by = sender): Promise<Findings> => findAnything(ledger.db, by.tenantId, text, { timeZone: 'Europe/Berlin', nowMs: NOW });

describe('everything is found', () => {
  it('by an id, whole or begun', async () => {
    for (const text of [EVENT, EVENT.slice(0, 20), EVENT.toUpperCase()]) expect((await find(text)).events.map(({ id }) => id)).toContain(EVENT);
    for (const text of [RUN, RUN.slice(0, 20)]) expect((await find(text)).runs).toMatchObject([{ runId: RUN, runRef: null, workflow: 'report', customerId: 'acme' }]);
  });

  it('by the name that the sender gave a run, whole or begun, in any letters', async () => {
    for (const text of ['Invoice-2026-11', 'invoice-2026', 'INV']) expect((await find(text)).runs.map(({ runRef }) => runRef)).toEqual(['Invoice-2026-11']);
  });

  it('by its correlation id', async () => {
    expect((await find('req_one')).request).toMatchObject({ requestId: 'req_one', events: 2 });
    expect((await find('req_')).request).toBeNull();
  });

  it('by the name of a customer, workflow or model', async () => {
    expect((await find('Acme')).customers.map(({ name }) => name).sort()).toEqual(['acme', 'acme-eu']);
    expect((await find('zo')).customers).toEqual([]);
    expect((await find('Zo')).customers.map(({ name }) => name)).toEqual(['Zoë & Söhne']);
    expect((await find('port')).workflows.map(({ name }) => name).sort()).toEqual(['report', 'report_short']);
    expect((await find('gpt')).models).toMatchObject([{ name: 'gpt', provider: 'openai' }]);
    expect((await find('acm')).customers).toHaveLength(5);
  });

  it('only in the own team', async () => {
    for (const text of ['req_two', 'invoice-2026-12', 'acme-secret', 'report_secret']) {
      expect(await find(text)).toEqual({ runs: [], events: [], request: null, customers: [], workflows: [], models: [] });
    }
    expect((await find('acme', stranger)).customers.map(({ name }) => name)).toEqual(['acme-secret']);
  });
});
