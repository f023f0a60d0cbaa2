import { useSession, type Role } from './me';

/** What the server lets a role do, by the names of the tenancy room. The console only hides; the server refuses. */
export type Ability =
  | 'team.manage'
  | 'members.read'
  | 'members.manage'
  | 'owners.manage'
  | 'keys.read'
  | 'keys.manage'
  | 'keys.grant_admin'
  | 'audit.read'
  | 'ledger.read'
  | 'ledger.correct'
  | 'ledger.prove'
  | 'data.export'
  | 'team.erase'
  | 'workflows.manage'
  | 'views.manage'
  | 'prices.read'
  | 'prices.manage'
  | 'plans.read'
  | 'plans.manage'
  | 'customers.manage'
  | 'caps.manage'
  | 'credits.manage'
  | 'gate.read'
  | 'gate.manage'
  | 'providers.read'
  | 'providers.manage'
  | 'alerts.read'
  | 'alerts.manage'
  | 'alerts.act'
  | 'channels.manage'
  | 'budgets.manage'
  | 'jobs.read'
  | 'jobs.manage'
  | 'preflight.run';

/** Asks whether the signed-in person may do something: `const can = useCan(); can('keys.manage')`. */
export function useCan(): (ability: Ability) => boolean {
  const { me } = useSession();
  return (ability) => me.abilities.includes(ability);
}

/** The roles in falling order, with what each is for. */
export const ROLE_NOTES: Record<Role, string> = {
  owner: 'Everything, including making and removing owners.',
  admin: 'Members, keys, settings and the ledger; not owners.',
  finance: 'Reads and exports the ledger, negotiates prices, re-prices, and reads the audit log.',
  developer: 'Reads the ledger, sets up workflows, creates and revokes API keys.',
  viewer: 'Reads Overview and the ledger.',
};

export const ROLES = ['owner', 'admin', 'finance', 'developer', 'viewer'] as const satisfies readonly Role[];
