/** What was spent step by step, with the incidents that stood in it and the band of what is expected next. */
import { addDays, BUCKET_MS, dayStartMs } from '@outlay/kernel';
import { readSpendCourse, type SpendCourse, type SpendCourseInput } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { readOutlookFacts, readTeamDay, type TeamDay } from './outlook-facts';
import { outlookOf, type SpendOutlook } from './spend-outlook';

interface SpendIncident {
  readonly alertId: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly scope: string;
  readonly subject: string;
  readonly from: string;
  /** Null: it goes on. */
  readonly to: string | null;
}

interface ForecastPoint {
  readonly at: string;
  readonly pico: string;
  readonly lowerPico: string;
  readonly upperPico: string;
}

export interface SpendPage extends SpendCourse {
  readonly incidents: readonly SpendIncident[];
  /** From the step of now on; empty for a span that ends in the past, and where an environment, model or several labels narrow it. */
  readonly forecast: readonly ForecastPoint[];
}

const HOUR_MS = 3_600_000;
/** How far the band goes at each width; days: to the end of the month, a week at least. */
const BAND_MS = { '15m': 6 * HOUR_MS, hour: 24 * HOUR_MS } as const;
const INCIDENTS_MAX = 200;

/** Errors: as `readSpendCourse`. */
export async function readSpendPage(db: Database, tenantId: string, input: SpendCourseInput, nowMs: number): Promise<SpendPage> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const series = await readSpendCourse(tx, tenantId, input, nowMs);
    const incidents = await readIncidents(tx, tenantId, series.range, input.labels);
    const isLive = Date.parse(series.range.to) > nowMs;
    if (!isLive) return { ...series, incidents, forecast: [] };
    const team = await readTeamDay(tx, tenantId, nowMs);
    const outlook = outlookOf(await readOutlookFacts(tx, tenantId, input.labels, team));
    return { ...series, incidents, forecast: bandOf(outlook, team, series.width) };
  });
}

/** Pure. Of a day its share by the usual course of days; of today only what is left of it is to come. */
function bandOf({ series, ahead }: Pick<SpendOutlook, 'series' | 'ahead'>, { timeZone, today, nowMs, shape }: TeamDay, width: SpendCourse['width']): ForecastPoint[] {
  const coming = series.filter(({ forecastPico }) => forecastPico !== null);
  if (ahead.methods.length === 0) return [];
  const text = (at: number, pico: bigint, lower: bigint, upper: bigint): ForecastPoint => ({ at: new Date(at).toISOString(), pico: String(pico), lowerPico: String(lower), upperPico: String(upper) });
  if (width === 'day') return coming.map(({ day, forecastPico, lowerPico, upperPico }) => text(dayStartMs(day, timeZone), forecastPico!, lowerPico!, upperPico!));
  const stepMs = width === 'hour' ? HOUR_MS : BUCKET_MS;
  const points: ForecastPoint[] = [];
  for (const [index] of coming.entries()) {
    const day = addDays(today, index);
    const [startMs, endMs] = [dayStartMs(day, timeZone), dayStartMs(addDays(day, 1), timeZone)];
    for (let at = startMs; at < endMs && at < nowMs + BAND_MS[width]; at += stepMs) {
      if (at + stepMs <= nowMs) continue;
      const share = shape.shareBy(at + stepMs - startMs) - shape.shareBy(at - startMs);
      const of = (values: readonly number[]): bigint => BigInt(Math.round((values[index] ?? 0) * share));
      points.push(text(at, of(ahead.values), of(ahead.lower), of(ahead.upper)));
    }
  }
  return points;
}

async function readIncidents(tx: PoolClient, tenantId: string, { from, to }: { readonly from: string; readonly to: string }, labels: SpendCourseInput['labels']): Promise<SpendIncident[]> {
  // Spans in which spend was unusual: a budget that is passed lasts all month, and says nothing of a day. A pending one may yet be nothing.
  const { rows } = await tx.query<{ id: string; kind: string; severity: string; title: string; scope: string; subject: string; started_at: Date; resolved_at: Date | null }>(
    `SELECT id, kind, severity, title, scope, subject, started_at, resolved_at FROM alerts
     WHERE tenant_id = $1 AND kind = 'spike' AND state <> 'pending' AND started_at < $3 AND (resolved_at IS NULL OR resolved_at > $2)
       AND (scope = 'tenant' OR CASE scope WHEN 'workflow' THEN $4::text IS NULL OR subject = $4 WHEN 'customer' THEN $5::text IS NULL OR subject = $5
         WHEN 'model' THEN $6::text IS NULL OR subject = $6 WHEN 'provider' THEN $7::text IS NULL OR subject = $7 ELSE true END)
     ORDER BY started_at DESC LIMIT ${INCIDENTS_MAX}`, [tenantId, from, to, labels.workflow ?? null, labels.customerId ?? null, labels.model ?? null, labels.provider ?? null]);
  return rows.map((row) => ({
    alertId: row.id, kind: row.kind, severity: row.severity, title: row.title, scope: row.scope, subject: row.subject, from: row.started_at.toISOString(), to: row.resolved_at?.toISOString() ?? null,
  }));
}
