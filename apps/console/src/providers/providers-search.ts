import { type DayRange, readDayRange } from './utc-days';

/** What stands in the URL of the providers. */
export interface ProvidersSearch {
  readonly range?: DayRange;
  readonly by?: 'model';
  /** The wizard is open, at this provider or at its choice. */
  readonly connect?: 'new' | 'openai' | 'anthropic' | 'google' | 'openrouter' | 'import';
}

const OPEN = ['new', 'openai', 'anthropic', 'google', 'openrouter', 'import'] as const;

export function parseProvidersSearch(raw: Record<string, unknown>): ProvidersSearch {
  const range = readDayRange(raw['range']);
  const connect = OPEN.find((each) => each === raw['connect']);
  return { ...(range ? { range } : {}), ...(raw['by'] === 'model' ? { by: 'model' } : {}), ...(connect ? { connect } : {}) };
}
