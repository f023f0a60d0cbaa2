/** `outlay seed`: made-up history in a team of its own, and its removal. */
import { DomainError } from '@outlay/kernel';
import { randomToken } from '@outlay/kernel/ids';
import { foldRollups, type Sender } from '@outlay/ledger';
import { askErasure, createDemoTeam, eraseTeam, findDemoTeams } from '@outlay/tenancy';
import type { Env } from './env';
import { openForCommand, openLedger } from './open-ledger';
import { alignRows, type Print } from './print';
import { createProgress, formatCount } from './progress';
import { makeScenario } from './seed/demo-scenario';
import { recordScenario } from './seed/record-scenario';

const TEAM = 'Demo (made-up data)';
const EMAIL = 'demo@outlay.example';
const QUARTER_MS = 15 * 60_000;

export interface SeedOptions {
  readonly seed: number;
  readonly events: number;
  /** The last moment of the history; now when absent. */
  readonly until?: Date;
}

/** Errors: `already_exists` when there is a demo team, `unavailable`. A seed that fails takes its team away again. */
export async function runSeed(env: Env, { seed, events, until }: SeedOptions, print: Print): Promise<void> {
  const ledger = await openLedger(env);
  try {
    const { db } = ledger;
    const [present] = await findDemoTeams(db);
    if (present) throw new DomainError('already_exists', { message: `There is a demo team already. "outlay seed --remove" takes it away.` });
    const password = randomToken(12);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const { tenantId } = await createDemoTeam(db, { teamName: TEAM, name: 'Demo', email: EMAIL, password, timeZone });
    const startMs = performance.now();
    // On a quarter of an hour, so that two seeds within one give the same history.
    const endMs = until?.getTime() ?? Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS;
    const progress = createProgress({ label: 'Seeding', total: events, format: formatCount });
    try {
      const sender = (environment: string): Sender => ({ tenantId, keyId: null, environment, timeZone, lateWindowDays: 7 });
      const deps = { db, writer: ledger.writer, price: await ledger.loadPrice(tenantId) };
      const recorded = await recordScenario(deps, { production: sender('production'), staging: sender('staging') },
        makeScenario({ seed, endMs, events, timeZone }), (done) => progress.at(done));
      progress.end();
      const seconds = (performance.now() - startMs) / 1_000;
      await foldRollups(db, tenantId, { nowMs: Date.now() });
      print(`Eight weeks of made-up history: ${formatCount(recorded.events)} events in ${seconds.toFixed(1)} s (${formatCount(Math.round(recorded.events / seconds))} a second), ${formatCount(recorded.unpriced)} without a price.`);
    } catch (error) {
      progress.end();
      await removeTeam(db, tenantId, TEAM);
      throw error;
    }
    ['', ...alignRows([['console', env.OUTLAY_PUBLIC_URL ?? `http://localhost:${env.PORT}`], ['team', `${TEAM}, ${tenantId}`], ['e-mail', EMAIL], ['password', password]]), '',
      'Take it away again with: outlay seed --remove'].forEach(print);
  } finally {
    await ledger.close();
  }
}

/** Erases every demo team. */
export async function removeSeed(env: Env, print: Print): Promise<void> {
  const opened = await openForCommand(env);
  try {
    const teams = await findDemoTeams(opened.db);
    for (const { tenantId, name } of teams) {
      const startMs = performance.now();
      const erased = await removeTeam(opened.db, tenantId, name);
      print(`The team "${name}" is gone: ${formatCount(erased['usage_events'] ?? 0)} events, ${formatCount(erased['runs'] ?? 0)} runs, in ${((performance.now() - startMs) / 1_000).toFixed(1)} s.`);
    }
    if (teams.length === 0) print('There is no demo team.');
  } finally {
    await opened.close();
  }
}

async function removeTeam(db: Parameters<typeof eraseTeam>[0], tenantId: string, name: string): Promise<Record<string, number>> {
  await askErasure(db, { tenantId, name, by: 'outlay seed', graceDays: 0 });
  return await eraseTeam(db, tenantId);
}
