/** What this room holds of a team besides its prices, which are told with the versions they were used by, for an export of everything. */
import { type Database, type ExportFile, type ExportTable, tableFiles } from '@outlay/platform';

const TABLES: readonly ExportTable[] = [
  { file: 'price_proposals', what: 'Prices that waited for approval, and who decided them.', from: 'FROM price_proposals t', key: ['id'] },
];

export function exportPricing(db: Database, tenantId: string): readonly ExportFile[] {
  return tableFiles(db, tenantId, TABLES);
}
