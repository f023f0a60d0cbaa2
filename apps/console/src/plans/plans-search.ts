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

/** Amounts of the simulator; absent: as the plan has it. `included` and `price` are of the allowance, the first when it is not named. */
export interface SimulateSearch {
  readonly baseFee?: string;
  readonly price?: string;
  readonly included?: string;
  readonly allowance?: string;
  readonly span?: 'period';
}

const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/;

export function parseSimulateSearch(raw: Record<string, unknown>): SimulateSearch {
  const amounts = (['baseFee', 'price', 'included'] as const).flatMap((name) => (typeof raw[name] === 'string' && DECIMAL.test(raw[name]) ? [[name, raw[name]]] : []));
  return {
    ...(Object.fromEntries(amounts) as SimulateSearch), ...(typeof raw['allowance'] === 'string' && raw['allowance'] !== '' ? { allowance: raw['allowance'].slice(0, 63) } : {}),
    ...(raw['span'] === 'period' ? { span: 'period' } : {}),
  };
}
