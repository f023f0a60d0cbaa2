/** Holds, decisions and limits in words. Pure; amounts are decimals, cost in dollars. */
import { formatUsd, parseDecimal, toPico } from '@outlay/kernel';
import { pluralOf } from '../plans/describe-plan';
import { csvText } from '../plans/prepare-plans';
import type { Tone } from '../ui/badge';

export type Decided = 'allow' | 'warn' | 'degrade' | 'deny';
export const VERDICT_TONES: Readonly<Record<Decided, Tone>> = { allow: 'positive', warn: 'warning', degrade: 'accent', deny: 'danger' };

export interface ShownLimit {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly scope: string | null;
  readonly subject: string | null;
  readonly metric: string;
  readonly mode: 'soft' | 'degrade' | 'hard';
  readonly window: string | null;
  readonly windowEnd: string | null;
  readonly used: string;
  readonly held: string;
  readonly asked: string;
  readonly limit: string;
  readonly overshoot: string;
  readonly ungatedUsd: string | null;
  readonly unit: string | null;
  readonly passed: boolean;
}

/** `4 min 10 s`, `now`: how long a hold lives on by itself. */
export function timeLeft(expiresAt: string, nowMs: number): string {
  const seconds = Math.ceil((Date.parse(expiresAt) - nowMs) / 1_000);
  if (seconds <= 0) return 'now';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `$4.00`, `12 reports`, `3 open runs`. */
export function amountText(limit: Pick<ShownLimit, 'metric' | 'unit'>, amount: string): string {
  const value = parseDecimal(amount);
  if (value === null) return amount;
  if (limit.metric === 'cost') return formatUsd(toPico(value));
  const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 }).format(amount as `${number}`);
  const word = limit.metric === 'runs' ? 'open run' : limit.metric === 'units' && limit.unit ? limit.unit : limit.metric.slice(0, -1);
  return `${count} ${amount === '1' ? word : pluralOf(word)}`;
}

/** Of a limit, what is used and what open runs may still use; between 0 and more than 1. */
export function limitShares({ used, held, limit }: Pick<ShownLimit, 'used' | 'held' | 'limit'>): { readonly used: number; readonly held: number } {
  const whole = Number(limit);
  return whole > 0 ? { used: Number(used) / whole, held: Number(held) / whole } : { used: Number(used) > 0 ? 1 : 0, held: 0 };
}

export interface ListedDecision {
  readonly id: string;
  readonly at: string;
  readonly verdict: Decided;
  readonly reason: string | null;
  readonly customerId: string;
  readonly userId: string | null;
  readonly workflow: string;
  readonly environment: string;
  readonly runId: string;
  readonly runRef: string | null;
  readonly requestId: string;
  readonly kind: 'begin' | 'extend';
  readonly blockedBy: string | null;
}

export function decisionsCsv(rows: readonly ListedDecision[]): string {
  return csvText(['at', 'verdict', 'reason', 'by', 'customer_id', 'user_id', 'workflow', 'environment', 'run', 'request_id', 'kind'],
    rows.map((row) => [row.at, row.verdict, row.reason ?? '', row.blockedBy ?? '', row.customerId, row.userId ?? '', row.workflow, row.environment, row.runRef ?? row.runId, row.requestId, row.kind]));
}

/** `hard cap reached` */
export function reasonText(reason: string): string {
  return reason.replaceAll('_', ' ');
}
