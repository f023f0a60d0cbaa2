const FORECAST_SCOPES = ['tenant', 'workflow', 'customer', 'provider'] as const;
export type ForecastScope = (typeof FORECAST_SCOPES)[number];

/** What stands in the URL of the forecast: a part of the team, by its name. */
export interface ForecastSearch {
  readonly workflow?: string;
  readonly customerId?: string;
  readonly provider?: string;
}

/** One part at a time: a forecast is made of a scope, not of a cross of them. */
export function parseForecastSearch(raw: Record<string, unknown>): ForecastSearch {
  for (const name of ['workflow', 'customerId', 'provider'] as const) {
    const value = raw[name];
    if (typeof value === 'string' && value.trim() !== '') return { [name]: value.trim().slice(0, 255) };
  }
  return {};
}

export function scopeOf({ workflow, customerId, provider }: ForecastSearch): { readonly scope: ForecastScope; readonly subject?: string } {
  if (workflow !== undefined) return { scope: 'workflow', subject: workflow };
  if (customerId !== undefined) return { scope: 'customer', subject: customerId };
  return provider === undefined ? { scope: 'tenant' } : { scope: 'provider', subject: provider };
}
