/** Settings and a run's own page, on a real database. */
import { newId } from '@outlay/kernel/ids';
import type { Acting } from '@outlay/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from './run-detail';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { listWorkflows } from './workflow-list';
import { saveWorkflowSettings } from './workflow-settings';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const HOUR_MS = 3_600_000;
const SETTINGS = { unitName: 'answered question', targetCostUsd: '0.35', timeToLiveMs: HOUR_MS, usableMeans: 'No thumbs down.' };
let ledger: TestLedger;
let sender: Sender;
let acting: Acting;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  sender = await ledger.createSender();
  acting = actingIn(sender, 'developer');
});

afterAll(async () => {
  await ledger?.close();
});

function actingIn({ tenantId }: Sender, role: Acting['role']): Acting {
  return { tenantId, role, id: newId(), name: 'Ana', email: 'ana@example.com', requestId: 'req-1' };
}

const call = (run: string, minutes: number, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: newId(NOW + minutes * 60_000), occurred_at: new Date(NOW + minutes * 60_000).toISOString(), run_id: run, workflow: 'pdf_question', provider: 'openai', model_requested: 'gpt', quantities: { input_uncached: 10 }, ...extra,
});

async function auditOf(subject: string): Promise<{ action: string; before: unknown; after: unknown }[]> {
  return (await ledger.db.withTenant(sender.tenantId, (tx) => tx.query('SELECT action, before, after FROM audit_log WHERE subject_id = $1 ORDER BY id', [subject]))).rows;
}

it('saves settings before the first event, tells the audit log what changed, and nothing when nothing did', async () => {
  await saveWorkflowSettings(ledger.db, acting, 'later', SETTINGS);
  const { workflows } = await listWorkflows(ledger.db, sender.tenantId, { range: '7d' }, NOW);
  expect(workflows.find(({ workflow }) => workflow === 'later')).toMatchObject({ configured: true, lastDay: null, settings: { unitName: 'answered question', targetCostPico: 350_000_000_000n, timeToLiveMs: HOUR_MS } });
  await saveWorkflowSettings(ledger.db, acting, 'later', { ...SETTINGS, targetCostUsd: null });
  await saveWorkflowSettings(ledger.db, acting, 'later', { ...SETTINGS, targetCostUsd: null });
  expect(await auditOf('later')).toEqual([
    { action: 'workflow.settings_saved', before: { unitName: 'run', targetCostUsd: null, timeToLiveMs: 24 * HOUR_MS, usableMeans: '' }, after: SETTINGS },
    { action: 'workflow.settings_saved', before: { targetCostUsd: '0.35' }, after: { targetCostUsd: null } },
  ]);
});

it('keeps the route of models and what happens without the gate, also when they are not sent', async () => {
  const route = [{ model: 'gpt-4o', cheaper: false }, { model: ' gpt-4o-mini ', cheaper: true }];
  expect(await saveWorkflowSettings(ledger.db, acting, 'routed', { ...SETTINGS, route, onGateUnavailable: 'degrade' })).toMatchObject({ route: [{ model: 'gpt-4o' }, { model: 'gpt-4o-mini', cheaper: true }] });
  expect(await saveWorkflowSettings(ledger.db, acting, 'routed', { ...SETTINGS, unitName: 'answer' })).toMatchObject({ unitName: 'answer', route: [{ model: 'gpt-4o' }, {}], onGateUnavailable: 'degrade' });
  expect((await auditOf('routed'))).toMatchObject([{ before: { route: '', onGateUnavailable: 'allow' }, after: { route: 'gpt-4o, gpt-4o-mini (cheaper)', onGateUnavailable: 'degrade' } }, { before: { unitName: 'answered question' }, after: { unitName: 'answer' } }]);
  for (const wrong of [[{ model: '', cheaper: false }], [{ model: 'a', cheaper: true }, { model: 'a', cheaper: false }], Array.from({ length: 21 }, (_, i) => ({ model: `m${i}`, cheaper: false }))]) {
    await expect(saveWorkflowSettings(ledger.db, acting, 'routed', { ...SETTINGS, route: wrong })).rejects.toMatchObject({ code: 'invalid_input', field: 'route' });
  }
});

it('keeps what was saved when something is wrong, and refuses who may not', async () => {
  await saveWorkflowSettings(ledger.db, acting, 'kept', SETTINGS);
  await expect(saveWorkflowSettings(ledger.db, acting, 'kept', { ...SETTINGS, unitName: 'x', targetCostUsd: 'free' })).rejects.toMatchObject({ code: 'invalid_input', field: 'targetCostUsd' });
  await expect(saveWorkflowSettings(ledger.db, acting, ' ', SETTINGS)).rejects.toMatchObject({ code: 'invalid_input', field: 'workflow' });
  for (const role of ['finance', 'viewer'] as const) await expect(saveWorkflowSettings(ledger.db, actingIn(sender, role), 'kept', SETTINGS)).rejects.toMatchObject({ code: 'role_missing' });
  expect(await auditOf('kept')).toHaveLength(1);
});

it('a time to live holds for events from then on', async () => {
  const openUntil = async (run: string): Promise<string> => (await getRun(ledger.db, sender.tenantId, run)).open_until.toISOString();
  await ledger.record(sender, [call('before', -30)]);
  await saveWorkflowSettings(ledger.db, acting, 'pdf_question', SETTINGS);
  expect(await openUntil('before')).toBe(new Date(NOW - 30 * 60_000 + 24 * HOUR_MS).toISOString());
  await ledger.record(sender, [call('after', -20)]);
  expect(await openUntil('after')).toBe(new Date(NOW - 20 * 60_000 + HOUR_MS).toISOString());
});

it('finds a run by its id and by its sender\'s name, with corrections and what they took out', async () => {
  const own = newId(NOW);
  const [first] = await ledger.record(sender, [call(own, -9), call(own, -8, { attempt: 2 }), call('named', -7)]);
  await ledger.correct(sender, [{ original_id: first!.id, revision: 0, set: { customer_id: 'acme' }, reason: 'a test' }]);
  const run = await getRun(ledger.db, sender.tenantId, own.toUpperCase());
  expect(run).toMatchObject({ run_id: own, run_ref: null, calls: 2, retries: 1, settings: { unitName: 'answered question' }, moreEvents: false });
  expect(run.events.map(({ kind, valid }) => [kind, valid])).toEqual(expect.arrayContaining([['usage', false], ['reversal', false], ['restatement', true], ['usage', true]]));
  const named = await getRun(ledger.db, sender.tenantId, 'named');
  expect(named.run_ref).toBe('named');
  expect((await getRun(ledger.db, sender.tenantId, named.run_id)).run_id).toBe(named.run_id);
});

it('has no run of a name that nobody gave, nor of another team', async () => {
  const stranger = await ledger.createSender();
  await ledger.record(sender, [call('secret', -6)]);
  await expect(getRun(ledger.db, stranger.tenantId, 'secret')).rejects.toMatchObject({ code: 'not_found' });
  await expect(getRun(ledger.db, sender.tenantId, newId())).rejects.toMatchObject({ code: 'not_found' });
});
