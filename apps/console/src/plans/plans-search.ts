/** What stands in the URL of the pages of plans. */
export interface PlansSearch {
  readonly search?: string;
  readonly archived?: true;
}

export interface PlanSearch {
  readonly tab?: 'versions' | 'draft';
}

export function parsePlansSearch(raw: Record<string, unknown>): PlansSearch {
  return {
    ...(typeof raw['search'] === 'string' && raw['search'] !== '' ? { search: raw['search'].slice(0, 255) } : {}),
    ...(raw['archived'] === 'true' || raw['archived'] === true ? { archived: true } : {}),
  };
}

export function parsePlanSearch(raw: Record<string, unknown>): PlanSearch {
  const tab = (['versions', 'draft'] as const).find((each) => each === raw['tab']);
  return tab ? { tab } : {};
}
