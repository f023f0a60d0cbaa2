/** The trial balance of every team, by the same steps as the console's page. */
import { type ArchiveSeal, proveLedger } from '@outlay/ledger';
import { creditCheck } from '@outlay/plans';
import { openDatabase } from '@outlay/platform';
import { loadPriceBook, priceVersionById } from '@outlay/pricing';
import { eachTeam } from '@outlay/tenancy';
import { type Check, fail, ok } from './check';

const LAWS = {
  2: 'corrections come in pairs',
  3: 'sum of events = sum of rollups = sum of runs, and credits are the sum of their entries',
  4: 'cost derived again from raw usage = stored cost',
  8: "token classes sum to the provider's own total",
  11: 'a cut never gains or loses a row',
} as const;

/** One check a team with faults, and one that sums up. Constant memory, short transactions: the api goes on meanwhile. */
export async function proveBooks(databaseUrl: string, seal: ArchiveSeal | null, onProgress: (team: string, rows: number) => void): Promise<Check[]> {
  const db = await openDatabase({ url: databaseUrl });
  const faults: Check[] = [];
  let [teams, rows] = [0, 0];
  try {
    const global = await loadPriceBook(db);
    for await (const { tenantId, name } of eachTeam(db)) {
      const book = await loadPriceBook(db, { tenantId, global });
      const proof = await proveLedger(db, tenantId, { versionById: (id) => priceVersionById(book, id), seal, rooms: [creditCheck(db)], onProgress: (read) => onProgress(name, read) });
      teams += 1;
      rows += proof.rows;
      for (const { law, message } of proof.faults) {
        faults.push(fail('ledger', `team "${name}" (${tenantId}) breaks law ${law} (${LAWS[law]}): ${message}`,
          'Keep a copy of the database as it is, and report this: facts are never lost by it, sums can be made again from them.'));
      }
    }
  } finally {
    await db.close();
  }
  return faults.length > 0 ? faults : [ok('ledger', `the books are right: ${teams} ${teams === 1 ? 'team' : 'teams'}, ${rows} rows; ${Object.values(LAWS).join('; ')}`)];
}
