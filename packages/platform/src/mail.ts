/** Sends one letter over SMTP, and says of a failure whether trying again can help. */
import { createTransport } from 'nodemailer';
import { DomainError } from '@outlay/kernel';

export interface LetterText {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Further headers, such as List-Unsubscribe. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a letter did not go out; no part of the letter. `permanent`: the server refused it for good (a 5xx reply). */
export type SendResult = { readonly ok: true } | { readonly ok: false; readonly permanent: boolean; readonly reason: string };

export interface Mailer {
  /** `letterId`: the same for every try, so that whoever takes it can tell a second one from a new letter. */
  sendMail(letter: LetterText, letterId?: string): Promise<SendResult>;
  /** Connects and signs in without sending; for `outlay doctor`. */
  check(): Promise<SendResult>;
  close(): void;
}

export interface MailerOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly smtpUrl: string;
  /** `Outlay <outlay@example.com>` */
  readonly from: string;
}

/** Errors: `unavailable` when the URL is none of SMTP. */
export function createMailer({ smtpUrl, from }: MailerOptions): Mailer {
  if (!URL.canParse(smtpUrl) || !/^smtps?:$/.test(new URL(smtpUrl).protocol)) {
    throw new DomainError('unavailable', { message: 'SMTP_URL must look like smtp://user:password@host:587.' });
  }
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // Letters are ours: none may read a file or a URL of the server.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const attempt = async (run: () => Promise<unknown>): Promise<SendResult> => {
    try {
      await run();
      return { ok: true };
    } catch (error) {
      return toFailure(error);
    }
  };
  return {
    sendMail: (letter, letterId) => attempt(() => transport.sendMail({ from, ...letter, headers: { ...letter.headers }, ...(letterId === undefined ? {} : { messageId: `<${letterId}@${hostOf(from)}>` }) })),
    check: () => attempt(() => transport.verify()),
    close: () => transport.close(),
  };
}

/** `Outlay <outlay@example.com>` -> `example.com` */
function hostOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'outlay.invalid';
}

/** RFC 5321: a reply of 500 and above is final for this letter; everything else (4xx, no connection, time out) may pass. */
export function toFailure(error: unknown): Extract<SendResult, { ok: false }> {
  const { message, responseCode, code } = error as Error & { responseCode?: number; code?: string };
  // A wrong password is the operator's to repair: letters wait for it rather than being lost.
  const permanent = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return { ok: false, permanent, reason: (message ?? String(error)).slice(0, 500) };
}
