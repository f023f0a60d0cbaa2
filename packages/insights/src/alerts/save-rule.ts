/** Rules as a person makes, changes, switches and removes them. The audit log is told what was before. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit, type AuditEntry } from '@outlay/tenancy';
import { type By } from '../channels/save-channel';
import { readChannels } from '../channels/store-channels';
import type { AlertRule, QuietHours, RuleKind, RuleScope } from './alert-rule';
import { type AlertAction, alertActionSchema, whyNot } from '../spikes/alert-action';
import { readSpikeSettings, scopesOf } from '../spikes/spike-settings';
import { ensureDefaultRules } from './default-rules';
import { parseClock } from './quiet-hours';
import { parseSettings, SCOPES_OF } from './rule-settings';
import { deleteRule, insertRule, lockRule, readRules, type Tx, updateRule } from './store-rules';

export interface RuleInput {
  /** Absent: a new one. */
  readonly id?: string | undefined;
  readonly kind: RuleKind;
  readonly name?: string | undefined;
  /** Absent: the first that the kind may watch. */
  readonly scope?: RuleScope | undefined;
  readonly subject?: string | null | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly channelIds?: readonly string[] | undefined;
  /** As `alertActionSchema` has it; only rules about spikes act. */
  readonly action?: Readonly<Record<string, unknown>> | null | undefined;
  readonly renotifyMinutes?: number | null | undefined;
  readonly quietHours?: QuietHours | null | undefined;
  /** ISO: a mute for maintenance. */
  readonly mutedUntil?: string | null | undefined;
  readonly enabled?: boolean | undefined;
}

/** What a rule of this kind is called when nobody names it. */
const KIND_NAMES: Readonly<Record<RuleKind, string>> = {
  spike: 'Spend spike', budget: 'Budget thresholds', forecast: 'Forecast over budget', cap_reached: 'Cap reached', error_share: 'Failed calls', retry_share: 'Retries', unpriced: 'Events without a price',
  sync_broken: 'Provider sync broken', drift: 'Ledger and bill differ', balance_broken: 'Trial balance broken', credits_low: 'Credits low', no_data: 'No data',
};

const RULES_MAX = 200;
const NAME_MAX = 80;
const SUBJECT_MAX = 255;
const RENOTIFY_MAX = 10_080;
const MUTE_MAX_MS = 90 * 86_400_000;

/** In the order of their making, those that every team has first. */
export async function listRules(db: Database, tenantId: string, nowMs = Date.now()): Promise<AlertRule[]> {
  return await db.withTenant(tenantId, async (tx) => {
    await ensureDefaultRules(tx, tenantId, nowMs);
    return await readRules(tx);
  });
}

/** Holds from the next minute on. Errors: `invalid_input` naming the field, `not_found`, `conflict`. */
export async function saveRule(db: Database, by: By, input: RuleInput, nowMs = Date.now()): Promise<AlertRule> {
  return await db.withTenant(by.tenantId, async (tx) => {
    await ensureDefaultRules(tx, by.tenantId, nowMs);
    const before = input.id === undefined ? null : await lockRule(tx, input.id);
    if (input.id !== undefined && before === null) throw noRule();
    if (before !== null && before.kind !== input.kind) throw refuse('kind', 'A rule stays of its kind: make a new one.');
    if (before === null && (await readRules(tx)).length >= RULES_MAX) throw new DomainError('conflict', { message: `A team has at most ${RULES_MAX} rules: remove one that is not needed.` });
    const nowIso = new Date(nowMs).toISOString();
    const rule: AlertRule = {
      ...await checked(tx, input, before, nowMs),
      id: before?.id ?? newId(nowMs), kind: input.kind, builtIn: before?.builtIn ?? false, createdBy: before?.createdBy ?? by.actor, createdAt: before?.createdAt ?? nowIso, updatedAt: nowIso,
    };
    if (before === null) await insertRule(tx, by.tenantId, rule);
    else await updateRule(tx, rule);
    await audit(tx, { ...by, action: before === null ? 'alert_rule.created' : 'alert_rule.changed', subjectType: 'alert_rule', subjectId: rule.id, ...(before === null ? {} : { before: factsOf(before) }), after: factsOf(rule) });
    return rule;
  });
}

/** Errors: `not_found`. */
export async function setRuleEnabled(db: Database, by: By, id: string, enabled: boolean, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const before = await lockRule(tx, id);
    if (before === null) throw noRule();
    await updateRule(tx, { ...before, enabled, updatedAt: new Date(nowMs).toISOString() });
    await audit(tx, { ...by, action: enabled ? 'alert_rule.enabled' : 'alert_rule.disabled', subjectType: 'alert_rule', subjectId: id, before: { enabled: before.enabled }, after: { enabled } });
  });
}

/** Its alerts stay as history; what is open ends. Errors: `not_found`, `conflict` for one that every team has. */
export async function removeRule(db: Database, by: By, id: string, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const before = await lockRule(tx, id);
    if (before === null) throw noRule();
    if (before.builtIn) throw new DomainError('conflict', { message: 'Every team has this rule: switch it off instead.' });
    await tx.query(`UPDATE alerts SET state = 'resolved', resolved_at = $2 WHERE rule_id = $1 AND state <> 'resolved'`, [id, new Date(nowMs)]);
    await deleteRule(tx, id);
    await audit(tx, { ...by, action: 'alert_rule.removed', subjectType: 'alert_rule', subjectId: id, before: factsOf(before) });
  });
}

