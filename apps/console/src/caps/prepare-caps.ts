/** Caps in words and bars. Pure; limits and use come from the server: pico-dollars for cost, units as they are stated, else counts. */
import { formatPico, formatUsd, parseDecimal } from '@outlay/kernel';
import { csvText } from '../plans/prepare-plans';
import type { Tone } from '../ui/badge';

export const SCOPES = ['tenant', 'environment', 'workflow', 'customer', 'user', 'feature', 'model', 'key'] as const;
export const METRICS = ['cost', 'units', 'tokens', 'calls', 'runs', 'starts'] as const;
export const MODES = ['soft', 'degrade', 'hard'] as const;
const WINDOWS = ['day', 'week', 'month', 'period'] as const;
export type Scope = (typeof SCOPES)[number];
export type Metric = (typeof METRICS)[number];
export type Mode = (typeof MODES)[number];
export type CapWindow = (typeof WINDOWS)[number];

export interface ListedCap {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly subject: string | null;
  readonly metric: Metric;
  readonly window: CapWindow | null;
  readonly mode: Mode;
  readonly limit: string;
  readonly source: 'person' | 'api' | 'alert' | 'demo';
  readonly expiresAt: string | null;
  readonly disabledAt: string | null;
  readonly used: string | null;
  readonly held?: string | null | undefined;
  readonly windowEnd: string | null;
  readonly overshoot: string;
}

/** What is dear to know of a cap, read after the list. */
export interface CapStanding {
  readonly id: string;
  /** Null where it is not known. */
  readonly ungatedPico: string | null;
  readonly fullest: readonly { readonly subject: string; readonly used: string; readonly windowEnd: string }[];
}

/** `$1.20 of it came without a begin.`; null when nothing did, or nobody knows. */
export function ungatedText(standing: CapStanding | undefined, mode: Mode): string | null {
  const pico = standing?.ungatedPico ?? null;
  return pico === null || BigInt(pico) <= 0n ? null : `${amountText('cost', pico)} of it came without a begin${mode === 'hard' ? ': it counts, but could not be stopped' : ''}.`;
}

const SCOPE_WORDS: Readonly<Record<Scope, string>> = { tenant: 'The whole team', environment: 'environment', workflow: 'workflow', customer: 'customer', user: 'user', feature: 'feature', model: 'model', key: 'API key' };
const WINDOW_WORDS: Readonly<Record<CapWindow, string>> = { day: 'a day', week: 'a week', month: 'a month', period: 'a billing period' };
export const MODE_TONES: Readonly<Record<Mode, Tone>> = { soft: 'neutral', degrade: 'accent', hard: 'danger' };
export const MODE_NOTES: Readonly<Record<Mode, string>> = {
  soft: 'Warns, and stops nothing. The run goes on, the warning is in its answer and in the decisions.',
  degrade: 'Asks for the cheaper model of the workflow\'s route, and stops nothing.',
  hard: 'Denies: no run begins that could pass it. Choose it where the cost of going on is worse than the cost of stopping a customer.',
};

/** `each customer`, `workflow pdf_question`, `The whole team`. */
export function ownerText({ scope, subject }: Pick<ListedCap, 'scope' | 'subject'>): string {
  return scope === 'tenant' ? SCOPE_WORDS.tenant : subject === null ? `Each ${SCOPE_WORDS[scope]}` : `${SCOPE_WORDS[scope].charAt(0).toUpperCase()}${SCOPE_WORDS[scope].slice(1)} ${subject}`;
}

/** `$4.00`, `12,000 tokens`, `3 open runs`. */
export function amountText(metric: Metric, amount: string): string {
  if (metric === 'cost') return /^\d+$/.test(amount) ? formatUsd(BigInt(amount)) : amount;
  const word = metric === 'runs' ? 'open run' : metric === 'starts' ? 'run' : metric.slice(0, -1);
  return `${countText(amount)} ${word}${amount === '1' ? '' : 's'}`;
}

/** `$4.00 a day` */
export function limitText({ metric, limit, window }: Pick<ListedCap, 'metric' | 'limit' | 'window'>): string {
  return `${amountText(metric, limit)} ${window === null ? (metric === 'starts' ? 'a minute' : 'at once') : WINDOW_WORDS[window]}`;
}

/** As a person types it: dollars for cost. */
export function statedLimit({ metric, limit }: Pick<ListedCap, 'metric' | 'limit'>): string {
  return metric === 'cost' ? formatPico(BigInt(limit)) : limit;
}

/** Use over limit; null where each one counts for itself. A limit of nothing is used up by anything. */
export function shareUsed({ used, held, limit }: Pick<ListedCap, 'used' | 'held' | 'limit'>): number | null {
  if (used === null) return null;
  const [spent, whole] = [Number(parseDecimal(used)?.num ?? 0n) / Number(parseDecimal(used)?.den ?? 1n) + Number(held ?? '0'), Number(limit)];
  return whole > 0 ? spent / whole : spent > 0 ? 1 : 0;
}

export type CapState = 'off' | 'ended' | 'passed' | 'near' | 'holds';

const NEAR_SHARE = 0.8;

export function capState(cap: ListedCap, nowMs: number): CapState {
  if (cap.disabledAt !== null) return 'off';
  if (cap.expiresAt !== null && Date.parse(cap.expiresAt) <= nowMs) return 'ended';
  const share = shareUsed(cap);
  return share === null || share < NEAR_SHARE ? 'holds' : share >= 1 ? 'passed' : 'near';
}

export const STATE_TONES: Readonly<Record<CapState, Tone>> = { off: 'neutral', ended: 'neutral', passed: 'danger', near: 'warning', holds: 'positive' };

/** What is passed first, then by how full it is; what does not hold last. */
export function shownCaps(caps: readonly ListedCap[], { search, scope }: { readonly search: string | undefined; readonly scope: Scope | undefined }, nowMs: number): ListedCap[] {
  const wanted = search?.trim().toLowerCase() ?? '';
  const rank = (cap: ListedCap): number => (['passed', 'near', 'holds', 'ended', 'off'] as const).indexOf(capState(cap, nowMs));
  return caps
    .filter((cap) => scope === undefined || cap.scope === scope)
    .filter((cap) => `${cap.name} ${ownerText(cap)} ${limitText(cap)} ${cap.mode}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => rank(a) - rank(b) || (shareUsed(b) ?? -1) - (shareUsed(a) ?? -1) || a.name.localeCompare(b.name));
}

export function capsCsv(caps: readonly ListedCap[], nowMs: number): string {
  return csvText(['name', 'scope', 'subject', 'metric', 'limit', 'window', 'mode', 'used', 'window_end', 'state'],
    caps.map((cap) => [cap.name, cap.scope, cap.subject ?? '', cap.metric, statedLimit(cap), cap.window ?? '', cap.mode, cap.used === null ? '' : statedLimit({ metric: cap.metric, limit: cap.used }), cap.windowEnd ?? '', capState(cap, nowMs)]));
}

function countText(amount: string): string {
  const text = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 }).format(amount as `${number}`);
  return text === 'NaN' ? amount : text;
}
