/** The list of plans: which are shown, and as a file. Pure. */
import { priceWords } from './describe-plan';
import type { PlanDefinition } from './plan-shape';

export interface ListedPlan {
  readonly key: string;
  readonly name: string;
  readonly words: string;
  readonly isDefault: boolean;
  readonly archivedAt: string | null;
  readonly live: { readonly number: number; readonly effectiveFrom: string; readonly definition: PlanDefinition } | null;
  readonly customers: number;
}

/** The default first, then by how many are on it. */
export function shownPlans<Plan extends ListedPlan>(plans: readonly Plan[], { search, archived }: { readonly search: string | undefined; readonly archived: boolean }): Plan[] {
  const wanted = search?.trim().toLowerCase() ?? '';
  return plans
    .filter((plan) => (plan.archivedAt !== null) === archived)
    .filter((plan) => [plan.name, plan.key, plan.words, plan.live ? priceWords(plan.live.definition) : ''].some((text) => text.toLowerCase().includes(wanted)))
    .toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault) || b.customers - a.customers || a.name.localeCompare(b.name));
}

export function plansCsv(plans: readonly ListedPlan[]): string {
  const lines = plans.map(({ key, name, live, customers, isDefault }) => [key, name, live ? String(live.number) : '', live?.effectiveFrom ?? '', live ? priceWords(live.definition) : '', String(customers), isDefault ? 'yes' : 'no']);
  return csvText(['key', 'name', 'version', 'effective_from', 'price', 'customers', 'default'], lines);
}

/** Spreadsheets must not read a cell as a formula. */
export function csvText(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${[header, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('')}`;
}
