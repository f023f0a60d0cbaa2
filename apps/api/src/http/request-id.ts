import { newId } from '@outlay/kernel/ids';

// Goes into headers, logs and the audit log as it is: letters, digits and what ids are joined with, nothing else.
const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** The correlation id of a request: the caller's own when it is sane, so that one id follows a call through systems; else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && SANE.test(header) ? header : newId();
}
