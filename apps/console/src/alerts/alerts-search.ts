/** What stands in the URL of the inbox and of the rules. */
import { ALERT_KINDS, ALERT_STATES, type AlertKind } from './alert-shapes';

/** Absent: all that is not resolved. */
export const STATE_FILTERS = [...ALERT_STATES, 'all'] as const;
export type StateFilter = (typeof STATE_FILTERS)[number];

export interface AlertsSearch {
  readonly state?: StateFilter;
  readonly kind?: AlertKind;
}

export interface RulesSearch {
  readonly kind?: AlertKind;
  /** The rule whose form is open; `new` for one that does not exist yet. */
  readonly rule?: string;
}

export function parseAlertsSearch(raw: Record<string, unknown>): AlertsSearch {
  const state = STATE_FILTERS.find((each) => each === raw['state']);
  return { ...(state ? { state } : {}), ...kindOf(raw) };
}

const RULE = /^(new|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i;

export function parseRulesSearch(raw: Record<string, unknown>): RulesSearch {
  return { ...kindOf(raw), ...(typeof raw['rule'] === 'string' && RULE.test(raw['rule']) ? { rule: raw['rule'] } : {}) };
}

function kindOf(raw: Record<string, unknown>): { readonly kind?: AlertKind } {
  const kind = ALERT_KINDS.find((each) => each === raw['kind']);
  return kind ? { kind } : {};
}
