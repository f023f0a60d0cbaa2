/** What changes between two versions of a plan, path by path, for the page on which somebody publishes one. Pure. */
import { canonicalJson } from '@outlay/kernel';
import type { PlanDefinition } from './plan-definition';

export interface PlanChange {
  /** `allowances.actions.included`: lists whose entries have an id are compared by it, not by their place. */
  readonly path: string;
  /** Null: it was not there. */
  readonly before: unknown;
  /** Null: it is gone. */
  readonly after: unknown;
}

export function diffPlans(before: PlanDefinition, after: PlanDefinition): PlanChange[] {
  const changes: PlanChange[] = [];
  compare('', before, after, changes);
  return changes;
}

function compare(path: string, before: unknown, after: unknown, changes: PlanChange[]): void {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return;
  const [a, b] = [membersOf(before), membersOf(after)];
  // What is wholly new or gone is one change, not one for each of its members.
  if (a === null || b === null) {
    changes.push({ path, before: before ?? null, after: after ?? null });
    return;
  }
  for (const key of new Set([...a.keys(), ...b.keys()])) compare(path === '' ? key : `${path}.${key}`, a.get(key), b.get(key), changes);
}

/** The named members of a value; null for one that is compared as a whole. */
function membersOf(value: unknown): Map<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return value.every((each): each is { id: string } => typeof each === 'object' && each !== null && 'id' in each) ? new Map(value.map((each) => [each.id, each])) : null;
}
