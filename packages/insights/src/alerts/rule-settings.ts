/** The thresholds of each kind of rule, with what holds where a rule says nothing. Shares are 0 to 1, percents 1 to 1,000, money pico-dollars as text. */
import { DomainError } from '@outlay/kernel';
import { z } from 'zod';
import { spikeSettingsSchema } from '../spikes/spike-settings';
import type { AlertRule, RuleKind, RuleScope } from './alert-rule';

const pico = z.string().regex(/^\d{1,24}$/, 'pico-dollars as digits');
const share = z.number().min(0.001).max(1);
const minutes = z.number().int().min(5).max(10_080);
/** Of calls in a window, of which there must be enough to speak of a share. */
const shareOfCalls = z.strictObject({ share: share.default(0.2), windowMinutes: minutes.default(60), minCalls: z.number().int().min(1).max(1_000_000).default(20) });

export const RULE_SETTINGS = {
  spike: spikeSettingsSchema,
  /** Percents of each budget at which it is told. */
  budget: z.strictObject({ thresholds: z.array(z.number().min(1).max(1_000)).min(1).max(10).default([50, 80, 100]) }),
  /** Told when the month will end above this percent of a budget. */
  forecast: z.strictObject({ percent: z.number().min(1).max(1_000).default(100) }),
  /** Percent of a cap at which it is told, and of which modes. */
  cap_reached: z.strictObject({ percent: z.number().min(1).max(1_000).default(100), modes: z.array(z.enum(['soft', 'degrade', 'hard'])).min(1).default(['soft', 'degrade', 'hard']) }),
  error_share: shareOfCalls,
  retry_share: shareOfCalls,
  /** Rows without a price that wait. */
  unpriced: z.strictObject({ minRows: z.number().int().min(1).max(1_000_000_000).default(1) }),
  /** Syncs that failed in a row, and hours without a success. */
  sync_broken: z.strictObject({ failures: z.number().int().min(1).max(100).default(3), lagHours: z.number().min(1).max(720).default(24) }),
  /** What the ledger and the bill of a finished day differ by: both the share of the bill and the amount. */
  drift: z.strictObject({ share: share.default(0.05), minPico: pico.default('1000000000000') }),
  balance_broken: z.strictObject({}),
  /** What is left of the credits that a customer was given and that have not expired. */
  credits_low: z.strictObject({ share: share.default(0.1) }),
  /** Minutes without a call, of a team that has any otherwise. */
  no_data: z.strictObject({ minutes: minutes.default(60) }),
} as const satisfies Record<RuleKind, z.ZodType>;

export type SettingsOf<K extends RuleKind> = z.infer<(typeof RULE_SETTINGS)[K]>;

/** What a kind may watch. */
export const SCOPES_OF: Readonly<Record<RuleKind, readonly RuleScope[]>> = {
  spike: ['tenant', 'workflow', 'customer', 'model', 'key', 'provider'],
  budget: ['tenant'],
  forecast: ['tenant'],
  cap_reached: ['tenant'],
  error_share: ['tenant', 'workflow', 'model', 'provider'],
  retry_share: ['tenant', 'workflow', 'model', 'provider'],
  unpriced: ['tenant'],
  sync_broken: ['provider'],
  drift: ['provider'],
  balance_broken: ['tenant'],
  credits_low: ['customer'],
  no_data: ['tenant', 'workflow'],
};

/** Settings of a later version are not guessed at: the defaults hold. */
export function settingsOf<K extends RuleKind>(rule: Pick<AlertRule, 'settings'>, kind: K): SettingsOf<K> {
  const schema = RULE_SETTINGS[kind];
  const parsed = schema.safeParse(rule.settings);
  return (parsed.success ? parsed.data : schema.parse({})) as SettingsOf<K>;
}

/** As they are stored, with every default written out. Errors: `invalid_input` naming the field. */
export function parseSettings(kind: RuleKind, settings: unknown): Readonly<Record<string, unknown>> {
  const parsed = RULE_SETTINGS[kind].safeParse(settings ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DomainError('invalid_input', { field: ['settings', ...issue!.path].join('.'), message: `${issue!.message}.`.replace(/\.\.$/, '.') });
}
