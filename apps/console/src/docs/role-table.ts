import type { Role } from '../api/me';

interface RoleRow {
  readonly may: string;
  /** The name in the tenancy room, by which a test compares the two. */
  readonly ability: string;
  readonly roles: readonly Role[];
}

const ALL: readonly Role[] = ['owner', 'admin', 'finance', 'developer', 'viewer'];

/** Who may do what, for people to read. The server's own table decides; a test keeps this one equal to it. */
export const ROLE_TABLE: readonly RoleRow[] = [
  { may: 'Read Overview and the ledger, export', ability: 'ledger.read', roles: ALL },
  { may: 'See members', ability: 'members.read', roles: ALL },
  { may: 'Read the audit log', ability: 'audit.read', roles: ['owner', 'admin', 'finance'] },
  { may: 'Set what a workflow\'s outcome is called and should cost', ability: 'workflows.manage', roles: ['owner', 'admin', 'developer'] },
  { may: 'See prices and the quarantine', ability: 'prices.read', roles: ALL },
  { may: 'Add, approve and end negotiated prices', ability: 'prices.manage', roles: ['owner', 'admin', 'finance'] },
  { may: 'Save, change and delete views of the ledger', ability: 'views.manage', roles: ['owner', 'admin', 'finance', 'developer'] },
  { may: 'Correct calls and outcomes, re-price past calls', ability: 'ledger.correct', roles: ['owner', 'admin', 'finance'] },
  { may: 'Prove the books', ability: 'ledger.prove', roles: ['owner', 'admin', 'finance', 'developer'] },
  { may: 'See plans', ability: 'plans.read', roles: ALL },
  { may: 'Make and publish plans', ability: 'plans.manage', roles: ['owner', 'admin', 'finance'] },
  { may: 'Give a customer a plan, an override or a suspension', ability: 'customers.manage', roles: ['owner', 'admin', 'finance'] },
  { may: 'Grant credits', ability: 'credits.manage', roles: ['owner', 'admin', 'finance'] },
  { may: 'See limits, holds and decisions', ability: 'gate.read', roles: ALL },
  { may: 'Set caps', ability: 'caps.manage', roles: ['owner', 'admin', 'finance', 'developer'] },
  { may: 'Free a hold before its time', ability: 'gate.manage', roles: ['owner', 'admin', 'developer'] },
  { may: 'See provider connections, bills and reconciliation', ability: 'providers.read', roles: ALL },
  { may: 'Connect and remove provider accounts', ability: 'providers.manage', roles: ['owner', 'admin'] },
  { may: 'See alerts and forecasts', ability: 'alerts.read', roles: ALL },
  { may: 'Set alert rules, acknowledge and mute alerts', ability: 'alerts.manage', roles: ['owner', 'admin', 'finance', 'developer'] },
  { may: 'Act from an alert: lower a cap, force a cheaper model, throttle, suspend', ability: 'alerts.act', roles: ['owner', 'admin', 'finance', 'developer'] },
  { may: 'Set budgets', ability: 'budgets.manage', roles: ['owner', 'admin', 'finance'] },
  { may: 'Set channels for messages', ability: 'channels.manage', roles: ['owner', 'admin'] },
  { may: 'See background jobs', ability: 'jobs.read', roles: ['owner', 'admin', 'developer'] },
  { may: 'Try failed jobs again', ability: 'jobs.manage', roles: ['owner', 'admin'] },
  { may: 'Run the checklist before going live', ability: 'preflight.run', roles: ['owner', 'admin'] },
  { may: 'Export everything of the team', ability: 'data.export', roles: ['owner', 'admin', 'finance'] },
  { may: 'Create and revoke API keys', ability: 'keys.manage', roles: ['owner', 'admin', 'developer'] },
  { may: 'Grant a key the ability admin', ability: 'keys.grant_admin', roles: ['owner', 'admin'] },
  { may: 'Invite, change and remove members', ability: 'members.manage', roles: ['owner', 'admin'] },
  { may: 'Change name and time zone', ability: 'team.manage', roles: ['owner', 'admin'] },
  { may: 'Delete the team', ability: 'team.erase', roles: ['owner'] },
  { may: 'Make and remove owners', ability: 'owners.manage', roles: ['owner'] },
];
