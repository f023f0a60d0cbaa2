import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { ArrowLeftRight, Box, Braces, Building, FileClock, FileText, KeyRound, Link2, LogOut, Monitor, Moon, Play, Search, Sun, Workflow, type LucideIcon } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useCan } from '../api/abilities';
import { useSession } from '../api/me';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { GUIDES } from '../docs/guides';
import { writeClipboard } from '../ui/copy-button';
import { useNow } from '../ui/time';
import { toast } from '../ui/toast';
import { filterCommands, groupTogether, splitByCloseness, type Command } from './filter-commands';
import { navigationFor } from './navigation';
import { FINDING_GROUPS, prepareFindings, type FindingKind } from './prepare-findings';
import { readRecent, rememberPlace, type RecentPlace } from './recent';
import { PAGE_LETTERS } from './shortcuts';
import { useSwitchTeam } from './tenant-switcher';
import { setTheme } from './theme';
import { useSignOut } from './use-sign-out';

const TYPING_MS = 120;
const SEARCH_MIN = 2;
const GUIDES_SHOWN = 5;

const KIND_ICONS: Readonly<Record<FindingKind | 'page', LucideIcon>> = { run: Play, event: Braces, request: Link2, customer: Building, workflow: Workflow, model: Box, page: FileClock };

interface OfferedCommands {
  readonly commands: readonly Command[];
  readonly searching: boolean;
  /** Why the ledger was not searched; pages and actions are there all the same. */
  readonly failure: string | null;
}

/** Everything the menu offers for what is typed, in the order in which it stands there. */
export function useCommands(typed: string): OfferedCommands {
  const { tenant } = useSession();
  const router = useRouter();
  const text = typed.trim();
  const go = (place: RecentPlace) => () => {
    rememberPlace(tenant.id, place);
    router.history.push(place.href);
  };
  const { findings, searching, failure } = useFindings(text);
  const { pages, guides } = useRooms(go);
  const actions = useActions();
  const recent = useMemo(() => readRecent(tenant.id), [tenant.id]);
  if (!text) {
    const places = recent.map((place): Command => ({ id: `recent ${place.href}`, label: place.label, words: '', group: 'Recent', icon: KIND_ICONS[place.kind], hint: place.kind === 'page' ? undefined : place.kind, href: place.href, run: go(place) }));
    return { commands: [...places, ...pages, ...actions.filter(({ group }) => group === 'Actions')], searching, failure: null };
  }
  const found = findings.map((finding): Command => ({
    id: `${finding.kind} ${finding.href}`, label: finding.label, words: '', group: FINDING_GROUPS[finding.kind], icon: KIND_ICONS[finding.kind], hint: finding.hint, href: finding.href, run: go(finding),
  }));
  const href = `/ledger?${new URLSearchParams({ search: text, range: '90d' }).toString()}`;
  const all: Command = { id: 'search', label: `Find “${text}” in the ledger`, words: '', group: 'Ledger', icon: Search, href, run: () => router.history.push(href) };
  const { close, remote } = splitByCloseness([...pages, ...actions], text);
  return { commands: groupTogether([...close, ...found, ...filterCommands(guides, text).slice(0, GUIDES_SHOWN), ...remote, all]), searching, failure };
}

/** Asked when the typing pauses; until the answer is there, the last one stays. */
function useFindings(text: string) {
  const { tenant } = useSession();
  const nowMs = useNow();
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const enabled = useCan()('ledger.read') && asked.length >= SEARCH_MIN;
  const { data, isFetching, error } = useQuery(trpc.search.find.queryOptions({ query: asked.slice(0, 255) }, { enabled, placeholderData: keepPreviousData, staleTime: 30_000, retry: false }));
  const findings = useMemo(() => (data && enabled ? prepareFindings(data, { timeZone: tenant.timeZone, nowMs }) : []), [data, enabled, tenant.timeZone, nowMs]);
  const failure = error && enabled && !isFetching ? readFailure(error).message : null;
  return { failure, findings: text.length >= SEARCH_MIN ? findings : [], searching: useDeferredValue(isFetching || (asked !== text && text.length >= SEARCH_MIN)) };
}

function useRooms(go: (place: RecentPlace) => () => void): { readonly pages: Command[]; readonly guides: Command[] } {
  const { me } = useSession();
  const pages = navigationFor(me).flatMap((group) =>
    group.items.map(({ to, label, words, icon }): Command => {
      const letter = PAGE_LETTERS[to];
      return { id: to, label, words: `${words} ${group.label}`, icon, group: group.label, ...(letter ? { keys: ['G', letter.toUpperCase()] } : {}), href: to, run: go({ label, href: to, kind: 'page' }) };
    }),
  );
  const guides = GUIDES.map(({ slug, title, summary }): Command => {
    const href = `/docs/${slug}`;
    return { id: href, label: title, words: `${summary} docs guide`, icon: FileText, group: 'Docs', href, run: go({ label: title, href, kind: 'page' }) };
  });
  return { pages, guides };
}

const THEMES = [
  { value: 'light', label: 'Light theme', icon: Sun },
  { value: 'dark', label: 'Dark theme', icon: Moon },
  { value: 'system', label: 'Theme of the system', icon: Monitor },
] as const;

function useActions(): Command[] {
  const { me, tenant } = useSession();
  const can = useCan();
  const router = useRouter();
  const switchTeam = useSwitchTeam();
  const signOut = useSignOut();
  const copyLink = async () => {
    if (await writeClipboard(window.location.href)) toast.success('The link to this page, with its filters, is copied.');
    else toast.error('The browser does not let the console copy. Copy the address instead.');
  };
  const actions: Command[] = [
    { id: 'copy', label: 'Copy the link to this page', words: 'share url filters', icon: Link2, group: 'Actions', run: () => void copyLink() },
    ...(can('keys.manage') ? [{ id: 'key', label: 'Create an API key', words: 'new secret', icon: KeyRound, group: 'Actions', run: () => router.history.push('/settings/keys#create') }] : []),
    ...THEMES.map(({ value, label, icon }): Command => ({ id: value, label: `Use the ${label.charAt(0).toLowerCase()}${label.slice(1)}`, words: 'appearance colour mode', icon, group: 'Actions', run: () => setTheme(value) })),
    { id: 'sign-out', label: 'Sign out', words: 'log out leave session', icon: LogOut, group: 'Actions', run: signOut },
  ];
  const teams = me.tenants.filter(({ id }) => id !== tenant.id)
    .map((team): Command => ({ id: team.id, label: `Switch to ${team.name}`, words: 'team tenant', icon: ArrowLeftRight, hint: team.demo ? 'demo' : undefined, group: 'Teams', run: () => switchTeam(team) }));
  return [...actions, ...teams];
}
