/**
 * Names of counters: `<scope>:<subject>|<metric>|<window>`. The one builder and the one parser of them.
 *
 * A window is the letter of its kind and the local date on which it begins, `d2026-11-21`, with the offset of its zone where that is not UTC, `d2026-11-21+01:00`: a customer
 * who moves to another zone counts in another window. `-` stands for what has no window. An allowance carries a digest of what it counts: edited, it is another counter, which is
 * read from the ledger anew.
 */
import type { CounterScope } from '@outlay/ledger';
import { type Allowance, type CalendarWindow, type WindowKind } from '@outlay/plans';
import type { Metric } from './decide';

const SCOPE_LETTERS = { tenant: 't', environment: 'e', workflow: 'w', customer: 'c', user: 'u', feature: 'f', model: 'm', key: 'k' } as const satisfies Record<CounterScope, string>;
const WINDOW_LETTERS = { day: 'd', week: 'w', month: 'm', period: 'b' } as const satisfies Record<WindowKind, string>;
const MINUTE_MS = 60_000;

/** Whom a counter is about: `subject` is its id or name, '' for the tenant. */
export interface CounterOwner {
  readonly scope: CounterScope;
  readonly subject: string;
}

/** Null: it has no window (runs that are open at the same time). */
export function counterKey({ scope, subject }: CounterOwner, metric: Metric, window: Pick<CalendarWindow, 'kind' | 'startDay' | 'startMs'> | null): string {
  return `${SCOPE_LETTERS[scope]}:${encodeURIComponent(subject)}|${metric}|${windowText(window)}`;
}

export function allowanceKey(customerId: string, allowance: Pick<Allowance, 'id' | 'measure'>, counts: AllowanceCounts, window: Pick<CalendarWindow, 'kind' | 'startDay' | 'startMs'>): string {
  return `a:${encodeURIComponent(customerId)}:${allowance.id}~${digestOf(counts)}|${allowance.measure}|${windowText(window)}`;
}

/** What an allowance takes: workflows by name, and whether only usable outcomes. */
export interface AllowanceCounts {
  readonly workflows: { readonly only: readonly string[] } | { readonly except: readonly string[] };
  readonly usableOnly: boolean;
}

export function creditKey(customerId: string): string {
  return `p:${encodeURIComponent(customerId)}|credits|-`;
}

export type ParsedKey =
  | { readonly kind: 'counter'; readonly scope: CounterScope; readonly subject: string; readonly metric: Metric; readonly window: ParsedWindow | null }
  | { readonly kind: 'allowance'; readonly customerId: string; readonly allowanceId: string; readonly metric: Metric; readonly window: ParsedWindow }
  | { readonly kind: 'credits'; readonly customerId: string };

interface ParsedWindow {
  readonly kind: WindowKind;
  readonly startDay: string;
  readonly startMs: number;
}

const WINDOW = /^([dwmb])(\d{4,}-\d\d-\d\d)(?:([+-])(\d\d):(\d\d))?$/;

/** Null for what no builder of this file made. */
export function parseCounterKey(key: string): ParsedKey | null {
  const [owner = '', metric = '', windowPart = ''] = key.split('|');
  const letter = owner.slice(0, 1);
  const window = parseWindow(windowPart);
  if (letter === 'p') return { kind: 'credits', customerId: decodeURIComponent(owner.slice(2)) };
  if (letter === 'a') {
    const [customer = '', allowance = ''] = owner.slice(2).split(':');
    return window === null ? null : { kind: 'allowance', customerId: decodeURIComponent(customer), allowanceId: allowance.replace(/~.*$/, ''), metric: metric as Metric, window };
  }
  const scope = (Object.keys(SCOPE_LETTERS) as CounterScope[]).find((each) => SCOPE_LETTERS[each] === letter);
  return scope === undefined ? null : { kind: 'counter', scope, subject: decodeURIComponent(owner.slice(2)), metric: metric as Metric, window };
}

/** Windows are kept and named again with every begin and every row. */
const texts = new WeakMap<Pick<CalendarWindow, 'kind' | 'startDay' | 'startMs'>, string>();

function windowText(window: Pick<CalendarWindow, 'kind' | 'startDay' | 'startMs'> | null): string {
  if (window === null) return '-';
  let text = texts.get(window);
  if (text === undefined) texts.set(window, (text = nameWindow(window)));
  return text;
}

function nameWindow(window: Pick<CalendarWindow, 'kind' | 'startDay' | 'startMs'>): string {
  const offset = Math.round((Date.parse(`${window.startDay}T00:00:00Z`) - window.startMs) / MINUTE_MS);
  const size = Math.abs(offset);
  const zone = offset === 0 ? '' : `${offset < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
  return `${WINDOW_LETTERS[window.kind]}${window.startDay}${zone}`;
}

function parseWindow(text: string): ParsedWindow | null {
  const match = WINDOW.exec(text);
  if (!match) return null;
  const [, letter, startDay = '', sign, hours = '0', minutes = '0'] = match;
  const kind = (Object.keys(WINDOW_LETTERS) as WindowKind[]).find((each) => WINDOW_LETTERS[each] === letter)!;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return { kind, startDay, startMs: Date.parse(`${startDay}T00:00:00Z`) - offset * MINUTE_MS };
}

const digests = new WeakMap<AllowanceCounts, string>();

function digestOf(counts: AllowanceCounts): string {
  let digest = digests.get(counts);
  if (digest === undefined) digests.set(counts, (digest = makeDigest(counts)));
  return digest;
}

/** Not for secrets: it only has to differ where two allowances of one customer count otherwise. */
function makeDigest({ workflows, usableOnly }: AllowanceCounts): string {
  const text = JSON.stringify([usableOnly, 'only' in workflows ? ['only', ...workflows.only] : ['except', ...workflows.except]]);
  let [low, high] = [0x811c9dc5, 0x1b873593];
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x85ebca6b) + low;
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36);
}
