/**
 * An override is a merge patch of a plan's definition: members replace members, null takes one away. Lists whose entries have an id are merged by it, entry by entry;
 * `{"id": "exports", "removed": true}` takes an entry away. Every other list is replaced as a whole. Pure.
 */
export type PatchValue = string | number | boolean | null | readonly PatchValue[] | { readonly [name: string]: PatchValue | undefined };
export type DefinitionPatch = { readonly [name: string]: PatchValue | undefined };

type Entry = { readonly id: string } & Record<string, unknown>;

/** Answers a new value; neither argument is changed. */
export function mergePatch(base: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return isById(patch) && isById(base ?? []) ? mergeEntries((base ?? []) as Entry[], patch) : patch;
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(base) ? { ...base } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function mergeEntries(base: readonly Entry[], patch: readonly Entry[]): unknown[] {
  const patches = new Map(patch.map((entry) => [entry.id, entry]));
  const kept = base.filter(({ id }) => patches.get(id)?.['removed'] !== true).map((entry) => (patches.has(entry.id) ? mergePatch(entry, patches.get(entry.id)) : entry));
  const known = new Set(base.map(({ id }) => id));
  return [...kept, ...patch.filter((entry) => !known.has(entry.id) && entry['removed'] !== true).map((entry) => mergePatch({}, entry))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isById(value: unknown): value is Entry[] {
  return Array.isArray(value) && value.every((entry) => isObject(entry) && typeof entry['id'] === 'string');
}
