import { DomainError } from '@outlay/kernel';
import { addressKey, takeAttempt } from './attempt-limits';
import type { RequestOrigin } from './acting';
import { verifyPassword } from './password';
import { openSession, type OpenedSession } from './sessions';
import { findUserByEmail, type UserRow } from './store-people';
import type { Tenancy } from './tenancy';

/** Errors: `wrong_credentials`, the same and after the same time for a wrong e-mail as for a wrong password; `rate_limited`. */
export async function signIn(tenancy: Tenancy, input: { email: string; password: string }, origin: RequestOrigin): Promise<OpenedSession> {
  const user = await proveAccount(tenancy, input, origin);
  return await openSession(tenancy, user.id, null, origin);
}

/** The account of this e-mail, if the password is its own. Counts as a sign-in attempt. */
export async function proveAccount(tenancy: Tenancy, input: { email: string; password: string }, origin: RequestOrigin): Promise<UserRow> {
  const { limits } = tenancy;
  const now = tenancy.now();
  const ip = addressKey(origin.ip);
  const pair = `${input.email} ${ip}`;
  takeAttempt(limits.signInByIp, ip, now);
  takeAttempt(limits.signInByEmailAndIp, pair, now);
  takeAttempt(limits.signInByEmail, input.email, now);
  const user = await findUserByEmail(tenancy.db, input.email);
  const matches = await verifyPassword(user?.passwordHash ?? null, input.password);
  if (!user || !matches) throw new DomainError('wrong_credentials');
  limits.signInByEmailAndIp.reset(pair);
  limits.signInByEmail.reset(input.email);
  return user;
}
