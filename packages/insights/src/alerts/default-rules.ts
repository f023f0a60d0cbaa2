/** What every team watches without having asked: made on first look, told to its owners by mail. */
import { deriveId } from '@outlay/kernel/ids';
import type { AlertRule, RuleKind, RuleSettings } from './alert-rule';
import { insertRule, type Tx } from './store-rules';

interface DefaultRule {
  readonly kind: RuleKind;
  readonly name: string;
  readonly scope: AlertRule['scope'];
  readonly settings: RuleSettings;
}

/** Settings that are absent are those of `rule-settings.ts`. Budgets and forecasts say nothing until there is a budget. */
const DEFAULT_RULES: readonly DefaultRule[] = [
  { kind: 'spike', name: 'Spend spike', scope: 'tenant', settings: {} },
  { kind: 'unpriced', name: 'Events without a price', scope: 'tenant', settings: {} },
  { kind: 'sync_broken', name: 'Provider sync broken', scope: 'provider', settings: {} },
  { kind: 'balance_broken', name: 'Trial balance broken', scope: 'tenant', settings: {} },
  { kind: 'credits_low', name: 'Credits low', scope: 'customer', settings: {} },
  { kind: 'budget', name: 'Budget thresholds', scope: 'tenant', settings: {} },
  { kind: 'forecast', name: 'Forecast over budget', scope: 'tenant', settings: {} },
];

/** Who reads the mail of the built-in channel: not addresses, but whoever is an owner when a letter is written. */
export const OWNERS = 'owners';

export function ownersChannelId(tenantId: string): string {
  return deriveId(tenantId, 'channel', 'owners');
}

function defaultRuleId(tenantId: string, kind: RuleKind): string {
  return deriveId(tenantId, 'rule', kind);
}

/** Any number of times, from any number of workers. What a person changed or switched off stays. Within `withTenant`. */
export async function ensureDefaultRules(tx: Tx, tenantId: string, nowMs: number): Promise<void> {
  const { rows: [row] } = await tx.query<{ known: string }>('SELECT count(*)::text AS known FROM alert_rules WHERE built_in');
  if (Number(row!.known) === DEFAULT_RULES.length) return;
  const channelId = ownersChannelId(tenantId);
  await tx.query(
    `INSERT INTO channels (tenant_id, id, kind, name, settings, created_by, created_at) VALUES ($1, $2, 'email', 'E-mail to the owners', $3, 'outlay', $4) ON CONFLICT (tenant_id, id) DO NOTHING`,
    [tenantId, channelId, { to: OWNERS }, new Date(nowMs)]);
  const at = new Date(nowMs).toISOString();
  for (const rule of DEFAULT_RULES) {
    await insertRule(tx, tenantId, {
      ...rule, id: defaultRuleId(tenantId, rule.kind), subject: null, channelIds: [channelId], action: null, renotifyMinutes: null, quietHours: null, mutedUntil: null, enabled: true, builtIn: true,
      createdBy: 'outlay', createdAt: at, updatedAt: at,
    });
  }
}
