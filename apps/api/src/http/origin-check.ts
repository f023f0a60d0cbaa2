/**
 * Requests that change something and come with the session cookie must come from our own pages. SameSite=Lax already keeps the cookie out
 * of most cross-site requests; this keeps the rest out, sign-in included (nobody else's page may sign a visitor in).
 */
import { DomainError } from '@outlay/kernel';

export interface OriginFacts {
  readonly method: string;
  readonly origin: string | undefined;
  /** As the browser sees it: the Host header, or what a trusted proxy says it was. */
  readonly host: string;
  readonly hasCookie: boolean;
  readonly publicUrl: string;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** True when the request may go on. */
export function isFromOwnPage({ method, origin, host, hasCookie, publicUrl }: OriginFacts): boolean {
  if (SAFE.has(method)) return true;
  // Browsers send Origin with every such request; without cookie it is a program, which needs none.
  if (origin === undefined) return !hasCookie;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host === host.toLowerCase() || from.origin === new URL(publicUrl).origin;
}

export function assertOwnPage(facts: OriginFacts): void {
  if (!isFromOwnPage(facts)) throw new DomainError('origin_mismatch');
}
