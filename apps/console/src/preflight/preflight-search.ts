/** What stands in the URL of the checklist. */
export interface PreflightSearch {
  readonly show?: 'open';
}

export function parsePreflightSearch(raw: Record<string, unknown>): PreflightSearch {
  return raw['show'] === 'open' ? { show: 'open' } : {};
}
