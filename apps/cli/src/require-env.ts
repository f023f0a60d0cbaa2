import { DomainError } from '@outlay/kernel';
import { type Env, readEnv } from './env';

/** The settings, or one error that lists every wrong one. */
export function requireEnv(): Env {
  const read = readEnv();
  if (read.ok) return read.env;
  throw new DomainError('invalid_input', { message: `These settings are wrong:\n${read.problems.map((problem) => `  ${problem}`).join('\n')}` });
}
