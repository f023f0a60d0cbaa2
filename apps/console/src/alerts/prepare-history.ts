/** What happened to an alert, in words. Pure; details are JSON of the server. */
import { formatDateTime } from '../ui/format-time';
import { formatMoney, readPico } from '../ui/format-money';

export interface AlertEvent {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface HistoryLine {
  readonly id: string;
  readonly at: string;
  readonly words: string;
  /** A person's name, or nothing where it went by itself. */
  readonly by: string | null;
  /** An action that holds and can be taken back. */
  readonly undoable: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  pending: 'Seen first', fired: 'Fired', notified: 'Message sent', acknowledged: 'Acknowledged', muted: 'Muted', action: 'Action taken', undone: 'Taken back', resolved: 'Over', reopened: 'Began again',
};

/** The latest first. */
export function prepareHistory(events: readonly AlertEvent[], timeZone: string, nowMs: number): HistoryLine[] {
  const undone = new Set(events.flatMap(({ kind, details }) => (kind === 'undone' && typeof details['eventId'] === 'string' ? [details['eventId']] : [])));
  return events.map((event): HistoryLine => {
    const until = textIn(event.details, 'until');
    const words = [
      event.kind === 'action' || event.kind === 'undone' ? (textIn(event.details, 'words') ?? WORDS[event.kind]!) : (WORDS[event.kind] ?? event.kind),
      event.kind === 'undone' ? 'taken back' : null, event.kind !== 'undone' && until !== null ? `until ${formatDateTime(until, timeZone)}` : null,
    ].filter((part) => part !== null).join(', ');
    return { id: event.id, at: event.at, words, by: nameOf(event.by), undoable: event.kind === 'action' && !undone.has(event.id) && (until === null || Date.parse(until) > nowMs) };
  }).toReversed();
}

/** Actions that hold now. */
export function standingActions(lines: readonly HistoryLine[]): HistoryLine[] {
  return lines.filter(({ undoable }) => undoable);
}

const FIGURES: readonly (readonly [name: string, label: string])[] = [
  ['actualPico', 'Spent'], ['spentPico', 'Spent'], ['usualPico', 'Usual'], ['limitPico', 'Limit of the rule'], ['budgetPico', 'Budget'], ['forecastPico', 'Forecast'], ['excessPico', 'Above it'], ['ledgerPico', 'Ledger'], ['billedPico', 'Bill'],
];

/** What the rule saw, as labelled amounts; what is absent is left out. */
export function figuresOf(facts: Readonly<Record<string, unknown>>): { readonly label: string; readonly value: string }[] {
  return FIGURES.flatMap(([name, label]) => {
    const pico = readPico(textIn(facts, name));
    return pico === null ? [] : [{ label, value: formatMoney(pico) }];
  });
}

/** Sentences of the rule: what is so, and what to do. */
export function sentencesOf(facts: Readonly<Record<string, unknown>>): string[] {
  return ['words', 'nextStep'].flatMap((name) => textIn(facts, name) ?? []);
}

function textIn(record: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = record[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Actors are noted as `Name <e-mail>`; the product itself as `outlay`. */
function nameOf(actor: string): string | null {
  return actor === 'outlay' || actor === '' ? null : actor.replace(/ <[^<>]*>$/, '');
}
