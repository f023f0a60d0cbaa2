/** Where a connection stands, in words. Pure. */
import type { Tone } from '../ui/badge';
import { formatCount, formatDuration, formatPlural } from '../ui/format-number';
import { providerName } from './provider-kinds';

type ConnectionState = 'waiting' | 'healthy' | 'failing' | 'stopped' | 'paused';

export interface ConnectionFacts {
  readonly id: string;
  readonly provider: string;
  readonly name: string;
  readonly hint: string;
  readonly state: ConnectionState;
  readonly lastSuccessAt: string | null;
  readonly lagMinutes: number | null;
  readonly nextSyncAt: string | null;
  readonly lastError: string | null;
  readonly failures: number;
  readonly progress: { readonly pages: number; readonly rowsRead: number; readonly words: string } | null;
}

export interface StateWords {
  readonly label: string;
  readonly tone: Tone;
  /** What it means, and what happens next. */
  readonly note: string;
}

const STATES: Readonly<Record<ConnectionState, StateWords>> = {
  waiting: { label: 'First sync', tone: 'accent', note: 'It was just connected or changed, and is asked next.' },
  healthy: { label: 'Healthy', tone: 'positive', note: 'The last sync read everything that was due.' },
  failing: { label: 'Failing', tone: 'warning', note: 'The last sync failed. It is tried again by itself, later each time.' },
  stopped: { label: 'Stopped', tone: 'danger', note: 'It needs a person: it will not get better by trying again.' },
  paused: { label: 'Paused', tone: 'neutral', note: 'It is not asked until somebody resumes it.' },
};

/** A running sync shows as such, whatever the last one said. */
export function stateWords({ state, progress, provider, lastSuccessAt }: Pick<ConnectionFacts, 'state' | 'progress' | 'provider' | 'lastSuccessAt'>): StateWords {
  if (provider === 'import') return { label: 'Imported', tone: 'neutral', note: 'A file that a person brought. It has nobody to ask.' };
  if (progress !== null) return { label: 'Syncing', tone: 'accent', note: 'A sync runs now.' };
  if (state === 'waiting' && lastSuccessAt !== null) return { ...STATES.waiting, label: 'Waiting' };
  return STATES[state];
}

/** `2 min behind`, `3 h behind`: null where nothing was read yet, and for files. */
export function lagWords({ lagMinutes, state }: Pick<ConnectionFacts, 'lagMinutes' | 'state'>): string | null {
  if (lagMinutes === null || state === 'paused') return null;
  if (lagMinutes < 2) return 'up to date';
  if (lagMinutes < 120) return `${lagMinutes} min behind`;
  if (lagMinutes < 2 * 24 * 60) return `${Math.round(lagMinutes / 60)} h behind`;
  return `${Math.round(lagMinutes / 1_440)} days behind`;
}

/** `Page 12, 3,400 rows: costs since 1 Nov`. */
export function progressWords({ pages, rowsRead, words }: NonNullable<ConnectionFacts['progress']>): string {
  const counted = pages === 0 ? '' : `${formatPlural(pages, 'page')}, ${formatPlural(rowsRead, 'row')}`;
  return [counted, words].filter((part) => part !== '').join(': ') || 'Waiting for a worker.';
}

/** One sentence about all of them, for the line under the title and for screen readers. */
export function connectionsSummary(connections: readonly ConnectionFacts[]): string {
  const bad = connections.filter(({ state }) => state === 'failing' || state === 'stopped').length;
  const running = connections.filter(({ progress }) => progress !== null).length;
  const parts = [formatPlural(connections.length, 'connection'), ...(running > 0 ? [`${formatCount(running)} syncing`] : []), ...(bad > 0 ? [`${formatCount(bad)} ${bad === 1 ? 'needs' : 'need'} a look`] : [])];
  return parts.join(', ');
}

/** What needs somebody first, then by name. */
export function sortConnections<T extends ConnectionFacts>(connections: readonly T[]): T[] {
  const rank: readonly ConnectionState[] = ['stopped', 'failing', 'waiting', 'healthy', 'paused'];
  return connections.toSorted((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state) || providerName(a.provider).localeCompare(providerName(b.provider)) || a.name.localeCompare(b.name));
}

export interface SyncFacts {
  readonly cause: 'schedule' | 'person' | 'import';
  readonly state: 'running' | 'done' | 'failed';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly pages: number;
  readonly rowsRead: number;
  readonly rowsChanged: number;
  readonly progress: string;
  readonly error: string | null;
}

export const CAUSE_WORDS: Readonly<Record<SyncFacts['cause'], string>> = { schedule: 'by schedule', person: 'asked for', import: 'import' };
export const SYNC_LOOKS: Readonly<Record<SyncFacts['state'], { readonly label: string; readonly tone: Tone }>> = {
  running: { label: 'Running', tone: 'accent' }, done: { label: 'Done', tone: 'positive' }, failed: { label: 'Failed', tone: 'danger' },
};

/** Null while it runs. */
export function syncTook({ startedAt, finishedAt }: Pick<SyncFacts, 'startedAt' | 'finishedAt'>): string | null {
  return finishedAt === null ? null : formatDuration(Math.max(Date.parse(finishedAt) - Date.parse(startedAt), 0));
}

export interface SyncTick {
  readonly key: string;
  readonly state: SyncFacts['state'];
  /** Between 0 and 1, by duration; never nothing. */
  readonly height: number;
  readonly title: string;
}

/** The last syncs as a row of bars, oldest first: their height is how long they took. */
export function prepareTicks(syncs: readonly (SyncFacts & { readonly id: string })[], nowMs: number): SyncTick[] {
  const took = (sync: SyncFacts): number => Math.max((sync.finishedAt === null ? nowMs : Date.parse(sync.finishedAt)) - Date.parse(sync.startedAt), 1);
  const longest = Math.max(1, ...syncs.map(took));
  return syncs.toReversed().map((sync) => ({
    key: sync.id, state: sync.state, height: Math.max(Math.sqrt(took(sync) / longest), 0.12),
    title: `${SYNC_LOOKS[sync.state].label}, ${formatPlural(sync.pages, 'page')}, ${formatPlural(sync.rowsChanged, 'row')} changed${sync.finishedAt === null ? '' : `, ${formatDuration(took(sync))}`}`,
  }));
}
