/** What a person should know without looking for it: facts in, notices out. Pure: nothing is stored but until when somebody has read. */
import { DAY_MS, dayStartMs, localDay } from '@outlay/kernel';

/** Only what the person may see is filled in; the rest is empty. */
export interface NoticeFacts {
  readonly demo: boolean;
  readonly proposals: readonly { readonly id: string; readonly provider: string; readonly model: string; readonly proposedBy: string; readonly proposedAt: Date }[];
  readonly unpriced: { readonly rows: number; readonly lastDay: string } | null;
  readonly repricings: readonly { readonly id: string; readonly state: 'done' | 'failed'; readonly byItself: boolean; readonly corrected: number; readonly finishedAt: Date }[];
  readonly keys: readonly { readonly id: string; readonly name: string; readonly createdAt: Date; readonly expiresAt: Date }[];
  readonly erasure: { readonly requestedAt: Date; readonly eraseAfter: Date } | null;
  /** The newest proof of the books that ended. */
  readonly balance: { readonly id: string; readonly state: 'done' | 'failed'; readonly faults: readonly string[]; readonly finishedAt: Date } | null;
  /** What fires, acknowledged or not. */
  readonly alerts: readonly { readonly id: string; readonly severity: 'info' | 'warning' | 'critical'; readonly title: string; readonly acknowledgedBy: string | null; readonly firedAt: Date }[];
  readonly joined: readonly { readonly userId: string; readonly name: string; readonly role: string; readonly joinedAt: Date }[];
}

type Severity = 'danger' | 'warning' | 'info';

export interface Notice {
  /** The same fact has the same id for ever. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly sentence: string;
  /** A page of the console. */
  readonly link: string;
  /** Since when it is so. */
  readonly at: Date;
}

/** Before a key ends, so that somebody can make another in a working week. */
export const KEY_WARNING_DAYS = 7;
/** Runs that ended earlier are history. */
export const RUN_SHOWN_DAYS = 14;

/** The newest first; of one moment, the worst first. */
export function prepareNotices(facts: NoticeFacts, at: { readonly timeZone: string; readonly nowMs: number }): Notice[] {
  const day = (date: Date): string => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: at.timeZone }).format(date);
  const notices: Notice[] = [
    ...facts.proposals.map((each): Notice => ({
      id: `proposal ${each.id}`, severity: 'warning', title: `A price for ${each.model} waits for approval`,
      sentence: `${each.proposedBy} proposed a price for ${each.provider}/${each.model} that is far from the one in force. It holds only after somebody has approved it.`, link: '/prices', at: each.proposedAt,
    })),
    ...unpricedNotice(facts.unpriced, at, day),
    ...facts.repricings.filter(({ finishedAt }) => at.nowMs - finishedAt.getTime() < RUN_SHOWN_DAYS * DAY_MS).map(repricingNotice),
    ...facts.keys.map((key) => keyNotice(key, at.nowMs, day)),
    ...(facts.erasure ? [{
      id: `erasure ${facts.erasure.requestedAt.toISOString()}`, severity: 'danger' as const, title: `This team will be deleted on ${day(facts.erasure.eraseAfter)}`,
      sentence: 'Until then an owner can take it back; afterwards every event, price and member of the team is gone for good.', link: '/settings/data', at: facts.erasure.requestedAt,
    }] : []),
    ...balanceNotice(facts.balance),
    ...facts.alerts.map((each): Notice => ({
      id: `alert ${each.id}`, severity: each.severity === 'critical' ? 'danger' : each.severity, title: each.title,
      sentence: each.acknowledgedBy === null ? 'Nobody has acknowledged it yet. Open it for the cause and what can be done.' : `${each.acknowledgedBy} knows of it. It goes on.`, link: `/alerts/${each.id}`, at: each.firedAt,
    })),
    ...(facts.demo ? [{
      id: 'demo', severity: 'info' as const, title: 'This team holds demo data', sentence: 'Every figure is made up. Create a team of your own to record real usage.', link: '/new-team', at: new Date(0),
    }] : []),
    ...facts.joined.map((each): Notice => ({
      id: `joined ${each.userId} ${each.joinedAt.toISOString()}`, severity: 'info', title: `${each.name} joined the team`, sentence: `As ${each.role}.`, link: '/settings/members', at: each.joinedAt,
    })),
  ];
  return notices.sort((a, b) => b.at.getTime() - a.at.getTime() || RANK[a.severity] - RANK[b.severity]);
}

const RANK: Readonly<Record<Severity, number>> = { danger: 0, warning: 1, info: 2 };

function unpricedNotice(unpriced: NoticeFacts['unpriced'], at: { readonly timeZone: string; readonly nowMs: number }, day: (date: Date) => string): Notice[] {
  if (unpriced === null) return [];
  const { rows, lastDay } = unpriced;
  const since = new Date(dayStartMs(lastDay, at.timeZone));
  const last = lastDay === localDay(at.nowMs, at.timeZone) ? 'today' : `on ${day(since)}`;
  // A new one a day at most: a model without a price would else ring all day long.
  return [{
    id: `unpriced ${lastDay}`, severity: 'warning', title: rows === 1 ? '1 call has no price' : `${rows.toLocaleString('en-US')} calls have no price`,
    sentence: `The last one came ${last}. Their cost is missing in every figure until a price exists.`, link: '/quarantine', at: since,
  }];
}

function repricingNotice({ id, state, byItself, corrected, finishedAt }: NoticeFacts['repricings'][number]): Notice {
  const rows = corrected === 1 ? '1 row was' : `${corrected.toLocaleString('en-US')} rows were`;
  return state === 'failed'
    ? { id: `repricing ${id}`, severity: 'danger', title: 'A re-pricing run failed', sentence: `${rows} corrected before it stopped. What was corrected stays; plan it again for the rest.`, link: '/quarantine', at: finishedAt }
    : { id: `repricing ${id}`, severity: 'info', title: byItself ? 'Unpriced calls got their price' : 'A re-pricing run is done', sentence: `${rows} corrected.`, link: '/quarantine', at: finishedAt };
}

function keyNotice({ id, name, createdAt, expiresAt }: NoticeFacts['keys'][number], nowMs: number, day: (date: Date) => string): Notice {
  return expiresAt.getTime() <= nowMs
    ? { id: `expired ${id}`, severity: 'danger', title: `The API key “${name}” has expired`, sentence: `Since ${day(expiresAt)} it is refused. Create another one where it is still in use.`, link: '/settings/keys', at: expiresAt }
    : {
      id: `expires ${id}`, severity: 'warning', title: `The API key “${name}” expires on ${day(expiresAt)}`, sentence: 'Create another one and put it in place before: from then on this one is refused.',
      link: '/settings/keys', at: new Date(Math.max(expiresAt.getTime() - KEY_WARNING_DAYS * DAY_MS, createdAt.getTime())),
    };
}

function balanceNotice(balance: NoticeFacts['balance']): Notice[] {
  if (balance === null) return [];
  const { id, state, faults, finishedAt } = balance;
  if (faults.length > 0) {
    const more = faults.length > 1 ? ` And ${faults.length - 1} more.` : '';
    return [{ id: `balance ${id}`, severity: 'danger', title: 'The trial balance found a difference', sentence: `${faults[0]}${more}`, link: '/balance', at: finishedAt }];
  }
  return state === 'failed' ? [{ id: `balance ${id}`, severity: 'warning', title: 'The books could not be checked', sentence: 'The proof stopped before its end and says nothing either way. Ask for another.', link: '/balance', at: finishedAt }] : [];
}
