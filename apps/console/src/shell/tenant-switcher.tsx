import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { useSession } from '../api/me';
import { readFailure } from '../api/read-failure';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu';
import { toast } from '../ui/toast';
import { TeamMark } from './team-mark';

export function TenantSwitcher() {
  const { me, tenant } = useSession();
  const navigate = useNavigate();
  const switchTenant = useMutation(
    trpc.auth.switchTenant.mutationOptions({
      onSuccess: () => enterConsole('/'),
      onError: (error) => void toast.error(readFailure(error).message),
    }),
  );
  return (
    <Menu
      align="start"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={`Team: ${tenant.name}. Switch team`}
          className="flex h-10 w-full items-center gap-2.5 rounded-sm px-1.5 text-left transition-colors hover:bg-surface-3 data-[state=open]:bg-surface-3"
        >
          <TeamMark name={tenant.name} />
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm leading-4 font-semibold text-ink" data-testid="tenant-name">
              {tenant.name}
            </span>
            <span className="block text-2xs leading-4 text-ink-3 capitalize">{tenant.role}</span>
          </span>
          <ChevronsUpDown className="size-3.5 text-ink-3" aria-hidden />
        </button>
      }
    >
      <MenuLabel>Teams</MenuLabel>
      {me.tenants.map((each) => (
        <MenuItem
          key={each.id}
          onSelect={() => each.id !== tenant.id && switchTenant.mutate({ tenantId: each.id })}
          icon={<TeamMark name={each.name} small />}
          aside={each.id === tenant.id ? <Check className="size-4 text-accent" aria-label="Current" /> : null}
        >
          {each.name}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={() => void navigate({ to: '/new-team' })} icon={<Plus aria-hidden />}>
        Create a team
      </MenuItem>
    </Menu>
  );
}
