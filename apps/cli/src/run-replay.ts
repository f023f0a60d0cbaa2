/** Reads stored decisions of every team and decides each again. Changes nothing: it opens the database as it is. */
import { type DecisionRow, findDecision, listDecisions, replayDecision } from '@outlay/gate';
import { DomainError } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import { runOf } from '@outlay/ledger';
import { createLog, type Database, openDatabase } from '@outlay/platform';
import { eachTeam, type Team } from '@outlay/tenancy';
import type { Env } from './env';
import type { Print } from './print';
import { reachDatabase } from './reach-database';

export interface ReplayOptions {
  /** Null: every one. */
  readonly decision: string | null;
  readonly json: boolean;
}

const PAGE = 500;

/** True when every answer would be the same again. Errors: `not_found` when there is no such decision, `unavailable`. */
export async function runReplay(env: Env, { decision, json }: ReplayOptions, print: Print): Promise<boolean> {
  const reached = await reachDatabase(env, createLog({ level: 'error' }));
  try {
    const db = await openDatabase({ url: reached.databaseUrl });
    try {
      const counts = { same: 0, other: 0 };
      for await (const team of eachTeam(db)) {
        for await (const row of decisionsOf(db, team, decision)) {
          const { same, answer, olderRule } = replayDecision(row);
          counts[same ? 'same' : 'other'] += 1;
          if (json) print(JSON.stringify({ id: row.id, run_id: row.runRef ?? row.runId, team: team.name, verdict: row.verdict, same, answer }));
          else if (decision !== null || !same) print(describe(row, same, olderRule));
        }
      }
      if (counts.same + counts.other === 0 && decision !== null) throw new DomainError('not_found', { message: `There is no stored decision of the run ${decision}.` });
      if (!json && decision === null) print(`${counts.same + counts.other} decisions were decided again: ${counts.same} the same, ${counts.other} not.`);
      return counts.other === 0;
    } finally {
      await db.close();
    }
  } finally {
    await reached.close();
  }
}

async function* decisionsOf(db: Database, { tenantId }: Team, wanted: string | null): AsyncGenerator<DecisionRow> {
  if (wanted !== null) {
    const own = isUuid(wanted) ? await db.withTenant(tenantId, (tx) => findDecision(tx, wanted)) : null;
    if (own !== null) yield own;
    yield* await db.withTenant(tenantId, (tx) => listDecisions(tx, { runId: runOf(tenantId, wanted).id, limit: PAGE }, true));
    return;
  }
  let before: string | undefined;
  for (;;) {
    const rows = await db.withTenant(tenantId, (tx) => listDecisions(tx, { before, limit: PAGE }, true));
    yield* rows;
    if (rows.length < PAGE) return;
    before = rows.at(-1)!.id;
  }
}

function describe(row: DecisionRow, same: boolean, olderRule: number | null): string {
  const rule = olderRule === null ? '' : ` (it was made by rule ${olderRule})`;
  return `${new Date(row.atMs).toISOString()}  ${row.kind} ${row.runRef ?? row.runId}: ${row.verdict}${row.reason === null ? '' : ` (${row.reason})`}  ${same ? 'the same again' : `ANOTHER ANSWER${rule}`}`;
}
