/** Words of alerts and rules that several pages share. */
import { CircleAlert, Info, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { Tone } from '../ui/badge';

export const ALERT_KINDS = ['spike', 'budget', 'forecast', 'cap_reached', 'error_share', 'retry_share', 'unpriced', 'sync_broken', 'drift', 'balance_broken', 'credits_low', 'no_data'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export const ALERT_STATES = ['pending', 'firing', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];
export type Severity = 'info' | 'warning' | 'critical';
const RULE_SCOPES = ['tenant', 'workflow', 'customer', 'model', 'key', 'provider'] as const;
export type RuleScope = (typeof RULE_SCOPES)[number];

export const KIND_WORDS: Readonly<Record<AlertKind, string>> = {
  spike: 'Spike', budget: 'Budget', forecast: 'Forecast over budget', cap_reached: 'Cap reached', error_share: 'Failed calls', retry_share: 'Retries', unpriced: 'Unpriced calls',
  sync_broken: 'Sync broken', drift: 'Drift from the bill', balance_broken: 'Trial balance', credits_low: 'Credits low', no_data: 'No data',
};

export const STATE_WORDS: Readonly<Record<AlertState, string>> = { pending: 'Pending', firing: 'Firing', acknowledged: 'Acknowledged', resolved: 'Resolved' };
export const STATE_TONES: Readonly<Record<AlertState, Tone>> = { pending: 'neutral', firing: 'danger', acknowledged: 'accent', resolved: 'positive' };

/** Severity is a word and a form, not a colour alone. */
export const SEVERITY_LOOKS: Readonly<Record<Severity, { readonly icon: LucideIcon; readonly tone: string; readonly word: string }>> = {
  critical: { icon: CircleAlert, tone: 'bg-danger-soft text-danger', word: 'Critical' },
  warning: { icon: TriangleAlert, tone: 'bg-warning-soft text-warning', word: 'Warning' },
  info: { icon: Info, tone: 'bg-accent-soft text-accent', word: 'Note' },
};

const SCOPE_WORDS: Readonly<Record<RuleScope, string>> = { tenant: 'the whole team', workflow: 'workflow', customer: 'customer', model: 'model', key: 'API key', provider: 'provider' };

/** `the whole team`, `each workflow`, `customer acme`. */
export function scopeText(scope: RuleScope, subject: string | null): string {
  if (scope === 'tenant') return SCOPE_WORDS.tenant;
  return subject === null || subject === '' ? `each ${SCOPE_WORDS[scope]}` : `${SCOPE_WORDS[scope]} ${subject}`;
}

/** The page of what an alert is about; null where there is none. */
export function subjectPath(scope: RuleScope, subject: string): string | null {
  if (subject === '') return null;
  const name = encodeURIComponent(subject);
  return { tenant: null, workflow: `/workflows/${name}`, customer: `/customers/${name}`, model: `/models?model=${name}`, key: '/settings/keys', provider: '/providers' }[scope];
}
