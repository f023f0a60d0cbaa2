/** Plans as pages and programs show them. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { diffPlans, type PlanChange } from './diff-plans';
import { checkDefinition, type DefinitionError, liveOf, refuse } from './edit-plan';
import type { PlanDefinition } from './plan-definition';
import { countCustomers, readPlans, readPlanVersions, type StoredPlan, type StoredVersion } from './store-plans';

/** Times are ISO strings. */
export interface ListedVersion {
  readonly versionId: string;
  readonly number: number;
  readonly effectiveFrom: string;
  readonly definition: PlanDefinition;
}

export interface ListedPlan {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly words: string;
  readonly isDefault: boolean;
  readonly archivedAt: string | null;
  readonly live: ListedVersion | null;
  /** To come, in order. */
  readonly scheduled: readonly ListedVersion[];
  /** On any of its versions, now. */
  readonly customers: number;
  readonly hasDraft: boolean;
}

export interface PlanDetail extends ListedPlan {
  /** Newest first. */
  readonly versions: readonly (Omit<ListedVersion, 'versionId'> & {
    readonly id: string; readonly migrates: StoredVersion['migrates']; readonly note: string; readonly publishedAt: string; readonly publishedBy: string;
    readonly withdrawnAt: string | null; readonly customers: number;
  })[];
  readonly draft: { readonly definition: unknown; readonly errors: readonly DefinitionError[]; readonly savedAt: string | null; readonly savedBy: string | null } | null;
}

/** Archived ones last. */
export async function listPlans(db: Database, tenantId: string, nowMs = Date.now()): Promise<ListedPlan[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const versions = await readPlanVersions(tx, tenantId, null);
    const counts = await countCustomers(tx, tenantId);
    return (await readPlans(tx, tenantId)).map((plan) => toListed(plan, versions.filter(({ planId }) => planId === plan.id), counts, nowMs));
  });
}

/** Errors: `not_found`. */
export async function getPlan(db: Database, tenantId: string, planId: string, nowMs = Date.now()): Promise<PlanDetail> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const plan = (await readPlans(tx, tenantId)).find(({ id }) => id === planId);
    if (plan === undefined) throw new DomainError('not_found', { field: 'planId', message: 'There is no such plan.' });
    const versions = await readPlanVersions(tx, tenantId, planId);
    const counts = await countCustomers(tx, tenantId);
    const checked = plan.draft === null ? null : checkDefinition(plan.draft);
    return {
      ...toListed(plan, versions, counts, nowMs),
      versions: versions.map((each) => ({
        id: each.id, number: each.number, definition: each.definition, effectiveFrom: each.effectiveFrom.toISOString(), migrates: each.migrates, note: each.note,
        publishedAt: each.publishedAt.toISOString(), publishedBy: each.publishedBy, withdrawnAt: each.withdrawnAt?.toISOString() ?? null, customers: counts.get(each.id) ?? 0,
      })),
      draft: checked === null ? null : {
        definition: checked.ok ? checked.value : plan.draft, errors: checked.ok ? [] : checked.error, savedAt: plan.draftSavedAt?.toISOString() ?? null, savedBy: plan.draftSavedBy,
      },
    };
  });
}

/** The draft against what is in force, path by path. Errors: `not_found`, `conflict` without a draft, `invalid_input` naming the path in a draft that is no valid plan yet. */
export async function diffDraft(db: Database, tenantId: string, planId: string): Promise<{ readonly live: number | null; readonly changes: readonly PlanChange[] }> {
  const { draft, live } = await getPlan(db, tenantId, planId);
  if (draft === null) throw new DomainError('conflict', { message: 'There is no draft to compare.' });
  if (draft.errors.length > 0) throw refuse(`definition.${draft.errors[0]!.path}`, draft.errors[0]!.message);
  const definition = draft.definition as PlanDefinition;
  return { live: live?.number ?? null, changes: live === null ? Object.entries(definition).map(([path, after]) => ({ path, before: null, after })) : diffPlans(live.definition, definition) };
}

function toListed(plan: StoredPlan, versions: readonly StoredVersion[], counts: ReadonlyMap<string, number>, nowMs: number): ListedPlan {
  const live = liveOf(versions, nowMs);
  const scheduled = versions.filter(({ withdrawnAt, effectiveFrom }) => withdrawnAt === null && effectiveFrom.getTime() > nowMs).sort((a, b) => a.effectiveFrom.getTime() - b.effectiveFrom.getTime());
  return {
    id: plan.id, key: plan.key, name: plan.name, words: plan.words, isDefault: plan.isDefault, archivedAt: plan.archivedAt?.toISOString() ?? null,
    live: live === null ? null : toVersion(live), scheduled: scheduled.map(toVersion), customers: versions.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0), hasDraft: plan.draft !== null,
  };
}

function toVersion({ id, number, effectiveFrom, definition }: StoredVersion): ListedVersion {
  return { versionId: id, number, effectiveFrom: effectiveFrom.toISOString(), definition };
}
