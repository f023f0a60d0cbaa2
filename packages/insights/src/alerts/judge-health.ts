/** Rules about what goes wrong: failures, retries, rows without a price, syncs, books, silence. Pure: settings and facts -> what is seen now. */
import type { SettingsOf } from './rule-settings';
import type { Seen } from './seen';

export interface CallFact {
  /** '' of the whole team, and of calls that name nothing. */
  readonly subject: string;
  readonly calls: number;
  /** Failed calls, or retries. */
  readonly bad: number;
}

export function judgeShare(kind: 'error_share' | 'retry_share', { share, minCalls, windowMinutes }: SettingsOf<'error_share'>, facts: readonly CallFact[], nowMs: number): Seen[] {
  const word = kind === 'error_share' ? 'failed' : 'were retries';
  return facts.flatMap(({ subject, calls, bad }): Seen[] => {
    if (calls < minCalls || bad / calls < share) return [];
    const percent = Math.round((bad / calls) * 100);
    return [{
      subject, windowKey: null, thresholdKey: '', severity: kind === 'error_share' && bad / calls >= 0.5 ? 'critical' : 'warning', startedAtMs: nowMs,
      title: `${subject === '' ? 'The team' : subject}: ${percent} % of calls ${word}`.slice(0, 200),
      facts: { subject, calls, bad, share: bad / calls, words: `${bad} of ${calls} calls ${word} in the last ${windowMinutes} minutes; told from ${Math.round(share * 100)} % on.`, nextStep: 'Runs shows them with their error class.' },
    }];
  });
}

export function judgeUnpriced({ minRows }: SettingsOf<'unpriced'>, rows: number, nowMs: number): Seen[] {
  if (rows < minRows) return [];
  return [{
    subject: '', windowKey: null, thresholdKey: '', severity: 'warning', startedAtMs: nowMs, title: rows === 1 ? 'An event has no price' : `${rows.toLocaleString('en-US')} events have no price`,
    facts: { rows, words: 'They count at their ceiling for caps, and not at all as cost, until they have a price.', nextStep: 'Quarantine names the models: record a price, and they are corrected.' },
  }];
}

export interface SyncFact {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly state: 'waiting' | 'healthy' | 'failing' | 'stopped' | 'paused';
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastSuccessMs: number | null;
  readonly createdMs: number;
}

const HOUR_MS = 3_600_000;

export function judgeSyncs({ failures: least, lagHours }: SettingsOf<'sync_broken'>, syncs: readonly SyncFact[], nowMs: number): Seen[] {
  return syncs.flatMap(({ id, name, provider, state, failures, lastError, lastSuccessMs, createdMs }): Seen[] => {
    // An import is no sync, and what is paused is meant to be still.
    if (provider === 'import' || state === 'paused') return [];
    const still = nowMs - (lastSuccessMs ?? createdMs) > lagHours * HOUR_MS;
    if (state !== 'stopped' && failures < least && !still) return [];
    const why = state === 'stopped' ? 'It was stopped, because trying again cannot help.' : failures >= least ? `It failed ${failures} times in a row.` : `It has had no success for more than ${lagHours} hours.`;
    return [{
      subject: id, windowKey: null, thresholdKey: '', severity: state === 'stopped' ? 'critical' : 'warning', startedAtMs: lastSuccessMs ?? createdMs, title: `Sync of ${name} is broken`.slice(0, 200),
      facts: { connectionId: id, failures, state, words: `${why}${lastError === null ? '' : ` ${lastError.slice(0, 300)}`}`, nextStep: 'Providers has a test button that says what is missing.' },
    }];
  });
}

export interface BalanceFact {
  readonly id: string;
  readonly state: 'done' | 'failed';
  readonly finishedMs: number;
  readonly faults: readonly { readonly check: string; readonly message: string }[];
  readonly failure: string | null;
}

/** Of the newest proof that ended. A proof that could not be finished says nothing about the books. */
export function judgeBalance(_settings: SettingsOf<'balance_broken'>, proof: BalanceFact | null): Seen[] {
  if (proof === null || proof.state !== 'done' || proof.faults.length === 0) return [];
  const [first] = proof.faults;
  return [{
    subject: '', windowKey: null, thresholdKey: '', severity: 'critical', startedAtMs: proof.finishedMs, title: 'The trial balance does not balance',
    facts: { proofId: proof.id, checks: proof.faults.map(({ check }) => check), words: `${first!.check}: ${first!.message.slice(0, 300)}`, nextStep: 'Trial balance names the first row of each check.' },
  }];
}

export interface SilenceFact {
  /** '' of the whole team. */
  readonly subject: string;
  readonly callsLately: number;
  /** Of the week before. */
  readonly callsBefore: number;
}

/** A team whose calls are few anyway is not silent when it has none for an hour: then its week would have had one in most of such spans. */
export function judgeSilence({ minutes }: SettingsOf<'no_data'>, facts: readonly SilenceFact[], nowMs: number): Seen[] {
  const spansOfWeek = (7 * 24 * 60) / minutes;
  return facts.flatMap(({ subject, callsLately, callsBefore }): Seen[] => {
    if (callsLately > 0 || callsBefore < Math.max(spansOfWeek / 2, 1)) return [];
    return [{
      subject, windowKey: null, thresholdKey: '', severity: 'warning', startedAtMs: nowMs - minutes * 60_000, title: `${subject === '' ? 'The team' : subject}: no calls for ${minutes} minutes`.slice(0, 200),
      facts: { subject, callsBefore, words: `There were ${callsBefore.toLocaleString('en-US')} in the seven days before.`, nextStep: 'Check the key, and whether the SDK spools: what it keeps arrives later.' },
    }];
  });
}
