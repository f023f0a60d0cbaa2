/** What one customer or one segment gets beside its plan: a merge patch, from a moment on, shown as the difference that it makes before anybody saves it. */
import { canonicalJson, DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import { diffPlans, type PlanChange } from './diff-plans';
import { type By, checkDefinition, DEFINITION_BYTES_MAX, type DefinitionError, refuse } from './edit-plan';
import { type DefinitionPatch, mergePatch } from './merge-patch';
import type { PlanDefinition } from './plan-definition';
import { readMoment } from './publish-plan';
import { applyOverrides, inForce, type PlanFacts, resolveEntitlement, termsAt, versionAt } from './resolve-entitlement';
import { noCustomer } from './save-customer';
import { insertOverride, readOverrideHistory } from './store-customers';
import { readCustomers, readPlanFacts } from './store-policies';

export interface OverrideInput {
  readonly scope: 'segment' | 'customer';
  /** The segment's name or the customer's id. */
  readonly subject: string;
  /** Null ends what is in force. */
  readonly patch: DefinitionPatch | null;
  /** ISO; now when absent. */
  readonly effectiveFrom?: string;
  readonly note?: string;
}

/** What a plan would say with an override. `planKey` names it; a segment meets several. */
export interface OverrideEffect {
  readonly planKey: string;
  readonly before: PlanDefinition;
  /** Null where the override does not fit: such customers keep their plan as it is. */
  readonly after: PlanDefinition | null;
  readonly changes: readonly PlanChange[];
  readonly errors: readonly DefinitionError[];
}

type Tx = Parameters<typeof readPlanFacts>[0];

const NOTE_MAX = 500;
const PATCH_BYTES_MAX = DEFINITION_BYTES_MAX / 2;

/** Answers false when it is so already. Errors: `not_found`, `conflict` for a customer without a plan, `invalid_input` naming `patch` and its path. */
export async function setOverride(db: Database, by: By, input: OverrideInput, nowMs = Date.now()): Promise<{ readonly changed: boolean }> {
  const { scope, subject, patch, note = '' } = input;
  checkInput(input);
  const fromMs = readMoment(input.effectiveFrom, nowMs);
  return await db.withTenant(by.tenantId, async (tx) => {
    // One after the other: two people who override the same must not both be told that theirs holds.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 5))', [`${by.tenantId}/${scope}/${subject}`]);
    const history = await readOverrideHistory(tx, by.tenantId, scope, subject);
    const present = history.find(({ effectiveFrom }) => effectiveFrom.getTime() <= fromMs)?.patch ?? null;
    const later = history.some(({ effectiveFrom }) => effectiveFrom.getTime() > fromMs);
    if (!later && canonicalJson(present) === canonicalJson(patch)) return { changed: false };
    if (patch !== null) {
      const effects = await effectsOf(tx, by.tenantId, input, fromMs);
      const misfit = effects.find(({ after }) => after === null);
      // A segment's customers may be on several plans: it must fit one of them.
      if (misfit !== undefined && effects.every(({ after }) => after === null)) throw refuse(`patch.${misfit.errors[0]?.path ?? ''}`, misfit.errors[0]?.message ?? 'It does not fit the plan.');
    } else if (scope === 'customer' && !(await readCustomers(tx, by.tenantId, [subject])).has(subject)) throw noCustomer(subject);
    await insertOverride(tx, by.tenantId, { id: newId(), scope, subject, patch, effectiveFrom: new Date(fromMs), note, createdBy: by.actor });
    await audit(tx, {
      ...by, action: patch === null ? 'customer.override_ended' : 'customer.override_set', subjectType: scope === 'segment' ? 'segment' : 'customer', subjectId: subject,
      before: { patch: present === null ? null : canonicalJson(present) }, after: { patch: patch === null ? null : canonicalJson(patch), effectiveFrom: new Date(fromMs).toISOString(), note },
    });
    return { changed: true };
  });
}

/** What it would change, plan by plan. Errors: as `setOverride`. */
export async function previewOverride(db: Database, tenantId: string, input: Pick<OverrideInput, 'scope' | 'subject' | 'patch'>, nowMs = Date.now()): Promise<OverrideEffect[]> {
  checkInput(input);
  return await db.withTenantSnapshot(tenantId, (tx) => effectsOf(tx, tenantId, input, nowMs));
}

async function effectsOf(tx: Tx, tenantId: string, { scope, subject, patch }: Pick<OverrideInput, 'scope' | 'subject' | 'patch'>, atMs: number): Promise<OverrideEffect[]> {
  const facts = await readPlanFacts(tx, tenantId);
  if (scope === 'segment') return livePlans(facts, atMs).map(({ key, definition }) => toEffect(key, applyOverrides(definition, [inForce(facts.segmentOverrides.get(subject) ?? [], atMs)]).definition, definition, patch));
  const customer = (await readCustomers(tx, tenantId, [subject])).get(subject);
  if (customer === undefined) throw noCustomer(subject);
  const entitlement = resolveEntitlement(facts, customer, atMs);
  if (entitlement === null) throw new DomainError('conflict', { message: `Customer "${subject}" has no plan then: assign one first.` });
  const segment = termsAt(customer, atMs)?.segment ?? null;
  const base = applyOverrides(facts.versions.get(entitlement.version.id)!.definition, [segment === null ? null : inForce(facts.segmentOverrides.get(segment) ?? [], atMs)]).definition;
  return [toEffect(entitlement.plan.key, entitlement.definition, base, patch)];
}

/** `before`: with what is in force; `base`: what the patch is laid upon. */
function toEffect(planKey: string, before: PlanDefinition, base: PlanDefinition, patch: DefinitionPatch | null): OverrideEffect {
  const checked = checkDefinition(patch === null ? base : mergePatch(base, patch));
  return checked.ok ? { planKey, before, after: checked.value, changes: diffPlans(before, checked.value), errors: [] } : { planKey, before, after: null, changes: [], errors: checked.error };
}

function livePlans(facts: PlanFacts, atMs: number): { key: string; definition: PlanDefinition }[] {
  const live = [...facts.plans.values()].flatMap(({ id, key }) => {
    const version = versionAt(facts, id, atMs);
    return version === null ? [] : [{ key, definition: version.definition }];
  });
  if (live.length === 0) throw new DomainError('conflict', { message: 'No plan is in force then: publish one first.' });
  return live;
}

function checkInput({ subject, patch, note = '' }: Pick<OverrideInput, 'subject' | 'patch' | 'note'>): void {
  if (subject.trim() === '' || subject.length > 255 || subject.includes('\0')) throw refuse('subject', 'Name a segment or a customer, in at most 255 characters.');
  if (note.length > NOTE_MAX || note.includes('\0')) throw refuse('note', `At most ${NOTE_MAX} characters.`);
  if (patch === null) return;
  const text = JSON.stringify(patch);
  if (text === '{}') throw refuse('patch', 'The override changes nothing. To end the one in force, send null.');
  if (Buffer.byteLength(text) > PATCH_BYTES_MAX || text.includes('\\u0000')) throw refuse('patch', `An override may have at most ${PATCH_BYTES_MAX} bytes, and no NUL character.`);
}
