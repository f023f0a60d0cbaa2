/** Sends one letter through Resend's HTTP API, for installations without an SMTP server. */
import { DomainError } from '@outlay/kernel';
import type { Mailer, SendResult } from './mail';

export interface ResendOptions {
  /** `re_…` */
  readonly apiKey: string;
  /** `Outlay <outlay@example.com>`, of a domain that is verified at Resend. */
  readonly from: string;
  readonly baseUrl?: string;
}

const TIMEOUT_MS = 30_000;

/** Errors: `unavailable` when the key is none of Resend. */
export function createResendMailer({ apiKey, from, baseUrl = 'https://api.resend.com' }: ResendOptions): Mailer {
  if (!/^re_\S+$/.test(apiKey)) throw new DomainError('unavailable', { message: 'RESEND_API_KEY must begin with re_.' });
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<SendResult> => {
    try {
      const answer = await fetch(baseUrl + path, {
        method, signal: AbortSignal.timeout(TIMEOUT_MS), headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.ok) {
        await answer.body?.cancel();
        return { ok: true };
      }
      const said = ((await answer.json().catch(() => ({}))) as { message?: unknown }).message;
      return { ok: false, permanent: isPermanent(answer.status), reason: `Resend answered ${answer.status}${typeof said === 'string' ? `: ${said}` : ''}`.slice(0, 500) };
    } catch (error) {
      return { ok: false, permanent: false, reason: `Resend did not answer: ${(error as Error).message}`.slice(0, 500) };
    }
  };
  return {
    // Resend forgets a key after a day; the outbox gives up before.
    sendMail: ({ to, headers, ...letter }, letterId) =>
      call('POST', '/emails', { from, to: [to], ...letter, ...(headers === undefined ? {} : { headers }) }, letterId === undefined ? {} : { 'idempotency-key': letterId }),
    // A key that may only send is told so here (restricted_api_key): that is one that works.
    check: async () => {
      const result = await call('GET', '/domains');
      return !result.ok && /restricted/i.test(result.reason) ? { ok: true } : result;
    },
    close: () => undefined,
  };
}

/** A wrong key (401, 403) is the operator's to repair, and the limit (429) passes: letters wait for it. */
function isPermanent(status: number): boolean {
  return status === 400 || status === 422;
}
