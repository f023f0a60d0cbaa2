import { BellRing, BookOpen, Boxes, Building2, Cable, ChartColumn, Cog, Contact, DatabaseBackup, DoorOpen, FileDiff, Gauge, History, KeyRound, Layers, ListChecks, Mailbox, Megaphone, MonitorSmartphone, Package, Rocket, Scale, ScrollText, Server, ShieldCheck, ShieldQuestionMark, Tags, TrendingUp, Users, Wallet, Workflow, type LucideIcon } from 'lucide-react';
import type { Ability } from '../api/abilities';
import type { Me } from '../api/me';

interface NavigationItem {
  readonly to: '/' | '/models' | '/customers' | '/workflows' | '/spend' | '/forecast' | '/alerts' | '/channels' | '/providers' | '/reconciliation' | '/ledger' | '/plans' | '/caps' | '/gate' | '/gate/decisions' | '/prices' | '/quarantine' | '/balance' | '/start' | '/docs' | '/settings/team' | '/settings/environments' | '/settings/data' | '/settings/members' | '/settings/keys' | '/settings/sessions' | '/settings/audit' | '/settings/versions' | '/jobs' | '/preflight' | '/dev/mailbox';
  readonly label: string;
  readonly icon: LucideIcon;
  /** More words by which the command menu finds it. */
  readonly words: string;
  readonly needs?: Ability;
}

export interface NavigationGroup {
  readonly label: string;
  readonly items: readonly NavigationItem[];
}

/** What the figures mean. */
const INSIGHT: readonly NavigationItem[] = [
  { to: '/', label: 'Overview', icon: ChartColumn, words: 'cost outcome dashboard home' },
  { to: '/workflows', label: 'Workflows', icon: Workflow, words: 'outcomes units targets runs settings', needs: 'ledger.read' },
  { to: '/models', label: 'Models', icon: Boxes, words: 'cost per million tokens cache hit latency failures what if compare price changed', needs: 'ledger.read' },
  { to: '/customers', label: 'Customers', icon: Contact, words: 'users people outliers who spends margin', needs: 'ledger.read' },
];

/** What is spent now, where it leads, and what went wrong. */
const WATCH: readonly NavigationItem[] = [
  { to: '/spend', label: 'Spend', icon: Wallet, words: 'time series burn cost by day incidents compare', needs: 'ledger.read' },
  { to: '/forecast', label: 'Forecast', icon: TrendingUp, words: 'month end budget predict time to cap credits empty mape', needs: 'ledger.read' },
  { to: '/alerts', label: 'Alerts', icon: BellRing, words: 'inbox spike incidents rules backtest thresholds acknowledge mute budgets', needs: 'alerts.read' },
  { to: '/channels', label: 'Channels', icon: Megaphone, words: 'slack e-mail webhook notifications digest summary deliveries test', needs: 'alerts.read' },
  { to: '/providers', label: 'Providers', icon: Cable, words: 'connections openai anthropic google openrouter key admin sync bill import csv focus compare', needs: 'providers.read' },
  { to: '/reconciliation', label: 'Reconciliation', icon: FileDiff, words: 'bill ledger difference residue dark spend effective prices compare cause', needs: 'providers.read' },
];

/** What they are made of. */
const BOOKS: readonly NavigationItem[] = [
  { to: '/ledger', label: 'Ledger', icon: ScrollText, words: 'events calls runs explorer log' },
  { to: '/quarantine', label: 'Quarantine', icon: ShieldQuestionMark, words: 'unpriced unknown re-price repricing healing', needs: 'ledger.read' },
  { to: '/prices', label: 'Prices', icon: Tags, words: 'models rates negotiated contract cost', needs: 'prices.read' },
  { to: '/balance', label: 'Trial balance', icon: Scale, words: 'proof books laws check sums audit', needs: 'ledger.read' },
];

/** What customers get, and what stops them. */
const SELL: readonly NavigationItem[] = [
  { to: '/plans', label: 'Plans', icon: Package, words: 'pricing allowances versions templates draft publish sell', needs: 'plans.read' },
  { to: '/caps', label: 'Caps', icon: Gauge, words: 'limits budgets soft hard risk block spend', needs: 'gate.read' },
  { to: '/gate', label: 'Open holds', icon: DoorOpen, words: 'gate reserved runs release live', needs: 'gate.read' },
  { to: '/gate/decisions', label: 'Decisions', icon: ShieldCheck, words: 'gate denied blocked why reason replay', needs: 'gate.read' },
];

const LEARN: readonly NavigationItem[] = [
  { to: '/start', label: 'Get started', icon: Rocket, words: 'onboarding first event snippet sdk', needs: 'keys.manage' },
  { to: '/docs', label: 'Docs', icon: BookOpen, words: 'guides help sdk run corrections' },
];

const SETTINGS: readonly NavigationItem[] = [
  { to: '/settings/team', label: 'Team', icon: Building2, words: 'name time zone late window tenant' },
  { to: '/settings/environments', label: 'Environments', icon: Server, words: 'production staging test keys', needs: 'ledger.read' },
  { to: '/settings/members', label: 'Members', icon: Users, words: 'invite people roles' },
  { to: '/settings/keys', label: 'API keys', icon: KeyRound, words: 'create secret revoke', needs: 'keys.read' },
  { to: '/settings/sessions', label: 'Sessions', icon: MonitorSmartphone, words: 'devices sign out' },
  { to: '/settings/audit', label: 'Audit log', icon: History, words: 'changes who when', needs: 'audit.read' },
  { to: '/settings/data', label: 'Data', icon: DatabaseBackup, words: 'export everything zip delete team erase' },
  { to: '/preflight', label: 'Checklist', icon: ListChecks, words: 'preflight go live checks security production ready', needs: 'preflight.run' },
  { to: '/jobs', label: 'Jobs', icon: Cog, words: 'queues workers failures retry background', needs: 'jobs.read' },
  { to: '/settings/versions', label: 'Versions', icon: Layers, words: 'about release schema normaliser catalogue sdk api' },
];

const MAILBOX: NavigationItem = { to: '/dev/mailbox', label: 'Mailbox', icon: Mailbox, words: 'mail letters development' };

/** The rooms that this person may enter, in the order of the sidebar. */
export function navigationFor(me: Pick<Me, 'abilities' | 'mailbox'>): NavigationGroup[] {
  const allowed = (item: NavigationItem) => !item.needs || me.abilities.includes(item.needs);
  return [
    { label: 'Insight', items: INSIGHT.filter(allowed) },
    { label: 'Watch', items: WATCH.filter(allowed) },
    { label: 'Plans and caps', items: SELL.filter(allowed) },
    { label: 'Books', items: BOOKS.filter(allowed) },
    { label: 'Learn', items: LEARN.filter(allowed) },
    { label: 'Settings', items: SETTINGS.filter(allowed) },
    ...(me.mailbox ? [{ label: 'Development', items: [MAILBOX] }] : []),
  ];
}
