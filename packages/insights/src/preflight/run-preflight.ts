/** All checks before going live: those of a running instance over HTTP, in throw-away teams, those of the installation, and those of the teams that were asked for. */
import type { Tenancy } from '@outlay/tenancy';
import { ACCESS_CASES } from './cases-access';
import { GATE_CASES } from './cases-gate';
import { LEDGER_CASES } from './cases-ledger';
import { examinedLooks, installationLooks, type Surroundings } from './check-installation';
import { type CheckedTeam, teamLooks } from './check-team';
import { fail, lookAt, type PreflightCheck, reasonOf } from './preflight-check';
import { withTrial } from './trial';
import { lookOf } from './trial-case';

export interface PreflightInput {
  readonly tenancy: Tenancy;
  readonly surroundings: Surroundings;
  /** With several, each check says whose it is. */
  readonly teams: readonly CheckedTeam[];
}

export const TRIAL_CASES = [...ACCESS_CASES, ...LEDGER_CASES, ...GATE_CASES];

/** A look that fails is a finding, never an error. */
export async function runPreflight({ tenancy, surroundings, teams }: PreflightInput): Promise<PreflightCheck[]> {
  const nowMs = tenancy.now();
  const running = await tryRunning(tenancy, surroundings.baseUrl);
  const examined = await surroundings.examine().catch((error: unknown) => [{ name: 'installation', ok: false, message: reasonOf(error), nextStep: 'Run "outlay doctor".' }]);
  const around = await lookAt([...examinedLooks(examined), ...installationLooks(surroundings, nowMs)]);
  const own: PreflightCheck[] = [];
  for (const team of teams) {
    const checks = await lookAt(teamLooks(tenancy, team, nowMs));
    own.push(...checks.map((check) => (teams.length === 1 ? check : { ...check, id: `${check.id}:${team.acting.tenantId}`, message: `${team.name}: ${check.message}` })));
  }
  if (teams.length === 0) own.push({ id: 'team.exists', group: 'Team', title: 'A team is there', ...fail('Nobody has signed up yet.', 'Open the console and create a team, then run this again.') });
  return [...running, ...around, ...own];
}

/** Where the teams of the trial cannot be made or taken away, that is the finding; the cases that ran are kept. */
async function tryRunning(tenancy: Tenancy, baseUrl: string): Promise<PreflightCheck[]> {
  let checks: PreflightCheck[] = [];
  const trial = { id: 'running.trial', group: 'Running instance', title: 'The throw-away team is made and erased' } as const;
  try {
    await withTrial(tenancy, baseUrl, async (made) => {
      checks = await lookAt(TRIAL_CASES.map((each) => lookOf(each, made)));
    });
    return [...checks, { ...trial, ok: true, message: 'Nothing of the trial is left.', nextStep: null }];
  } catch (error) {
    return [...checks, { ...trial, ...fail(reasonOf(error), 'See that the database can be reached and that its roles are those of "outlay migrate".') }];
  }
}
