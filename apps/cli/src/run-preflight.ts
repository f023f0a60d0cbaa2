/** Runs the checklist beside a running Outlay: over HTTP as a client, and in its database as a colleague. */
import { type CheckedTeam, formatPreflight, isReady, runPreflight } from '@outlay/insights';
import { DomainError } from '@outlay/kernel';
import { createJobBoard, createJobs, JOBS } from '@outlay/platform';
import { createTenancy, eachTeam, isDemoTeam, TRIAL_TEAM } from '@outlay/tenancy';
import type { Env } from './env';
import { openForCommand } from './open-ledger';
import type { Print } from './print';
import { surroundingsOf } from './surroundings';

export interface PreflightCommand {
  readonly json: boolean;
  readonly team: string | undefined;
  readonly url: string | undefined;
}

/** True when nothing failed. Errors: `not_found` for a team that is not there, `unavailable`. */
export async function runPreflightCommand(env: Env, { json, team, url }: PreflightCommand, print: Print): Promise<boolean> {
  const opened = await openForCommand(env);
  const { db } = opened;
  const jobs = await createJobs({ catalogue: JOBS, databaseUrl: opened.databaseUrl, ...(env.REDIS_URL === undefined ? {} : { redisUrl: env.REDIS_URL }) });
  const baseUrl = (url ?? `http://localhost:${env.PORT}`).replace(/\/$/, '');
  const tenancy = createTenancy({ db, publicUrl: () => env.OUTLAY_PUBLIC_URL ?? baseUrl });
  try {
    const teams: CheckedTeam[] = [];
    for await (const { tenantId, name, timeZone } of eachTeam(db)) {
      if (team !== undefined && tenantId !== team) continue;
      const demo = await isDemoTeam(tenancy, tenantId);
      // Made-up data does not go live, unless somebody asks for it by name.
      if (name === TRIAL_TEAM || (demo && team === undefined)) continue;
      teams.push({ name, timeZone, demo, acting: { tenantId, id: tenantId, email: '', name: 'outlay preflight', role: 'owner', requestId: tenantId } });
    }
    if (team !== undefined && teams.length === 0) throw new DomainError('not_found', { message: `There is no team ${team}: the audit log and "outlay doctor --ledger" name them.` });
    const checks = await runPreflight({
      tenancy, teams, surroundings: { ...surroundingsOf(env, opened.databaseUrl), baseUrl, publicUrl: env.OUTLAY_PUBLIC_URL ?? null, board: createJobBoard(jobs, JOBS) },
    });
    const ok = isReady(checks);
    print(json ? JSON.stringify({ ok, checks }) : formatPreflight(checks));
    if (!json) print(ok ? 'Nothing stands against going live.' : 'Not yet: see what failed.');
    return ok;
  } finally {
    await tenancy.close();
    await jobs.close();
    await opened.close();
  }
}
