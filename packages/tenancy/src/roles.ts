/**
 * Roles and what each may do, in this one table. The console hides what a role cannot do, the router refuses it; both
 * read this. Named imports only: this file is pure and stands in the browser too.
 */
export const ROLES = ['owner', 'admin', 'finance', 'developer', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const ROLES_BY_ABILITY = {
  /** Name, time zone, late window. */
  'team.manage': ['owner', 'admin'],
  'members.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  'members.manage': ['owner', 'admin'],
  /** Make, change or remove an owner: an admin must not be able to take the team over. */
  'owners.manage': ['owner'],
  'keys.read': ['owner', 'admin', 'developer'],
  'keys.manage': ['owner', 'admin', 'developer'],
  /** A key that may correct the ledger is worth as much as the role that may. */
  'keys.grant_admin': ['owner', 'admin'],
  'audit.read': ['owner', 'admin', 'finance'],
  'ledger.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  'ledger.correct': ['owner', 'admin', 'finance'],
  /** Ask for a proof of the books: it reads every row, and changes none. */
  'ledger.prove': ['owner', 'admin', 'finance', 'developer'],
  /** What a workflow's outcome is called, means and should cost. */
  'workflows.manage': ['owner', 'admin', 'developer'],
  /** Saved views are everybody's: whoever changes one changes it for the team. */
  'views.manage': ['owner', 'admin', 'finance', 'developer'],
  'prices.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  'prices.manage': ['owner', 'admin', 'finance'],
  'plans.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  /** What customers get and pay. */
  'plans.manage': ['owner', 'admin', 'finance'],
  /** Plan, overrides and suspension of one customer. */
  'customers.manage': ['owner', 'admin', 'finance'],
  /** Whoever builds a workflow may limit it. */
  'caps.manage': ['owner', 'admin', 'developer', 'finance'],
  'credits.manage': ['owner', 'admin', 'finance'],
  /** Limits, holds and decisions. */
  'gate.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  /** Free a hold before its time. */
  'gate.manage': ['owner', 'admin', 'developer'],
  /** Connections to providers, what they bill, and how it compares with the ledger; never a key. */
  'providers.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  'providers.manage': ['owner', 'admin'],
  'alerts.read': ['owner', 'admin', 'finance', 'developer', 'viewer'],
  /** Rules, and what an alert is worth: acknowledge, mute. */
  'alerts.manage': ['owner', 'admin', 'finance', 'developer'],
  /** What an alert offers to do: a lower cap, a cheaper model, a suspension. */
  'alerts.act': ['owner', 'admin', 'finance', 'developer'],
  /** Where messages go: a webhook sends a team's figures out of the house. */
  'channels.manage': ['owner', 'admin'],
  'budgets.manage': ['owner', 'admin', 'finance'],
  'jobs.read': ['owner', 'admin', 'developer'],
  'jobs.manage': ['owner', 'admin'],
  /** The checks before going live; some of them try things on the running instance. */
  'preflight.run': ['owner', 'admin'],
  /** Everything of the team in one file: people, prices, the audit log. */
  'data.export': ['owner', 'admin', 'finance'],
  'team.erase': ['owner'],
} as const satisfies Record<string, readonly Role[]>;

export type Ability = keyof typeof ROLES_BY_ABILITY;

export const ABILITIES = Object.keys(ROLES_BY_ABILITY) as Ability[];

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

export function roleCan(role: Role, ability: Ability): boolean {
  return (ROLES_BY_ABILITY[ability] as readonly Role[]).includes(role);
}

export function abilitiesOf(role: Role): Ability[] {
  return ABILITIES.filter((ability) => roleCan(role, ability));
}

/** What an API key may do. `admin` covers corrections. */
export const KEY_ABILITIES = ['ingest', 'gate', 'read', 'admin'] as const;
export type KeyAbility = (typeof KEY_ABILITIES)[number];
