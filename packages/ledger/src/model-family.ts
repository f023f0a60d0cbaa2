/**
 * One name for a model and its dated snapshots, in TypeScript and in SQL: `openai/gpt-4o-2024-08-06` -> `gpt-4o`. A cap names the model that a team asks for, and the ledger keeps what was
 * served.
 */
const FAMILY = { path: '^.*/', suffix: '-(latest|20\\d{2}-\\d{2}-\\d{2}|20\\d{6})$' } as const;
const PATH = new RegExp(FAMILY.path);
const SUFFIX = new RegExp(FAMILY.suffix);

/** Names come from callers: a memory of them must not grow without end. */
const KEPT_MAX = 10_000;
const kept = new Map<string, string>();

export function modelFamily(model: string): string {
  let family = kept.get(model);
  if (family === undefined) {
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(model, (family = model.toLowerCase().replace(PATH, '').replace(SUFFIX, '')));
  }
  return family;
}

/** The same of a column or expression. */
export function modelFamilySql(model: string): string {
  return `regexp_replace(regexp_replace(lower(${model}), '${FAMILY.path}', ''), '${FAMILY.suffix}', '')`;
}
