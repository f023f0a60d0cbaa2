/** The jobs that look at alert rules, send what waits for channels, and write summaries. The database says what is due: a message of the queue that is lost costs 15 seconds. */
import { type DeliverDependencies, type DigestDependencies, deliverMessages, evaluateAlerts, type EvaluateDependencies, sendDigests } from '@outlay/insights';
import type { Log } from '@outlay/platform';

export interface TellDeps extends Pick<DeliverDependencies, 'db' | 'box' | 'fetch' | 'publicUrl' | 'brand'> {
  readonly log: Log;
  readonly onLetter: (() => void) | undefined;
  readonly onActivity: ((tenantId: string) => void) | undefined;
  readonly now: () => number;
}

export async function tellTeams({ log, now, onLetter, onActivity, ...deps }: TellDeps): Promise<void> {
  const tally = await deliverMessages({
    ...deps, ...(onLetter === undefined ? {} : { onLetter }), ...(onActivity === undefined ? {} : { onActivity }), log: (sentence, error) => log.warn({ err: error }, sentence),
  }, now);
  if (tally.failed > 0) log.warn(tally, 'Messages could not be delivered: the log of each channel says why.');
  else if (tally.sent + tally.postponed > 0) log.info(tally, 'Messages were delivered.');
}

export async function lookAtRules({ log, now, ...deps }: Omit<EvaluateDependencies, 'log'> & { readonly log: Log; readonly now: () => number }, tenantId?: string): Promise<void> {
  const fired = await evaluateAlerts({ ...deps, log: (sentence, team, error) => log.warn({ tenantId: team, err: error }, sentence) }, now(), tenantId);
  if (fired > 0) log.info({ fired }, 'Alerts fired.');
}

export async function summariseTeams({ log, now, ...deps }: Omit<DigestDependencies, 'log'> & { readonly log: Log; readonly now: () => number }): Promise<void> {
  const written = await sendDigests({ ...deps, log: (sentence, team, error) => log.warn({ tenantId: team, err: error }, sentence) }, now());
  if (written > 0) log.info({ written }, 'Summaries were written.');
}
