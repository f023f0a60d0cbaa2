import { formatPico } from '@outlay/kernel';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { TextField } from '../plans/editor-fields';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Dialog } from '../ui/dialog';
import { ErrorState, FormError } from '../ui/error-state';
import { readPico } from '../ui/format-money';
import { Checkbox } from '../ui/input';
import { Money } from '../ui/money';
import { Skeleton } from '../ui/skeleton';
import { toast } from '../ui/toast';

type Risk = Outputs['caps']['risk'];

/** The one hard block that is on by default: a customer's spend of today far above what is usual for it. */
export function RiskCard({ manages }: { readonly manages: boolean }) {
  const [changing, setChanging] = useState(false);
  const risk = useQuery(trpc.caps.risk.queryOptions());
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          Risk block
          {risk.data ? <Badge tone={risk.data.enabled ? 'positive' : 'neutral'} dot>{risk.data.enabled ? 'on' : 'off'}</Badge> : null}
        </span>
      }
      description="Stops a runaway before it hurts, without anybody having set a cap"
      actions={manages && risk.data ? <Button onClick={() => setChanging(true)}>Change</Button> : null}
    >
      {risk.isError && !risk.data ? <ErrorState error={risk.error} title="The risk block could not be read" onRetry={() => void risk.refetch()} retrying={risk.isFetching} className="py-4" /> : null}
      {risk.isPending ? <Skeleton className="h-5 w-96 max-w-full" /> : null}
      {risk.data ? (
        <p className="text-sm text-ink-2" data-testid="risk-words">
          {risk.data.enabled ? (
            <>
              A customer is stopped when what it has spent today, with what its open runs may still spend, is above <Money pico={risk.data.floorPico} className="font-medium text-ink" /> and above{' '}
              <span className="font-medium text-ink">{risk.data.factor} times</span> its daily mean of the last 28 days. On its page the block can be lifted for some hours.
            </>
          ) : (
            'It is off: nothing but caps and plans stops a customer whose spend runs away.'
          )}
        </p>
      ) : null}
      {changing && risk.data ? <RiskDialog risk={risk.data} onClose={() => setChanging(false)} /> : null}
    </Card>
  );
}

function RiskDialog({ risk, onClose }: { readonly risk: Risk; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [enabled, setEnabled] = useState(risk.enabled);
  const [floorUsd, setFloor] = useState(() => formatPico(readPico(risk.floorPico) ?? 0n));
  const [factor, setFactor] = useState(risk.factor);
  const save = useMutation(trpc.caps.saveRisk.mutationOptions({
    onSuccess: async () => {
      toast.success('It holds from the next run on');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.caps.pathKey() });
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const fault = (field: string) => (failure?.field === field ? failure.message : undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Risk block"
      description="For each customer and day. The larger of both amounts decides."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="risk" busy={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id="risk"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ enabled, floorUsd: floorUsd.trim(), factor: factor.trim() });
        }}
      >
        <label className="flex items-start gap-2.5 text-sm text-ink">
          <Checkbox checked={enabled} onChange={(event) => setEnabled(event.target.checked)} />
          <span>
            Stop customers whose spend runs away
            <span className="block text-xs text-ink-3">Off: only caps and plans stop anybody.</span>
          </span>
        </label>
        <div className="grid grid-cols-2 gap-4">
          <TextField label="Never below, in dollars" kind="decimal" value={floorUsd} onChange={setFloor} error={fault('floorUsd')} />
          <TextField label="Times the daily mean" kind="decimal" value={factor} onChange={setFactor} error={fault('factor')} />
        </div>
        {failure && !fault('floorUsd') && !fault('factor') ? <FormError error={save.error} /> : null}
      </form>
    </Dialog>
  );
}
