import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { TextField } from '../plans/editor-fields';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Dialog } from '../ui/dialog';
import { ErrorState, FormError } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';
import { toast } from '../ui/toast';
import { OverrideDialog } from './override-dialog';

interface DialogProps {
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}

/** Which group of customers it belongs to: what is agreed for the group holds for each of them. */
export function SegmentDialog({ customerId, segment, onClose, onDone }: DialogProps & { readonly customerId: string; readonly segment: string | null }) {
  const [name, setName] = useState(segment ?? '');
  const save = useMutation(trpc.customers.save.mutationOptions({
    onSuccess: async () => {
      toast.success(name.trim() === '' ? 'It is in no segment' : `It is in segment ${name.trim()}`);
      onClose();
      await onDone();
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Segment of ${customerId}`}
      description="An override of a segment holds for all of its customers. What was used until now stays under the old one."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={save.isPending} disabled={name.trim() === (segment ?? '')} onClick={() => save.mutate({ customerId, segment: name.trim() === '' ? null : name.trim() })}>
            Save
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <TextField label="Segment" hint="Such as enterprise or trial. Empty: none." value={name} onChange={setName} error={failure?.field === 'segment' ? failure.message : undefined} />
        {failure && failure.field !== 'segment' ? <FormError error={save.error} /> : null}
      </div>
    </Dialog>
  );
}

interface SegmentOverrideProps extends DialogProps {
  readonly segment: string;
  /** The plan whose amounts are shown; the segment may have customers on others. */
  readonly planKey: string;
  /** The segment's override that is in force. */
  readonly current: unknown;
}

/** The override of a whole segment, edited from one of its customers. */
export function SegmentOverride({ segment, planKey, current, onClose, onDone }: SegmentOverrideProps) {
  // With nothing laid over it: what `before` says is what holds for the segment now.
  const present = useQuery(trpc.customers.overrideDiff.queryOptions({ scope: 'segment', subject: segment, patch: null }, { retry: false, staleTime: 0 }));
  const plan = present.data?.plans.find((each) => each.planKey === planKey);
  if (plan !== undefined) return <OverrideDialog scope="segment" subject={segment} definition={plan.before} current={current} onClose={onClose} onDone={onDone} />;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Override for segment ${segment}`} footer={<Button onClick={onClose}>Close</Button>}>
      {present.isPending ? <Skeleton className="h-32" /> : null}
      {present.isError ? <ErrorState error={present.error} title="What holds for the segment could not be read" onRetry={() => void present.refetch()} retrying={present.isFetching} className="py-4" /> : null}
      {present.data ? <Callout>No version of the plan is in force, so there is nothing to lay it over.</Callout> : null}
    </Dialog>
  );
}
