/** Alerts as the inbox shows them. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { RuleKind, RuleScope, Severity } from './alert-rule';
import type { AlertState } from './alert-state';
import { ensureDefaultRules } from './default-rules';
import type { Tx } from './store-rules';

export interface ListedAlert {
  readonly id: string;
  readonly ruleId: string;
  readonly kind: RuleKind;
  readonly severity: Severity;
  readonly title: string;
  readonly state: AlertState;
  readonly scope: RuleScope;
  readonly subject: string;
  readonly startedAt: string;
  readonly firedAt: string | null;
  readonly lastSeenAt: string;
  readonly resolvedAt: string | null;
  readonly mutedUntil: string | null;
  readonly acknowledgedBy: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hasExplanation: boolean;
}

export interface AlertEvent {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AlertDetail extends ListedAlert {
  readonly explanation: Readonly<Record<string, unknown>> | null;
}

type AlertRow = Omit<AlertDetail, 'startedAt' | 'firedAt' | 'lastSeenAt' | 'resolvedAt' | 'mutedUntil'> & Readonly<Record<'started' | 'seen', Date> & Record<'fired' | 'resolved' | 'muted', Date | null>>;

const ALERT = `id::text, rule_id::text AS "ruleId", kind, severity, title, state, scope, subject, started_at AS started, fired_at AS fired, last_seen_at AS seen, resolved_at AS resolved, muted_until AS muted,
  acknowledged_by AS "acknowledgedBy", facts, explanation, explanation IS NOT NULL AS "hasExplanation"`;

function alertOf({ started, fired, seen, resolved, muted, ...rest }: AlertRow): AlertDetail {
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return { ...rest, startedAt: started.toISOString(), firedAt: iso(fired), lastSeenAt: seen.toISOString(), resolvedAt: iso(resolved), mutedUntil: iso(muted) };
}

/** Null when there is none. */
export async function readAlert(tx: Tx, id: string): Promise<AlertDetail | null> {
  const { rows: [row] } = await tx.query<AlertRow>(`SELECT ${ALERT} FROM alerts WHERE id = $1`, [id]);
  return row === undefined ? null : alertOf(row);
}

/** The oldest first. */
export async function readAlertEvents(tx: Tx, alertId: string): Promise<AlertEvent[]> {
  const { rows } = await tx.query<Omit<AlertEvent, 'at'> & { readonly at: Date }>('SELECT id::text, at, kind, by, details FROM alert_events WHERE alert_id = $1 ORDER BY at, id', [alertId]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export interface AlertFilter {
  /** Absent: all that is not resolved. */
  readonly state?: AlertState | 'all' | undefined;
  readonly kind?: RuleKind | undefined;
  readonly cursor?: string | undefined;
}

export interface AlertPage {
  /** The newest first. */
  readonly rows: readonly ListedAlert[];
  readonly nextCursor: string | null;
  /** Of all kinds, by state. */
  readonly counts: Readonly<Record<AlertState, number>>;
}

const PAGE_ROWS = 50;
const CURSOR = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)_([0-9a-f-]{36})$/;

/** Errors: `invalid_input` for a cursor that is none. */
export async function listAlerts(db: Database, tenantId: string, { state, kind, cursor }: AlertFilter, nowMs = Date.now()): Promise<AlertPage> {
  const match = cursor === undefined ? null : CURSOR.exec(cursor);
  if (cursor !== undefined && match === null) throw new DomainError('invalid_input', { field: 'cursor', message: 'Take the cursor of the page before.' });
  return await db.withTenant(tenantId, async (tx) => {
    await ensureDefaultRules(tx, tenantId, nowMs);
    const { rows } = await tx.query<AlertRow>(
      `SELECT ${ALERT} FROM alerts WHERE ($1::text = 'all' OR ($1 IS NULL AND state <> 'resolved') OR state = $1) AND ($2::text IS NULL OR kind = $2)
         AND ($3::timestamptz IS NULL OR (started_at, id) < ($3, $4::uuid)) ORDER BY started_at DESC, id DESC LIMIT $5`,
      [state ?? null, kind ?? null, match?.[1] ?? null, match?.[2] ?? null, PAGE_ROWS + 1]);
    const { rows: counted } = await tx.query<{ state: AlertState; n: number }>('SELECT state, count(*)::int AS n FROM alerts GROUP BY state');
    const counts = { pending: 0, firing: 0, acknowledged: 0, resolved: 0, ...Object.fromEntries(counted.map((row) => [row.state, row.n])) };
    const page = rows.slice(0, PAGE_ROWS).map(alertOf);
    const last = page.at(-1);
    return {
      rows: page.map(({ explanation: _explanation, ...row }) => row), counts,
      nextCursor: rows.length > PAGE_ROWS && last !== undefined ? `${last.startedAt}_${last.id}` : null,
    };
  });
}

/** What was done about it, besides. Errors: `not_found`. */
export async function getAlert(db: Database, tenantId: string, id: string): Promise<AlertDetail & { readonly events: readonly AlertEvent[]; readonly actions: readonly AlertEvent[] }> {
  return await db.withTenant(tenantId, async (tx) => {
    const alert = await readAlert(tx, id);
    if (alert === null) throw new DomainError('not_found', { message: 'There is no such alert.' });
    const events = await readAlertEvents(tx, id);
    return { ...alert, events, actions: events.filter(({ kind }) => kind === 'action' || kind === 'undone') };
  });
}
