import type { FindingKind } from './prepare-findings';

/** Somewhere a person went by the command menu; kept in their browser, team by team. */
export interface RecentPlace {
  readonly label: string;
  readonly href: string;
  readonly kind: FindingKind | 'page';
}

const KEPT = 6;
const KINDS: readonly string[] = ['run', 'event', 'request', 'customer', 'workflow', 'model', 'page'];

/** The newest first, each place once. */
export function addRecent(places: readonly RecentPlace[], place: RecentPlace): RecentPlace[] {
  return [place, ...places.filter(({ href }) => href !== place.href)].slice(0, KEPT);
}

/** What was stored, or nothing: a hand-written or older text leads nowhere but into our own pages. */
export function parseRecent(text: string | null): RecentPlace[] {
  try {
    const stored: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(stored) ? stored.filter(isPlace).slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

function isPlace(value: unknown): value is RecentPlace {
  if (typeof value !== 'object' || value === null) return false;
  const { label, href, kind } = value as Record<string, unknown>;
  return typeof label === 'string' && label !== '' && typeof href === 'string' && /^\/(?!\/)/.test(href) && KINDS.includes(String(kind));
}

const keyOf = (tenantId: string) => `outlay.recent.${tenantId}`;

export function readRecent(tenantId: string): RecentPlace[] {
  try {
    return parseRecent(localStorage.getItem(keyOf(tenantId)));
  } catch {
    return [];
  }
}

export function rememberPlace(tenantId: string, place: RecentPlace): void {
  try {
    localStorage.setItem(keyOf(tenantId), JSON.stringify(addRecent(readRecent(tenantId), place)));
  } catch {
    // Without storage nothing is remembered, and nothing else is lost.
  }
}
