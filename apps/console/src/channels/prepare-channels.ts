/** Channels and what was sent through them, in words. Pure. */
import type { Tone } from '../ui/badge';

export const CHANNEL_KINDS = ['email', 'slack', 'webhook'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export const KIND_WORDS: Readonly<Record<ChannelKind, string>> = { email: 'E-mail', slack: 'Slack', webhook: 'Webhook' };
export const KIND_NOTES: Readonly<Record<ChannelKind, string>> = {
  email: 'To the owners, whoever they are, or to addresses that you name.',
  slack: 'An incoming webhook of Slack: in Slack, Apps, Incoming Webhooks, Add to a channel, copy its address.',
  webhook: 'A POST to your own address, signed as Standard Webhooks asks, tried again for a day when it fails.',
};

interface ChannelSettings {
  readonly to?: 'owners' | readonly string[] | undefined;
  readonly host?: string | undefined;
}

/** `the owners`, `ana@example.com and 2 more`, `hooks.slack.com` */
export function targetText({ to, host }: ChannelSettings): string {
  if (host !== undefined) return host;
  if (to === undefined || to === 'owners') return 'the owners';
  const [first = '', ...rest] = to;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

/** Addresses as people paste them. */
export function addressesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).map((each) => each.trim()).filter((each) => each !== ''))];
}

export interface Delivery {
  readonly kind: 'alert' | 'resolved' | 'digest' | 'test';
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly alertId: string | null;
}

export const DELIVERY_WORDS: Readonly<Record<Delivery['kind'], string>> = { alert: 'Alert', resolved: 'Alert over', digest: 'Summary', test: 'Test' };
export const DELIVERY_TONES: Readonly<Record<Delivery['state'], Tone>> = { waiting: 'warning', sent: 'positive', failed: 'danger' };

/** `Answered 200`, `Answered 500 after 3 tries: …` */
export function answerText({ state, attempts, lastStatus, lastError }: Delivery): string {
  const tries = attempts > 1 ? ` after ${attempts} tries` : '';
  if (state === 'waiting' && attempts === 0) return 'Waits to be sent';
  if (lastError !== null && lastError !== '') return `${lastError}${tries === '' ? '' : ` (${attempts} tries)`}`;
  return lastStatus === null || lastStatus === 0 ? (state === 'sent' ? `Letter written${tries}` : `No answer${tries}`) : `Answered ${lastStatus}${tries}`;
}

/** Only messages about alerts are sent again, and not while they wait. */
export function canReplay({ state, alertId }: Delivery): boolean {
  return alertId !== null && state !== 'waiting';
}
