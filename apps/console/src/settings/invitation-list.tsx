import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';

type Invitation = Outputs['members']['list']['invitations'][number];

export function InvitationList({ invitations, onInvite }: { readonly invitations: readonly Invitation[]; readonly onInvite: () => void }) {
  const client = useQueryClient();
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const revoke = useMutation(
    trpc.members.revokeInvitation.mutationOptions({
      onSuccess: () => {
        toast.success('Invitation withdrawn');
        setRevoking(null);
      },
      onSettled: () => client.invalidateQueries({ queryKey: trpc.members.pathKey() }),
    }),
  );
  return (
    <Card title="Open invitations" flush>
      {invitations.length === 0 ? (
        <p className="border-t border-line px-4 py-4 text-sm text-ink-3 sm:px-5">
          Nobody is invited at the moment.{' '}
          <button type="button" onClick={onInvite} className="font-medium text-accent underline-offset-4 hover:underline">
            Invite somebody
          </button>
        </p>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {invitations.map((invitation) => (
            <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 sm:px-5">
              <div className="min-w-0 flex-1">
                <p className="truncate text-sm font-medium text-ink">{invitation.email}</p>
                <p className="text-xs text-ink-3">
                  as {invitation.role}
                  {invitation.invitedBy ? `, by ${invitation.invitedBy}` : ''}, expires <RelativeTime at={invitation.expiresAt} />
                </p>
              </div>
              <Button size="sm" onClick={() => setRevoking(invitation)}>
                Withdraw
              </Button>
            </li>
          ))}
        </ul>
      )}
      <ConfirmDialog
        open={revoking !== null}
        onOpenChange={(open) => !open && setRevoking(null)}
        title="Withdraw the invitation?"
        action="Withdraw"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoking && revoke.mutate({ id: revoking.id })}
      >
        The link in the letter to {revoking?.email} stops working at once.
      </ConfirmDialog>
    </Card>
  );
}
