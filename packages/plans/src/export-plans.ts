/** What this room holds of a team, file by file, for an export of everything: a JSON line a row, by key, in short transactions. */
import { type Database, type ExportFile, type ExportTable, tableFiles } from '@outlay/platform';

const TABLES: readonly ExportTable[] = [
  { file: 'plans', what: 'Plans, with their drafts.', from: 'FROM plans t', key: ['id'] },
  { file: 'plan_versions', what: 'Published versions of plans; they never change.', from: 'FROM plan_versions t', key: ['id'] },
  { file: 'customers', what: 'Customers as they are now.', from: 'FROM customers t', key: ['customer_id'] },
  { file: 'customer_terms', what: 'Segment, time zone and anchor of customers, since when.', from: 'FROM customer_terms t', key: ['id'] },
  { file: 'plan_assignments', what: 'Which customer is on which plan version, since when; withdrawn ones too.', from: 'FROM plan_assignments t', key: ['id'] },
  { file: 'plan_overrides', what: 'Changes to plans for one customer or segment, since when.', from: 'FROM plan_overrides t', key: ['id'] },
  { file: 'caps', what: 'Caps.', from: 'FROM caps t', key: ['id'] },
  { file: 'gate_settings', what: 'The default risk block, where it was set.', from: 'FROM gate_settings t', key: ['tenant_id'] },
  { file: 'credit_lots', what: 'Credit lots with what is left of them.', from: 'FROM credit_lots t', key: ['id'] },
  { file: 'credit_postings', what: 'Every booking of credits.', from: 'FROM credit_postings t', key: ['id'] },
  { file: 'credit_entries', what: 'Both sides of every booking; those of a posting sum to zero.', from: 'FROM credit_entries t', key: ['posting_id', 'line'] },
  { file: 'credit_overdrafts', what: 'What customers burned beyond their credits.', from: 'FROM credit_overdrafts t', key: ['customer_id'] },
];

export function exportPlans(db: Database, tenantId: string): readonly ExportFile[] {
  return tableFiles(db, tenantId, TABLES);
}
