/** What rules do by themselves about the alerts that are open under them. Asked every minute: a crash between an alert and its action costs a minute. */
import type { Database, Log } from '@outlay/platform';
import { actByRule } from './act-on-alert';
import { alertActionSchema, whyNot } from './alert-action';
import type { FiredAlert } from './watch-team';

export async function actByRules(db: Database, log: Log, tenantId: string, fired: readonly FiredAlert[], nowMs: number): Promise<void> {
  for (const { rule, alertId, target } of fired) {
    const parsed = alertActionSchema.safeParse(rule.action);
    if (!parsed.success || whyNot(parsed.data, target) !== null) continue;
    try {
      const taken = await actByRule(db, tenantId, alertId, rule, parsed.data, nowMs);
      if (taken !== null) log.info({ tenantId, alertId, rule: rule.id, action: parsed.data.kind }, 'A rule acted by itself.');
    } catch (error) {
      log.warn({ tenantId, alertId, rule: rule.id, err: error }, 'A rule could not act by itself; the next round tries again.');
    }
  }
}
