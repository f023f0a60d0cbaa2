/** What this room holds of a team, file by file, for an export of everything. Never a key of a provider. */
import { type Database, type ExportFile, type ExportTable, tableFiles } from '@outlay/platform';

const TABLES: readonly ExportTable[] = [
  { file: 'provider_connections', what: 'Connections to providers, removed ones too, without their keys.', from: 'FROM provider_connections t', key: ['id'], without: ['credentials', 'leased_until'] },
  { file: 'provider_syncs', what: 'Every sync, and how it ended.', from: 'FROM provider_syncs t', key: ['id'] },
  {
    file: 'provider_usage', what: 'Usage as providers told it; the highest revision of a key holds.', from: 'FROM provider_usage t',
    key: ['connection_id', 'width', 'bucket', 'key_hash', 'revision'], money: ['priced_pico'],
  },
  {
    file: 'provider_costs', what: 'Lines of providers’ bills; the highest revision of a key holds.', from: 'FROM provider_costs t',
    key: ['connection_id', 'day', 'key_hash', 'revision'], money: ['amount_pico'],
  },
  {
    file: 'reconciliations', what: 'Ledger and bill compared, day by day, with the causes of what differs. Amounts inside of rows and causes are pico-dollars.', from: 'FROM reconciliations t',
    key: ['connection_id', 'day'], money: ['ledger_pico', 'billed_pico'],
  },
];

export function exportProviders(db: Database, tenantId: string): readonly ExportFile[] {
  return tableFiles(db, tenantId, TABLES);
}
