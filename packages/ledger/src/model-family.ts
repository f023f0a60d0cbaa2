/**
 * One name for a model and its dated snapshots, in TypeScript and in SQL: `openai/gpt-4o-2024-08-06` -> `gpt-4o`. A cap names the model that a team asks for, and the ledger keeps what was
 * served.
 */
const FAMILY = { path: '^.*/', suffix: '-(latest|20\\d{2}-\\d{2}-\\d{2}|20\\d{6})$' } as const;
const PATH = new RegExp(FAMILY.path);
const SUFFIX = new RegExp(FAMILY.suffix);

export function modelFamily(model: string): string {
  return model.toLowerCase().replace(PATH, '').replace(SUFFIX, '');
}

/** The same of a column or expression. */
export function modelFamilySql(model: string): string {
  return `regexp_replace(regexp_replace(lower(${model}), '${FAMILY.path}', ''), '${FAMILY.suffix}', '')`;
}
