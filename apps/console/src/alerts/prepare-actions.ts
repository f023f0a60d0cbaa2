/** What can be done about an alert, from the alert: which actions fit, what each says before it is done, until when it holds. Pure. */
import { parseDecimal } from '@outlay/kernel';
import { formatDateTime } from '../ui/format-time';
import { scopeText, type RuleScope } from './alert-shapes';

export const ACTION_KINDS = ['lower_cap', 'force_cheaper', 'throttle', 'suspend_customer'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

export const ACTION_WORDS: Readonly<Record<ActionKind, string>> = { lower_cap: 'Lower the cap', force_cheaper: 'Force the cheaper model', throttle: 'Throttle', suspend_customer: 'Suspend the customer' };

export interface ActionForm {
  readonly kind: ActionKind;
  readonly limitUsd: string;
  readonly perMinute: string;
  readonly expiresInMinutes: number;
}

/** As the server takes it. */
export function actionOf({ kind, limitUsd, perMinute, expiresInMinutes }: ActionForm) {
  if (kind === 'lower_cap') return { kind, limitUsd: limitUsd.trim(), expiresInMinutes };
  return kind === 'throttle' ? { kind, perMinute: Number(perMinute), expiresInMinutes } : { kind, expiresInMinutes };
}

export const EXPIRIES: readonly (readonly [minutes: number, words: string])[] = [[60, '1 hour'], [240, '4 hours'], [1_440, '1 day'], [10_080, '1 week']];
export const MUTES: readonly (readonly [hours: number, words: string])[] = [[1, '1 hour'], [4, '4 hours'], [24, '1 day'], [168, '1 week']];

interface Target {
  readonly scope: RuleScope;
  readonly subject: string;
  /** Seen in what was polled: spent past the ledger. */
  readonly isPolled?: boolean;
}

/** What fits what the alert is about: only a customer can be suspended; what a provider bills on its own side cannot be stopped here. */
export function offeredActions({ scope, subject, isPolled = false }: Target): ActionKind[] {
  if (scope === 'provider' || isPolled) return [];
  return ACTION_KINDS.filter((kind) => kind !== 'suspend_customer' || (scope === 'customer' && subject !== ''));
}

export function startAction(kind: ActionKind): ActionForm {
  return { kind, limitUsd: '', perMinute: '', expiresInMinutes: 240 };
}

/** What is wrong, by field; null when nothing is. The server decides; this says it before anything is sent. */
export function faultOfAction({ kind, limitUsd, perMinute }: ActionForm): { readonly field: 'limitUsd' | 'perMinute'; readonly message: string } | null {
  if (kind === 'lower_cap') {
    const value = parseDecimal(limitUsd.trim());
    return value === null || value.num < 0n ? { field: 'limitUsd', message: 'Dollars as a decimal, such as 4.00.' } : null;
  }
  return kind === 'throttle' && !/^[1-9]\d{0,5}$/.test(perMinute.trim()) ? { field: 'perMinute', message: 'A whole number from 1.' } : null;
}

/** What happens, to whom, until when, and how it ends. */
export function consequence(form: ActionForm, target: Target, timeZone: string, nowMs: number): string {
  const whom = scopeText(target.scope, target.subject);
  const until = formatDateTime(new Date(nowMs + form.expiresInMinutes * 60_000).toISOString(), timeZone);
  switch (form.kind) {
    case 'lower_cap':
      return `A hard cap of ${form.limitUsd.trim() === '' ? '…' : `$${form.limitUsd.trim()}`} a day for ${whom}, until ${until}. What was spent today counts. Runs that would pass it are denied, with the reason in the answer.`;
    case 'force_cheaper':
      return `Runs of ${whom} get the cheaper model of the workflow's route, until ${until}. Nobody is stopped.`;
    case 'throttle':
      return `At most ${form.perMinute.trim() === '' ? '…' : form.perMinute.trim()} runs a minute for ${whom}, until ${until}. Further ones are told when to come again.`;
    case 'suspend_customer':
      return `${whom.charAt(0).toUpperCase()}${whom.slice(1)} begins no run until ${until}. What runs already goes on to its end.`;
  }
}
