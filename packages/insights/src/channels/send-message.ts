/** One try to hand a message to an address outside. Says what came of it, and whether trying again can help. */
import { DomainError } from '@outlay/kernel';
import type { GuardedFetch } from '@outlay/platform';
import { signWebhook } from './sign-webhook';

export type SendOutcome =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly status: number | null; readonly permanent: boolean; readonly message: string;
      /** The receiver asked never to be called again. */
      readonly gone?: boolean;
      /** It said when to come back. */
      readonly retryAfterMs?: number };

const ANSWER_MAX = 200;

export interface WebhookMessage {
  /** The same for every try. */
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
}

/** Standard Webhooks: body `{type, timestamp, data}`, signed. */
export async function sendWebhook(fetch: GuardedFetch, { url, signingSecret }: { readonly url: string; readonly signingSecret: string }, { id, ...message }: WebhookMessage, nowMs: number): Promise<SendOutcome> {
  const body = JSON.stringify(message);
  return await post(fetch, url, body, { 'content-type': 'application/json', 'user-agent': 'Outlay-Webhooks/1', ...signWebhook(signingSecret, id, nowMs, body) });
}

export async function sendSlack(fetch: GuardedFetch, url: string, body: unknown): Promise<SendOutcome> {
  const outcome = await post(fetch, url, JSON.stringify(body), { 'content-type': 'application/json' });
  // Slack says in a word what is wrong with an address, and means it for good.
  return outcome.ok || outcome.status === null ? outcome : { ...outcome, permanent: outcome.status >= 400 && outcome.status < 500 && outcome.status !== 429 };
}

async function post(fetch: GuardedFetch, url: string, body: string, headers: Record<string, string>): Promise<SendOutcome> {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body });
    const { status } = answer;
    const said = (await answer.text().catch(() => '')).replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, ANSWER_MAX);
    if (status >= 200 && status < 300) return { ok: true, status };
    const message = `${new URL(url).host} answered ${status}${said === '' ? '' : `: ${said}`}.`;
    const seconds = Number(answer.headers.get('retry-after') ?? '');
    return { ok: false, status, permanent: status === 410, gone: status === 410, message, ...(seconds > 0 ? { retryAfterMs: Math.min(seconds, 86_400) * 1_000 } : {}) };
  } catch (error) {
    // What is wrong with the address itself stays wrong.
    const known = error instanceof DomainError ? error : null;
    return { ok: false, status: null, permanent: known?.code === 'invalid_input', message: known?.message ?? 'The message could not be sent.' };
  }
}

/** After the first try: 5 s, 5 min, 30 min, then hours, as the specification suggests; each a fifth earlier or later, so that receivers that were away are not met by all at once. */
const WAITS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Null: that was the last try. `random`: 0 to 1. */
export function waitMs(attempts: number, random: number): number | null {
  const seconds = WAITS_S[attempts - 1];
  return seconds === undefined ? null : Math.round(seconds * 1_000 * (0.8 + 0.4 * random));
}
