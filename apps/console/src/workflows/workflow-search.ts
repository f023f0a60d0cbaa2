import { parseComparedSearch, type ComparedSearch } from '../filters/search';

export const RUN_STATES = ['usable', 'unusable', 'open', 'unknown'] as const;
export type RunState = (typeof RUN_STATES)[number];
const RUN_ORDERS = ['newest', 'dearest'] as const;
export type RunOrder = (typeof RUN_ORDERS)[number];

/** What the pages of workflows are narrowed by: what a run has too. A run may use several models, so there is no filter by model. */
export type WorkflowsSearch = Pick<ComparedSearch, 'range' | 'from' | 'to' | 'environment' | 'customerId' | 'compare'>;

export interface WorkflowSearch extends WorkflowsSearch {
  /** Of the run list. */
  readonly state?: RunState;
  readonly order?: RunOrder;
}

type Raw = Record<string, unknown>;

export function parseWorkflowsSearch(raw: Raw): WorkflowsSearch {
  const { range, from, to, environment, customerId, compare } = parseComparedSearch(raw);
  return compact({ range, from, to, environment, customerId, compare });
}

export function parseWorkflowSearch(raw: Raw): WorkflowSearch {
  return compact({ ...parseWorkflowsSearch(raw), state: RUN_STATES.find((each) => each === raw['state']), order: RUN_ORDERS.find((each) => each === raw['order']) });
}

function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
