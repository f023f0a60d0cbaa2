import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCaps, readRisk } from './list-caps';
import { type CapInput, removeCap, saveCap, saveRisk, setCapEnabled } from './save-cap';
import { openTestPlans, type TestPlans } from './testing-plans';
import type { By } from './edit-plan';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY: CapInput = { scope: 'customer', metric: 'cost', window: 'day', limit: '4.00' };
const PERSON = { source: 'person', creates: false } as const;
let plans: TestPlans;

beforeAll(async () => {
  plans = await openTestPlans(() => NOW);
});

afterAll(() => plans.close());

const save = (by: By, input: Partial<CapInput> = {}) => saveCap(plans.db, by, { ...DAY, ...input }, PERSON, NOW);
const audited = async (by: By): Promise<unknown[]> => (await plans.db.withTenant(by.tenantId, (tx) => tx.query('SELECT action, before, after FROM audit_log ORDER BY at, id'))).rows;

describe('a cap', () => {
  it('is soft unless its author says hard, is named by what it says, and holds at once', async () => {
    const { by } = await plans.createTeam();
    const cap = await save(by);
    expect(cap).toMatchObject({ mode: 'soft', name: '$4.00 a day for each customer', limit: '4000000000000', subject: null, source: 'person', createdBy: 'test' });
    expect(await save(by, { id: cap.id, mode: 'hard', limit: '$6.50', subject: 'acme', name: ' Acme ' })).toMatchObject({ id: cap.id, mode: 'hard', name: 'Acme', subject: 'acme', limit: '6500000000000' });
    plans.policies.forget(by.tenantId);
    expect((await plans.policies.tenant(by.tenantId)).caps).toMatchObject([{ id: cap.id, mode: 'hard', subject: 'acme' }]);
    await setCapEnabled(plans.db, by, cap.id, false, NOW);
    expect((await listCaps(plans.db, by.tenantId, NOW))[0]).toMatchObject({ disabledAt: '2026-11-21T12:00:00.000Z' });
    await setCapEnabled(plans.db, by, cap.id, true, NOW);
    await removeCap(plans.db, by, cap.id);
    expect(await listCaps(plans.db, by.tenantId, NOW)).toEqual([]);
    await expect(removeCap(plans.db, by, cap.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await audited(by)).toMatchObject([
      { action: 'cap.created', after: { limit: '4', mode: 'soft' } }, { action: 'cap.changed', before: { mode: 'soft', subject: null }, after: { mode: 'hard', subject: 'acme', limit: '6.5' } },
      { action: 'cap.disabled' }, { action: 'cap.enabled', after: { disabledAt: null } }, { action: 'cap.removed', before: { name: 'Acme' } },
    ]);
  });

  it('is refused by field where it makes no sense', async () => {
    const { by } = await plans.createTeam();
    const wrong: [Partial<CapInput>, string][] = [
      [{ window: null }, 'window'], [{ metric: 'runs' }, 'window'], [{ scope: 'tenant', subject: 'acme' }, 'subject'], [{ scope: 'key', subject: 'mine' }, 'subject'], [{ scope: 'model', metric: 'units' }, 'metric'],
      [{ limit: '-1' }, 'limit'], [{ limit: 'four' }, 'limit'], [{ limit: '0.0000000000001' }, 'limit'], [{ metric: 'calls', limit: '1.5' }, 'limit'], [{ metric: 'tokens', limit: '2e12' }, 'limit'],
      [{ expiresAt: '2026-11-21T11:00:00Z' }, 'expiresAt'], [{ expiresAt: 'soon' }, 'expiresAt'], [{ name: 'a\nb' }, 'name'], [{ id: 'x' }, 'id'],
    ];
    for (const [input, field] of wrong) await expect(save(by, input)).rejects.toMatchObject({ code: 'invalid_input', field });
    await expect(save(by, { id: newId() })).rejects.toMatchObject({ code: 'not_found' });
    const id = newId();
    expect(await saveCap(plans.db, by, { ...DAY, id, metric: 'runs', window: null, limit: '3' }, { source: 'api', creates: true }, NOW)).toMatchObject({ id, source: 'api', name: '3 open runs at once for each customer' });
  });

  it('names a model by its family, whichever dated name was typed', async () => {
    const { by } = await plans.createTeam();
    expect(await save(by, { scope: 'model', subject: 'openai/gpt-4o-2024-08-06' })).toMatchObject({ subject: 'gpt-4o' });
  });
});

it('shows what is used in the calendar of its customer, else of the team, and what it guarantees', async () => {
  const { by, sender } = await plans.createTeam({ timeZone: 'America/New_York' });
  const at = (iso: string, customer: string) => ({ idempotency_key: iso + customer, occurred_at: iso, customer_id: customer, user_id: 'ann', workflow: 'report', provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
  // 03:00 UTC is yesterday in New York.
  await plans.record(sender, [at('2026-11-21T03:00:00Z', 'acme'), at('2026-11-21T06:00:00Z', 'acme'), at('2026-11-21T07:00:00Z', 'globex')]);
  const caps = [{}, { subject: 'acme', mode: 'hard' }, { scope: 'tenant' }, { scope: 'user', subject: 'ann', metric: 'calls', limit: '5', window: 'month' }, { scope: 'model', subject: 'gpt-4o', metric: 'tokens', limit: '9' }, { metric: 'runs', window: null, limit: '2' }] as const;
  for (const [i, cap] of caps.entries()) await saveCap(plans.db, by, { ...DAY, ...cap }, PERSON, NOW + i);
  const listed = await listCaps(plans.db, by.tenantId, NOW);
  const end = '2026-11-22T05:00:00.000Z';
  expect(listed.map(({ used, windowEnd }) => [used, windowEnd])).toEqual([[null, null], ['1000', end], ['2000', end], ['3', '2026-12-01T05:00:00.000Z'], ['4', end], [null, null]]);
  expect(listed[1]!.overshoot).toMatch(/^0 by runs whose/);
  expect(listed[0]!.overshoot).toBe('It warns and stops nothing.');
});

it('the risk block is on by default, and is set for the team', async () => {
  const { by } = await plans.createTeam();
  expect(await readRisk(plans.db, by.tenantId)).toEqual({ enabled: true, floorPico: 50_000_000_000_000n, factor: '20' });
  for (const [input, field] of [[{ floorUsd: '0' }, 'floorUsd'], [{ factor: '0.5' }, 'factor'], [{ factor: 'x' }, 'factor']] as const) {
    await expect(saveRisk(plans.db, by, { enabled: true, floorUsd: '50', factor: '20', ...input })).rejects.toMatchObject({ field });
  }
  const saved = await saveRisk(plans.db, by, { enabled: false, floorUsd: '100', factor: '12.50' });
  expect(await readRisk(plans.db, by.tenantId)).toEqual(saved);
  expect(await audited(by)).toMatchObject([{ action: 'cap.risk_saved', before: { floorUsd: '50' }, after: { enabled: false, floorUsd: '100', factor: '12.5' } }]);
});
