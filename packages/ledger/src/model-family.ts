/**
 * One name for a model and its dated snapshots: `openai/gpt-4o-2024-08-06` -> `gpt-4o`. A cap names the model that a team asks for, and the ledger keeps what was
 * served.
 */
const PATH = /^.*\//;
const SUFFIX = /-(latest|20\d{2}-\d{2}-\d{2}|20\d{6})$/;

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
