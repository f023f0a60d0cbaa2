/**
 * What follows a change of who is signed in, or of the team: the page loads anew. Everything that was read, and the
 * live connection, belong to somebody else now; a fresh page keeps none of it.
 */
export function enterConsole(path: string): void {
  window.location.assign(path);
}

/** A path to go on to after signing in; only one of our own, so that a link cannot send people elsewhere. */
export function safeNextPath(next: string | undefined): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  return next;
}
