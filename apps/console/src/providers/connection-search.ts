export const USAGE_WIDTHS = ['1m', '1h', '1d'] as const;
export type UsageWidth = (typeof USAGE_WIDTHS)[number];
export const USAGE_GROUPINGS = ['model', 'key', 'project'] as const;
export type UsageGrouping = (typeof USAGE_GROUPINGS)[number];

/** What stands in the URL of a connection: which of its buckets are looked at. */
export interface ConnectionSearch {
  readonly width?: UsageWidth;
  readonly by?: UsageGrouping;
  /** Bars of tokens instead of money. */
  readonly bars?: 'tokens';
  /** The span ends here; absent: with the newest. */
  readonly before?: string;
}

export function parseConnectionSearch(raw: Record<string, unknown>): ConnectionSearch {
  const width = USAGE_WIDTHS.find((each) => each === raw['width']);
  const by = USAGE_GROUPINGS.find((each) => each === raw['by']);
  const before = typeof raw['before'] === 'string' && raw['before'].length <= 40 && !Number.isNaN(Date.parse(raw['before'])) ? raw['before'] : undefined;
  return { ...(width ? { width } : {}), ...(by ? { by } : {}), ...(raw['bars'] === 'tokens' ? { bars: 'tokens' } : {}), ...(before ? { before } : {}) };
}
