/** What stands in the URL of the jobs. */
export interface JobsSearch {
  readonly search?: string;
  readonly state?: 'failed';
}

export function parseJobsSearch(raw: Record<string, unknown>): JobsSearch {
  const search = raw['search'];
  return { ...(typeof search === 'string' && search !== '' ? { search: search.slice(0, 100) } : {}), ...(raw['state'] === 'failed' ? { state: 'failed' } : {}) };
}
