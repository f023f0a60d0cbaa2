import { type DayRange, readDayRange } from '../providers/utc-days';

export const GROUPINGS = ['model', 'key', 'project'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What stands in the URL of the reconciliation. */
export interface ReconciliationSearch {
  readonly range?: DayRange;
  readonly connection?: string;
  readonly by?: Grouping;
  /** Bars of the difference alone, which is small beside the bill. */
  readonly bars?: 'bill';
  /** The day whose drawer is open, and of which connection. */
  readonly day?: string;
  readonly of?: string;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function parseReconciliationSearch(raw: Record<string, unknown>): ReconciliationSearch {
  const range = readDayRange(raw['range']);
  const by = GROUPINGS.find((each) => each === raw['by']);
  const id = (value: unknown): string | undefined => (typeof value === 'string' && UUID.test(value) ? value : undefined);
  const [connection, of] = [id(raw['connection']), id(raw['of'])];
  const day = typeof raw['day'] === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(raw['day']) ? raw['day'] : undefined;
  return {
    ...(range ? { range } : {}), ...(by ? { by } : {}), ...(connection ? { connection } : {}), ...(raw['bars'] === 'bill' ? { bars: 'bill' } : {}), ...(day && of ? { day, of } : {}),
  };
}
