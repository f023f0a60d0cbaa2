/** Plans before they are published: made from a template, a copy or nothing, kept as drafts that need not be valid yet, made the default, archived. */
import { canonicalJson, DomainError, err, ok, type Result } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit, type AuditEntry } from '@outlay/tenancy';
import { diffPlans, type PlanChange } from './diff-plans';
import { type PlanDefinition, planDefinitionSchema } from './plan-definition';
import { PLAN_TEMPLATES } from './plan-templates';
import { versionAt } from './resolve-entitlement';
import { insertAssignments } from './store-customers';
import { archivePlan, countCustomers, findCustomersOf, findCustomersWithoutPlan, insertPlan, lockPlan, readPlanVersions, setDefaultPlan, type StoredPlan, type StoredVersion, updateDraft } from './store-plans';
import { readPlanFacts } from './store-policies';

/** Who changes something, for the audit log. */
export type By = Pick<AuditEntry, 'tenantId' | 'actorId' | 'actor' | 'requestId'>;

/** `path` as in the definition: `allowances.0.included`. */
export interface DefinitionError {
  readonly path: string;
  readonly message: string;
}

export interface DraftAnswer {
  readonly planId: string;
  /** What keeps it from being published; empty when nothing does. */
  readonly errors: readonly DefinitionError[];
}

/** So that a snapshot has room for it. */
export const DEFINITION_BYTES_MAX = 16 * 1024;
const NAME_MAX = 100;
const WORDS_MAX = 500;
const KEY = /^[a-z][a-z0-9_]{0,62}$/;

/** Pure. Every error, by its path. */
export function checkDefinition(input: unknown): Result<PlanDefinition, readonly DefinitionError[]> {
  const parsed = planDefinitionSchema.safeParse(input);
  if (!parsed.success) return err(parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })));
  const bytes = Buffer.byteLength(canonicalJson(parsed.data));
  return bytes > DEFINITION_BYTES_MAX ? err([{ path: '', message: `A plan may have at most ${DEFINITION_BYTES_MAX} bytes; this one has ${bytes}.` }]) : ok(parsed.data);
}

export interface NewPlan {
  readonly name: string;
  /** Stays for ever: code names the plan by it. Made from the name when absent. */
  readonly key?: string;
  readonly words?: string;
  /** Id of a template. */
  readonly template?: string;
  /** Id of a plan whose live version, else draft, is copied. */
  readonly copyOf?: string;
  readonly definition?: unknown;
}

/** What a plan begins with when it is made from nothing. */
const BLANK = { currency: 'USD', baseFee: '0', interval: 'month' } as const;

/** Errors: `invalid_input` naming the field, `not_found` for a template or plan to copy, `already_exists` for the key. */
export async function createPlan(db: Database, by: By, input: NewPlan): Promise<DraftAnswer> {
  const name = readName(input.name);
  const key = input.key ?? keyOf(name);
  if (!KEY.test(key)) throw refuse('key', 'A key begins with a lower-case letter and has lower-case letters, digits and _ only.');
  const template = input.template === undefined ? undefined : PLAN_TEMPLATES.find(({ id }) => id === input.template);
  if (input.template !== undefined && template === undefined) throw new DomainError('not_found', { field: 'template', message: `There is no template "${input.template}".` });
  const planId = newId();
  return await db.withTenant(by.tenantId, async (tx) => {
    let draft: unknown = template?.definition ?? input.definition ?? BLANK;
    if (input.copyOf !== undefined) {
      const source = await findPlan(tx, by.tenantId, input.copyOf);
      const live = liveOf(await readPlanVersions(tx, by.tenantId, source.id), Date.now());
      draft = live?.definition ?? source.draft ?? BLANK;
    }
    const words = readWords(input.words ?? template?.words ?? '');
    if (!await insertPlan(tx, by.tenantId, { id: planId, key, name, words, draft: readDraft(draft), by: by.actor })) {
      throw new DomainError('already_exists', { field: 'key', message: `There is a plan with the key "${key}" already.` });
    }
    await audit(tx, { ...by, action: 'plan.created', subjectType: 'plan', subjectId: planId, after: { key, name, from: input.template ?? input.copyOf ?? 'blank' } });
    return toAnswer(planId, draft);
  });
}

/** Kept as it is, with what is wrong with it. Errors: `not_found`, `conflict` for an archived plan. */
export async function saveDraft(db: Database, by: By, input: { readonly planId: string; readonly definition?: unknown; readonly name?: string; readonly words?: string }): Promise<DraftAnswer> {
  return await db.withTenant(by.tenantId, async (tx) => {
    const plan = await findPlan(tx, by.tenantId, input.planId);
    if (plan.archivedAt !== null) throw new DomainError('conflict', { message: 'This plan is archived: copy it to go on.' });
    const after = {
      name: input.name === undefined ? plan.name : readName(input.name), words: input.words === undefined ? plan.words : readWords(input.words),
      draft: input.definition === undefined ? plan.draft : readDraft(input.definition),
    };
    const changed = after.name !== plan.name || after.words !== plan.words || canonicalJson(after.draft ?? null) !== canonicalJson(plan.draft ?? null);
    if (changed) {
      await updateDraft(tx, by.tenantId, plan.id, { ...after, by: by.actor });
      await audit(tx, {
        ...by, action: 'plan.draft_saved', subjectType: 'plan', subjectId: plan.id,
        before: { name: plan.name, words: plan.words }, after: { name: after.name, words: after.words, changes: changesBetween(plan.draft, after.draft).map(({ path }) => path).slice(0, 50) },
      });
    }
    return after.draft === null ? { planId: plan.id, errors: [] } : toAnswer(plan.id, after.draft);
  });
}

