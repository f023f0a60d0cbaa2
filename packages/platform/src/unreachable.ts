/** One sentence for a database that does not answer. The URL's password is never in it. */
import { DomainError } from '@outlay/kernel';

export function unreachableDatabase(url: string, cause: unknown): DomainError {
  const { code, message } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: undefined, message: String(cause) };
  const reason = message === '' ? (code ?? 'no answer') : message;
  return new DomainError('unavailable', { message: `The database at ${databaseName(url)} cannot be reached: ${reason}. Check DATABASE_URL and that it runs.`, cause });
}

/** Host, port and database of a URL, for messages. */
export function databaseName(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL (which is not a URL)';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
