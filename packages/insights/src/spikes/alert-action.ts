/** What can be done about an alert, by a person or by its rule itself: the shape, and what it comes to for the alert's subject. Pure. */
import { compareRational, parseDecimal, PICO_PER_USD } from '@outlay/kernel';
import { z } from 'zod';
import type { CapInput } from '@outlay/plans';
import type { SpikeScope } from './spike-settings';

const EXPIRY_WORDS = 'Whole minutes from 1 to 44,640, or null: until somebody undoes it.';
/** Null: until somebody undoes it. */
const expiresInMinutes = z.number(EXPIRY_WORDS).int(EXPIRY_WORDS).min(1, EXPIRY_WORDS).max(31 * 1_440, EXPIRY_WORDS).nullable().default(240);

const LIMIT_WORDS = 'Dollars as a decimal from 0 to 9,000,000, such as 4.00, with at most twelve decimals.';
/** What passes here a cap takes, too: a rule acts at night, when nobody corrects it. */
const limitUsd = z.string(LIMIT_WORDS).max(40, LIMIT_WORDS).refine(isLimit, LIMIT_WORDS);

const RATE_WORDS = 'A whole number from 1 to 100,000.';

export const alertActionSchema = z.discriminatedUnion('kind', [
  /** A hard cap of a day beside those that are there: the strictest one holds. */
  z.strictObject({ kind: z.literal('lower_cap'), limitUsd, expiresInMinutes }),
  z.strictObject({ kind: z.literal('force_cheaper'), expiresInMinutes }),
  z.strictObject({ kind: z.literal('throttle'), perMinute: z.number(RATE_WORDS).int(RATE_WORDS).min(1, RATE_WORDS).max(100_000, RATE_WORDS), expiresInMinutes }),
  z.strictObject({ kind: z.literal('suspend_customer'), expiresInMinutes }),
], 'Not known. Choose lower_cap, force_cheaper, throttle or suspend_customer.');

export type AlertAction = z.infer<typeof alertActionSchema>;
export type AlertActionInput = z.input<typeof alertActionSchema>;

function isLimit(text: string): boolean {
  const value = parseDecimal(text);
  return value !== null && value.num >= 0n && compareRational(value, { num: 9_000_000n, den: 1n }) <= 0 && (value.num * PICO_PER_USD) % value.den === 0n;
}

export interface ActionTarget {
  readonly scope: SpikeScope;
  readonly subject: string;
  /** What was spent past the ledger: no begin is asked, so nothing here can stop it. */
  readonly isPolled: boolean;
}

/** Why it cannot be done about this alert, as a sentence; null when it can. */
export function whyNot(action: AlertAction, { scope, subject, isPolled }: ActionTarget): string | null {
  if (isPolled || scope === 'provider') return 'This spend does not go through Outlay, so nothing here can stop it: revoke or limit the key at the provider.';
  if (action.kind === 'suspend_customer' && (scope !== 'customer' || subject === '')) return 'Only an alert about a customer can suspend one.';
  return null;
}

/** The cap that does it; null where it takes no cap. */
export function capOf(action: AlertAction, { scope, subject }: ActionTarget, nowMs: number): Omit<CapInput, 'id'> | null {
  const expiresAt = expiryOf(action, nowMs);
  const about = { scope: scope as CapInput['scope'], subject: scope === 'tenant' ? null : subject, expiresAt };
  const who = scope === 'tenant' ? 'the team' : `${scope} ${subject}`.slice(0, 60);
  switch (action.kind) {
    case 'lower_cap':
      return { ...about, name: `Alert: lower cap for ${who}`, metric: 'cost', window: 'day', mode: 'hard', limit: action.limitUsd };
    case 'force_cheaper':
      // Passed by whatever is spent: from the next begin on the route's cheaper models are answered.
      return { ...about, name: `Alert: cheaper model for ${who}`, metric: 'cost', window: 'day', mode: 'degrade', limit: '0' };
    case 'throttle':
      return { ...about, name: `Alert: throttle for ${who}`, metric: 'starts', mode: 'hard', limit: String(action.perMinute) };
    case 'suspend_customer':
      // With an end it is a cap that ends by itself; without one the customer is suspended as anybody would.
      return expiresAt === null ? null : { ...about, name: `Alert: suspended, ${who}`, metric: 'runs', mode: 'hard', limit: '0' };
  }
}

export function expiryOf({ expiresInMinutes: minutes }: AlertAction, nowMs: number): string | null {
  return minutes === null ? null : new Date(nowMs + minutes * 60_000).toISOString();
}

/** `A hard cap of $5.00 a day` */
export function actionWords(action: AlertAction): string {
  switch (action.kind) {
    case 'lower_cap':
      return `A hard cap of $${action.limitUsd} a day`;
    case 'force_cheaper':
      return 'The cheaper model of the route';
    case 'throttle':
      return `At most ${action.perMinute} runs a minute`;
    case 'suspend_customer':
      return 'No further run of this customer';
  }
}
