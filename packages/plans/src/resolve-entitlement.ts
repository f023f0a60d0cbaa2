/**
 * What holds for a customer at one moment, from rows that say since when each thing holds: plan < segment < customer. Pure; the cache, previews and invoices call it,
 * so none of them can differ.
 */
import { dayStartMs, localDay } from '@outlay/kernel';
import { type Calendar, windowAt } from './calendar-window';
import type { Entitlement } from './entitlement';
import { type DefinitionPatch, mergePatch } from './merge-patch';
import { type PlanDefinition, planDefinitionSchema } from './plan-definition';

/** A row that holds from a moment on, until the next one does. Lists of them stand in the order in which they win: by time, then by when they were made. */
export interface Dated {
  readonly fromMs: number;
}

export interface VersionFact extends Dated {
  readonly id: string;
  readonly planId: string;
  readonly number: number;
  readonly definition: PlanDefinition;
  readonly migrates: 'now' | 'renewal' | 'grandfather';
}

export interface AssignmentFact extends Dated {
  readonly id: string;
  readonly planVersionId: string;
}

/** `patch` is null where the override ends. */
export interface OverrideFact extends Dated {
  readonly id: string;
  readonly patch: DefinitionPatch | null;
}

export interface TermsFact extends Dated {
  readonly segment: string | null;
  /** Null: the team's. */
  readonly timeZone: string | null;
  readonly anchorDay: string;
}

/** What a team's plans say. Withdrawn versions are not among them. */
export interface PlanFacts {
  readonly timeZone: string;
  readonly plans: ReadonlyMap<string, { readonly id: string; readonly key: string; readonly name: string }>;
  readonly versions: ReadonlyMap<string, VersionFact>;
  readonly segmentOverrides: ReadonlyMap<string, readonly OverrideFact[]>;
  /** Of customers on first sight; null without one. */
  readonly defaultPlanId: string | null;
}

export interface CustomerFacts {
  readonly terms: readonly TermsFact[];
  /** Without withdrawn ones. */
  readonly assignments: readonly AssignmentFact[];
  readonly overrides: readonly OverrideFact[];
}

/** Periods of a customer without an anchor are calendar months. */
const NO_ANCHOR = '2000-01-01';

/** The last row that holds at a moment. */
export function inForce<T extends Dated>(rows: readonly T[], atMs: number): T | null {
  for (let i = rows.length - 1; i >= 0; i--) if (rows[i]!.fromMs <= atMs) return rows[i]!;
  return null;
}

/** The version of a plan that new customers come to at a moment; null before its first one. */
export function versionAt(facts: Pick<PlanFacts, 'versions'>, planId: string, atMs: number): VersionFact | null {
  return inForce(versionsOf(facts, planId), atMs);
}

/** Of one plan, in the order in which they come into force. */
export function versionsOf({ versions }: Pick<PlanFacts, 'versions'>, planId: string): VersionFact[] {
  return [...versions.values()].filter((version) => version.planId === planId).sort((a, b) => a.fromMs - b.fromMs || a.number - b.number);
}

/** Before a customer's first row its first row holds: what was used before anybody wrote it down belongs to some day too. */
export function termsAt(customer: Pick<CustomerFacts, 'terms'>, atMs: number): TermsFact | null {
  return inForce(customer.terms, atMs) ?? customer.terms[0] ?? null;
}

export function calendarOf(facts: Pick<PlanFacts, 'timeZone'>, terms: TermsFact | null, definition: Pick<PlanDefinition, 'interval'> | null): Calendar {
  return { timeZone: terms?.timeZone ?? facts.timeZone, anchorDay: terms?.anchorDay ?? NO_ANCHOR, interval: definition?.interval ?? 'month' };
}

/** Null without one, or without a segment. It may be one that ends what was. */
export function segmentOverrideAt(facts: Pick<PlanFacts, 'segmentOverrides'>, terms: TermsFact | null, atMs: number): OverrideFact | null {
  const segment = terms?.segment ?? null;
  return segment === null ? null : inForce(facts.segmentOverrides.get(segment) ?? [], atMs);
}

