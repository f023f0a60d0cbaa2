import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MoreHorizontal, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { ROLE_NOTES, useCan } from '../api/abilities';
import { useSession } from '../api/me';
import { readFailure } from '../api/read-failure';
import { enterConsole } from '../api/session';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { ErrorState } from '../ui/error-state';
import { Menu, MenuItem } from '../ui/menu';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';
import { InvitationList } from './invitation-list';
import { InviteDialog } from './invite-dialog';
import { RoleSelect } from './role-select';

type Member = Outputs['members']['list']['members'][number];

export function MembersPage() {
  const { tenant } = useSession();
  const can = useCan();
  const client = useQueryClient();
  const list = useQuery(trpc.members.list.queryOptions());
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const manages = can('members.manage');
  const changeRole = useMutation(
    trpc.members.changeRole.mutationOptions({
      onSuccess: () => void toast.success('Role changed'),
      onError: (error) => void toast.error(readFailure(error).message),
      onSettled: () => client.invalidateQueries({ queryKey: trpc.members.pathKey() }),
    }),
  );
  return (
    <>
      <PageHeader
        title="Members"
        sticky={false}
        width="narrow"
        actions={
          manages ? (
            <Button look="primary" icon={<UserPlus className="size-4" aria-hidden />} onClick={() => setInviting(true)}>
              Invite
            </Button>
          ) : null
        }
      />
      <PageBody width="narrow" className="space-y-5">
        <Card flush className="overflow-hidden">
          {list.isPending ? <TableSkeleton rows={4} columns={4} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The members could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data ? (
            <div className="scroll-thin relative overflow-x-auto">
              <Table aria-label="Members">
                <thead>
                  <tr>
                    <HeaderCell>Person</HeaderCell>
                    <HeaderCell>Role</HeaderCell>
                    <HeaderCell className="hidden sm:table-cell">Joined</HeaderCell>
                    <HeaderCell className="hidden sm:table-cell">Last seen</HeaderCell>
                    <HeaderCell />
                  </tr>
                </thead>
                <tbody>
                  {list.data.members.map((member) => (
                    <Row key={member.userId}>
                      <Cell className="max-w-40 py-2 sm:max-w-none sm:min-w-48">
                        <p className="flex flex-wrap items-center gap-x-2 font-medium text-ink">
                          {member.name} {member.you ? <Badge>you</Badge> : null}
                        </p>
                        <p className="truncate text-xs text-ink-3">{member.email}</p>
                      </Cell>
                      <Cell>
                        <RoleSelect
                          label={`Role of ${member.name}`}
                          value={member.role}
                          locked={!manages || (member.role === 'owner' && !can('owners.manage'))}
                          mayOwn={can('owners.manage')}
                          onChange={(role) => changeRole.mutate({ userId: member.userId, role })}
                        />
                      </Cell>
                      <Cell className="hidden whitespace-nowrap sm:table-cell">
                        <RelativeTime at={member.joinedAt} />
                      </Cell>
                      <Cell className="hidden whitespace-nowrap sm:table-cell">{member.lastSeenAt ? <RelativeTime at={member.lastSeenAt} /> : <Missing reason="Never" />}</Cell>
                      <Cell align="right">
                        {member.you || (manages && (member.role !== 'owner' || can('owners.manage'))) ? (
                          <Menu
                            trigger={
                              <IconButton label={`More for ${member.name}`}>
                                <MoreHorizontal className="size-4" aria-hidden />
                              </IconButton>
                            }
                          >
                            <MenuItem danger onSelect={() => setLeaving(member)}>
                              {member.you ? `Leave ${tenant.name}` : 'Remove from the team'}
                            </MenuItem>
                          </Menu>
                        ) : null}
                      </Cell>
                    </Row>
                  ))}
                </tbody>
              </Table>
            </div>
          ) : null}
        </Card>
        {list.data && manages ? <InvitationList invitations={list.data.invitations} onInvite={() => setInviting(true)} /> : null}
        <RoleLegend />
      </PageBody>
      <InviteDialog open={inviting} onOpenChange={setInviting} />
      <EndMembershipDialog member={leaving} teamName={tenant.name} onClose={() => setLeaving(null)} />
    </>
  );
}

function EndMembershipDialog({ member, teamName, onClose }: { readonly member: Member | null; readonly teamName: string; readonly onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation(
    trpc.members.remove.mutationOptions({
      onSuccess: () => {
        toast.success(`${member?.name ?? 'The member'} was removed`);
        onClose();
      },
      onSettled: () => client.invalidateQueries({ queryKey: trpc.members.pathKey() }),
    }),
  );
  const leave = useMutation(trpc.members.leave.mutationOptions({ onSuccess: () => enterConsole('/') }));
  const change = member?.you ? leave : remove;
  const close = () => {
    remove.reset();
    leave.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      open={member !== null}
      onOpenChange={(open) => !open && close()}
      title={member?.you ? `Leave ${teamName}?` : `Remove ${member?.name ?? ''}?`}
      action={member?.you ? 'Leave the team' : 'Remove'}
      busy={change.isPending}
      error={change.error}
      onConfirm={() => {
        if (member?.you) leave.mutate();
        else if (member) remove.mutate({ userId: member.userId });
      }}
    >
      {member?.you
        ? 'You lose access at once. Somebody must invite you to come back. API keys that you made stay: they belong to the team.'
        : `${member?.name ?? ''} loses access to ${teamName} at once. API keys they made stay: they belong to the team.`}
    </ConfirmDialog>
  );
}

function RoleLegend() {
  return (
    <section aria-label="What roles may do" className="px-1">
      <h2 className="text-sm font-semibold text-ink">Roles</h2>
      <dl className="mt-2 grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-2">
        {Object.entries(ROLE_NOTES).map(([role, note]) => (
          <div key={role} className="flex gap-3">
            <dt className="w-20 shrink-0 font-medium text-ink-2 capitalize">{role}</dt>
            <dd className="text-ink-3">{note}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
