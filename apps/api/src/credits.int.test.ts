/** Credits over HTTP and in the console's procedures: given once, told with their balance, refused with a reason. */
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDIT_EXAMPLE } from './rest/openapi-credits';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let key: string;
let cookie: string;

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  key = (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'shop', environment: 'production', abilities: ['admin'] })).secret;
  cookie = owner.secret;
  await test.db.withTenant(owner.tenantId, (tx) => tx.query(`INSERT INTO customers (tenant_id, customer_id, anchor_day, source) VALUES ($1, 'acme', '2026-11-01', 'api')`, [owner.tenantId]));
});

afterAll(async () => await test?.close());

async function send(method: string, body?: unknown, path = '/v1/customers/acme/credits'): Promise<{ status: number; json: Record<string, unknown> & { error?: Record<string, unknown> } }> {
  const response = await fetch(`${test.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as never };
}

describe('/v1/customers/{id}/credits', () => {
  it('gives once for each key, as the example of its description does, and tells it with its balance', async () => {
    expect(await send('POST', CREDIT_EXAMPLE)).toMatchObject({ status: 200, json: { again: false, available: '500', overdraft: '0' } });
    expect(await send('POST', CREDIT_EXAMPLE)).toMatchObject({ status: 200, json: { again: true, available: '500' } });
    expect(await send('POST', { ...CREDIT_EXAMPLE, amount: 501 })).toMatchObject({ status: 409, json: { error: { code: 'conflict', field: 'idempotency_key', message: expect.stringContaining('has booked something else: 500 credits') } } });
    expect((await send('POST', { kind: 'promotion', amount: 0.5, idempotency_key: 'gift' })).json).toMatchObject({ available: '500.5' });
    const { json } = await send('GET');
    expect(json).toMatchObject({ customer_id: 'acme', balance: '500.5', available: '500.5', overdraft: '0', next_cursor: null, rows: [
      { kind: 'promotion', amount: '0.5', balance_after: '500.5', entries: [{ account: 'granted', amount: '-0.5' }, { account: 'lot', amount: '0.5' }] }, { kind: 'top_up', amount: '500', balance_after: '500', note: 'Order 10023' },
    ] });
    expect((json['lots'] as { priority: number }[]).map(({ priority }) => priority)).toEqual([-10, 0]);
  });

  it.each([
    ['amount', { ...CREDIT_EXAMPLE, amount: 'many' }, 'Enter credits as a decimal'],
    ['amount', { ...CREDIT_EXAMPLE, amount: '-1' }, 'more than zero'],
    ['amount', { ...CREDIT_EXAMPLE, amount: '0.0000000000001' }, 'At most 12 decimals'],
    ['expires_at', { ...CREDIT_EXAMPLE, expires_at: '2020-01-01T00:00:00Z' }, 'would have expired already'],
    ['rollover_days', { ...CREDIT_EXAMPLE, expires_at: null, rollover_days: 5 }, 'Only what expires can roll over'],
    ['kind', { ...CREDIT_EXAMPLE, kind: 'rollover' }, 'Invalid option'],
  ])('names the field at fault: %s', async (field, body, message) => {
    expect(await send('POST', { ...body, idempotency_key: 'other' })).toMatchObject({ status: 400, json: { error: { code: 'invalid_input', field, message: expect.stringContaining(message) } } });
  });

  it('says when nobody knows the customer', async () => {
    expect(await send('POST', CREDIT_EXAMPLE, '/v1/customers/nobody/credits')).toMatchObject({ status: 404, json: { error: { field: 'id' } } });
  });
});

it('pages the statement without losing the balance, in the console too', async () => {
  const browser = openBrowser(test.url);
  browser.cookie = cookie;
  for (let n = 1; n <= 60; n++) await browser.trpc.credits.grant.mutate({ customerId: 'acme', kind: 'grant', amount: '1', note: `grant ${n}`, key: `many ${n}` });
  const first = await browser.trpc.credits.statement.query({ customerId: 'acme' });
  const second = await browser.trpc.credits.statement.query({ customerId: 'acme', cursor: first.nextCursor! });
  const rows = [...first.rows, ...second.rows];
  expect([first.rows.length, rows.length, second.nextCursor, first.balance]).toEqual([50, 62, null, '560.5']);
  rows.forEach(({ amount, balanceAfter }, n) => expect(Number(balanceAfter) - Number(amount)).toBe(n === rows.length - 1 ? 0 : Number(rows[n + 1]!.balanceAfter)));
  expect(first.rows[0]).toMatchObject({ note: 'grant 60', by: expect.not.stringContaining('@') });
});
