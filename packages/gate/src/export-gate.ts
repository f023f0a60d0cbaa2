/** What this room holds of a team, file by file, for an export of everything. */
import { type Database, type ExportFile, type ExportTable, tableFiles } from '@outlay/platform';

const TABLES: readonly ExportTable[] = [
  { file: 'holds', what: 'What begins reserved, and how each hold ended. Costs of reserves are nano-dollars.', from: 'FROM holds t', key: ['run_id'] },
  { file: 'decisions', what: 'Every decision of the gate with what it was made from, so that it can be made again.', from: 'FROM decisions t', key: ['id'] },
];

export function exportGate(db: Database, tenantId: string): readonly ExportFile[] {
  return tableFiles(db, tenantId, TABLES);
}
