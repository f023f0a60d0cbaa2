/** An override as the amounts that people agree on most: base fee and what is included. Pure. */
import type { PlanDefinition } from '../plans/plan-shape';

export interface OverrideForm {
  readonly baseFee: string;
  /** By the allowance's id. */
  readonly included: Readonly<Record<string, string>>;
}

export function startOverride(definition: PlanDefinition): OverrideForm {
  return { baseFee: definition.baseFee, included: Object.fromEntries(definition.allowances.map(({ id, included }) => [id, included])) };
}

/**
 * The merge patch of what differs, laid over the one that is in force, because a new override replaces it; `{}` when nothing differs. What is wrong with an amount says the server.
 */
export function patchOf(form: OverrideForm, definition: PlanDefinition, current: unknown): Record<string, unknown> {
  const before = typeof current === 'object' && current !== null ? (current as Record<string, unknown>) : {};
  const changed = definition.allowances.flatMap(({ id, included }) => (form.included[id]?.trim() === included ? [] : [{ id, included: form.included[id]?.trim() ?? '' }]));
  const baseFee = form.baseFee.trim();
  if (changed.length === 0 && baseFee === definition.baseFee) return {};
  const known = Array.isArray(before['allowances']) ? (before['allowances'] as { readonly id: string }[]) : [];
  const entries = [...known.map((entry) => ({ ...entry, ...changed.find(({ id }) => id === entry.id) })), ...changed.filter(({ id }) => !known.some((entry) => entry.id === id))];
  return { ...before, ...(baseFee === definition.baseFee ? {} : { baseFee }), ...(entries.length > 0 ? { allowances: entries } : {}) };
}
