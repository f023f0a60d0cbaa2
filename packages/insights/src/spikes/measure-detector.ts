/** How good a detector is on labelled series: what it caught in time, how soon, and how often it cried wolf. Pure; the tests and `npm run bench -- spikes` report it. */
import { createSpikeDetector, type SpikeAlert } from './detect-spikes';
import type { IncidentKind, LabelledSeries, TenantKind } from './incident-generator';

interface IncidentResult {
  readonly tenant: string;
  readonly tenantKind: TenantKind;
  readonly kind: IncidentKind;
  readonly factor: number;
  /** Minutes from its first bucket to the alert; null when it was missed. */
  readonly delayMinutes: number | null;
  /** Told before its excess passed a tenth of a usual day, or, where it never did, before it had been over for a quarter of an hour. */
  readonly inTime: boolean;
}

export interface DetectorResult {
  readonly incidents: readonly IncidentResult[];
  readonly falseAlarms: readonly { readonly tenant: string; readonly tenantKind: TenantKind; readonly alert: SpikeAlert }[];
  readonly tenantWeeks: number;
}

const DAY_MS = 86_400_000;
const GRACE_MS = 15 * 60_000;
const TAIL_MS = 30 * 60_000;

/** Judged from `fromDay` on: before it the detector learns. */
export function measureDetector(tenants: readonly LabelledSeries[], fromDay: number): DetectorResult {
  const incidents: IncidentResult[] = [];
  const falseAlarms: DetectorResult['falseAlarms'][number][] = [];
  let tenantWeeks = 0;
  for (const series of tenants) {
    const { name, kind, startMs, bucketMs, values, usual } = series;
    const detector = createSpikeDetector({ bucketMs, amountMin: 0 });
    const alerts: SpikeAlert[] = [];
    for (let i = 0; i < values.length; i++) {
      const alert = detector.push(startMs + i * bucketMs, values[i]!);
      if (alert) alerts.push(alert);
    }
    const days = (values.length * bucketMs) / DAY_MS;
    tenantWeeks += (days - fromDay) / 7;
    const dayMean = usual.reduce((sum, value) => sum + value, 0) / days;
    for (const alert of alerts) {
      const isKnown = series.incidents.some((each) => alert.atMs > each.startMs && alert.atMs <= each.endMs + TAIL_MS);
      if (alert.atMs >= startMs + fromDay * DAY_MS && !isKnown) falseAlarms.push({ tenant: name, tenantKind: kind, alert });
    }
    for (const incident of series.incidents) {
      const hit = alerts.find(({ atMs }) => atMs > incident.startMs && atMs <= incident.endMs + TAIL_MS);
      const deadlineMs = deadlineOf(series, incident, dayMean);
      incidents.push({
        tenant: name, tenantKind: kind, kind: incident.kind, factor: incident.factor,
        delayMinutes: hit ? (hit.atMs - incident.startMs) / 60_000 : null, inTime: hit !== undefined && hit.atMs <= deadlineMs,
      });
    }
  }
  return { incidents, falseAlarms, tenantWeeks };
}

function deadlineOf({ startMs, bucketMs, values, usual }: LabelledSeries, incident: { readonly startMs: number; readonly endMs: number }, dayMean: number): number {
  let excess = 0;
  for (let i = Math.floor((incident.startMs - startMs) / bucketMs); startMs + i * bucketMs < incident.endMs; i++) {
    excess += values[i]! - usual[i]!;
    if (excess > dayMean / 10) return startMs + (i + 1) * bucketMs;
  }
  return incident.endMs + GRACE_MS;
}
