/** Gathers what a person may know and what of it is new to them. */
import { countUnpriced, listBalances, listRepricings, type RepricingRun } from '@outlay/ledger';
import { listWaitingPrices } from '@outlay/pricing/negotiate';
import { type Acting, readTeamNews, roleCan, type Tenancy } from '@outlay/tenancy';
import { listAlerts } from './alerts/read-alerts';
import { type Notice, type NoticeFacts, prepareNotices } from './notices';

export interface ListedNotice extends Notice {
  readonly unread: boolean;
}

/** The newest first. `team` is the person's active one. */
export async function listNotices(tenancy: Tenancy, acting: Acting, team: { readonly timeZone: string; readonly demo: boolean }): Promise<ListedNotice[]> {
  const at = { timeZone: team.timeZone, nowMs: tenancy.now() };
  const { keys, joined, erasure, seenAt } = await readTeamNews(tenancy, acting);
  const facts: NoticeFacts = {
    demo: team.demo, keys, joined, erasure,
    ...(roleCan(acting.role, 'prices.read') ? { proposals: await readProposals(tenancy, acting) } : { proposals: [] }),
    alerts: roleCan(acting.role, 'alerts.read') ? await readOpenAlerts(tenancy, acting) : [],
    ...(roleCan(acting.role, 'ledger.read') ? await readLedgerNews(tenancy, acting, at) : { unpriced: null, repricings: [], balance: null }),
  };
  return prepareNotices(facts, at).map((notice) => ({ ...notice, unread: notice.at > seenAt }));
}

async function readProposals({ db }: Tenancy, acting: Acting): Promise<NoticeFacts['proposals']> {
  return (await listWaitingPrices(db, acting)).map(({ id, price, proposedByName, proposedAt }) => ({ id, provider: price.provider, model: price.model, proposedBy: nameOf(proposedByName), proposedAt }));
}

/** The newest page of what is open: who has more has other worries than a bell. One that is pending may be gone in a minute. */
async function readOpenAlerts({ db, now }: Tenancy, { tenantId }: Acting): Promise<NoticeFacts['alerts']> {
  return (await listAlerts(db, tenantId, {}, now())).rows.flatMap(({ id, severity, title, state, acknowledgedBy, firedAt, startedAt }) => (
    state === 'pending' ? [] : [{ id, severity, title, acknowledgedBy: acknowledgedBy === null ? null : nameOf(acknowledgedBy), firedAt: new Date(firedAt ?? startedAt) }]));
}

async function readLedgerNews({ db }: Tenancy, { tenantId }: Acting, at: { timeZone: string; nowMs: number }): Promise<Pick<NoticeFacts, 'unpriced' | 'repricings' | 'balance'>> {
  const proof = (await listBalances(db, tenantId)).find(({ finishedAt }) => finishedAt !== null);
  return {
    unpriced: await countUnpriced(db, tenantId, at),
    repricings: (await listRepricings(db, tenantId)).flatMap(toEnded),
    balance: proof?.finishedAt && (proof.state === 'done' || proof.state === 'failed')
      ? { id: proof.id, state: proof.state, faults: proof.checks.flatMap(({ fault }) => fault?.message ?? []), finishedAt: proof.finishedAt } : null,
  };
}

function toEnded({ id, state, kind, corrected, finishedAt }: RepricingRun): NoticeFacts['repricings'] {
  if (finishedAt === null || (state !== 'done' && state !== 'failed')) return [];
  return [{ id, state, byItself: kind === 'healing', corrected, finishedAt }];
}

/** Actors are noted as `Name <e-mail>`. */
function nameOf(actor: string): string {
  return actor.replace(/ <[^<>]*>$/, '');
}
