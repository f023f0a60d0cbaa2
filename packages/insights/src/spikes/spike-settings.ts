/** What a rule of kind `spike` may say, as it is stored in `alert_rules.settings`. Money is pico-dollars as text. What is absent has its default. */
import { z } from 'zod';
import type { AlertRule, RuleScope } from '../alerts/alert-rule';

/** What a spike can be seen in. `provider`: a connection, in what was polled and is not in the ledger. */
export const SPIKE_SCOPES = ['tenant', 'workflow', 'customer', 'model', 'key', 'provider'] as const satisfies readonly RuleScope[];
export type SpikeScope = (typeof SPIKE_SCOPES)[number];

const pico = z.string().regex(/^\d{1,24}$/, 'pico-dollars as digits');

export const spikeSettingsSchema = z.strictObject({
  /** More than this in any hour. Null: `DEFAULT_HOUR_PICO` until enough is known to tell what is usual, then none. */
  hourPico: pico.nullable().default(null),
  /** This many times the usual of an hour. */
  hourTimes: z.number().min(1.1).max(1_000).nullable().default(null),
  /** Share of a day's part of the month's budget that one hour may take; says nothing without a budget. */
  budgetShare: z.number().min(0.01).max(10).nullable().default(0.5),
  /** Whether what the detector finds unusual is told. */
  unusual: z.boolean().default(true),
  /** An excess below this is told by no threshold but `hourPico` and `budgetShare`. */
  minPico: pico.default('1000000000000'),
  /** Null: the rule's own scope; of the built-in rule all of them. */
  scopes: z.array(z.enum(SPIKE_SCOPES)).min(1).nullable().default(null),
});

export type SpikeRuleSettings = z.infer<typeof spikeSettingsSchema>;

/** $10: what holds from a team's first minute on. */
export const DEFAULT_HOUR_PICO = 10_000_000_000_000n;

/** Settings of a later version are not guessed at: the defaults hold. */
export function readSpikeSettings(rule: Pick<AlertRule, 'settings'>): SpikeRuleSettings {
  const parsed = spikeSettingsSchema.safeParse(rule.settings);
  return parsed.success ? parsed.data : spikeSettingsSchema.parse({});
}

/** A rule about one subject looks at nothing else. */
export function scopesOf(rule: Pick<AlertRule, 'scope' | 'subject' | 'builtIn'>, { scopes }: Pick<SpikeRuleSettings, 'scopes'>): readonly SpikeScope[] {
  if (rule.subject !== null) return [rule.scope];
  return scopes ?? (rule.builtIn ? SPIKE_SCOPES : [rule.scope]);
}
