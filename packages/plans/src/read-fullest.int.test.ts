/** Who is nearest to a cap that counts each one by itself. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listCaps } from './list-caps';
import { readFullest } from './read-fullest';
import { saveCap } from './save-cap';
import { saveCustomer } from './save-customer';
import { openTestPlans, type TestPlans } from './testing-plans';

const NOW = Date.UTC(2026, 9, 20, 12);
let world: TestPlans;

beforeAll(async () => {
  world = await openTestPlans(() => NOW);
});

afterAll(async () => {
  await world?.close();
});

let keys = 0;
const calls = (count: number, customer: string, user: string, atMs = NOW - 3_600_000, model = 'gpt-4o') => Array.from({ length: count }, () => (
  { idempotency_key: `call-${++keys}`, occurred_at: new Date(atMs).toISOString(), customer_id: customer, user_id: user, workflow: 'report', provider: 'openai', model_requested: model, quantities: { input_uncached: 5 } }));

it('tells the five that used most, each in its own window; a cap with one subject has none', async () => {
  const { db, record } = world;
  const { by, sender } = await world.createTeam();
  const cap = async (name: string, given: object): Promise<void> => void await saveCap(db, by, { name, window: 'day', limit: '10', ...given } as Parameters<typeof saveCap>[2], { source: 'person', creates: false });
  await cap('customers', { scope: 'customer', metric: 'calls' });
  await cap('users', { scope: 'user', metric: 'calls' });
  await cap('models', { scope: 'model', metric: 'tokens' });
  await cap('monthly', { scope: 'customer', metric: 'cost', window: 'month' });
  await cap('acme', { scope: 'customer', subject: 'acme', metric: 'calls' });
  // In Kiritimati (UTC+14) it is the 21st already: what came on its 20th does not count today.
  await saveCustomer(db, by, { customerId: 'early', timeZone: 'Pacific/Kiritimati', anchorDay: '2026-10-01' }, 'api', NOW - 20 * 86_400_000);
  await record(sender, [
    ...calls(6, 'acme', 'ada'), ...calls(1, 'b', 'bob'), ...calls(2, 'c', 'bob'), ...calls(3, 'd', 'bob'), ...calls(4, 'e', 'eve', NOW - 3_600_000, 'gpt-4o-2024-08-06'), ...calls(5, 'f', 'fay'),
    ...calls(9, 'early', 'ann', Date.UTC(2026, 9, 20, 9)), ...calls(1, 'early', 'ann', Date.UTC(2026, 9, 20, 11)), ...calls(20, 'acme', 'ada', NOW - 30 * 3_600_000),
  ]);
  const caps = await listCaps(db, by.tenantId, NOW);
  const found = await readFullest(db, by.tenantId, NOW);
  const told = (name: string): string[] | undefined => found.get(caps.find((each) => each.name === name)!.id)?.map(({ subject, used }) => `${subject} ${used}`);
  expect(told('customers')).toEqual(['acme 6', 'f 5', 'e 4', 'd 3', 'c 2']);
  expect(found.get(caps.find(({ name }) => name === 'customers')!.id)![0]!.windowEnd).toBe('2026-10-21T00:00:00.000Z');
  expect(told('users')).toEqual(['ann 10', 'ada 6', 'bob 6', 'fay 5', 'eve 4']);
  expect(told('models')).toEqual(['gpt-4o 155']);
  expect(told('monthly')).toEqual(['acme 26000', 'early 10000', 'f 5000', 'e 4000', 'd 3000']);
  expect(told('acme')).toBeUndefined();
});
