/** The inbox and the history of an alert in words. Pure. */
import { csvText } from '../plans/prepare-plans';
import { formatRelative } from '../ui/format-time';
import { KIND_WORDS, scopeText, type AlertKind, type AlertState, type RuleScope, type Severity } from './alert-shapes';

export interface ListedAlert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly title: string;
  readonly state: AlertState;
  readonly scope: RuleScope;
  readonly subject: string;
  readonly startedAt: string;
  readonly firedAt: string | null;
  readonly resolvedAt: string | null;
  readonly mutedUntil?: string | null | undefined;
}

const STATE_RANK: Readonly<Record<AlertState, number>> = { firing: 0, pending: 1, acknowledged: 2, resolved: 3 };
const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** What is open first and the worst of it on top; what is over by the time at which it began, the latest first. */
export function sortAlerts<Row extends ListedAlert>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => {
    const open = Number(a.state === 'resolved') - Number(b.state === 'resolved');
    if (open !== 0) return open;
    const worse = a.state === 'resolved' ? 0 : STATE_RANK[a.state] - STATE_RANK[b.state] || SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity];
    return worse || Date.parse(b.startedAt) - Date.parse(a.startedAt);
  });
}

/** `began 12 min ago`, `lasted 2 h, over 5 min ago` */
export function courseText({ startedAt, resolvedAt }: Pick<ListedAlert, 'startedAt' | 'resolvedAt'>, timeZone: string, nowMs: number): string {
  if (resolvedAt === null) return `began ${formatRelative(startedAt, timeZone, nowMs)}`;
  return `lasted ${lengthText(Date.parse(resolvedAt) - Date.parse(startedAt))}, over ${formatRelative(resolvedAt, timeZone, nowMs)}`;
}

/** `45 s`, `12 min`, `2 h 5 min`, `3 days` */
export function lengthText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${Math.round(hours / 24)} days`;
}

export function alertsCsv(rows: readonly ListedAlert[]): string {
  return csvText(['started_at', 'fired_at', 'resolved_at', 'severity', 'state', 'kind', 'scope', 'subject', 'title', 'id'],
    rows.map((row) => [row.startedAt, row.firedAt ?? '', row.resolvedAt ?? '', row.severity, row.state, row.kind, row.scope, row.subject, row.title, row.id]));
}

/** A connection's or key's own id, which tells a reader nothing: the title names it. */
const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** `Spike, customer acme` */
export function aboutText({ kind, scope, subject }: Pick<ListedAlert, 'kind' | 'scope' | 'subject'>): string {
  return scope === 'tenant' || subject === '' || ID.test(subject) ? KIND_WORDS[kind] : `${KIND_WORDS[kind]}, ${scopeText(scope, subject)}`;
}
