import * as Popover from '@radix-ui/react-popover';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { useSession, type Me } from '../api/me';
import { readFailure } from '../api/read-failure';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { Badge } from '../ui/badge';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { useActiveOption } from '../ui/use-active-option';
import { matchTeams } from './match-teams';
import { TeamMark } from './team-mark';

type Team = Me['tenants'][number];

/** Works in another team from now on; the page loads anew, because nothing that was read belongs to it. */
export function useSwitchTeam(): (team: Pick<Team, 'id'>) => void {
  const { tenant } = useSession();
  const { mutate } = useMutation(
    trpc.auth.switchTenant.mutationOptions({
      onSuccess: () => enterConsole('/'),
      onError: (error) => void toast.error(readFailure(error).message),
    }),
  );
  return ({ id }) => id !== tenant.id && mutate({ tenantId: id });
}

export function TenantSwitcher() {
  const { tenant } = useSession();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="flex h-10 w-full items-center gap-2.5 rounded-sm px-1.5 text-left transition-colors hover:bg-surface-3 data-[state=open]:bg-surface-3"
      >
        <span className="sr-only">Team: </span>
        <TeamMark name={tenant.name} />
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span className="truncate text-sm leading-4 font-semibold text-ink" data-testid="tenant-name">
              {tenant.name}
            </span>
            {tenant.demo ? <DemoBadge /> : null}
          </span>
          <span className="block text-2xs leading-4 text-ink-3 capitalize">{tenant.role}</span>
        </span>
        <span className="sr-only">. Switch team</span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={6} collisionPadding={8} aria-label="Teams" className="appear z-50 w-72 overflow-hidden rounded-md border border-line bg-surface shadow-2">
          <TeamList onDone={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function DemoBadge() {
  return (
    <Badge tone="warning" className="h-4 px-1.5">
      Demo
    </Badge>
  );
}

/** Typing narrows it; the list ends with a way to a new team. */
function TeamList({ onDone }: { readonly onDone: () => void }) {
  const { me, tenant } = useSession();
  const navigate = useNavigate();
  const switchTeam = useSwitchTeam();
  const id = useId();
  const [typed, setTyped] = useState('');
  const teams = matchTeams(me.tenants, typed);
  const choose = (index: number) => {
    const team = teams[index];
    onDone();
    if (team) switchTeam(team);
    else void navigate({ to: '/new-team' });
  };
  const { index, setActive, onKeyDown } = useActiveOption(id, teams.length + 1, choose);
  const option = (position: number) => ({
    id: `${id}-${position}`,
    role: 'option',
    onClick: () => choose(position),
    onPointerMove: () => setActive(position),
    className: cx('flex min-h-9 cursor-pointer items-center gap-2.5 rounded-xs px-2 text-sm', position === index && 'bg-surface-3'),
  });
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-label="Find a team"
        aria-controls={`${id}-list`}
        aria-activedescendant={`${id}-${index}`}
        placeholder="Find a team"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className="h-10 w-full border-b border-line bg-transparent px-3 text-md outline-none sm:text-sm"
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Teams" className="scroll-thin max-h-72 overflow-y-auto p-1">
        {teams.map((team, position) => (
          <li key={team.id} {...option(position)} aria-selected={team.id === tenant.id}>
            <TeamMark name={team.name} small />
            <span className="min-w-0 flex-1 truncate">{team.name}</span>
            {team.demo ? <DemoBadge /> : null}
            <span className="text-2xs text-ink-3 capitalize">{team.role}</span>
            <Check className={cx('size-4 shrink-0 text-accent', team.id !== tenant.id && 'invisible')} aria-hidden />
          </li>
        ))}
        <li {...option(teams.length)} aria-selected={false}>
          <Plus className="mx-0.5 size-4 text-ink-3" aria-hidden />
          {teams.length === 0 ? `No team is called “${typed.trim()}”: create one` : 'Create a team'}
        </li>
      </ul>
    </>
  );
}