type Checked = Omit<AlertRule, 'id' | 'kind' | 'builtIn' | 'createdBy' | 'createdAt' | 'updatedAt'>;

/** What the input leaves out stays as it was. */
async function checked(tx: Tx, input: RuleInput, before: AlertRule | null, nowMs: number): Promise<Checked> {
  const { kind } = input;
  const name = (input.name ?? '').trim() || (before?.name ?? KIND_NAMES[kind]);
  if (name.length > NAME_MAX || /\p{C}/u.test(name)) throw refuse('name', `One line of at most ${NAME_MAX} characters.`);
  const scope = input.scope ?? before?.scope ?? SCOPES_OF[kind][0]!;
  if (!SCOPES_OF[kind].includes(scope)) throw refuse('scope', `A rule of this kind watches ${SCOPES_OF[kind].join(', ')}.`);
  const subject = (input.subject === undefined ? (before?.subject ?? null) : input.subject) || null;
  if (subject !== null && scope === 'tenant') throw refuse('subject', 'The whole team has no subject.');
  if (subject !== null && (subject.length > SUBJECT_MAX || subject.includes('\0'))) throw refuse('subject', `At most ${SUBJECT_MAX} characters.`);
  const known = new Set((await readChannels(tx)).map(({ id }) => id));
  const channelIds = [...new Set(input.channelIds ?? before?.channelIds ?? [])];
  if (channelIds.some((id) => !known.has(id))) throw refuse('channelIds', 'One of these channels is gone: reload and choose again.');
  const settings = parseSettings(kind, input.settings ?? before?.settings);
  return {
    name, scope, subject, channelIds, settings,
    action: actionOf(input.action === undefined ? (before?.action ?? null) : input.action, { kind, scope, subject, settings, builtIn: before?.builtIn ?? false }),
    renotifyMinutes: renotifyOf(input.renotifyMinutes === undefined ? (before?.renotifyMinutes ?? null) : input.renotifyMinutes),
    quietHours: quietOf(input.quietHours === undefined ? (before?.quietHours ?? null) : input.quietHours),
    mutedUntil: muteOf(input.mutedUntil === undefined ? (before?.mutedUntil ?? null) : input.mutedUntil, nowMs),
    enabled: input.enabled ?? before?.enabled ?? true,
  };
}

/** With every default written out. What no alert of the rule could ever be given is refused now, not left out silently when it fires. */
function actionOf(stated: Readonly<Record<string, unknown>> | null, rule: Pick<AlertRule, 'kind' | 'scope' | 'subject' | 'settings' | 'builtIn'>): AlertAction | null {
  if (stated === null) return null;
  const parsed = alertActionSchema.safeParse(stated);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(['action', ...issue!.path].join('.'), issue!.message);
  }
  if (rule.kind !== 'spike') throw refuse('action', 'Only a rule about spend spikes acts by itself. This one tells its channels.');
  const scopes = scopesOf(rule, readSpikeSettings(rule));
  const reasons = scopes.map((scope) => whyNot(parsed.data, { scope, subject: rule.subject ?? 'any', isPolled: false }));
  if (!reasons.includes(null)) throw refuse('action', reasons[0]!);
  return parsed.data;
}

function renotifyOf(minutes: number | null): number | null {
  if (minutes !== null && (!Number.isInteger(minutes) || minutes < 5 || minutes > RENOTIFY_MAX)) throw refuse('renotifyMinutes', 'Minutes from 5 to 10,080, or nothing.');
  return minutes;
}

function quietOf(hours: QuietHours | null): QuietHours | null {
  if (hours === null) return null;
  if (parseClock(hours.from) === null) throw refuse('quietHours.from', 'A time such as 22:00.');
  if (parseClock(hours.to) === null) throw refuse('quietHours.to', 'A time such as 07:00.');
  return { from: hours.from, to: hours.to };
}

function muteOf(iso: string | null, nowMs: number): string | null {
  if (iso === null) return null;
  const ms = Date.parse(iso);
  if (Number.isNaN(ms) || ms > nowMs + MUTE_MAX_MS) throw refuse('mutedUntil', 'A time within the next 90 days.');
  return new Date(ms).toISOString();
}

function factsOf({ kind, name, scope, subject, settings, channelIds, action, renotifyMinutes, quietHours, mutedUntil, enabled }: AlertRule): NonNullable<AuditEntry['after']> {
  return {
    kind, name, scope, subject, settings: JSON.stringify(settings), channelIds: [...channelIds], action: action === null ? null : JSON.stringify(action), renotifyMinutes,
    quietHours: quietHours === null ? null : `${quietHours.from} to ${quietHours.to}`, mutedUntil, enabled,
  };
}

function noRule(): DomainError {
  return new DomainError('not_found', { message: 'There is no such rule. Somebody may have removed it.' });
}

function refuse(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}
