/** The trial balance of every team: laws 3, 4 and 8 on live data. */
import { type ArchiveSeal, findBrokenSeal, proveLedger, readTotals } from '@outlay/ledger';
import { openDatabase } from '@outlay/platform';
import { loadPriceBook, priceVersionById } from '@outlay/pricing';
import { eachTeam } from '@outlay/tenancy';
import { type Check, fail, ok } from './check';

const LAWS = {
  3: 'sum of events = sum of rollups = sum of runs',
  4: 'cost derived again from raw usage = stored cost',
  8: "token classes sum to the provider's own total",
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
      const proof = await proveLedger(db, tenantId, { versionById: (id) => priceVersionById(book, id), onProgress: (read) => onProgress(name, read) });
      teams += 1;
      rows += proof.rows;
      const brokenSeal = seal === null ? null : findBrokenSeal(await db.withTenant(tenantId, readTotals), seal);
      for (const { law, message } of [...proof.faults, ...(brokenSeal === null ? [] : [{ law: 3 as const, message: brokenSeal }])]) {
        faults.push(fail('ledger', `team "${name}" (${tenantId}) breaks law ${law} (${LAWS[law]}): ${message}`,
          'Keep a copy of the database as it is, and report this: facts are never lost by it, sums can be made again from them.'));
      }
    }
  } finally {
    await db.close();
  }
  return faults.length > 0 ? faults : [ok('ledger', `the books are right: ${teams} ${teams === 1 ? 'team' : 'teams'}, ${rows} rows; ${Object.values(LAWS).join('; ')}`)];
}
