/** Files beside the repository that tests may read and never need: they are skipped by name where one is absent. Tests only. */
import { existsSync, readFileSync } from 'node:fs';

const SHARED = new URL('../../../../../shared/data/', import.meta.url);

/** True when the file stands in `../shared/data` of the repository's root. */
export function hasSharedData(path: string): boolean {
  return existsSync(new URL(path, SHARED));
}

export function readSharedData<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, SHARED), 'utf8')) as T;
}
