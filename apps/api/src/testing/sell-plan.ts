/** A team that sells a plan: what a chat needs to be counted and stopped. */
import { newId } from '@outlay/kernel/ids';
import { type By, createPlan, makeDefault, type PlanDefinitionInput, publishPlan } from '@outlay/plans';
import type { Acting } from '@outlay/tenancy';
import type { TestApi } from './test-api';

/** Published now, and the plan of everybody who is seen for the first time. Returns its id. */
export async function sellPlan(test: TestApi, acting: Acting, definition: Partial<PlanDefinitionInput>, name = 'Free'): Promise<string> {
  const by: By = { tenantId: acting.tenantId, actorId: acting.id, actor: acting.email, requestId: newId() };
  const { planId } = await createPlan(test.db, by, { name, definition: { currency: 'USD', baseFee: '0', interval: 'month', ...definition } });
  await publishPlan(test.db, by, { planId, migrates: 'now' });
  await makeDefault(test.db, by, planId);
  return planId;
}
