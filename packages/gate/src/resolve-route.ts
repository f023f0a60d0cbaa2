/** Which models a run may use, in order: the workflow's route, what the caller names, and what the plan allows. Pure. */
import { modelFamily } from '@outlay/ledger';
import type { PlanDefinition, RouteModel } from '@outlay/plans';
import { modelTier, type PriceBook } from '@outlay/pricing';
import type { RouteEntry } from './decide';

/**
 * The workflow's order, with only those that the caller can call; without a route, the caller's own. When both name models and share none, the workflow's route is told, and none of it is
 * allowed. Empty: nobody names a model.
 */
export function resolveRoute(route: readonly RouteModel[], asked: readonly string[], models: PlanDefinition['models'], book: PriceBook, nowMs: number): RouteEntry[] {
  const wanted = new Set(asked.map(modelFamily));
  const joined = route.length === 0 ? [...new Set(asked)].map((model) => ({ model, cheaper: false })) : route;
  const callable = joined.filter(({ model }) => wanted.size === 0 || wanted.has(modelFamily(model)));
  const entries = callable.length === 0 ? joined.map((entry) => ({ ...entry, allowed: false })) : callable.map((entry) => ({ ...entry, allowed: isInPlan(entry.model, models, book, nowMs) }));
  return entries.map(({ model, cheaper, allowed }) => ({ model, cheaper, allowed }));
}

/** A plan without a list has every model. A named one may end in `*`, and covers its dated snapshots. */
function isInPlan(model: string, models: PlanDefinition['models'], book: PriceBook, nowMs: number): boolean {
  if (models === undefined) return true;
  const family = modelFamily(model);
  const isNamed = models.named.some((name) => (name.endsWith('*') ? family.startsWith(modelFamily(name.slice(0, -1))) : modelFamily(name) === family));
  return isNamed || (models.tiers.length > 0 && models.tiers.includes(modelTier(book, model, nowMs)));
}
