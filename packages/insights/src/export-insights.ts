/** What this room holds of a team, file by file, for an export of everything. Never an address or a signing secret of a channel. */
import { type Database, type ExportFile, type ExportTable, tableFiles } from '@outlay/platform';

const TABLES: readonly ExportTable[] = [
  { file: 'channels', what: 'Channels, without the addresses and signing secrets of Slack and webhooks.', from: 'FROM channels t', key: ['id'], without: ['secret'] },
  { file: 'alert_rules', what: 'Alert rules. Amounts in settings are pico-dollars.', from: 'FROM alert_rules t', key: ['id'] },
  { file: 'alerts', what: 'Alerts with their facts and explanations. Amounts inside of them are pico-dollars.', from: 'FROM alerts t', key: ['id'] },
  { file: 'alert_events', what: 'What happened to each alert: who answered it, and how.', from: 'FROM alert_events t', key: ['id'] },
  { file: 'deliveries', what: 'Messages to channels, and whether they arrived.', from: 'FROM deliveries t', key: ['id'], without: ['leased_until'] },
  { file: 'digest_subscriptions', what: 'Who gets which summary.', from: 'FROM digest_subscriptions t', key: ['id'], without: ['token_hash'] },
  { file: 'budgets', what: 'Budgets of a month.', from: 'FROM budgets t', key: ['id'], money: ['month_pico'] },
  { file: 'forecasts', what: 'Forecasts of month ends as they were made, day by day.', from: 'FROM forecasts t', key: ['scope', 'subject', 'day'], money: ['month_end_pico', 'lower_pico', 'upper_pico'] },
];

export function exportInsights(db: Database, tenantId: string): readonly ExportFile[] {
  return tableFiles(db, tenantId, TABLES);
}
