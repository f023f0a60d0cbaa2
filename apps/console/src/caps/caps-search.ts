import { SCOPES, type Scope } from './prepare-caps';

/** What stands in the URL of the caps. */
export interface CapsSearch {
  readonly search?: string;
  readonly scope?: Scope;
}

export function parseCapsSearch(raw: Record<string, unknown>): CapsSearch {
  const scope = SCOPES.find((each) => each === raw['scope']);
  return { ...(typeof raw['search'] === 'string' && raw['search'] !== '' ? { search: raw['search'].slice(0, 255) } : {}), ...(scope ? { scope } : {}) };
}
