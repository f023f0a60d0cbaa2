/** One name for a service tier and for a price region, whatever the provider's API calls it. */

/** The tier of a call that nobody said anything else about. */
export const STANDARD = 'standard';

const TIERS: Readonly<Record<string, string>> = {
  '': STANDARD,
  default: STANDARD,
  standard: STANDARD,
  standard_only: STANDARD,
  on_demand: STANDARD,
  unspecified: STANDARD,
  traffic_type_unspecified: STANDARD,
  on_demand_priority: 'priority',
  on_demand_flex: 'flex',
  on_demand_offpeak: 'offpeak',
};

/**
 * The served tier in the price book's words: `standard`, `batch`, `flex`, `priority`, `fast`; anything else stays as it is and
 * finds no price. `auto` names no served tier and so counts as standard only because nothing better is known.
 */
export function canonicalTier(provider: string, tier: string | null | undefined): string {
  const name = (tier ?? '').trim().toLowerCase();
  if (name === 'auto') return STANDARD;
  // OpenAI's fast mode is asked for as `fast` and served as `priority`; Anthropic's fast mode is a price of its own.
  if (name === 'fast' && provider === 'openai') return 'priority';
  return TIERS[name] ?? name;
}

const NO_REGION = new Set(['', 'global', 'default', 'not_available', 'unspecified']);
const OPENAI_RESIDENCY = new Set(['us', 'eu', 'au', 'ca', 'jp', 'in', 'sg', 'kr', 'gb', 'ae']);

/**
 * The price region: '' where the provider's base price holds. OpenAI's data residency regions share one price, and so do
 * Google's endpoints other than the global one.
 */
export function canonicalRegion(provider: string, region: string | null | undefined): string {
  const name = (region ?? '').trim().toLowerCase();
  if (NO_REGION.has(name)) return '';
  if (provider === 'openai') return OPENAI_RESIDENCY.has(name) ? 'residency' : name;
  if (provider === 'google') return 'regional';
  return name;
}
