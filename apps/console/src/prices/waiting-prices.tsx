import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';
import { useRefreshPrices } from './use-price-change';

type Proposal = Outputs['prices']['waiting'][number];

/** Prices beyond ten times, above everything else: until somebody decides they price nothing. */
export function WaitingPrices({ onOpen }: { readonly onOpen: (model: { provider: string; model: string }) => void }) {
  const waiting = useQuery(trpc.prices.waiting.queryOptions());
  const can = useCan();
  const [approving, setApproving] = useState<Proposal | null>(null);
  const refresh = useRefreshPrices();
  const decline = useMutation(trpc.prices.decline.mutationOptions({ onSuccess: () => toast.success('The proposal was declined'), onError: () => toast.error('It was decided meanwhile'), onSettled: refresh }));
  if (!waiting.data || waiting.data.length === 0) return null;
  return (
    <Card title="Waiting for approval" description="More than ten times away from the price that holds. They price nothing until somebody approves them." flush className="overflow-hidden">
      <ul className="divide-y divide-line border-t border-line">
        {waiting.data.map((proposal) => (
          <li key={proposal.id} data-testid="proposal" className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
            <div className="min-w-0 flex-1 basis-64">
              <p className="flex flex-wrap items-center gap-2 text-sm">
                <button type="button" onClick={() => onOpen(proposal.price)} className="rounded-xs font-medium text-ink underline-offset-4 hover:underline">
                  {proposal.price.model}
                </button>
                <Badge tone="warning">{/^\d/.test(proposal.factor) ? `${proposal.factor} times` : proposal.factor}</Badge>
              </p>
              <p className="mt-0.5 text-sm text-ink-2">{proposal.warning}</p>
              <p className="mt-0.5 text-xs text-ink-3">
                {proposal.proposedByName.replace(/ <.*>$/, '')}, <RelativeTime at={proposal.proposedAt} />, {proposal.price.source}
              </p>
            </div>
            {can('prices.manage') ? (
              <div className="flex gap-2">
                <Button size="sm" look="ghost" busy={decline.isPending && decline.variables.id === proposal.id} onClick={() => decline.mutate({ id: proposal.id })}>
                  Decline
                </Button>
                <Button size="sm" disabled={proposal.approval === 'another'} title={proposal.approval === 'another' ? 'You proposed it: another owner, admin or finance member approves it' : undefined} onClick={() => setApproving(proposal)}>
                  Approve
                </Button>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      <ApproveDialog proposal={approving} onClose={() => setApproving(null)} />
    </Card>
  );
}

function ApproveDialog({ proposal, onClose }: { readonly proposal: Proposal | null; readonly onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const refresh = useRefreshPrices();
  const close = () => {
    approve.reset();
    setTyped('');
    onClose();
  };
  const approve = useMutation(
    trpc.prices.approve.mutationOptions({
      onSuccess: async () => {
        toast.success('The price holds for the next call');
        close();
        await refresh();
      },
    }),
  );
  const mustType = proposal?.approval === 'typed';
  return (
    <Dialog open={proposal !== null} onOpenChange={(open) => !open && close()} title={`Approve the price of ${proposal?.price.model ?? ''}?`} description={proposal?.warning}>
      <form
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (proposal) approve.mutate({ id: proposal.id, factor: proposal.factor, ...(mustType ? { confirmation: typed } : {}) });
        }}
      >
        {mustType ? (
          <Field label="The model's name" hint={`Nobody else may approve it. Type ${proposal?.price.model ?? ''} to confirm.`}>
            {(control) => <Input autoFocus autoCapitalize="none" autoComplete="off" spellCheck={false} {...control} value={typed} onChange={(event) => setTyped(event.target.value)} />}
          </Field>
        ) : null}
        <FormError error={approve.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary" busy={approve.isPending}>
            Approve {proposal && /^\d/.test(proposal.factor) ? `${proposal.factor} times` : proposal?.factor}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
