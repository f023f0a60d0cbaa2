/** What one team should have set before its customers' money runs through: people, keys, prices, plans, caps, alerts. */
import { DAY_MS } from '@outlay/kernel';
import { countUnpriced, listBalances, listEnvironments } from '@outlay/ledger';
import { listCaps, listPlans, readRisk } from '@outlay/plans';
import { listConnections } from '@outlay/providers';
import { type Acting, countMembersWho, listKeys, type Tenancy } from '@outlay/tenancy';
import { ask, fail, type Finding, type Look, pass } from './preflight-check';
import { type AlertFacts, readAlertFacts } from './store-preflight';

export interface CheckedTeam {
  readonly acting: Acting;
  readonly name: string;
  readonly timeZone: string;
  readonly demo: boolean;
}

const HOUR_MS = 3_600_000;
/** A night and a bit: proofs are asked for once a night. */
const PROVED_WITHIN_MS = 50 * HOUR_MS;
const UNUSED_AFTER_MS = 90 * DAY_MS;

export function teamLooks(tenancy: Tenancy, { acting, timeZone, demo }: CheckedTeam, nowMs: number): readonly Look[] {
  const { db } = tenancy;
  const { tenantId } = acting;
  const keys = (): ReturnType<typeof listKeys> => listKeys(tenancy, acting);
  const alerts = (judge: (facts: AlertFacts) => Finding) => async (): Promise<Finding> => judge(await db.withTenant(tenantId, (tx) => readAlertFacts(tx, tenantId)));
  const caps = (): ReturnType<typeof listCaps> => listCaps(db, tenantId, nowMs);
  return [
    { id: 'team.real', group: 'Team', title: 'The team holds real data', look: async () => (demo ? fail('This is a team of made-up data.', 'Switch to your own team, or create one.') : pass('It is no demo team.')) },
    {
      id: 'team.admins', group: 'Team', title: 'Two people can administrate', look: async () => {
        const admins = await db.withTenant(tenantId, (tx) => countMembersWho(tx, tenantId, 'members.manage'));
        return admins >= 2 ? pass(`${admins} owners and admins.`) : fail('Only one person can: when they are away, nobody can revoke a key.', 'Invite a second owner or admin under Settings, Members.');
      },
    },
    { id: 'team.time_zone', group: 'Team', title: 'Days begin at the right hour', look: async () => (timeZone === 'UTC' ? ask('Days begin at midnight UTC.', 'If your team lives elsewhere, set its time zone under Settings before invoices and daily caps depend on it.') : pass(`At midnight of ${timeZone}.`)) },
    {
      id: 'team.production_key', group: 'Team', title: 'Production has a key in use', look: async () => {
        const own = (await keys()).filter((key) => isLive(key, nowMs) && key.environment === 'production');
        if (own.length === 0) return fail('There is no key for production.', 'Create one under Settings, API keys.');
        return own.some(({ lastUsedAt }) => lastUsedAt !== null && lastUsedAt.getTime() > nowMs - 7 * DAY_MS) ? pass('It was used this week.') : fail('None of them was used this week.', 'Deploy the key with your product, and see its first event come in.');
      },
    },
    {
      id: 'team.admin_keys', group: 'Team', title: 'Keys that may correct expire', look: async () => {
        const own = (await keys()).filter((key) => isLive(key, nowMs) && key.abilities.includes('admin') && key.expiresAt === null);
        return own.length === 0 ? pass('None lives for ever.') : fail(`${own.map(({ name }) => `"${name}"`).join(', ')} may correct the ledger, for ever.`, 'Replace it by one that expires, or without the ability admin.');
      },
    },
    {
      id: 'team.unused_keys', group: 'Team', title: 'No key lies around', look: async () => {
        const own = (await keys()).filter((key) => isLive(key, nowMs) && (key.lastUsedAt ?? key.createdAt).getTime() < nowMs - UNUSED_AFTER_MS);
        return own.length === 0 ? pass('All were used within 90 days.') : fail(`${own.map(({ name }) => `"${name}"`).join(', ')} was not used for 90 days.`, 'Revoke it.');
      },
    },
    {
      id: 'team.environments', group: 'Team', title: 'Production is apart', look: async () => {
        const seen = (await listEnvironments(db, tenantId, nowMs)).map((each) => each.environment);
        return seen.length === 0 ? fail('No event came in the last 30 days.', 'Send a first event: the guide "The first event" has the snippet.') : seen.includes('production') ? pass(`Events came from ${seen.join(', ')}.`)
          : fail(`Events came from ${seen.join(', ')}, none from production.`, 'Use a key of the environment production in production.');
      },
    },
    {
      id: 'team.books', group: 'Ledger', title: 'The books were proved', look: async () => {
        const [last] = (await listBalances(db, tenantId)).filter(({ finishedAt }) => finishedAt !== null);
        if (last === undefined) return fail('They never were.', 'Press Prove on the page Trial balance; from then on it happens each night.');
        if (last.state === 'failed' || last.checks.some(({ state }) => state === 'failed')) return fail('The last proof found a fault.', 'Open the page Trial balance: it names the rows.');
        return last.finishedAt!.getTime() > nowMs - PROVED_WITHIN_MS ? pass('They agree.') : fail('The last proof is older than two days.', 'See on the page Jobs why the nightly proof does not come.');
      },
    },
    {
      id: 'money.unpriced', group: 'Money', title: 'Every call has a price', look: async () => {
        const count = await countUnpriced(db, tenantId, { timeZone, nowMs });
        return count === null ? pass('Nothing stands in quarantine.') : fail(`${count.rows} rows have none, the last of ${count.lastDay}.`, 'Open Quarantine: record a price, or map the model; the rows are priced by themselves then.');
      },
    },
    {
      id: 'money.default_plan', group: 'Money', title: 'New customers get a plan', look: async () => {
        const plan = (await listPlans(db, tenantId, nowMs)).find(({ isDefault }) => isDefault);
        return plan === undefined ? fail('No plan is the default: a new customer is limited by the caps alone.', 'Publish a plan and make it the default under Plans.') : plan.live === null ? fail(`The default plan "${plan.name}" has no published version.`, 'Publish it.') : pass(`"${plan.name}", version ${plan.live.number}.`);
      },
    },
    {
      id: 'money.hard_cap', group: 'Money', title: 'Something stops a runaway', look: async () => {
        const hard = (await caps()).filter(({ mode, disabledAt, expiresAt }) => mode === 'hard' && disabledAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs));
        return hard.length > 0 ? pass(`${hard.length} hard ${hard.length === 1 ? 'cap' : 'caps'}.`) : fail('There is no hard cap.', 'Set one under Caps, such as a daily cost of the whole team well above a good day.');
      },
    },
    {
      id: 'money.risk_block', group: 'Money', title: 'One customer cannot run away', look: async () => ((await readRisk(db, tenantId)).enabled ? pass('The risk block is on.') : fail('The risk block is off.', 'Switch it on under Caps, unless a cap of each customer does the same.')),
    },
    {
      id: 'money.expiring_caps', group: 'Money', title: 'No cap ends unnoticed', look: async () => {
        const soon = (await caps()).filter(({ expiresAt, disabledAt, source }) => source !== 'alert' && disabledAt === null && expiresAt !== null && Date.parse(expiresAt) > nowMs && Date.parse(expiresAt) < nowMs + 14 * DAY_MS);
        return soon.length === 0 ? pass('None within two weeks.') : fail(`${soon.map(({ name }) => `"${name}"`).join(', ')} ends within two weeks.`, 'Take its end away, or set the next one.');
      },
    },
    {
      id: 'money.providers', group: 'Money', title: 'The bill is compared', look: async () => {
        const connections = await listConnections(db, tenantId, nowMs);
        const broken = connections.filter(({ state }) => state === 'failing' || state === 'stopped');
        return connections.length === 0 ? ask('No provider is connected: what you are billed is not compared with what was recorded.', 'Connect one under Providers, or compare by hand.')
          : broken.length > 0 ? fail(`${broken.map(({ name }) => `"${name}"`).join(', ')} cannot be read.`, 'Open Providers: it says what is missing.') : pass(`${connections.length} connected.`);
      },
    },
    { id: 'money.budget', group: 'Money', title: 'The month has a budget', look: alerts(({ budgets }) => (budgets > 0 ? pass(`${budgets} set.`) : fail('None is set: no alert comes at half or all of it.', 'Set one under Alerts.'))) },
    { id: 'alerts.rules', group: 'Alerts', title: 'Somebody watches', look: alerts(({ rulesOn, kindsOn }) => (rulesOn > 0 && kindsOn.includes('spike') ? pass(`${rulesOn} rules are on, spikes among them.`) : fail('No rule for spikes is on.', 'Open Alerts once: the built-in rules are made then. Switch on "spike".'))) },
    { id: 'alerts.channel', group: 'Alerts', title: 'Alerts reach somebody', look: alerts(({ channelsOn }) => (channelsOn > 0 ? pass(`${channelsOn} ${channelsOn === 1 ? 'channel' : 'channels'}.`) : fail('There is no channel: an alert stands on its page and nowhere else.', 'Add e-mail, Slack or a webhook under Channels.'))) },
    { id: 'alerts.tested', group: 'Alerts', title: 'The channels were tried', look: alerts(({ channelsOn, channelsTried }) => (channelsOn > 0 && channelsTried >= channelsOn ? pass('Each has delivered something.') : fail(channelsOn === 0 ? 'There is none.' : `${channelsOn - channelsTried} of ${channelsOn} never delivered anything.`, 'Press Test on the page Channels.'))) },
    { id: 'alerts.deliveries', group: 'Alerts', title: 'Messages arrive', look: alerts(({ failedLately }) => (failedLately === 0 ? pass('None failed this week.') : fail(`${failedLately} failed this week.`, 'Read the delivery log on the page Channels, and replay them.'))) },
    { id: 'alerts.open', group: 'Alerts', title: 'Nothing critical is open', look: alerts(({ criticalOpen }) => (criticalOpen === 0 ? pass('Nothing.') : fail(`${criticalOpen} critical alerts are open.`, 'See to them on the page Alerts before you go live.'))) },
    { id: 'alerts.digest', group: 'Alerts', title: 'The morning’s summary is read', look: alerts(({ digests }) => (digests > 0 ? pass(`${digests} get one.`) : ask('Nobody gets one.', 'Subscribe under Alerts, if you want yesterday in your mailbox.'))) },
  ];
}

function isLive({ revokedAt, expiresAt }: { readonly revokedAt: Date | null; readonly expiresAt: Date | null }, nowMs: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > nowMs);
}
