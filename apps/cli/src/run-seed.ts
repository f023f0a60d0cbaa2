/** `outlay seed`: made-up history in a team of its own, and its removal. */
import { DomainError } from '@outlay/kernel';
import { randomToken } from '@outlay/kernel/ids';
import { createDemoFinish } from '@outlay/insights/demo';
import { fillDemoTeam, newStory } from '@outlay/ledger/demo';
import { createLog, createSecretBox } from '@outlay/platform';
import { createDemoPlans } from '@outlay/plans/demo';
import { importCatalogue, openPriceBooks } from '@outlay/pricing';
import { askErasure, createDemoTeam, eraseTeam, findSeededTeams } from '@outlay/tenancy';
import type { Env } from './env';
import { openForCommand } from './open-ledger';
import { alignRows, type Print } from './print';
import { createProgress, formatCount } from './progress';
import { readMasterKey } from './read-master-key';

const TEAM = 'Demo (made-up data)';
const EMAIL = 'demo@outlay.example';

export interface SeedOptions {
  readonly seed: number;
  readonly events: number;
  /** The last moment of the history; now when absent. */
  readonly until?: Date;
}

/** Errors: `already_exists` when there is a demo team, `unavailable`. A seed that fails takes its team away again. */
export async function runSeed(env: Env, { seed, events, until }: SeedOptions, print: Print): Promise<void> {
  const opened = await openForCommand(env);
  try {
    const { db } = opened;
    const box = createSecretBox(await readMasterKey(env));
    await importCatalogue(db, { now: new Date() });
    if ((await findSeededTeams(db)).length > 0) throw new DomainError('already_exists', { message: `There is a demo team already. "outlay seed --remove" takes it away.` });
    const password = randomToken(12);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const story = until === undefined ? newStory(Date.now(), { seed, events }) : { seed, events, endsAt: until };
    const { tenantId } = await createDemoTeam(db, { teamName: TEAM, name: 'Demo', email: EMAIL, password, timeZone, story });
    const startMs = performance.now();
    const progress = createProgress({ label: 'Seeding', total: events, format: formatCount });
    const prices = await openPriceBooks(db, { warn: () => undefined });
    try {
      const finish = createDemoFinish({ db, box, prices, log: createLog({ level: 'error' }) });
      const recorded = await fillDemoTeam({ db, prices, setUpPlans: createDemoPlans(db, { warn: () => undefined }), finish, onProgress: (done) => progress.at(done) }, tenantId);
      progress.end();
      const seconds = (performance.now() - startMs) / 1_000;
      print(recorded === null ? 'A running Outlay took the history over: it fills the team now.'
        : `Eight weeks of made-up history: ${formatCount(recorded.recorded)} events in ${seconds.toFixed(1)} s (${formatCount(Math.round(recorded.recorded / seconds))} a second), ${formatCount(recorded.unpriced)} without a price.`);
    } catch (error) {
      progress.end();
      await removeTeam(db, tenantId, TEAM);
      throw error;
    } finally {
      prices.close();
    }
    ['', ...alignRows([['console', env.OUTLAY_PUBLIC_URL ?? `http://localhost:${env.PORT}`], ['team', `${TEAM}, ${tenantId}`], ['e-mail', EMAIL], ['password', password]]), '',
      'Take it away again with: outlay seed --remove'].forEach(print);
  } finally {
    await opened.close();
  }
}

/** Erases the team of `outlay seed`; the demo teams that people made in the console are theirs to remove. */
export async function removeSeed(env: Env, print: Print): Promise<void> {
  const opened = await openForCommand(env);
  try {
    const teams = await findSeededTeams(opened.db);
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