/** Null without a plan at that moment. */
export function resolveEntitlement(facts: PlanFacts, customer: CustomerFacts, atMs: number): Entitlement | null {
  const assignment = inForce(customer.assignments, atMs);
  const version = assignment === null ? undefined : facts.versions.get(assignment.planVersionId);
  const plan = version === undefined ? undefined : facts.plans.get(version.planId);
  if (assignment === null || version === undefined || plan === undefined) return null;
  const terms = termsAt(customer, atMs);
  const ofSegment = segmentOverrideAt(facts, terms, atMs);
  const ofCustomer = inForce(customer.overrides, atMs);
  const { definition, applied } = applyOverrides(version.definition, [ofSegment, ofCustomer]);
  const since = [assignment, ofSegment, ofCustomer, terms].reduce((latest, row) => (row !== null && row.fromMs <= atMs ? Math.max(latest, row.fromMs) : latest), assignment.fromMs);
  return {
    plan, version: { id: version.id, number: version.number }, definition, overrides: applied, calendar: calendarOf(facts, terms, definition), since: new Date(since).toISOString(),
  };
}

/** An override that does not fit the plan (any more) is left out: a customer is served by its plan, and the console shows what is left out. */
export function applyOverrides(plan: PlanDefinition, overrides: readonly (OverrideFact | null)[]): { definition: PlanDefinition; applied: string[] } {
  let definition = plan;
  const applied: string[] = [];
  for (const override of overrides) {
    if (override === null || override.patch === null) continue;
    const parsed = planDefinitionSchema.safeParse(mergePatch(definition, override.patch));
    if (!parsed.success) continue;
    definition = parsed.data;
    applied.push(override.id);
  }
  return { definition, applied };
}

/** Every moment at which the answer may change. */
export function changesOf(facts: PlanFacts, customer: CustomerFacts): number[] {
  const segments = new Set(customer.terms.flatMap(({ segment }) => segment ?? []));
  const rows: readonly Dated[] = [...customer.terms, ...customer.assignments, ...customer.overrides, ...[...segments].flatMap((segment) => facts.segmentOverrides.get(segment) ?? [])];
  return [...new Set(rows.map(({ fromMs }) => fromMs))].sort((a, b) => a - b);
}

/**
 * What a customer that nobody has seen gets with its first run or event: the default plan from the beginning of that day on, so that its first period is a whole one. Versions
 * that are scheduled already follow, as they do for everybody on the plan.
 */
export function firstSight(facts: PlanFacts, firstMs: number, nowMs: number): { terms: TermsFact; assignments: readonly (Dated & { readonly planVersionId: string })[] } {
  const anchorDay = localDay(firstMs, facts.timeZone);
  const fromMs = dayStartMs(anchorDay, facts.timeZone);
  const terms: TermsFact = { segment: null, timeZone: null, anchorDay, fromMs };
  const version = facts.defaultPlanId === null ? null : versionAt(facts, facts.defaultPlanId, nowMs);
  if (version === null) return { terms, assignments: [] };
  const first = { planVersionId: version.id, fromMs: Math.max(fromMs, version.fromMs) };
  return { terms, assignments: [first, ...followingVersions(facts, version, terms, first.fromMs)] };
}

/** The scheduled versions that take over a customer of this one, one after the other. */
export function followingVersions(facts: PlanFacts, from: VersionFact, terms: TermsFact | null, sinceMs: number): (Dated & { readonly planVersionId: string })[] {
  let rows: (Dated & { planVersionId: string })[] = [];
  let last = { version: from, fromMs: sinceMs };
  for (const version of versionsOf(facts, from.planId)) {
    if (version.fromMs <= Math.max(from.fromMs, sinceMs) || version.id === from.id) continue;
    // Whoever stays on an older version is not a customer of the one before any more.
    if (version.migrates === 'grandfather') break;
    const fromMs = version.migrates === 'now' ? version.fromMs : renewalAfter(version.fromMs, calendarOf(facts, terms, last.version.definition));
    // A renewal that is still to come is passed over by a version that takes everybody before it.
    rows = [...rows.filter((row) => row.fromMs < fromMs), { planVersionId: version.id, fromMs }];
    last = { version, fromMs };
  }
  return rows;
}

/** The first beginning of a billing period at or after a moment. */
export function renewalAfter(atMs: number, calendar: Calendar): number {
  const { startMs, endMs } = windowAt('period', atMs, calendar);
  return startMs === atMs ? atMs : endMs;
}