/** Errors: `not_found`. */
export async function discardDraft(db: Database, by: By, planId: string): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const plan = await findPlan(tx, by.tenantId, planId);
    if (plan.draft === null) return;
    await updateDraft(tx, by.tenantId, planId, { name: plan.name, words: plan.words, draft: null, by: by.actor });
    await audit(tx, { ...by, action: 'plan.draft_discarded', subjectType: 'plan', subjectId: planId });
  });
}

/**
 * New customers come to this plan; with `alsoOthers`, so do the known ones that have none, from now on. Answers how many those were. Errors: `not_found`, `conflict` for a plan
 * that has nothing in force yet.
 */
export async function makeDefault(db: Database, by: By, planId: string | null, alsoOthers = false, nowMs = Date.now()): Promise<{ assigned: number }> {
  return await db.withTenant(by.tenantId, async (tx) => {
    const facts = await readPlanFacts(tx, by.tenantId);
    const before = facts.defaultPlanId;
    const version = planId === null ? null : versionAt(facts, (await findPlan(tx, by.tenantId, planId)).id, nowMs);
    if (planId !== null && version === null) throw new DomainError('conflict', { message: 'Publish this plan first: new customers need a version that is in force.' });
    if (before !== planId) {
      await setDefaultPlan(tx, by.tenantId, planId);
      await audit(tx, { ...by, action: 'plan.made_default', subjectType: 'plan', subjectId: planId ?? before ?? '', before: { default: before }, after: { default: planId } });
    }
    if (version === null || !alsoOthers) return { assigned: 0 };
    const customers = await findCustomersWithoutPlan(tx, by.tenantId);
    await insertAssignments(tx, by.tenantId, customers.map((customerId) => ({ id: newId(), customerId, planVersionId: version.id, fromMs: nowMs, reason: 'assigned', createdBy: by.actor })));
    if (customers.length > 0) await audit(tx, { ...by, action: 'plan.assigned_to_others', subjectType: 'plan', subjectId: planId!, after: { customers: customers.length, version: version.number } });
    return { assigned: customers.length };
  });
}

/** Errors: `not_found`, `conflict` while it is the default or somebody is on it. */
export async function retirePlan(db: Database, by: By, planId: string): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const plan = await findPlan(tx, by.tenantId, planId);
    if (plan.archivedAt !== null) return;
    if (plan.isDefault) throw new DomainError('conflict', { message: 'New customers come to this plan: make another one the default first.' });
    const versions = (await readPlanVersions(tx, by.tenantId, planId)).filter(({ withdrawnAt }) => withdrawnAt === null);
    const counts = await countCustomers(tx, by.tenantId);
    const now = versions.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0);
    if (now > 0) throw new DomainError('conflict', { message: `${now} ${now === 1 ? 'customer is' : 'customers are'} on this plan: give them another one first.` });
    if (versions.length > 0 && (await findCustomersOf(tx, by.tenantId, versions.filter(({ effectiveFrom }) => effectiveFrom.getTime() > Date.now()).map(({ id }) => id))).length > 0) {
      throw new DomainError('conflict', { message: 'Customers come to this plan later: take that back first.' });
    }
    await archivePlan(tx, by.tenantId, planId);
    await audit(tx, { ...by, action: 'plan.archived', subjectType: 'plan', subjectId: planId, after: { key: plan.key, name: plan.name } });
  });
}

/** Pure: the version in force; null before the first. */
export function liveOf(versions: readonly StoredVersion[], nowMs: number): StoredVersion | null {
  return versions.filter(({ withdrawnAt, effectiveFrom }) => withdrawnAt === null && effectiveFrom.getTime() <= nowMs)
    .sort((a, b) => b.effectiveFrom.getTime() - a.effectiveFrom.getTime() || b.number - a.number)[0] ?? null;
}

/** What differs; nothing where one of them is no valid plan. */
function changesBetween(before: unknown, after: unknown): PlanChange[] {
  const [a, b] = [planDefinitionSchema.safeParse(before), planDefinitionSchema.safeParse(after)];
  return a.success && b.success ? diffPlans(a.data, b.data) : [];
}

/** Locked. Errors: `not_found`. */
export async function findPlan(tx: Parameters<typeof lockPlan>[0], tenantId: string, planId: string): Promise<StoredPlan> {
  const plan = await lockPlan(tx, tenantId, planId);
  if (plan === null) throw new DomainError('not_found', { field: 'planId', message: 'There is no such plan.' });
  return plan;
}

function toAnswer(planId: string, draft: unknown): DraftAnswer {
  const checked = checkDefinition(draft);
  return { planId, errors: checked.ok ? [] : checked.error };
}

function readDraft(definition: unknown): unknown {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) throw refuse('definition', 'A definition is a JSON object.');
  // A draft may be wrong, but it must be kept: as large as two plans is enough of it.
  if (Buffer.byteLength(JSON.stringify(definition)) > 2 * DEFINITION_BYTES_MAX) throw refuse('definition', `A draft may have at most ${2 * DEFINITION_BYTES_MAX} bytes.`);
  if (JSON.stringify(definition).includes('\\u0000')) throw refuse('definition', 'A definition must not contain a NUL character.');
  return definition;
}

function readName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > NAME_MAX || /\p{Cc}/u.test(name)) throw refuse('name', `A plan has a name of 1 to ${NAME_MAX} characters, without line breaks.`);
  return name;
}

function readWords(text: string): string {
  const words = text.trim();
  if (words.length > WORDS_MAX || words.includes('\0')) throw refuse('words', `At most ${WORDS_MAX} characters.`);
  return words;
}

function keyOf(name: string): string {
  const key = name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+|_+$/g, '').slice(0, 60);
  return key === '' ? 'plan' : key;
}

export function refuse(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}
