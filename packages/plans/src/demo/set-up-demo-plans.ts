/**
 * Plans, customers, overrides, caps and credits of a demo team, made the way people make them, with the clock of the story: its events then meet what held on their day. Safe to run
 * again after a crash: what stands is left alone.
 */
import { addDays, DAY_MS, DomainError, localDay } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { assignPlan } from '../assign-plan';
import { type By, createPlan, makeDefault, saveDraft } from '../edit-plan';
import { giveCredits } from '../give-credits';
import type { DefinitionPatch } from '../merge-patch';
import { publishPlan } from '../publish-plan';
import { listPlans } from '../read-plans';
import { saveCap } from '../save-cap';
import { saveCustomer } from '../save-customer';
import { getCustomerPlan } from '../read-customers';
import { setOverride } from '../set-override';
import { BUSINESS_DRAFT, BUSINESS_FROM_DAY_28, DEMO_PLANS, nameOfCustomer, PLAN_OF_CUSTOMER, PLAN_OF_SEGMENT } from './demo-plans';

interface DemoCustomer {
  readonly id: string;
  readonly segment: 'enterprise' | 'business' | 'starter';
}

export interface DemoPlansInput {
  readonly by: By;
  readonly timeZone: string;
  /** The instant at which day 0 begins. */
  readonly startMs: number;
  readonly customers: readonly DemoCustomer[];
}

const DEARER_DAY = 28;
const OVERRIDE_DAY = 14;

export async function setUpDemoPlans(db: Database, { by, timeZone, startMs, customers }: DemoPlansInput): Promise<void> {
  const ids = await publishFirst(db, by, startMs);
  for (const [i, { id, segment }] of customers.entries()) {
    // Anchors all over the month, so that periods do not end together.
    await saveCustomer(db, by, { customerId: id, name: nameOfCustomer(id), segment, anchorDay: addDays(localDay(startMs, timeZone), -((i * 5) % 28)) }, 'demo', startMs);
    const plan = PLAN_OF_CUSTOMER[id] ?? PLAN_OF_SEGMENT[segment];
    const { entitlement } = await getCustomerPlan(db, by.tenantId, id, startMs + 1);
    if (entitlement?.plan.key !== plan) await assignPlan(db, by, { customerId: id, plan, when: 'now' }, startMs);
  }
  await publishSecond(db, by, ids.get('business')!, startMs + DEARER_DAY * DAY_MS);
  await override(db, by, startMs + OVERRIDE_DAY * DAY_MS);
  await setCaps(db, by, startMs);
  await topUp(db, by, startMs);
}

async function publishFirst(db: Database, by: By, startMs: number): Promise<Map<string, string>> {
  const ids = new Map((await listPlans(db, by.tenantId)).map(({ key, id }) => [key, id]));
  for (const { key, name, words, definition, isDefault } of DEMO_PLANS) {
    const id = ids.get(key) ?? (await createPlan(db, by, { key, name, words, definition })).planId;
    ids.set(key, id);
    const plan = (await listPlans(db, by.tenantId)).find((each) => each.id === id)!;
    if (plan.live === null) await publishPlan(db, by, { planId: id, migrates: 'now', note: 'The first one.' }, startMs);
    if (isDefault && !plan.isDefault) await makeDefault(db, by, id, false, startMs);
  }
  return ids;
}

async function publishSecond(db: Database, by: By, planId: string, atMs: number): Promise<void> {
  const { live, hasDraft } = (await listPlans(db, by.tenantId)).find(({ id }) => id === planId)!;
  if (live?.number === 1) {
    await saveDraft(db, by, { planId, definition: BUSINESS_FROM_DAY_28 });
    await publishPlan(db, by, { planId, migrates: 'renewal', note: 'Reports cost us more since the models changed.' }, atMs);
  } else if (hasDraft) return;
  await saveDraft(db, by, { planId, definition: BUSINESS_DRAFT });
}

async function override(db: Database, by: By, atMs: number): Promise<void> {
  const once = async (scope: 'segment' | 'customer', subject: string, patch: DefinitionPatch, note: string): Promise<void> => {
    const { rows } = await db.withTenant(by.tenantId, (tx) => tx.query('SELECT FROM plan_overrides WHERE tenant_id = $1 AND scope = $2 AND subject = $3 LIMIT 1', [by.tenantId, scope, subject]));
    if (rows.length === 0) await setOverride(db, by, { scope, subject, patch, note }, atMs);
  };
  await once('customer', 'mirabel-health', { baseFee: '990', allowances: [{ id: 'reports', included: '700' }] }, 'Two years, agreed with their CFO.');
  await once('segment', 'enterprise', { limits: { contextTokens: 400_000 } }, 'Long contracts and policies.');
}

async function setCaps(db: Database, by: By, nowMs: number): Promise<void> {
  const { rows } = await db.withTenant(by.tenantId, (tx) => tx.query('SELECT FROM caps WHERE tenant_id = $1 LIMIT 1', [by.tenantId]));
  if (rows.length > 0) return;
  const cap = (input: Parameters<typeof saveCap>[2]): Promise<unknown> => saveCap(db, by, input, { source: 'person', creates: true }, nowMs);
  await cap({ name: 'All spend of a month', scope: 'tenant', subject: null, metric: 'cost', window: 'month', mode: 'soft', limit: '4000' });
  await cap({ name: 'Each customer, a day', scope: 'customer', subject: null, metric: 'cost', window: 'day', mode: 'soft', limit: '30' });
  await cap({ name: 'Umbra Analytics, a day', scope: 'customer', subject: 'umbra-analytics', metric: 'cost', window: 'day', mode: 'degrade', limit: '45' });
  await cap({ name: 'Reports at once', scope: 'workflow', subject: 'report_generation', metric: 'runs', window: null, mode: 'hard', limit: '200' });
}

async function topUp(db: Database, by: By, startMs: number): Promise<void> {
  const at = (day: number): number => startMs + day * DAY_MS;
  const give = async (key: string, day: number, what: Omit<Parameters<typeof giveCredits>[2], 'key' | 'expiresAt'>, days: number | null): Promise<void> => {
    try {
      await giveCredits(db, by, { ...what, key, expiresAt: days === null ? null : new Date(at(day + days)).toISOString() }, at(day));
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'not_found')) throw error;
    }
  };
  await give('demo promotion', 6, { customerId: 'quarry-labs', kind: 'promotion', amount: '1500', note: 'Spring campaign' }, 45);
  await give('demo top-up', 47, { customerId: 'oakridge-media', kind: 'top_up', amount: '3000', rolloverDays: 30, note: 'Order 10481' }, 60);
}
