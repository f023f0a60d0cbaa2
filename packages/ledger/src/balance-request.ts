/** What people do with proofs of the books: ask for one, look at them. And the one a night that Outlay asks for itself. */
import { DAY_MS, DomainError } from '@outlay/kernel';
import { idTimeMs, newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { actorLabel, assertCan, audit, auditedBy, type Acting, eachTeam } from '@outlay/tenancy';
import { parseCut } from './cut';
import { deleteOldBalances, estimateRows, hasRowsSince, insertBalance, readBalance, readBalances, readMemory, readTeamsProvedSince, type StoredBalance } from './store-balances';

const LISTED_MAX = 30;
const KEPT = 200;
/** A proof reads every row: that is done while the team sleeps. */
const NIGHT = { from: 2, to: 5 };
const HOUR_MS = DAY_MS / 24;
/** Who was not proved for so long, because nothing runs at night, is proved at any hour. */
const LATEST_MS = 2 * DAY_MS;
/** Above so many rows a proof takes a core for minutes: those are asked for by people, or by `outlay doctor --ledger` at a quiet hour. */
export const NIGHTLY_ROWS_MAX = 5_000_000;
export const BY_ITSELF = 'outlay';

/** A worker takes it up. Errors: `role_missing`, `conflict` when one of the team is open already. */
export async function requestBalance(db: Database, acting: Acting): Promise<StoredBalance> {
  assertCan(acting, 'ledger.prove');
  return await db.withTenant(acting.tenantId, async (tx) => {
    const id = newId();
    if (!await insertBalance(tx, acting.tenantId, id, actorLabel(acting))) throw new DomainError('conflict', { message: 'The books are being checked already. Wait for the result.' });
    await deleteOldBalances(tx, KEPT);
    await audit(tx, { ...auditedBy(acting), action: 'ledger.proof_requested', subjectType: 'trial_balance', subjectId: id });
    return (await readBalance(tx, id))!;
  });
}

/** The newest first. */
export async function listBalances(db: Database, tenantId: string): Promise<readonly StoredBalance[]> {
  return await db.withTenant(tenantId, (tx) => readBalances(tx, LISTED_MAX));
}

/** Asks for one proof a night of every team that has new rows; answers whose. Cheap: teams without new rows cost two small queries. */
export async function requestNightlyBalances(db: Database, nowMs: number): Promise<string[]> {
  const [tonight, lately] = [await readTeamsProvedSince(db, firstIdAt(nowMs - 20 * HOUR_MS)), await readTeamsProvedSince(db, firstIdAt(nowMs - LATEST_MS))];
  const requested: string[] = [];
  for await (const { tenantId, timeZone } of eachTeam(db)) {
    const isOverdue = !lately.has(tenantId) && idTimeMs(tenantId) < nowMs - LATEST_MS;
    if (tonight.has(tenantId) || !(isOverdue || isNight(nowMs, timeZone))) continue;
    const asked = await db.withTenant(tenantId, async (tx) => {
      const rows = await estimateRows(tx);
      if (rows === 0 || rows > NIGHTLY_ROWS_MAX) return false;
      const memory = await readMemory(tx);
      const cut = memory === null ? null : parseCut(memory.cut);
      // What was recorded before the cut but lies outside of it is younger than two minutes there.
      if (cut?.ok && !await hasRowsSince(tx, new Date(cut.value.takenAt.getTime() - 2 * 60_000))) return false;
      await deleteOldBalances(tx, KEPT);
      return await insertBalance(tx, tenantId, newId(), BY_ITSELF);
    });
    if (asked) requested.push(tenantId);
  }
  return requested;
}

function isNight(nowMs: number, timeZone: string): boolean {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(nowMs));
  return hour >= NIGHT.from && hour < NIGHT.to;
}

/** No id of that moment or later is below it. */
function firstIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
