/** The state of the form of a rule, and what is sent of it. Pure. */
import type { AlertKind, RuleScope } from './alert-shapes';
import { settingsOf, SCOPES_OF, textsOf, type Settings, type SettingTexts } from './prepare-rule';
import { actionOf, faultOfAction, startAction, type ActionForm, type ActionKind, ACTION_KINDS } from './prepare-actions';

export interface KeptRule {
  readonly id: string;
  readonly kind: AlertKind;
  readonly name: string;
  readonly scope: RuleScope;
  readonly subject: string | null;
  readonly settings: Settings;
  readonly channelIds: readonly string[];
  readonly action: Readonly<Record<string, unknown>> | null;
  readonly renotifyMinutes: number | null;
  readonly quietHours: { readonly from: string; readonly to: string } | null;
  readonly enabled: boolean;
  readonly builtIn: boolean;
}

export interface RuleForm {
  readonly kind: AlertKind;
  readonly name: string;
  readonly scope: RuleScope;
  readonly subject: string;
  readonly texts: SettingTexts;
  /** What the form does not show stays as it is. */
  readonly kept: Settings;
  readonly channelIds: readonly string[];
  readonly renotify: string;
  readonly quiet: boolean;
  readonly quietFrom: string;
  readonly quietTo: string;
  /** Null: it does nothing by itself. */
  readonly action: ActionForm | null;
  readonly enabled: boolean;
}

export function startRule(rule: KeptRule | null, kind: AlertKind, channelIds: readonly string[]): RuleForm {
  if (rule === null) return { kind, name: '', scope: SCOPES_OF[kind][0]!, subject: '', texts: textsOf(kind, {}), kept: {}, channelIds, renotify: '', quiet: false, quietFrom: '22:00', quietTo: '07:00', action: null, enabled: true };
  return {
    kind: rule.kind, name: rule.name, scope: rule.scope, subject: rule.subject ?? '', texts: textsOf(rule.kind, rule.settings), kept: rule.settings, channelIds: rule.channelIds, renotify: rule.renotifyMinutes === null ? '' : String(rule.renotifyMinutes),
    quiet: rule.quietHours !== null, quietFrom: rule.quietHours?.from ?? '22:00', quietTo: rule.quietHours?.to ?? '07:00', action: keptAction(rule.action), enabled: rule.enabled,
  };
}

/** Another kind has other thresholds and may watch other things; what was said of channels and times stays. */
export function changeKind(form: RuleForm, kind: AlertKind): RuleForm {
  return { ...form, kind, scope: SCOPES_OF[kind].includes(form.scope) ? form.scope : SCOPES_OF[kind][0]!, subject: '', texts: textsOf(kind, {}), kept: {}, action: kind === 'spike' ? form.action : null };
}

function keptAction(action: KeptRule['action']): ActionForm | null {
  const kind = ACTION_KINDS.find((each) => each === action?.['kind']);
  if (!action || kind === undefined) return null;
  const start = startAction(kind);
  return {
    ...start, limitUsd: typeof action['limitUsd'] === 'string' ? action['limitUsd'] : '', perMinute: typeof action['perMinute'] === 'number' ? String(action['perMinute']) : '',
    expiresInMinutes: typeof action['expiresInMinutes'] === 'number' ? action['expiresInMinutes'] : start.expiresInMinutes,
  };
}

/** Which action fits a rule: only one about customers can suspend one. */
export function actionsOf({ kind, scope }: Pick<RuleForm, 'kind' | 'scope'>): readonly ActionKind[] {
  if (kind !== 'spike' || scope === 'provider') return [];
  return ACTION_KINDS.filter((each) => each !== 'suspend_customer' || scope === 'customer');
}

/** What is sent, or what is wrong by field: `settings.<name>`, `action.<name>`. */
export function savedOf(form: RuleForm, id: string | null) {
  const { settings, faults } = settingsOf(form.kind, form.texts);
  const ownFault = form.action === null ? null : faultOfAction(form.action);
  const all: Record<string, string> = { ...Object.fromEntries(Object.entries(faults).map(([name, message]) => [`settings.${name}`, message])), ...(ownFault ? { [`action.${ownFault.field}`]: ownFault.message } : {}) };
  return {
    faults: all,
    input: {
      ...(id === null ? {} : { id }), kind: form.kind, name: form.name.trim(), scope: form.scope, subject: form.scope === 'tenant' || form.subject.trim() === '' ? null : form.subject.trim(), settings: { ...form.kept, ...settings },
      channelIds: [...form.channelIds], action: form.action === null ? null : actionOf(form.action), renotifyMinutes: form.renotify === '' ? null : Number(form.renotify),
      quietHours: form.quiet ? { from: form.quietFrom, to: form.quietTo } : null, enabled: form.enabled,
    },
  };
}
